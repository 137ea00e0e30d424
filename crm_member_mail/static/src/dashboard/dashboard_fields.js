import { Component } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** How each condition looks: the words say the same, so that nobody needs the colours. */
const LOOKS = {
    stopped: { icon: "fa-stop-circle", color: "danger" },
    failing: { icon: "fa-exclamation-triangle", color: "danger" },
    setup: { icon: "fa-wrench", color: "warning" },
    untested: { icon: "fa-question-circle", color: "warning" },
    waiting: { icon: "fa-hourglass-start", color: "info" },
    reading: { icon: "fa-refresh", color: "info" },
    paused: { icon: "fa-pause", color: "muted" },
    fine: { icon: "fa-check", color: "success" },
    archived: { icon: "fa-archive", color: "muted" },
};

/** How an account is doing, in words, with an icon. */
export class ConditionField extends Component {
    static template = "crm_member_mail.Condition";
    static props = standardFieldProps;

    get value() {
        return this.props.record.data[this.props.name];
    }

    get look() {
        return LOOKS[this.value];
    }

    get text() {
        const { selection } = this.props.record.fields[this.props.name];
        return new Map(selection).get(this.value);
    }
}

/** When something was or will be, as seen from now: "5 minutes ago"; the tooltip has it exactly. */
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

/** Per cent, as a bar; what it says stands beside it in words. */
export class ProgressField extends Component {
    static template = "crm_member_mail.Progress";
    static props = standardFieldProps;

    get percent() {
        return Math.round(this.props.record.data[this.props.name]);
    }
}

const fields = registry.category("fields");
fields.add("member_mail_condition", {
    component: ConditionField,
    displayName: _t("Condition of an email account"),
    supportedTypes: ["selection"],
});
fields.add("member_mail_relative_time", {
    component: RelativeTimeField,
    displayName: _t("Time from now"),
    supportedTypes: ["datetime"],
});
fields.add("member_mail_progress", {
    component: ProgressField,
    displayName: _t("Progress bar without numbers"),
    supportedTypes: ["float"],
});
