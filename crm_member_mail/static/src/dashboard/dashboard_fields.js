import { Component } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** When something was or will be, relative to now: "5 minutes ago"; the tooltip has the exact time. */
export class RelativeTimeField extends Component {
    static template = "crm_member_mail.RelativeTime";
    static props = standardFieldProps;

    get value() {
        return this.props.record.data[this.props.name];
    }

    get exact() {
        return this.value && formatDateTime(this.value);
    }

    get text() {
        if (!this.value) {
            return "";
        }
        const seconds = Math.abs(this.value.diffNow("seconds").seconds);
        return seconds < 60 ? _t("now") : this.value.toRelative();
    }
}

/** When something is to happen: "in 5 minutes"; what is due happens now, or as soon as its turn comes. */
export class DueTimeField extends RelativeTimeField {
    get text() {
        return this.value?.diffNow() < 0 ? _t("now") : super.text;
    }
}

/** A percentage as a bar; the words beside it say the same. */
export class ProgressField extends Component {
    static template = "crm_member_mail.Progress";
    static props = standardFieldProps;

    get percent() {
        return Math.round(this.props.record.data[this.props.name]);
    }
}

const fields = registry.category("fields");
fields.add("member_mail_relative_time", {
    component: RelativeTimeField,
    displayName: _t("Time from now"),
    supportedTypes: ["datetime"],
});
fields.add("member_mail_due_time", {
    component: DueTimeField,
    displayName: _t("Time from now"),
    supportedTypes: ["datetime"],
});
fields.add("member_mail_progress", {
    component: ProgressField,
    displayName: _t("Progress bar without numbers"),
    supportedTypes: ["float"],
});
