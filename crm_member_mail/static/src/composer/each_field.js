import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { showPlaceholders } from "./templates";

/** "12 contacts, one email each" in place of recipients, and who gets none. */
export class EachField extends Component {
    static template = "crm_member_mail.EachField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ hasPlaceholders: false });
    }

    get text() {
        const count = this.props.record.data[this.props.name];
        return count === 1 ? _t("1 contact, one email") : _t("%s contacts, one email each", count);
    }

    /** Why some get none, each with their names. */
    get leftOut() {
        return leftOutTexts(this.props.record.data.skipped_names || {});
    }

    get shownText() {
        const { body, template_id: template, shown_for: name } = this.props.record.data;
        const isFilled = !this.state.hasPlaceholders && !/<[^<>]* t-\w+=/.test(body);
        return template && name && isFilled
            ? _t("Below: what %s gets. The others get their own.", name)
            : "";
    }

    async showPlaceholders() {
        this.state.hasPlaceholders = true;
        await showPlaceholders(this.env.services.orm, this.props.record);
    }
}

/** Sentences about those who don't get one of many emails. */
export function leftOutTexts({ no_address: none, unsubscribed, failed }) {
    return [
        none && _t("Skipped, without an address: %s", none),
        unsubscribed && _t("Skipped, unsubscribed: %s", unsubscribed),
        failed && _t("Not sent, as the template can't be filled in: %s", failed),
    ].filter(Boolean);
}

registry.category("fields").add("member_mail_each", {
    component: EachField,
    displayName: _t("One email each"),
    supportedTypes: ["integer"],
    isEmpty: () => false,
    fieldDependencies: [
        { name: "skipped_names", type: "json", readonly: true },
        { name: "shown_for", type: "char", readonly: true },
    ],
});
