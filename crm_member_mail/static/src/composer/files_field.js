import { Component, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useFileUploader } from "@web/core/utils/files";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatSize, MailFile } from "../message_viewer/attachments";

/** Asks the field of attachments for files: opens the browser's dialog. */
export const CHOOSE_FILES = "MEMBER_MAIL:CHOOSE_FILES";

/**
 * The attachments of a draft: chosen, dropped onto the composer or pasted into it.
 *
 * Says what they have together of what the mail server takes, and which of them are the problem, while
 * there is still time.
 */
export class FilesField extends Component {
    static template = "crm_member_mail.FilesField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.upload = useFileUploader();
        this.inputRef = useRef("input");
        this.rootRef = useRef("root");
        this.state = useState({ uploading: [], refused: "", isOver: false });
        this.pending = Promise.resolve();
        const { bus } = this.props.record.model;
        useBus(bus, CHOOSE_FILES, () => this.inputRef.el.click());
        // What is on its way belongs to the draft: sending waits for it.
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
            // An image that is dropped onto the text is for the text.
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

    get list() {
        return this.props.record.data[this.props.name];
    }

    get files() {
        return this.list.records.map((record) =>
            Object.assign(new MailFile(), {
                id: record.resId,
                name: record.data.name,
                mimetype: record.data.mimetype || "",
                size: record.data.file_size || 0,
            })
        );
    }

    get size() {
        return this.files.reduce((sum, { size }) => sum + size, 0);
    }

    get limit() {
        return this.props.record.data.size_limit || 0;
    }

    get isTooLarge() {
        return Boolean(this.limit) && this.size > this.limit;
    }

    get summary() {
        const count = this.files.length;
        const values = { count, size: formatSize(this.size), limit: formatSize(this.limit) };
        if (!this.limit) {
            return count === 1
                ? _t("1 file, %(size)s", values)
                : _t("%(count)s files, %(size)s", values);
        }
        return count === 1
            ? _t("1 file, %(size)s of %(limit)s", values)
            : _t("%(count)s files, %(size)s of %(limit)s", values);
    }

    get advice() {
        const largest = this.files.reduce((one, other) => (other.size > one.size ? other : one));
        return _t("Too large for the mail server. The largest is %(name)s with %(size)s.", {
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
                _t("%(name)s has %(size)s, and the mail server takes %(limit)s.", {
                    name,
                    size: formatSize(size),
                    limit: formatSize(limit),
                })
            )
            .join(" ");
        const fitting = files.filter((file) => !tooLarge.includes(file));
        const uploads = fitting.map((file) => this.uploadOne(file));
        this.pending = Promise.all([this.pending, ...uploads]);
        return this.pending;
    }

    async uploadOne(file) {
        const { record } = this.props;
        this.state.uploading.push(file.name);
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
    fieldDependencies: [{ name: "size_limit", type: "integer", readonly: true }],
});
