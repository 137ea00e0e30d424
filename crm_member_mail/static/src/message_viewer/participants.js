import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { Marked } from "../message_search/marks";
import { fold } from "./folding";

const ROLES = [
    ["from", _t("From")],
    ["sender", _t("Sent by")],
    ["reply_to", _t("Reply to")],
    ["to", _t("To")],
    ["cc", _t("Cc")],
    ["bcc", _t("Bcc")],
    ["resent", _t("Redirected to")],
];

/** The people on an email: a line per role, contacts as links. Of many people only the first are shown. */
export class Participants extends Component {
    static template = "crm_member_mail.Participants";
    static components = { Marked };
    static props = {
        /** Objects with role, name, email and partner_id (a number or false). */
        people: Array,
        /** What is highlighted in names and addresses. */
        words: { type: Array, optional: true },
    };

    setup() {
        this.action = useService("action");
        this.open = useState({});
    }

    get lines() {
        return ROLES.map(([role, label]) => {
            const people = this.props.people.filter((person) => person.role === role);
            return { role, label, ...fold(people, this.open[role]) };
        }).filter((line) => line.shown.length);
    }

    moreLabel(count) {
        return _t("%s more", count);
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
