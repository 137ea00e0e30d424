import { markRaw } from "@odoo/owl";
import { fetchBody } from "../message_viewer/message_body";

/** Conversations that are loaded at once. */
export const PAGE = 30;
/** Unread messages that are counted, as member_mail_tab.py has it. */
export const MAX_UNREAD = 1000;
/** States that no longer change, unless the message bounces. */
const SETTLED = ["received", "sent"];
/** How many messages found by a search are opened with their conversation. */
const OPEN_FOUND = 3;

/** The ids of a message and its copies, as far as they are shown. */
export function idsOfCopies({ id, copies }) {
    return copies?.length ? copies.map((copy) => copy.id) : [id];
}

/** Whether a message was or is unread: those from before the mailbox was registered never are. */
export function canBeUnread({ is_news: isNews, direction }) {
    return isNews && direction === "in";
}

/** A test for cards: has one this key? */
function is(key) {
    return (card) => card.key === key;
}

/** The ids of the messages of a thread that stand for these ones, which may be copies of theirs. */
function rowsOf(ids, messages) {
    const wanted = new Set(ids);
    return messages
        .filter((message) => idsOfCopies(message).some((id) => wanted.has(id)))
        .map(({ id }) => id);
}

/**
 * The conversations of a contact or lead, as far as they are loaded: no DOM, no components.
 *
 * A card is a conversation, or a message if `flat`, or one of Odoo's own emails (`kind` is "odoo");
 * `models/screens/member_mail_tab.py` says what it holds. The thread of an open card holds the heads of
 * its messages, oldest first, and the details of those that are open, by id. While an answer is written
 * below it, `reply` has its draft.
 */
export class TabModel {
    /**
     * @param {Object} orm the service
     * @param {string} resModel res.partner or crm.lead
     * @param {number} resId
     * @param {Object} options
     * @param {boolean} options.flat
     */
    constructor(orm, resModel, resId, { flat = false } = {}) {
        this.orm = markRaw(orm);
        this.requests = 0;
        this.resModel = resModel;
        this.resId = resId;
        this.flat = flat;
        this.query = "";
        this.only = "";
        this.isLoaded = false;
        this.isLoading = false;
        this.reset();
    }

    reset() {
        this.cards = [];
        this.total = 0;
        this.messages = 0;
        this.odoo = 0;
        this.unread = 0;
        this.watch = {};
        this.elsewhere = [];
        this.marks = {};
        this.threads = {};
    }

    get isNarrowed() {
        return Boolean(this.query.trim() || this.only);
    }

    get hasMore() {
        return this.cards.length < this.total;
    }

    /** Load the first page; answers to earlier requests are ignored. */
    async load() {
        const page = await this.fetchPage(0, PAGE);
        if (!page) {
            return;
        }
        this.threads = {};
        this.take(page);
    }

    /** Change what is shown: any of `flat`, `query` and `only`. */
    show(options) {
        Object.assign(this, options);
        return this.load();
    }

    async loadMore() {
        if (this.isLoading || !this.hasMore) {
            return;
        }
        const page = await this.fetchPage(this.cards.length, PAGE);
        if (!page) {
            return;
        }
        const known = new Set(this.cards.map((card) => card.key));
        // New messages may have moved the rest down.
        page.cards = [...this.cards, ...page.cards.filter((card) => !known.has(card.key))];
        this.take(page);
    }

    /** Load what is loaded again; what is open stays open. */
    async refresh() {
        const size = Math.max(this.cards.length, PAGE);
        const before = new Map(this.cards.map((card) => [card.key, card]));
        const page = await this.fetchPage(0, Math.min(size, 200));
        if (!page) {
            return;
        }
        page.cards = this.inPlace(page.cards);
        const open = page.cards.filter((card) => this.threads[card.key]);
        const changed = open.filter((card) => {
            const old = before.get(card.key);
            return old.id !== card.id || old.count !== card.count || this.isUnderWay(card, old);
        });
        const isOpen = new Set(open.map((card) => card.key));
        for (const key of Object.keys(this.threads)) {
            if (!isOpen.has(key)) {
                delete this.threads[key];
            }
        }
        this.take(page);
        await Promise.all(changed.map((card) => this.reopen(card)));
    }

    /** The cards of a newer page; one that is answered stays below the same card as before: a text that
     * is moved loses its cursor. */
    inPlace(cards) {
        const before = this.cards.map(({ key }) => key);
        for (const [key, { reply }] of Object.entries(this.threads)) {
            const above = before
                .slice(0, before.indexOf(key))
                .findLast((other) => cards.some(is(other)));
            const card = cards.find(is(key));
            if (reply && card) {
                cards = cards.filter((other) => other !== card);
                cards.splice(cards.findIndex(is(above)) + 1, 0, card);
            }
        }
        return cards;
    }

