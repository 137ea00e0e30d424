import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ROLES = [
    ["from", _t("From")],
    ["reply_to", _t("Reply to")],
    ["to", _t("To")],
    ["cc", _t("Cc")],
    ["bcc", _t("Bcc")],
];

/** The people on an email as its reader knows them: a line a role, contacts as links. */
export class MemberMailParticipantsField extends Component {
    static template = "crm_member_mail.Participants";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get lines() {
        const people = this.props.record.data[this.props.name].records.map((record) => ({
            key: record.id,
            ...record.data,
        }));
        return ROLES.map(([role, label]) => ({
            role,
            label,
            people: people.filter((person) => person.role === role),
        })).filter((line) => line.people.length);
    }

    openContact(partner) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: partner.id,
            views: [[false, "form"]],
        });
    }
}

export const memberMailParticipantsField = {
    component: MemberMailParticipantsField,
    displayName: _t("People of an email"),
    supportedTypes: ["one2many"],
    isEmpty: () => false,
    relatedFields: [
        { name: "role", type: "selection" },
        { name: "name", type: "char" },
        { name: "email", type: "char" },
        { name: "partner_id", type: "many2one", relation: "res.partner" },
    ],
};

registry.category("fields").add("member_mail_participants", memberMailParticipantsField);
