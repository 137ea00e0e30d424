import { Component, onWillStart, useEffect, useState, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { MessageMenu } from "./message_menu";
import { Reply, useDraftPlace } from "./reply";
import { getRights } from "./rights";

/** The event that asks the form of a message to show an answer below it. */
const REPLY = "MEMBER_MAIL:REPLY";

/**
 * `<widget name="member_mail_message_menu"/>` in the form of a message: its actions. Opening the form marks
 * the message as read.
 */
class FormMenu extends Component {
    static template = xml`<MessageMenu t-if="props.record.resId" context="context"/>`;
    static components = { MessageMenu };
    static props = { ...standardWidgetProps };

    setup() {
        onWillStart(async () => {
            this.rights = await getRights();
        });
        useEffect(
            (id) => {
                if (id) {
                    this.env.services.orm.silent.call("member.mail.message", "mark_seen", [[id]]);
                }
            },
            () => [this.props.record.resId]
        );
    }

    get context() {
        const { data, resId } = this.props.record;
        const message = { id: resId, direction: data.direction, subject: data.subject || "" };
        return { message, model: new FormModel(this.env, data.partner_ids), ...this.rights };
    }
}

/** Stands in for the TabModel: when a message is deleted, its form is left. */
class FormModel {
    constructor(env, contacts) {
        this.env = env;
        this.resModel = "res.partner";
        this.resId = contacts.resIds[0];
        this.isLeft = false;
        // In a dialog, an answer has one of its own.
        this.showReply = !env.inDialog && ((card, reply) => env.model.bus.trigger(REPLY, reply));
    }

    drop() {}

    refresh() {
        const { action } = this.env.services;
        if (this.isLeft) {
            return action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
        }
        this.isLeft = true;
        if (this.env.inDialog) {
            return action.doAction({ type: "ir.actions.act_window_close" });
        }
        return this.env.config.historyBack();
    }
}

registry.category("view_widgets").add("member_mail_message_menu", {
    component: FormMenu,
    fieldDependencies: [
        { name: "direction", type: "selection" },
        { name: "subject", type: "char" },
        { name: "partner_ids", type: "many2many", relation: "res.partner" },
    ],
});

/** Go on by keyboard where one answers the message, if nothing else has the focus. */
function focusAnswer() {
    const { activeElement, body } = document;
    if (activeElement === body || activeElement?.closest(".o_member_mail_reply")) {
        document.querySelector(".o_form_view [data-action=reply]")?.focus();
    }
}

/** `<widget name="member_mail_reply"/>` in the form of a message: the answer to it, while one writes it. */
class FormReply extends Component {
    static template = xml`
        <Reply
            t-if="state.reply and state.resId === props.record.resId"
            t-key="state.reply.id"
            t-props="state.reply"
            onClosed="() => this.end()"
        />`;
    static components = { Reply };
    static props = { ...standardWidgetProps };

    setup() {
        this.state = useState({ reply: null, resId: false });
        useBus(this.env.model.bus, REPLY, ({ detail }) => {
            Object.assign(this.state, { reply: detail, resId: this.props.record.resId });
        });
        useDraftPlace(({ answered_id: id, reply }) => {
            const { resId } = this.props.record;
            return !this.env.inDialog && id === resId
                ? () => Object.assign(this.state, { reply, resId })
                : null;
        });
        // Odoo gives the focus back a moment after a dialog is closed, if what had it is still there.
        useBus(useService("ui").bus, "active-element-changed", () => setTimeout(focusAnswer));
    }

    /** The answer is over: its text, and the focus with it, go. */
    end() {
        this.state.reply = null;
        focusAnswer();
    }
}

registry.category("view_widgets").add("member_mail_reply", { component: FormReply });