    /** Whether an open card has messages whose delivery may have moved on. */
    isUnderWay(card, old) {
        const { messages } = this.threads[card.key];
        return old.state !== card.state || messages.some(({ state }) => !SETTLED.includes(state));
    }

    /**
     * Ask for a page. Whoever waits for one goes on, even if a later request overtakes it: a dialog may
     * be waiting to close.
     *
     * @returns {Promise<Object|null>} null if another page was asked for meanwhile
     */
    async fetchPage(offset, limit) {
        const request = ++this.requests;
        this.isLoading = true;
        try {
            const page = await this.orm.silent.call(
                "member.mail.tab",
                "get_page",
                [this.resModel, this.resId],
                {
                    flat: this.flat,
                    query: this.query,
                    only: this.only || false,
                    offset,
                    limit,
                }
            );
            return request === this.requests ? page : null;
        } catch (error) {
            if (request === this.requests) {
                throw error;
            }
            return null;
        } finally {
            if (request === this.requests) {
                this.isLoading = false;
                this.isLoaded = true;
            }
        }
    }

    take(page) {
        this.cards = page.cards;
        this.total = page.total;
        this.messages = page.messages;
        this.isCapped = page.is_capped;
        this.odoo = page.odoo || 0;
        this.unread = page.unread;
        this.watch = page.watch;
        this.elsewhere = page.elsewhere || [];
        this.marks = page.marks || {};
    }

    // -- open conversations ----------------------------------------------------------------------

    /** Unfold a card: its newest message is open, and those which are unread or were found. */
    async open(card) {
        // Mostly the newest, which is open; where it is not, or is gone, what is open is asked for below.
        const newestDetails = this.fetchDetails([card.id]).catch(() => []);
        this.askBody(card.id);
        const messages = await (this.flat ? newestDetails : this.fetchThread(card));
        if (!messages.length) {
            return this.refresh();
        }
        const newest = messages[messages.length - 1].id;
        const found = this.query.trim() ? rowsOf(card.found, messages).slice(-OPEN_FOUND) : [];
        const unread = messages.filter((message) => message.is_unread).map(({ id }) => id);
        const open = new Set([newest, ...found, ...unread]);
        const known = Object.fromEntries((await newestDetails).map((one) => [one.id, one]));
        await this.setThread(card, messages, open, known);
    }

    /** Ask for the text of a message that is about to be shown. */
    askBody(id) {
        const document = fetchBody(this.orm, id, this.query);
        document.catch(() => {}); // whoever shows it says so
        this.askedBody = markRaw({ id, document });
    }

    /** The promise of the text that was asked for last, if it is this message's; once: it may change. */
    takeBody(id) {
        const { askedBody } = this;
        if (askedBody?.id === id) {
            this.askedBody = undefined;
            return askedBody.document;
        }
    }

    async reopen(card) {
        const thread = this.threads[card.key];
        const messages = await this.fetchThread(card);
        if (thread && messages.length) {
            const known = new Set(thread.messages.map(({ id }) => id));
            const added = messages.filter(({ id }) => !known.has(id)).map(({ id }) => id);
            const details = { ...thread.details };
            for (const { id, state } of messages) {
                if (details[id] && details[id].state !== state) {
                    delete details[id]; // read anew: it says whom it did not reach
                }
            }
            const open = messages.map(({ id }) => id).filter((id) => thread.details[id]);
            await this.setThread(card, messages, new Set([...open, ...added]), details);
        }
    }

    /** Write an answer below an open card; `reply` is as `replyOf` has it. */
    async showReply(card, reply) {
        if (!this.threads[card.key]) {
            await this.open(card);
        }
        if (this.threads[card.key]) {
            this.threads[card.key].reply = reply;
        }
    }

    /** The ids of the drafts that are being written below a card. */
    get replies() {
        return Object.values(this.threads).map(({ reply }) => reply?.id);
    }

    close(card) {
        delete this.threads[card.key];
    }

    fetchThread(card) {
        if (this.flat) {
            return this.fetchDetails([card.id]);
        }
        return this.orm.silent.call("member.mail.tab", "get_thread", [
            this.resModel,
            this.resId,
            card.conversation_id,
        ]);
    }

