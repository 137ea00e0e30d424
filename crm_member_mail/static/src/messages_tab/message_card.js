import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Evidence } from "../filing/evidence";
import { Attachments } from "../message_viewer/attachments";
import { Invitation } from "../message_viewer/invitation";
import { isolated } from "../message_viewer/isolated";
import { MessageBody } from "../message_viewer/message_body";
import { Participants } from "../message_viewer/participants";
import { Avatar } from "./avatar";
import { absoluteDate, isoDate, lineDate, relativeDate } from "./dates";
import { Delivery, deliveryOf } from "./delivery";
import { MessageMenu } from "./message_menu";

/** "2 copies", of a message or a card. */
export function copiesLabel({ copies = [] }) {
    return copies.length > 1 ? _t("%s copies", copies.length) : "";
}

/** One message of an open conversation: a line, or the whole message with its actions. */
export class MessageCard extends Component {
    static template = "crm_member_mail.MessageCard";
    static components = {
        Attachments,
        Avatar,
        Delivery,
        Evidence,
        Invitation,
        MessageBody,
        MessageMenu,
        Participants,
    };
    static props = {
        message: Object,
        /** The content of an open message; undefined while it is folded. */
        details: { type: Object, optional: true },
        card: Object,
        model: Object,
        rights: Object,
    };

    setup() {
        this.state = useState({ showsPeople: false });
        Object.assign(this, { absoluteDate, isoDate });
        // The same function each time, or the text would be drawn again.
        this.takeBody = (id) => this.props.model.takeBody(id);
    }

    get isOpen() {
        return Boolean(this.props.details);
    }

    get leadId() {
        const { resModel, resId } = this.props.model;
        return resModel === "crm.lead" ? resId : undefined;
    }

    get delivery() {
        return deliveryOf(this.props.message);
    }

    /** Whole while the message is open: where one reads with a finger there are no tooltips. */
    get date() {
        return (this.isOpen ? lineDate : relativeDate)(this.props.message.date);
    }

    get context() {
        const { message, card, model, rights } = this.props;
        return { message, card, model, ...rights };
    }

    /** The copies of the email, if there are several: objects of `id`, `label` and `title`. */
    get copies() {
        const copies = this.props.message.copies || [];
        return copies.map(({ id, subject, accounts }, index) => ({
            id,
            label: accounts.length
                ? _t("Copy %(number)s: %(mailbox)s", {
                      number: index + 1,
                      mailbox: accounts.join(", "),
                  })
                : _t("Copy %s", index + 1),
            title: subject || _t("(no subject)"),
        }));
    }

    get copiesLabel() {
        return copiesLabel(this.props.message);
    }

    /** "to Front desk, Ada" */
    get recipients() {
        const names = this.props.details.participants
            .filter(({ role }) => ["to", "cc", "bcc", "resent"].includes(role))
            .map(({ name, email }) => isolated(name || email));
        const shown = names.slice(0, 3).join(", ");
        if (!names.length) {
            return _t("to undisclosed recipients");
        }
        return names.length > 3
            ? _t("to %(names)s and %(count)s more", { names: shown, count: names.length - 3 })
            : _t("to %s", shown);
    }

    get senderLabel() {
        const { name, email } = this.props.message.sender;
        return name || email || _t("(no sender)");
    }

    get forgedText() {
        return _t(
            "This may not come from %s: it failed the mail server's check. Call the sender before you follow links, open files or pay.",
            this.props.message.sender.email || this.senderLabel
        );
    }

    get label() {
        const { direction, date } = this.props.message;
        const values = { who: this.senderLabel, date: absoluteDate(date) };
        return direction === "out"
            ? _t("Sent by %(who)s, %(date)s", values)
            : _t("Received from %(who)s, %(date)s", values);
    }

    toggle() {
        return this.props.model.toggleMessage(this.props.card, this.props.message.id);
    }

    onKeydown(ev) {
        if (ev.target === ev.currentTarget && ["Enter", " "].includes(ev.key)) {
            ev.preventDefault();
            this.toggle();
        }
    }

    showCopy(id) {
        const { card, message, model } = this.props;
        return id === message.id ? undefined : model.showCopy(card, message, id);
    }

    onFetched() {
        return this.props.model.reloadMessage(this.props.card, this.props.message.id);
    }
}
