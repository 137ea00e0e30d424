import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { Attachments } from "../message_viewer/attachments";
import { MessageBody } from "../message_viewer/message_body";
import { Avatar } from "./avatar";
import { absoluteDate, isoDate, lineDate, relativeDate } from "./dates";
import { ServerWords } from "./server_words";

/** The text of one of Odoo's messages, shown as safely as that of an email. */
export class OdooMailBody extends MessageBody {
    fetchHtml(messageId, showImages, quotes) {
        return this.orm.call("member.mail.tab", "get_odoo_mail_html", [messageId], {
            show_images: showImages,
            quotes,
        });
    }
}

/**
 * A line of the list for an email that Odoo itself sent or received, such as a quote, an invoice or a
 * chatter message. It links to its document, and unfolds to its text.
 */
export class OdooMailCard extends Component {
    static template = "crm_member_mail.OdooMailCard";
    static components = { Attachments, Avatar, OdooMailBody, ServerWords };
    static props = {
        /** As returned by `_odoo_cards` in `models/screens/tab_odoo.py`. */
        card: Object,
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        // The content, while it is unfolded.
        this.state = useState({ details: null });
        Object.assign(this, { absoluteDate, isoDate });
    }

    get subject() {
        return this.props.card.subject || _t("(no subject)");
    }

    get who() {
        const { who } = this.props.card;
        return who.name || who.email || _t("(no name)");
    }

    get date() {
        return (this.state.details ? lineDate : relativeDate)(this.props.card.date);
    }

    get isReceived() {
        return this.props.card.direction === "in";
    }

    /** With a colon if the link to the document follows. */
    get origin() {
        if (this.props.card.document) {
            return this.isReceived ? _t("Received by Odoo:") : _t("Sent by Odoo:");
        }
        return this.isReceived ? _t("Received by Odoo") : _t("Sent by Odoo");
    }

    /** "Sales Order S00012" */
    get documentLabel() {
        const { type, name } = this.props.card.document;
        return `${type} ${name}`.trim();
    }

    get documentUrl() {
        const { model, id } = this.props.card.document;
        return `/odoo/${model.includes(".") ? "" : "m-"}${model}/${id}`;
    }

    /** The author of what Odoo sent. */
    get authorLabel() {
        const { author } = this.props.card;
        return this.isReceived ? "" : author.name || author.email;
    }

    /** "From: …, to: …" of an open message. */
    get people() {
        const { author, recipients } = this.state.details;
        const named = ({ name, email }) => (name && email ? `${name} <${email}>` : name || email);
        const to = recipients.map(named).join(", ");
        return to
            ? _t("From %(from)s to %(to)s", { from: named(author) || _t("(no name)"), to })
            : _t("From %s", named(author) || _t("(no name)"));
    }

    /** What a screen reader says about the line. */
    get label() {
        const { card } = this.props;
        const parts = [
            this.isReceived
                ? _t("Received by Odoo from %s", this.who)
                : _t("Sent by Odoo to %s", this.who),
            this.subject,
            absoluteDate(card.date),
        ];
        if (card.has_attachments) {
            parts.push(_t("with attachment"));
        }
        if (card.failure) {
            parts.push(_t("Not delivered"));
        }
        return parts.join(", ");
    }

    async toggle() {
        if (this.state.details) {
            this.state.details = null;
        } else {
            this.state.details = await this.orm.call("member.mail.tab", "get_odoo_mail", [
                this.props.card.odoo_id,
            ]);
        }
    }

    onKeydown(ev) {
        if (["Enter", " "].includes(ev.key)) {
            ev.preventDefault();
            this.toggle();
        }
    }

    /** Close from anywhere inside; a folded one leaves the key to its surroundings. */
    onEscape(ev) {
        if (ev.key === "Escape" && this.state.details) {
            ev.stopPropagation();
            ev.currentTarget.querySelector(".o_member_mail_row").focus();
            this.state.details = null;
        }
    }

    async openDocument(ev) {
        if (ev.ctrlKey || ev.metaKey || ev.shiftKey) {
            return; // The browser opens the link in a new tab.
        }
        ev.preventDefault();
        const { model, id } = this.props.card.document;
        await this.action.doAction(await this.orm.call(model, "get_formview_action", [[id]]));
    }
}
