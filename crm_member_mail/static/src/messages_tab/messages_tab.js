import {
    Component,
    onWillStart,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { LazyComponent } from "@web/core/assets";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useDebounced } from "@web/core/utils/timing";
import { formatInteger } from "@web/views/fields/formatters";
import { DateRange, withDates } from "../message_search/date_range";
import { SearchHint } from "../message_search/search_hint";
import { Conversation } from "./conversation";
import { Drafts, useDrafts } from "./drafts";
import { useFocusReturn } from "./focus_return";
import { useFreshMail } from "./fresh";
import { isTyping, keyOf, KeysDialog } from "./keys_dialog";
import { useMailNotifications } from "./live";
import { deleteMessages, messageActions } from "./message_actions";
import { OdooMailCard } from "./odoo_mail_card";
import { lazyBundle, useDraftPlace } from "./reply";
import { getRights } from "./rights";
import { canBeUnread, idsOfCopies, MAX_UNREAD, TabModel } from "./tab_model";

/** Where the browser remembers whether messages are shown one by one. */
const FLAT = "crm_member_mail.flat";
/** Milliseconds without a keystroke before the search starts. */
const TYPING = 250;
/** The keys of the tab, as KeysDialog shows them. */
const keys = () => [
    ["↑ ↓", _t("Previous and next conversation or message")],
    ["Enter", _t("Open or close")],
    ["Esc", _t("Close the conversation")],
    ["r", _t("Reply")],
    ["a", _t("Reply all")],
    ["f", _t("Forward")],
    ["c", _t("Write email")],
    ["v", _t("File under…")],
    ["p", _t("Print")],
    ["Del", _t("Delete")],
    ["Shift+U", _t("Mark as unread")],
    ["Shift+I", _t("Mark as read")],
    ["/", _t("Search")],
    ["l", _t("List the files")],
    ["z", _t("Undo, while it is offered")],
    ["n", _t("Open the newest")],
    ["?", _t("This list")],
];

/** Where the up and down keys stop. */
const STOPS = "[data-member-mail-stop]";

/**
 * The emails of a contact or lead, shown as in an email app.
 *
 * Loads nothing until the form draws it, when its page is opened. Keys: up and down move through
 * conversations and messages, Enter opens, Escape closes, `r` replies, `a` replies to all, `f` forwards,
 * `c` writes a new email, Delete deletes, Shift+U and Shift+I mark as unread and read, `p` prints, `/` searches, `l` lists the files, `n` opens the newest,
 * `?` lists the keys. `/`, `l` and `n` work while nothing else on the page has the focus, too.
 */
export class MessagesTab extends Component {
    static template = "crm_member_mail.MessagesTab";
    static components = {
        Conversation,
        DateRange,
        Drafts,
        LazyComponent,
        OdooMailCard,
        SearchHint,
    };
    static props = {
        resModel: String,
        resId: Number,
        /** The id of the conversation that is unfolded at first. */
        at: { type: Number, optional: true },
    };

    setup() {
        const { resModel, resId } = this.props;
        const flat = browser.localStorage.getItem(FLAT) === "true";
        this.rootRef = useRef("root");
        this.searchRef = useRef("search");
        this.endRef = useRef("end");
        // Not from useService: a call goes on when the user leaves the tab.
        this.model = useState(new TabModel(this.env.services.orm, resModel, resId, { flat }));
        this.state = useState({ query: "", showsFiles: false, byKey: false });
        this.drafts = useDrafts(resModel, resId);
        this.search = useDebounced(() => this.show({ query: this.state.query }), TYPING);
        onWillStart(async () => {
            [this.rights] = await Promise.all([getRights(), this.model.load(), this.drafts.load()]);
            const { at } = this.props;
            const card = at && this.model.cards.find((one) => one.conversation_id === at);
            if (card) {
                await this.model.open(card);
            }
        });
        useMailNotifications(
            (payload) => {
                // They leave the screen before anything asks for them.
                if (payload.action === "removed") {
                    this.model.drop(payload.message_ids);
                }
                return this.model.concerns(payload);
            },
            () => this.model.refresh()
        );
        useDraftPlace(({ conversation_id: id, reply }) => {
            const hasTalks = !this.model.flat && !this.state.showsFiles;
            const card = hasTalks && this.model.cards.find((c) => c.conversation_id === id);
            return card && (() => this.model.showReply(card, reply));
        });
        useFocusReturn(this.rootRef, () => this.searchRef.el?.focus());
        useFreshMail(() => [resModel, [resId]]);
        useExternalListener(document, "keydown", (ev) => this.onPageKeydown(ev));
        useEffect(
            (end) => {
                if (end) {
                    const observer = new IntersectionObserver((entries) => {
                        if (entries.some(({ isIntersecting }) => isIntersecting)) {
                            this.model.loadMore();
                        }
                    });
                    observer.observe(end);
                    return () => observer.disconnect();
                }
            },
            // Observed again after each page: an end that stays in sight triggers nothing.
            () => [this.endRef.el, this.model.cards.length]
        );
    }

    // -- the bar above ----------------------------------------------------------

