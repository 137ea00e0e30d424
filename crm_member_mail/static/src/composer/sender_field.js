import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { isolated } from "../message_viewer/isolated";

/** Which of the user's addresses an email is sent from: sets the address and its account. */
export class SenderField extends Component {
    static template = "crm_member_mail.SenderField";
    static props = { ...standardFieldProps };

    get senders() {
        const senders = this.props.record.data.senders || [];
        return senders.map((sender) => ({ ...sender, label: isolated(sender.label) }));
    }

    get current() {
        const { account_id, email_from } = this.props.record.data;
        return this.senders.findIndex(
            (sender) => sender.account_id === account_id?.id && sender.email === email_from
        );
    }

    get label() {
        return this.senders[this.current]?.label || this.props.record.data[this.props.name] || "";
    }

    /** What one should know before one writes: that nothing can be sent from there. */
    get warning() {
        return this.senders[this.current]?.warning || "";
    }

    get isChoice() {
        return !this.props.readonly && this.senders.length > (this.current < 0 ? 0 : 1);
    }

    get title() {
        return _t("From");
    }

    async onChange(ev) {
        const sender = this.senders[Number(ev.target.value)];
        const { record, name } = this.props;
        // The signature changes with the account, so what is typed has to be known first.
        await record.isDirty();
        await record.update({
            account_id: { id: sender.account_id, display_name: sender.label },
            [name]: sender.email,
        });
    }
}

registry.category("fields").add("member_mail_sender", {
    component: SenderField,
    displayName: _t("Sender of an email"),
    supportedTypes: ["char"],
    isEmpty: () => false,
    fieldDependencies: [
        { name: "account_id", type: "many2one", relation: "member.mail.account" },
        { name: "senders", type: "json", readonly: true },
    ],
});
