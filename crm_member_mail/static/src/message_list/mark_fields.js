import { Component, xml } from "@odoo/owl";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatSize } from "../message_viewer/attachments";
import { absoluteDate, isoDate, relativeDate } from "../messages_tab/dates";

/** An icon in a narrow column, with a tooltip and a label for screen readers. */
class MarkField extends Component {
    static template = "crm_member_mail.Mark";
    static props = { ...standardFieldProps };
}

/** An arrow in for received, an arrow out for sent. */
export class MemberMailDirectionField extends MarkField {
    get mark() {
        return this.props.record.data[this.props.name] === "out"
            ? { icon: "fa-arrow-up text-success", text: _t("Sent") }
            : { icon: "fa-arrow-down text-info", text: _t("Received") };
    }
}

/** A paper clip if the field is true. */
export class MemberMailClipField extends MarkField {
    get mark() {
        return this.props.record.data[this.props.name]
            ? { icon: "fa-paperclip text-muted", text: _t("With attachment") }
            : null;
    }
}

/** A warning if the sender may be forged. */
export class MemberMailWarningField extends MarkField {
    get mark() {
        return this.props.record.data[this.props.name] === "failed"
            ? {
                  icon: "fa-exclamation-triangle text-danger",
                  text: _t("Forged? This email may not come from the address it shows"),
              }
            : null;
    }
}

/** The status of an email sent from Odoo, unless it is simply sent. */
export class MemberMailStateField extends MarkField {
    get mark() {
        return {
            outgoing: { icon: "fa-clock-o text-info", text: _t("Waiting") },
            sending: { icon: "fa-paper-plane-o text-info", text: _t("Sending") },
            failed: { icon: "fa-times-circle text-danger", text: _t("Not sent") },
            uncertain: { icon: "fa-question-circle text-warning", text: _t("Delivery unknown") },
        }[this.props.record.data[this.props.name]];
    }
}

/** A date as in the Messages tab: relative, with the whole one as tooltip. */
class DateField extends Component {
    static template = xml`
        <time
            t-if="moment"
            t-att-datetime="isoDate(moment)"
            t-att-title="absoluteDate(moment)"
            t-esc="relativeDate(moment)"
        />`;
    static props = { ...standardFieldProps };

    setup() {
        Object.assign(this, { absoluteDate, isoDate, relativeDate });
    }

    get moment() {
        const moment = this.props.record.data[this.props.name];
        return moment && serializeDateTime(moment);
    }
}

/** A number of bytes, as everywhere here. */
class SizeField extends Component {
    static template = xml`<t t-esc="text"/>`;
    static props = { ...standardFieldProps };

    get text() {
        return formatSize(this.props.record.data[this.props.name]);
    }
}

registry.category("fields").add("member_mail_date", {
    component: DateField,
    displayName: _t("Date of an email"),
    supportedTypes: ["datetime"],
});
registry.category("fields").add("member_mail_size", {
    component: SizeField,
    displayName: _t("Size of an email"),
    supportedTypes: ["integer"],
});
registry.category("fields").add("member_mail_state", {
    component: MemberMailStateField,
    displayName: _t("Delivery mark"),
    supportedTypes: ["selection"],
});
registry.category("fields").add("member_mail_warning", {
    component: MemberMailWarningField,
    displayName: _t("Forged sender mark"),
    supportedTypes: ["selection"],
});
registry.category("fields").add("member_mail_direction", {
    component: MemberMailDirectionField,
    displayName: _t("Direction mark"),
    supportedTypes: ["selection"],
});
registry.category("fields").add("member_mail_clip", {
    component: MemberMailClipField,
    displayName: _t("Attachment mark"),
    supportedTypes: ["boolean"],
});