    get summary() {
        const { messages, odoo } = this.model;
        if (!odoo) {
            return this.ownSummary;
        }
        const byOdoo = _t("%s from Odoo", formatInteger(odoo));
        return messages ? _t("%(own)s, %(odoo)s", { own: this.ownSummary, odoo: byOdoo }) : byOdoo;
    }

    /** The drafts that are not being written here. */
    get unopenedDrafts() {
        const { replies } = this.model;
        return this.drafts.list.filter(({ id }) => !replies.includes(id));
    }

    /** The number of messages and conversations, without Odoo's own emails. */
    get ownSummary() {
        const { total, odoo, flat, isCapped, isNarrowed } = this.model;
        // Of very many, only the newest are counted.
        const counted = (number) => formatInteger(number) + (isCapped ? "+" : "");
        const messages = counted(this.model.messages);
        const conversations = counted(total - odoo);
        const isOne = this.model.messages === 1;
        if (isNarrowed) {
            return isOne ? _t("1 message found") : _t("%s messages found", messages);
        }
        if (flat || messages === conversations) {
            return isOne ? _t("1 message") : _t("%s messages", messages);
        }
        return total - odoo === 1
            ? _t("%s messages in 1 conversation", messages)
            : _t("%(messages)s messages in %(conversations)s conversations", {
                  messages,
                  conversations,
              });
    }

    /** What shows the files, as LazyComponent has it: most people rarely look at them. */
    get filesView() {
        const { model, props, state } = this;
        return {
            bundle: lazyBundle(),
            name: "crm_member_mail.FilesView",
            props: {
                resModel: props.resModel,
                resId: props.resId,
                query: model.query,
                words: model.marks.words,
                takesFocus: state.byKey,
                concerns: (payload) => model.concerns(payload),
            },
        };
    }

    get filters() {
        return [
            ["", _t("All messages")],
            ["in", _t("Received")],
            ["out", _t("Sent")],
            ["unread", _t("Unread")],
            ["attachments", _t("With attachment")],
        ];
    }

    get unreadLabel() {
        const { unread } = this.model;
        return _t("Mark all read (%s)", unread < MAX_UNREAD ? unread : `${MAX_UNREAD - 1}+`);
    }

    show(options) {
        return this.model.show(options);
    }

    setFlat(flat) {
        this.state.showsFiles = false;
        browser.localStorage.setItem(FLAT, String(flat));
        return this.show({ flat });
    }

    onSearchInput(ev) {
        this.state.query = ev.target.value;
        this.search();
    }

