import { Component, onWillStart, useEffect, useExternalListener, useState, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { isTyping, KeysDialog } from "./keys_dialog";
import { actByKey, messageActions } from "./message_actions";
import { MessageMenu } from "./message_menu";
import { Reply, useDraftPlace } from "./reply";
import { getRights } from "./rights";
import { NOTICE_CLOSED } from "./undoable";

/** The event that asks the form of a message to show an answer below it. */
export const REPLY = "MEMBER_MAIL:REPLY";

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
        useExternalListener(document, "keydown", (ev) => this.onKeydown(ev));
    }

    /** The keys of a message, where nothing else has the focus that takes them. */
    onKeydown(ev) {
        const { body } = document;
        const isHere = ev.target === body || ev.target.closest(".o_form_view");
        const isOthers = ev.target.closest(".o_member_mail_reply");
        if (
            !this.props.record.resId ||
            !isHere ||
            isOthers ||
            document.querySelector(".modal, .o_popover, .o_bottom_sheet")
        ) {
            return;
        }
        if (ev.key === "?" && !isTyping(ev)) {
            this.env.services.dialog.add(KeysDialog, { keys: keys() });
        } else {
            actByKey(ev, { ...this.context, services: this.env.services });
        }
    }

    get context() {
        const { data, resId } = this.props.record;
        const { direction, is_news, subject } = data;
        const message = { id: resId, direction, is_news, subject: subject || "" };
        return { message, model: new FormModel(this.env, data.partner_ids), ...this.rights };
    }
}

/** The keys of the form, as KeysDialog shows them. */
const keys = () => [
    ...messageActions
        .getAll()
        .filter(({ key }) => key)
        .map(({ key, label }) => [key, label]),
    ["z", _t("Undo, while it is offered")],
    ["?", _t("This list")],
];

/** Stands in for the TabModel: when a message is deleted, or unread again, its form is left. */
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

    async markUnseen(_card, id) {
        await this.env.services.orm.call("member.mail.message", "mark_unseen", [[id]]);
        return this.refresh();
    }

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
        { name: "is_news", type: "boolean" },
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
        const { bus } = useService("ui");
        useBus(bus, "active-element-changed", () => setTimeout(focusAnswer));
        useBus(bus, NOTICE_CLOSED, focusAnswer);
    }

    /** The answer is over: its text, and the focus with it, go. */
    end() {
        this.state.reply = null;
        focusAnswer();
    }
}

registry.category("view_widgets").add("member_mail_reply", { component: FormReply });
