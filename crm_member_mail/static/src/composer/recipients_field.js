import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { RecipientInput } from "./recipient_input";

/** To, and Cc and Bcc behind buttons until they are used: three fields of a draft. */
export class RecipientsField extends Component {
    static template = "crm_member_mail.RecipientsField";
    static components = { RecipientInput };
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ opened: { email_cc: false, email_bcc: false } });
    }

    get lines() {
        const lines = [
            { name: this.props.name, label: _t("To") },
            { name: "email_cc", label: _t("Cc") },
            { name: "email_bcc", label: _t("Bcc") },
        ];
        return lines.filter(({ name }) => name === this.props.name || this.isOpen(name));
    }

    get folded() {
        return [
            { name: "email_cc", label: _t("Cc"), title: _t("Send a copy to others") },
            { name: "email_bcc", label: _t("Bcc"), title: _t("Send a hidden copy") },
        ].filter(({ name }) => !this.isOpen(name) && !this.props.readonly);
    }

    isOpen(name) {
        // Once used, it stays, even when the last recipient is removed.
        this.state.opened[name] ||= Boolean(this.props.record.data[name]);
        return this.state.opened[name];
    }

    async open(name, ev) {
        const root = ev.target.closest(".o_member_mail_recipients");
        this.state.opened[name] = true;
        const observer = new MutationObserver(() => {
            const input = root.querySelector(`input[name=${name}]`);
            if (input) {
                observer.disconnect();
                input.focus();
            }
        });
        observer.observe(root, { childList: true, subtree: true });
    }
}

registry.category("fields").add("member_mail_recipients", {
    component: RecipientsField,
    displayName: _t("Recipients of an email"),
    supportedTypes: ["text", "char"],
    isEmpty: () => false,
    fieldDependencies: [
        { name: "email_cc", type: "text" },
        { name: "email_bcc", type: "text" },
    ],
});
