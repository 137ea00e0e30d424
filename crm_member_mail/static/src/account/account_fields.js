import { Component } from "@odoo/owl";
import { formatDateTime, toLocaleDateString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;

/** The look of each condition. The words say the same, so nobody needs the colors. */
const LOOKS = {
    stopped: { icon: "fa-stop-circle", color: "danger" },
    failing: { icon: "fa-exclamation-triangle", color: "danger" },
    unsendable: { icon: "fa-paper-plane-o", color: "danger" },
    incomplete: { icon: "fa-folder-open-o", color: "danger" },
    setup: { icon: "fa-wrench", color: "warning" },
    untested: { icon: "fa-question-circle", color: "warning" },
    waiting: { icon: "fa-hourglass-start", color: "info" },
    reading: { icon: "fa-refresh", color: "info" },
    paused: { icon: "fa-pause", color: "muted" },
    fine: { icon: "fa-check", color: "success" },
    archived: { icon: "fa-archive", color: "muted" },
    off: { icon: "fa-power-off", color: "muted" },
};

/** The condition of an account, in words, with an icon. */
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

/**
 * How new emails arrive: at once, with a live dot and since when; or how often Odoo looks, and why not at
 * once. That is in a tooltip unless the option `show_reason` is set, or the screen is small.
 */
export class ArrivalField extends Component {
    static template = "crm_member_mail.Arrival";
    static props = { ...standardFieldProps, showReason: { type: Boolean, optional: true } };

    /** A finger has no tooltips: tapping a card opens it. */
    get isSpelledOut() {
        return this.props.showReason || this.env.isSmall;
    }

    get isLive() {
        return this.props.record.data[this.props.name] === "live";
    }

    get text() {
        return this.props.record.data.arrival_text;
    }

    get reason() {
        return this.props.record.data.arrival_reason || "";
    }

    get since() {
        return this.props.record.data.arrival_since;
    }

    get sinceText() {
        const isToday = this.since.hasSame(DateTime.local(), "day");
        const moment = isToday
            ? this.since.toLocaleString(DateTime.TIME_SIMPLE)
            : toLocaleDateString(this.since);
        return _t("since %s", moment);
    }

    get exact() {
        return formatDateTime(this.since);
    }
}

const fields = registry.category("fields");
fields.add("member_mail_arrival", {
    component: ArrivalField,
    displayName: _t("How new emails arrive"),
    supportedTypes: ["selection"],
    fieldDependencies: [
        { name: "arrival_since", type: "datetime" },
        { name: "arrival_text", type: "char" },
        { name: "arrival_reason", type: "char" },
    ],
    extractProps: ({ options }) => ({ showReason: Boolean(options.show_reason) }),
});
fields.add("member_mail_condition", {
    component: ConditionField,
    displayName: _t("Condition of an email account"),
    supportedTypes: ["selection"],
});
