import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

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

/**
 * The attachments of an email as chips that download.
 *
 * Always as a download: an HTML or SVG file that opened inline would run as a page of this Odoo.
 * Images that the body shows are kept out of the way, or each signature's logo would be here.
 */
export class MemberMailAttachmentsField extends Component {
    static template = "crm_member_mail.Attachments";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ showInline: false });
    }

    get files() {
        const records = [...this.props.record.data[this.props.name].records];
        records.sort((one, other) => one.resId - other.resId); // as the email has them
        return records.map((record) => ({
            id: record.resId,
            name: record.data.name,
            icon: iconFor(record.data.mimetype || ""),
            size: record.data.file_size ? formatSize(record.data.file_size) : "",
            url: `/web/content/${record.resId}?download=true`,
            inline: this.isInBody(record.resId),
        }));
    }

    get attached() {
        return this.files.filter((file) => this.state.showInline || !file.inline);
    }

    get inlineCount() {
        return this.files.filter((file) => file.inline).length;
    }

    get inlineLabel() {
        return _t("%s in the text", this.inlineCount);
    }

    isInBody(id) {
        const body = String(this.props.record.data.body || "");
        return new RegExp(`/web/(?:image|content)/${id}(?![0-9])`).test(body);
    }
}

/** "1.2 MB" in the way of the user's language. */
function formatSize(bytes) {
    const exponent = Math.min(Math.floor(Math.log10(bytes) / 3), 3);
    const digits = exponent > 1 ? [16, 1] : [16, 0];
    return `${formatFloat(bytes / 1000 ** exponent, { digits })} ${["B", "kB", "MB", "GB"][exponent]}`;
}

function iconFor(mimetype) {
    return ICONS.find(([pattern]) => pattern.test(mimetype))?.[1] || "fa-file-o";
}

export const memberMailAttachmentsField = {
    component: MemberMailAttachmentsField,
    displayName: _t("Attachments of an email"),
    supportedTypes: ["many2many", "one2many"],
    isEmpty: () => false,
    relatedFields: [
        { name: "name", type: "char" },
        { name: "mimetype", type: "char" },
        { name: "file_size", type: "integer" },
    ],
};

registry.category("fields").add("member_mail_attachments", memberMailAttachmentsField);
