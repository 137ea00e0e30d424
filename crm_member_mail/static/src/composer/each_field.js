import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * "12 contacts, one email each (2 without an address are skipped) (1 who unsubscribed is skipped)" in place of
 * recipients.
 */
export class EachField extends Component {
    static template = "crm_member_mail.EachField";
    static props = { ...standardFieldProps };

    get text() {
        const count = this.props.record.data[this.props.name];
        return count === 1 ? _t("1 contact, one email") : _t("%s contacts, one email each", count);
    }

    get skippedText() {
        const skipped = this.props.record.data.skipped_count;
        if (!skipped) {
            return "";
        }
        return skipped === 1
            ? _t("(1 without an address is skipped)")
            : _t("(%s without an address are skipped)", skipped);
    }

    get unsubscribedText() {
        const unsubscribed = this.props.record.data.unsubscribed_count;
        if (!unsubscribed) {
            return "";
        }
        return unsubscribed === 1
            ? _t("(1 who unsubscribed is skipped)")
            : _t("(%s who unsubscribed are skipped)", unsubscribed);
    }
}

registry.category("fields").add("member_mail_each", {
    component: EachField,
    displayName: _t("One email each"),
    supportedTypes: ["integer"],
    isEmpty: () => false,
    fieldDependencies: [
        { name: "skipped_count", type: "integer", readonly: true },
        { name: "unsubscribed_count", type: "integer", readonly: true },
    ],
});
