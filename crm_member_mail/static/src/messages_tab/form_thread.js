import { Component, onWillStart, onWillUpdateProps, useState, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { REPLY } from "./form_menu";
import { useMailNotifications } from "./live";
import { MessageCard } from "./message_card";
import { actByKey } from "./message_actions";
import { getRights } from "./rights";
import { TabModel } from "./tab_model";

/** Messages before the one that is shown which stand there at once. */
const SHOWN_EARLIER = 3;

/** The conversation of one message, where no tab lists it. */
class FormModel extends TabModel {
    constructor(env, { resId, data }) {
        super(env.services.orm, "res.partner", data.partner_ids.resIds[0] || 0);
        // Below the message that was opened; in a dialog, an answer has one of its own.
        this.showReply = !env.inDialog && ((card, reply) => env.model.bus.trigger(REPLY, reply));
        this.messageId = resId;
        this.cards = [{ key: "form", unread: 0, accounts: [] }];
        this.threads = { form: { messages: [], details: {} } };
    }

    fetchThread() {
        return this.orm.silent.call("member.mail.tab", "get_conversation", [this.messageId]);
    }

    close() {}

    refresh() {
        return this.reopen(this.cards[0]);
    }

    /** Nothing unfolds by itself: the message that was opened is what somebody wants to read. */
    async reopen(card) {
        const { details } = this.threads[card.key];
        const messages = await this.fetchThread();
        this.threads[card.key] = { messages, details };
    }
}

/**
 * `<widget name="member_mail_form_thread"/>` in the form of a message: the earlier messages of its conversation
 * or, with `options="{'later': true}"`, the later ones.
 */
class FormThread extends Component {
    static template = xml`
        <div
            t-if="messages.length"
            class="o_member_mail_form_thread my-2"
            role="group"
            t-att-aria-label="title"
            t-on-keydown="onKeydown"
        >
            <button
                t-if="hiddenCount"
                type="button"
                class="o_member_mail_earlier btn btn-link btn-sm"
                t-on-click="() => (this.state.showsAll = true)"
                t-esc="earlierLabel"
            />
            <MessageCard
                t-foreach="messages.slice(hiddenCount)"
                t-as="message"
                t-key="message.id"
                message="message"
                details="thread.details[message.id]"
                card="model.cards[0]"
                model="model"
                rights="rights"
            />
        </div>`;
    static components = { MessageCard };
    static props = { ...standardWidgetProps, isLater: { type: Boolean, optional: true } };

    setup() {
        this.state = useState({ showsAll: false });
        this.model = useState(new FormModel(this.env, this.props.record));
        this.model.query = this.env.searchModel?.searchedText || "";
        onWillStart(async () => {
            [this.rights] = await Promise.all([getRights(), this.model.refresh()]);
        });
        onWillUpdateProps(({ record }) => {
            if (record.resId !== this.model.messageId) {
                this.model.messageId = record.resId;
                return this.model.refresh();
            }
        });
        useMailNotifications(
            ({ message_ids = [] }) =>
                this.thread.messages.some(({ id }) => message_ids.includes(id)),
            () => this.model.refresh()
        );
    }

    /** The keys of the message that has the focus. */
    onKeydown(ev) {
        const id = Number(ev.target.closest("[data-message]")?.dataset.message);
        const message = this.messages.find((one) => one.id === id);
        if (message) {
            const { model, rights } = this;
            const { services } = this.env;
            actByKey(ev, { message, card: model.cards[0], model, services, ...rights });
        }
    }

    get title() {
        return this.props.isLater
            ? _t("Later in this conversation")
            : _t("Earlier in this conversation");
    }

    get thread() {
        return this.model.threads.form;
    }

    get messages() {
        const { messages } = this.thread;
        const position = messages.findIndex(({ id, copies = [] }) =>
            [id, ...copies.map((copy) => copy.id)].includes(this.model.messageId)
        );
        if (position < 0) {
            return [];
        }
        return this.props.isLater ? messages.slice(position + 1) : messages.slice(0, position);
    }

    get hiddenCount() {
        const count = this.messages.length;
        const isFolded = !this.props.isLater && !this.state.showsAll && count > SHOWN_EARLIER;
        return isFolded ? count - 1 : 0;
    }

    get earlierLabel() {
        return _t("%s earlier messages", this.hiddenCount);
    }
}

registry.category("view_widgets").add("member_mail_form_thread", {
    component: FormThread,
    extractProps: ({ options }) => ({ isLater: Boolean(options.later) }),
    fieldDependencies: [{ name: "partner_ids", type: "many2many", relation: "res.partner" }],
});
