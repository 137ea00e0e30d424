import { Component, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useFileUploader } from "@web/core/utils/files";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatSize, MailFile } from "../message_viewer/attachments";
import { SAVED } from "./composer_view";

/** Bytes of a text that has no pictures, however long. */
const WORTH_COUNTING = 50_000;

/** Asks the attachment field to open the browser's file dialog. */
export const CHOOSE_FILES = "MEMBER_MAIL:CHOOSE_FILES";

/**
 * The attachments of a draft: chosen, dropped onto the composer or pasted into it.
 *
 * Shows their total size and what the mail server accepts, and which of them are too large, while there
 * is still time.
 */
export class FilesField extends Component {
    static template = "crm_member_mail.FilesField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.upload = useFileUploader();
        this.inputRef = useRef("input");
        this.rootRef = useRef("root");
        this.state = useState({ uploading: [], refused: "", isOver: false, textSize: null });
        this.pending = Promise.resolve();
        const { bus } = this.props.record.model;
        useBus(bus, SAVED, () => this.countText());
        useBus(bus, CHOOSE_FILES, () => this.inputRef.el.click());
        // Files being uploaded belong to the draft: sending waits for them.
        useBus(bus, "NEED_LOCAL_CHANGES", ({ detail }) => detail.proms.push(this.pending));
        this.listen();
    }

    /** Files may be dropped and pasted anywhere in the composer. */
    listen() {
        const over = (ev) => {
            if (this.isHere(ev) && ev.dataTransfer?.types.includes("Files")) {
                ev.preventDefault();
                this.state.isOver = true;
            }
        };
        const leave = (ev) => {
            if (!ev.relatedTarget) {
                this.state.isOver = false;
            }
        };
        const drop = (ev) => {
            const files = [...(ev.dataTransfer?.files || [])];
            const wasOver = this.state.isOver;
            this.state.isOver = false;
            // An image dropped onto the text goes into the text.
            const isForText =
                ev.target.closest?.(".odoo-editor-editable") &&
                files.every(({ type }) => type.startsWith("image/"));
            if (wasOver && files.length && !isForText) {
                ev.preventDefault();
                ev.stopPropagation();
                this.add(files);
            }
        };
        const paste = (ev) => {
            const files = [...(ev.clipboardData?.files || [])];
            const isForText = files.every(({ type }) => type.startsWith("image/"));
            if (this.isHere(ev) && files.length && !isForText) {
                ev.preventDefault();
                ev.stopPropagation();
                this.add(files);
            }
        };
        const listeners = { dragover: over, dragleave: leave, drop, paste };
        for (const [name, listener] of Object.entries(listeners)) {
            window.addEventListener(name, listener, { capture: true });
        }
        onWillUnmount(() => {
            for (const [name, listener] of Object.entries(listeners)) {
                window.removeEventListener(name, listener, { capture: true });
            }
        });
    }

    isHere(ev) {
        return (
            !this.props.readonly &&
            this.rootRef.el?.closest(".modal, .o_form_view")?.contains(ev.target)
        );
    }

    /** Ask how large the text is with its pictures, some of which only the server knows. */
    async countText() {
        const { resModel, resId } = this.props.record;
        const [values] = await this.env.services.orm.silent.read(resModel, [resId], ["text_size"]);
        this.state.textSize = values?.text_size ?? null;
    }

    get textSize() {
        return this.state.textSize ?? this.props.record.data.text_size ?? 0;
    }

    /** Whether the text is worth counting: it has pictures. */
    get hasPictures() {
        return this.textSize > WORTH_COUNTING;
    }

    get list() {
        return this.props.record.data[this.props.name];
    }

    get files() {
        // The order in which they were attached.
        const records = [...this.list.records].sort((one, other) => one.resId - other.resId);
        return records.map((record) =>
            Object.assign(new MailFile(), {
                id: record.resId,
                name: record.data.name,
                mimetype: record.data.mimetype || "",
                size: record.data.file_size || 0,
            })
        );
    }

    get size() {
        return this.files.reduce((sum, { size }) => sum + size, this.textSize);
    }

    get limit() {
        return this.props.record.data.size_limit || 0;
    }

    get isTooLarge() {
        return Boolean(this.limit) && this.size > this.limit;
    }

    get summary() {
        const count = this.files.length;
        const size = formatSize(this.size);
        const limit = formatSize(this.limit);
        const sum = this.limit ? _t("%(size)s of %(limit)s", { size, limit }) : size;
        if (!count) {
            return _t("Pictures in the text: %s", sum);
        }
        return count === 1 ? _t("1 file, %s", sum) : _t("%(count)s files, %(sum)s", { count, sum });
    }

    get advice() {
        if (!this.files.length) {
            return _t("Too large for the mail server.");
        }
        const largest = this.files.reduce((one, other) => (other.size > one.size ? other : one));
        return _t("Too large for the mail server. The largest file is %(name)s (%(size)s).", {
            name: largest.name,
            size: formatSize(largest.size),
        });
    }

    get label() {
        return _t("Attachments");
    }

    removeLabel(file) {
        return _t("Remove %s", file.name);
    }

    onChosen(ev) {
        const files = [...ev.target.files];
        ev.target.value = "";
        return this.add(files);
    }

    add(files) {
        const limit = this.limit || Infinity;
        const tooLarge = files.filter(({ size }) => size > limit);
        this.state.refused = tooLarge
            .map(({ name, size }) =>
                _t("%(name)s (%(size)s) is too large. The mail server accepts %(limit)s at most.", {
                    name,
                    size: formatSize(size),
                    limit: formatSize(limit),
                })
            )
            .join(" ");
        const fitting = files.filter((file) => !tooLarge.includes(file));
        // One after the other: they keep their order.
        for (const file of fitting) {
            this.state.uploading.push(file.name);
            this.pending = this.pending.then(() => this.uploadOne(file));
        }
        return this.pending;
    }

    async uploadOne(file) {
        const { record } = this.props;
        try {
            const uploaded = await this.upload("/web/binary/upload_attachment", {
                csrf_token: odoo.csrf_token,
                model: record.resModel,
                id: record.resId,
                ufile: [file],
            });
            for (const { id, error } of uploaded || []) {
                if (error) {
                    this.state.refused = `${file.name}: ${error}`;
                } else {
                    await this.list.addAndRemove({ add: [id] });
                }
            }
        } finally {
            this.state.uploading.splice(this.state.uploading.indexOf(file.name), 1);
        }
    }

    async remove(id) {
        this.state.refused = "";
        const found = this.list.records.find((record) => record.resId === id);
        await this.list.forget(found);
    }
}

registry.category("fields").add("member_mail_files", {
    component: FilesField,
    displayName: _t("Attachments of a draft"),
    supportedTypes: ["many2many"],
    isEmpty: () => false,
    relatedFields: [
        { name: "name", type: "char" },
        { name: "mimetype", type: "char" },
        { name: "file_size", type: "integer" },
    ],
    fieldDependencies: [
        { name: "size_limit", type: "integer", readonly: true },
        { name: "text_size", type: "integer", readonly: true },
    ],
});
