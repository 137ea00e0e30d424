import { Component, useState } from "@odoo/owl";
import { FileModelMixin } from "@web/core/file_viewer/file_model";
import { useFileViewer } from "@web/core/file_viewer/file_viewer_hook";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { fold } from "./folding";
import { isolated } from "./isolated";

const ICONS = [
    [/^image\//, "fa-file-image-o"],
    [/^audio\//, "fa-file-audio-o"],
    [/^video\//, "fa-file-video-o"],
    [/pdf$/, "fa-file-pdf-o"],
    [/word|opendocument\.text|rtf/, "fa-file-word-o"],
    [/excel|spreadsheet|csv/, "fa-file-excel-o"],
    [/powerpoint|presentation/, "fa-file-powerpoint-o"],
    [/zip|compressed|x-tar|x-7z/, "fa-file-archive-o"],
    [/calendar/, "fa-calendar-o"],
    [/^message\/rfc822/, "fa-envelope-o"],
    [/^text\//, "fa-file-text-o"],
];

/** Files that say nothing to a reader, by type or name: the signatures of S/MIME and PGP. */
const SIGNATURE = /^application\/(?:pgp|(?:x-)?pkcs7)-signature$/;
const SIGNATURE_NAME = /^(?:smime\.p7s|signature\.asc|openpgp_signature(?:\.asc)?)$/i;

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"];

/**
 * A file for Odoo's viewer. The viewer counts SVG and HTML as viewable, which would run as a page of this
 * Odoo: here only pictures and PDF are.
 */
export class MailFile extends FileModelMixin(Object) {
    get isImage() {
        return IMAGES.includes(this.mimetype);
    }

    get isPdf() {
        return this.mimetype === "application/pdf";
    }

    get isText() {
        return false;
    }

    get isVideo() {
        return false;
    }

    get isUrlYoutube() {
        return false;
    }

    get isViewable() {
        return this.isImage || this.isPdf;
    }

    /** Whether it waits behind a button. */
    get isAside() {
        return this.inline || this.isSignature;
    }

    get isSignature() {
        return SIGNATURE.test(this.mimetype) || SIGNATURE_NAME.test(this.name);
    }

    get icon() {
        return ICONS.find(([pattern]) => pattern.test(this.mimetype))?.[1] || "fa-file-o";
    }

    get sizeText() {
        return this.size ? formatSize(this.size) : "";
    }

    get downloadUrl() {
        return `/web/content/${this.id}?download=true`;
    }
}

/**
 * The attachments of an email as chips.
 *
 * Pictures and PDF open in Odoo's viewer, everything else is downloaded. Images shown in the
 * body are hidden, or every signature's logo would be here, and so are digital signatures. Files left on
 * the mail server are loaded from there with a click. Of many files only the first are shown.
 */
export class Attachments extends Component {
    static template = "crm_member_mail.Attachments";
    static props = {
        /** of {id, name, mimetype, size, inline} */
        files: Array,
        /** of {id, name, size} of `member.mail.remote.attachment` */
        remote: { type: Array, optional: true },
        onFetched: { type: Function, optional: true },
    };
    static defaultProps = { remote: [], onFetched: () => {} };

    setup() {
        this.orm = useService("orm");
        this.fileViewer = useFileViewer();
        this.state = useState({ showAside: false, showAll: false, fetching: {} });
    }

    get files() {
        return this.props.files.map((values) => Object.assign(new MailFile(), values));
    }

    get attached() {
        return this.files.filter((file) => this.state.showAside || !file.isAside);
    }

    /** What the template shows: `local` and `remote` files, and how many `more` there are. */
    get folded() {
        const remote = new Set(this.remoteFiles);
        const { shown, more } = fold([...this.attached, ...remote], this.state.showAll);
        return {
            local: shown.filter((file) => !remote.has(file)),
            remote: shown.filter((file) => remote.has(file)),
            more,
        };
    }

    get remoteFiles() {
        return this.props.remote.map((file) => ({
            ...file,
            sizeText: file.size ? formatSize(file.size) : "",
        }));
    }

    get aside() {
        return this.files.filter((file) => file.isAside);
    }

    get areAllPictures() {
        return this.aside.every((file) => !file.isSignature);
    }

    get asideLabel() {
        const count = this.aside.length;
        if (this.areAllPictures) {
            return _t("%s in the text", count);
        }
        return count === 1 ? _t("Digital signature") : _t("%s more", count);
    }

    moreLabel(count) {
        return _t("%s more", count);
    }

    showAside() {
        Object.assign(this.state, { showAside: true, showAll: true });
    }

    get label() {
        return _t("Attachments");
    }

    openLabel(file) {
        return _t("Open %s", file.name);
    }

    downloadLabel(file) {
        return _t("Download %s", file.name);
    }

    fetchLabel(file) {
        return _t("Load %s from the mail server", file.name);
    }

    open(id) {
        const files = this.attached;
        this.fileViewer.open(
            files.find((file) => file.id === id),
            files
        );
    }

    async fetch(id) {
        if (this.state.fetching[id]) {
            return;
        }
        this.state.fetching[id] = true;
        try {
            await this.orm.call("member.mail.remote.attachment", "action_fetch", [[id]]);
            await this.props.onFetched();
        } finally {
            delete this.state.fetching[id];
        }
    }
}

/** "1.2 MB", formatted for the user's language. */
export function formatSize(bytes) {
    const exponent = Math.min(Math.floor(Math.log10(bytes || 1) / 3), 3);
    const digits = exponent > 1 ? [16, 1] : [16, 0];
    return isolated(
        `${formatFloat(bytes / 1000 ** exponent, { digits })} ${["B", "kB", "MB", "GB"][exponent]}`
    );
}