    async onSearchKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            const { model, state } = this;
            if (state.query && model.query === state.query && !model.total) {
                return this.findMissing(); // nothing was found, as one reads below
            }
            this.search.cancel();
            await this.show({ query: state.query });
            if (this.state.query && this.model.cards.length === 1) {
                this.openFirst();
            }
        } else if (ev.key === "Escape" && this.state.query) {
            ev.stopPropagation();
            this.clearSearch();
        } else if (ev.key === "ArrowDown") {
            ev.preventDefault();
            ev.stopPropagation();
            this.rootRef.el.querySelector(STOPS)?.focus();
        }
    }

    searchDates(first, last) {
        this.state.query = withDates(this.state.query, first, last);
        this.searchRef.el.focus();
        return this.show({ query: this.state.query });
    }

    /** Look for a missing email on the mail servers, with what was typed here. */
    async findMissing() {
        const words = this.state.query.replace(/\S+:\S*/g, "").trim();
        const { action, orm, ui } = this.env.services;
        ui.block(); // servers may take their time
        const found = orm.call("member.mail.trace", "open_for", [words]);
        return action.doAction(await found.finally(() => ui.unblock()));
    }

    clearSearch() {
        this.search.cancel();
        this.state.query = "";
        this.searchRef.el.focus();
        return this.show({ query: "", only: "" });
    }

    // -- the list ----------------------------------------------------------------------------------

    toggle(card) {
        return this.model.threads[card.key] ? this.model.close(card) : this.model.open(card);
    }

    /** Open the first line: the newest or, of a search, what was found. */
    openFirst() {
        const [card] = this.model.cards;
        if (!card || this.state.showsFiles) {
            return;
        }
        const row = this.rowOf(card);
        row.focus();
        if (row.getAttribute("aria-expanded") !== "true") {
            row.click();
        }
    }

    onKeydown(ev) {
        const stop = ev.target.closest(STOPS);
        const isPlain = !(ev.ctrlKey || ev.metaKey || ev.altKey);
        if (!isPlain || isTyping(ev) || ev.target.closest(".o_member_mail_reply")) {
            return;
        }
        // Keys belong to an open menu. Opened by a click, it leaves the focus on its button.
        if (document.querySelector(".o-dropdown--menu, .o_bottom_sheet")) {
            return;
        }
        const action = {
            ArrowDown: () => this.move(stop, 1),
            ArrowUp: () => this.move(stop, -1),
            Esc: () => this.escape(ev.target),
            Del: () => this.removeAt(ev.target),
            r: () => this.doAt(ev.target, "reply"),
            a: () => this.doAt(ev.target, "reply_all"),
            f: () => this.doAt(ev.target, "forward"),
            c: () => this.write(),
            v: () => this.fileAt(ev.target),
            p: () => this.doAt(ev.target, "print"),
            "Shift+U": () => this.markAt(ev.target, false),
            "Shift+I": () => this.markAt(ev.target, true),
            ...this.pageKeys,
            "?": () => this.env.services.dialog.add(KeysDialog, { keys: keys() }),
        }[keyOf(ev)];
        // Elsewhere the arrow keys belong to what has the focus, such as a menu or a scrolling text.
        if (action && (stop || !ev.key.startsWith("Arrow")) && action() !== false) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    /** What keys do in the tab, and where nothing or only the tab's title has the focus. */
    get pageKeys() {
        return {
            "/": () => this.searchRef.el.focus(),
            l: () => this.showFiles(true),
            n: () => this.openFirst(),
        };
    }

    onPageKeydown(ev) {
        const isPlain = !(ev.ctrlKey || ev.metaKey || ev.altKey);
        const isFree = ev.target === document.body || ev.target.closest(".o_notebook_headers");
        const action = isPlain && isFree && this.rootRef.el && this.pageKeys[ev.key];
        if (action && !document.querySelector(".modal, .o_popover, .o_bottom_sheet")) {
            ev.preventDefault();
            action();
        }
    }

    /** @param {boolean} byKey whether the first file gets the focus */
    showFiles(byKey) {
        Object.assign(this.state, { showsFiles: true, byKey });
    }

    move(stop, step) {
        const stops = [...this.rootRef.el.querySelectorAll(STOPS)];
        const next = stops[stops.indexOf(stop) + step];
        if (next) {
            next.focus();
            next.scrollIntoView({ block: "nearest" });
        } else if (step < 0) {
            this.searchRef.el.focus();
        }
    }

    /**
     * The card that an element belongs to, and the message in it. Not for Odoo's own emails: nothing can
     * be done with them here.
     */
    at(element) {
        const key = element.closest("[data-key]")?.dataset.key;
        const card = this.model.cards.find(
            (candidate) => candidate.key === key && candidate.kind !== "odoo"
        );
        const id = Number(element.closest("[data-message]")?.dataset.message);
        const messages = this.model.threads[key]?.messages || [];
        return { card, message: messages.find((candidate) => candidate.id === id) };
    }

    escape(element) {
        const { card } = this.at(element);
        if (!card || !this.model.threads[card.key]) {
            return false;
        }
        this.rowOf(card)?.focus();
        this.model.close(card);
    }

    /** Begin an email to this contact. */
    async write() {
        const { orm, action } = this.env.services;
        const { resModel, resId } = this.props;
        return action.doAction(
            await orm.call("member.mail.draft", "open_draft", [resModel, [resId]])
        );
    }

    /** Ask for the format in which to export everything here. */
    exportAll() {
        const { resModel, resId } = this.props;
        return this.env.services.action.doAction("crm_member_mail.action_export", {
            additionalContext: { active_model: resModel, active_id: resId, active_ids: [resId] },
        });
    }

    /** Do one of `messageActions` with a message or, at the line of a conversation, its newest one. */
    doAt(element, name) {
        const { card, message } = this.at(element);
        if (!card) {
            return false;
        }
        messageActions.get(name).run({
            message: message || card,
            card,
            model: this.model,
            services: this.env.services,
            ...this.rights,
        });
    }

    /** Ask under whom to file a message or, at the line of a conversation, all its messages. */
    fileAt(element) {
        const { card, message } = this.at(element);
        if (!card) {
            return false;
        }
        const single = message || (this.model.flat && card);
        const [resModel, id] = single
            ? ["member.mail.message", single.id]
            : ["member.mail.conversation", card.conversation_id];
        const { orm, action } = this.env.services;
        orm.call(resModel, "action_file_under", [[id]]).then((next) => action.doAction(next));
    }

    /** Mark a message as unread or, at the line of a conversation, its newest one; or all of them as read. */
    markAt(element, isRead) {
        const { card, message } = this.at(element);
        if (!card) {
            return false;
        }
        if (isRead) {
            this.model.markCardSeen(card);
        } else if (!message) {
            this.model.markCardUnseen(card);
        } else if (canBeUnread(message)) {
            this.model.markUnseen(card, message.id);
        }
    }

    removeAt(element) {
        const { card, message } = this.at(element);
        if (!card) {
            return false;
        }
        this.remove(card, message);
    }

    async remove(card, message) {
        const position = this.model.cards.indexOf(card);
        await deleteMessages({
            ids: message ? idsOfCopies(message) : await this.model.idsOf(card),
            model: this.model,
            services: this.env.services,
            onDeleted: () => {
                const { cards } = this.model;
                const next = cards[Math.min(position, cards.length - 1)];
                (next && this.rowOf(next) ? this.rowOf(next) : this.searchRef.el)?.focus();
            },
        });
    }

    rowOf(card) {
        return this.rootRef.el?.querySelector(`[data-key="${card.key}"] .o_member_mail_row`);
    }
}