    async setThread(card, messages, open, known = {}) {
        const details = {};
        const ids = messages.map(({ id }) => id).filter((id) => open.has(id));
        const missing = ids.filter((id) => !known[id]);
        for (const message of missing.length ? await this.fetchDetails(missing) : []) {
            details[message.id] = message;
        }
        for (const id of ids) {
            details[id] ??= known[id];
        }
        const { reply } = this.threads[card.key] || {};
        this.threads[card.key] = { messages, details, reply };
        await this.markSeen(card, ids);
    }

    /** Unfold one message of an open card, or fold it. */
    async toggleMessage(card, id) {
        const { details } = this.threads[card.key];
        if (details[id]) {
            delete details[id];
            return;
        }
        const [message] = await this.fetchDetails([id]);
        if (message) {
            details[id] = message;
            await this.markSeen(card, [id]);
        }
    }

    /** Show another copy of an email in place of the one that is shown. */
    async showCopy(card, message, id) {
        const [copy] = await this.fetchDetails([id]);
        const thread = this.threads[card.key];
        if (!copy || !thread) {
            return;
        }
        thread.messages = thread.messages.map((one) => (one.id === message.id ? copy : one));
        delete thread.details[message.id];
        thread.details[id] = copy;
        await this.markSeen(card, [id]);
    }

    /** Load the details of an open message again, for example when its attachments were loaded. */
    async reloadMessage(card, id) {
        const [message] = await this.fetchDetails([id]);
        if (message && this.threads[card.key]) {
            this.threads[card.key].details[id] = message;
        }
    }

    fetchDetails(ids) {
        return this.orm.silent.call("member.mail.tab", "get_messages", [ids]);
    }

    // -- reading state ---------------------------------------------------------------------------

    async markSeen(card, ids) {
        const { messages } = this.threads[card.key];
        await this.see(
            card,
            messages.filter(({ id }) => ids.includes(id))
        );
    }

    /** Mark all messages of a card as read, open or not. */
    async markCardSeen(card) {
        await this.see(card, await this.messagesOf(card));
    }

    async see(card, messages) {
        const unread = messages.filter(({ is_unread }) => is_unread);
        if (unread.length) {
            await this.orm.silent.call("member.mail.message", "mark_seen", [
                unread.map(({ id }) => id),
            ]);
            for (const message of unread) {
                message.is_unread = false;
            }
            const current = this.cards.find(({ key }) => key === card.key);
            if (current) {
                current.unread = Math.max(current.unread - unread.length, 0);
            }
            // More than that are not counted.
            if (this.unread < MAX_UNREAD) {
                this.unread = Math.max(this.unread - unread.length, 0);
            }
        }
    }

    /** Mark the newest message of a card as unread that can be. */
    async markCardUnseen(card) {
        const newest = (await this.messagesOf(card)).findLast(canBeUnread);
        return newest && this.markUnseen(card, newest.id);
    }

    async markUnseen(card, id) {
        await this.orm.call("member.mail.message", "mark_unseen", [[id]]);
        this.close(card);
        await this.refresh();
    }

    async markAllSeen() {
        await this.orm.call("member.mail.message", "mark_all_seen", [], {
            res_model: this.resModel,
            res_id: this.resId,
        });
        for (const card of this.cards) {
            card.unread = 0;
        }
        for (const { messages } of Object.values(this.threads)) {
            for (const message of messages) {
                message.is_unread = false;
            }
        }
        this.unread = 0;
        if (this.only === "unread") {
            await this.load();
        }
    }

    // -- what happens to messages ------------------------------------------------------------------

    /** The heads of the messages of a card, all of them, loaded or not. */
    async messagesOf(card) {
        return this.threads[card.key]?.messages || this.fetchThread(card);
    }

    async idsOf(card) {
        return (await this.messagesOf(card)).flatMap(idsOfCopies);
    }

    /** Hide messages at once, before asking the server again. */
    drop(ids) {
        const gone = new Set(ids);
        for (const [key, thread] of Object.entries(this.threads)) {
            thread.messages = thread.messages.filter(({ id }) => !gone.has(id));
            if (!thread.messages.length) {
                delete this.threads[key];
                this.cards = this.cards.filter((card) => card.key !== key);
            }
        }
    }

    /** Whether a notification of the bus is about messages shown here. */
    concerns({ partner_ids = [], lead_ids = [], message_ids = [] }) {
        const watched = new Set(this.watch["res.partner"] || []);
        const leads = new Set(this.watch["crm.lead"] || []);
        const shown = new Set(this.cards.map(({ id }) => id));
        return (
            partner_ids.some((id) => watched.has(id)) ||
            lead_ids.some((id) => leads.has(id)) ||
            message_ids.some((id) => shown.has(id))
        );
    }
}
