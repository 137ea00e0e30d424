import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A sign in a narrow column, with its meaning for the mouse and for a screen reader. */
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

/** A paper clip where the field is true, nothing where it is not. */
export class MemberMailClipField extends MarkField {
    get mark() {
        return this.props.record.data[this.props.name]
            ? { icon: "fa-paperclip text-muted", text: _t("With attachment") }
            : null;
    }
}

/** A warning where the sender is not who he says. */
export class MemberMailWarningField extends MarkField {
    get mark() {
        return this.props.record.data[this.props.name] === "failed"
            ? {
                  icon: "fa-exclamation-triangle text-danger",
                  text: _t("Unverified sender: the mail server could not confirm who sent this"),
              }
            : null;
    }
}

/** Where an email that was sent from here stands, if it is not simply sent. */
export class MemberMailStateField extends MarkField {
    get mark() {
        return {
            outgoing: { icon: "fa-clock-o text-info", text: _t("Waiting to be sent") },
            sending: { icon: "fa-paper-plane-o text-info", text: _t("Being sent") },
            failed: { icon: "fa-times-circle text-danger", text: _t("Not sent") },
            uncertain: { icon: "fa-question-circle text-warning", text: _t("Perhaps sent") },
        }[this.props.record.data[this.props.name]];
    }
}

registry.category("fields").add("member_mail_state", {
    component: MemberMailStateField,
    displayName: _t("Mark of what became of an email"),
    supportedTypes: ["selection"],
});
registry.category("fields").add("member_mail_warning", {
    component: MemberMailWarningField,
    displayName: _t("Unverified sender mark"),
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
