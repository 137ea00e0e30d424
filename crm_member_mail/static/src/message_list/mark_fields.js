import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

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
