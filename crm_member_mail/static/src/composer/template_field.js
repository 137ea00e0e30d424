import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { describe, insertTemplate, templatesFor } from "./templates";

/** Inserts one of Odoo's templates, or canned responses, into the draft. */
export class TemplateField extends Component {
    static template = "crm_member_mail.TemplateField";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ templates: null });
        this.describe = describe;
    }

    async load() {
        this.state.templates = await templatesFor(this.orm, this.props.record);
    }

    insert(choice) {
        return insertTemplate(this.orm, this.props.record, choice);
    }
}

registry.category("fields").add("member_mail_template", {
    component: TemplateField,
    displayName: _t("Insert template"),
    supportedTypes: ["many2one"],
    isEmpty: () => false,
    fieldDependencies: [{ name: "res_model", type: "selection" }],
});
