import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { Marked } from "../message_search/marks";
import { Avatar } from "./avatar";
import { absoluteDate, isoDate, relativeDate } from "./dates";
import { deliveryOf } from "./delivery";
import { copiesLabel, MessageCard } from "./message_card";
import { Reply } from "./reply";
import { reveal } from "./reveal";

/** Folded messages at the beginning of a conversation are hidden behind a button if there are more. */
const SHOWN_EARLIER = 3;

/** A line of the list, with the messages of the conversation below it while it is open. */
export class Conversation extends Component {
    static template = "crm_member_mail.Conversation";
    static components = { Avatar, Marked, MessageCard, Reply };
    static props = {
        card: Object,
        thread: { type: Object, optional: true },
        model: Object,
        rights: Object,
        onToggle: Function,
    };

    setup() {
        this.rootRef = useRef("root");
        this.state = useState({ showsEarlier: false });
        Object.assign(this, { absoluteDate, isoDate, relativeDate });
        // What was open before is where the user left it.
        let wasOpen = this.isOpen;
        useEffect(
            (isOpen) => {
                const isUnfolded = isOpen && !wasOpen;
                const isFolded = wasOpen && !isOpen;
                wasOpen = isOpen;
                if (isFolded && document.activeElement === document.body) {
                    // What had the focus went with the messages.
                    this.rootRef.el
                        .querySelector(".o_member_mail_row")
                        .focus({ preventScroll: true });
                }
                return isUnfolded ? reveal(this.rootRef.el) : undefined;
            },
            () => [this.isOpen]
        );
    }

    get delivery() {
        return deliveryOf(this.props.card);
    }

    get isOpen() {
        return Boolean(this.props.thread);
    }

    get subject() {
        return this.props.card.subject || _t("(no subject)");
    }

    get who() {
        const { correspondent, who } = this.props.card;
        return correspondent || who.name || who.email || _t("(no sender)");
    }

    /** What is highlighted in names. */
    get people() {
        const { words = [], people = [] } = this.props.model.marks;
        return [...words, ...people];
    }

    get count() {
        return formatInteger(this.props.card.count);
    }

    get countLabel() {
        return _t("%s messages", this.count);
    }

    /** "2 copies", where the line is a single email. */
    get copiesLabel() {
        return this.props.card.count > 1 ? "" : copiesLabel(this.props.card);
    }

    get unreadLabel() {
        return _t("%s unread", formatInteger(this.props.card.unread));
    }

    /** The opportunity that the conversation belongs to, unless it is the one being viewed. */
    get lead() {
        const { card, model } = this.props;
        const isViewed = model.resModel === "crm.lead" && card.lead?.id === model.resId;
        return !isViewed && card.lead;
    }

    get leadLabel() {
        return _t("This conversation belongs to %s", this.lead.name);
    }

    get mailboxLabel() {
        return _t("Mailbox: %s", this.props.card.accounts.join(", "));
    }

    /** What a screen reader says about the line. */
    get label() {
        const { card } = this.props;
        const parts = [
            card.direction === "out"
                ? _t("Sent to %s", this.who)
                : _t("Received from %s", this.who),
            this.subject,
            absoluteDate(card.date),
        ];
        if (card.unread) {
            parts.push(this.unreadLabel);
        }
        if (card.count > 1) {
            parts.push(this.countLabel);
        }
        if (this.copiesLabel) {
            parts.push(this.copiesLabel);
        }
        if (card.has_attachments) {
            parts.push(_t("with attachment"));
        }
        if (this.lead) {
            parts.push(this.leadLabel);
        }
        if (card.authenticity === "failed") {
            parts.push(_t("Forged?"));
        }
        return parts.join(", ");
    }

    /** How many folded messages at the beginning are hidden behind the button. */
    get hiddenCount() {
        if (this.state.showsEarlier) {
            return 0;
        }
        const { messages, details } = this.props.thread;
        let folded = messages.findIndex(({ id }) => details[id]);
        if (folded < 0) {
            folded = messages.length - 1;
        }
        return folded > SHOWN_EARLIER ? folded - 1 : 0;
    }

    get messages() {
        return this.props.thread.messages.slice(this.hiddenCount);
    }

    get earlierLabel() {
        return _t("%s earlier messages", formatInteger(this.hiddenCount));
    }

    /** The answer is over: its text, and the focus with it, go. */
    endReply() {
        const { thread } = this.props;
        if (thread) {
            thread.reply = undefined;
        }
        const row = this.rootRef.el?.querySelector(".o_member_mail_row");
        row?.focus({ preventScroll: true });
        row?.scrollIntoView({ block: "nearest" });
    }

    onKeydown(ev) {
        if (["Enter", " "].includes(ev.key)) {
            ev.preventDefault();
            this.props.onToggle(this.props.card);
        }
    }
}
