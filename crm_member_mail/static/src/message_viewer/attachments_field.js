import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Attachments } from "./attachments";

/** The attachments of an email in a form: see Attachments. */
export class MemberMailAttachmentsField extends Component {
    static template = xml`<Attachments files="files"/>`;
    static components = { Attachments };
    static props = { ...standardFieldProps };

    get files() {
        const records = [...this.props.record.data[this.props.name].records];
        records.sort((one, other) => one.resId - other.resId); // in the order of the email
        return records.map((record) => ({
            id: record.resId,
            name: record.data.name,
            mimetype: record.data.mimetype || "",
            size: record.data.file_size,
            inline: this.isInBody(record.resId),
        }));
    }

    isInBody(id) {
        const body = String(this.props.record.data.body || "");
        return new RegExp(`/web/(?:image|content)/${id}(?![0-9])`).test(body);
    }
}

/** The attachments left on the mail server. */
export class MemberMailRemoteAttachmentsField extends Component {
    static template = xml`<Attachments files="[]" remote="remote" onFetched.bind="reload"/>`;
    static components = { Attachments };
    static props = { ...standardFieldProps };

    get remote() {
        return this.props.record.data[this.props.name].records.map((record) => ({
            id: record.resId,
            name: record.data.name,
            size: record.data.size,
        }));
    }

    reload() {
        return this.props.record.model.root.load();
    }
}

const shared = { supportedTypes: ["many2many", "one2many"], isEmpty: () => false };

registry.category("fields").add("member_mail_attachments", {
    ...shared,
    component: MemberMailAttachmentsField,
    displayName: _t("Attachments of an email"),
    relatedFields: [
        { name: "name", type: "char" },
        { name: "mimetype", type: "char" },
        { name: "file_size", type: "integer" },
    ],
});

registry.category("fields").add("member_mail_remote_attachments", {
    ...shared,
    component: MemberMailRemoteAttachmentsField,
    displayName: _t("Attachments on the mail server"),
    relatedFields: [
        { name: "name", type: "char" },
        { name: "size", type: "integer" },
    ],
});
