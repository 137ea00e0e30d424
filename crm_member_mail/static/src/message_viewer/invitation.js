import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a calendar in an email says: the event, and what the email wants with it. */
export class Invitation extends Component {
    static template = "crm_member_mail.Invitation";
    static props = {
        /** Of `kind`, `heading`, `title` and `rows`, pairs of label and text. */
        invitation: Object,
    };

    get icon() {
        return this.isCancelled ? "fa-calendar-times-o" : "fa-calendar";
    }

    get isCancelled() {
        return this.props.invitation.kind === "cancel";
    }
}

/** The event of a message's form. */
class InvitationField extends Component {
    static template = "crm_member_mail.InvitationField";
    static components = { Invitation };
    static props = { ...standardFieldProps };

    get invitation() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("member_mail_invitation", {
    component: InvitationField,
    displayName: _t("Event of an email"),
    supportedTypes: ["json"],
});
