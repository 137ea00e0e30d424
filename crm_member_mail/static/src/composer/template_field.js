import { Component, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The most templates that the menu shows. */
const SHOWN = 80;

/** Inserts one of Odoo's templates into the draft. */
export class TemplateField extends Component {
    static template = "crm_member_mail.TemplateField";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.state = useState({ templates: null });
    }

    /** The template that is filled in for each recipient when the emails are sent. */
    get current() {
        return this.props.record.data[this.props.name];
    }

    async load() {
        this.state.templates = await this.orm.searchRead(
            "mail.template",
            [["model", "=", this.props.record.data.res_model]],
            ["display_name"],
            { limit: SHOWN, order: "name, id" }
        );
    }

    async insert(template) {
        const { record, name } = this.props;
        await record.isDirty();
        const insert = () =>
            record.update({ [name]: { id: template.id, display_name: template.display_name } });
        if (!isWritten(record.data.body)) {
            return insert();
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Replace what you have written?"),
            body: _t('The template "%s" will replace your text.', template.display_name),
            confirmLabel: _t("Replace"),
            cancelLabel: _t("Keep my text"),
            confirm: insert,
            cancel() {},
        });
    }
}

/** Whether a body contains anything but the signature. */
export function isWritten(body) {
    const { body: root } = new DOMParser().parseFromString(String(body || ""), "text/html");
    for (const signature of root.querySelectorAll(".o_member_mail_signature")) {
        signature.remove();
    }
    return Boolean(root.textContent.trim() || root.querySelector("img, table, hr"));
}

registry.category("fields").add("member_mail_template", {
    component: TemplateField,
    displayName: _t("Insert template"),
    supportedTypes: ["many2one"],
    isEmpty: () => false,
    fieldDependencies: [{ name: "res_model", type: "selection" }],
});
