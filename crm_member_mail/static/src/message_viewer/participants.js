import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const ROLES = [
    ["from", _t("From")],
    ["sender", _t("Sent by")],
    ["reply_to", _t("Reply to")],
    ["to", _t("To")],
    ["cc", _t("Cc")],
    ["bcc", _t("Bcc")],
    ["resent", _t("Redirected to")],
];

/** The people on an email: a line per role, contacts as links. */
export class Participants extends Component {
    static template = "crm_member_mail.Participants";
    static props = {
        /** Objects with role, name, email and partner_id (a number or false). */
        people: Array,
    };

    setup() {
        this.action = useService("action");
    }

    get lines() {
        return ROLES.map(([role, label]) => ({
            role,
            label,
            people: this.props.people.filter((person) => person.role === role),
        })).filter((line) => line.people.length);
    }

    openContact(partnerId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: partnerId,
            views: [[false, "form"]],
        });
    }
}
