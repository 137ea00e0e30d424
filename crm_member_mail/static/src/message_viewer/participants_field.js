import { Component, useState, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Participants } from "./participants";

/** The people of a message's form. Who was searched for is highlighted. */
class ParticipantsField extends Component {
    static template = xml`<Participants people="people" words="words"/>`;
    static components = { Participants };
    static props = { ...standardFieldProps };

    setup() {
        this.marks = useState(this.env.searchModel?.marks || {});
    }

    get words() {
        const { words = [], people = [] } = this.marks;
        return [...words, ...people];
    }

    get people() {
        return this.props.record.data[this.props.name].records.map(({ data }) => ({
            role: data.role,
            name: data.name || data.partner_id?.display_name || "",
            email: data.email || "",
            partner_id: data.partner_id?.id,
        }));
    }
}

registry.category("fields").add("member_mail_participants", {
    component: ParticipantsField,
    displayName: _t("People of an email"),
    supportedTypes: ["one2many"],
    isEmpty: () => false,
    relatedFields: [
        { name: "role", type: "selection" },
        { name: "name", type: "char" },
        { name: "email", type: "char" },
        // For the widget member_mail_delivery.
        { name: "failure", type: "char" },
        { name: "failure_reason", type: "char" },
        { name: "read_on", type: "datetime" },
        { name: "partner_id", type: "many2one", relation: "res.partner" },
    ],
});
