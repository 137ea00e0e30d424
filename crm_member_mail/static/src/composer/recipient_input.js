import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePosition } from "@web/core/position/position_hook";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { scrollTo } from "@web/core/utils/scrolling";

/** Milliseconds without a keystroke before asking for suggestions. */
const TYPING = 150;
/** What ends a recipient while somebody types; a comma before the address belongs to the name. */
const ENDS = /[;；]\s*$|@.*,\s*$/s;
/** A text that is a list, or has an address in it. */
const LIST = /[;；\n]|[^\s@]@[^\s@]/;
/** A text that begins with an address. */
const BEGINS_WITH_ADDRESS = /^\s*[^\s@]+@[^\s@]/;
/** The most links of a web page that are taken over. */
const MAX_LINKS = 1000;
const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;

/**
 * The event of a record's model that asks inputs to accept what is typed in them, however unfinished.
 * They add promises to `detail.proms`. Saving alone does not ask for this: the user may be typing.
 */
export const TAKE_TYPED = "MEMBER_MAIL:TAKE_TYPED";

let nextId = 0;

/** A recipient as stored in the fields of a draft; what isn't an address stays as typed. */
export function formatRecipient({ name, email, valid }) {
    return valid && name ? `"${name.replace(/["\\]/g, "'")}" <${email}>` : email;
}

/** The recipients that were copied as text; on a web page only the links may tell their addresses. */
export function copiedRecipients(clipboard) {
    const text = clipboard.getData("text/plain");
    const html = text.includes("@") ? "" : clipboard.getData("text/html");
    if (!/mailto:/i.test(html)) {
        return text;
    }
    const { body } = new DOMParser().parseFromString(html, "text/html");
    return [...body.querySelectorAll("a[href^='mailto:' i]")]
        .slice(0, MAX_LINKS)
        .map((link) => {
            const name = link.textContent.replace(/["\\\s]+/g, " ").trim();
            const address = `<${link.getAttribute("href")}>`;
            return name ? `"${name}" ${address}` : address;
        })
        .join("; ");
}

/**
 * The recipients of one kind as tags, and an input that suggests contacts and earlier correspondents.
 *
 * Works on the text of a draft's field: the server parses it and says what is an address. Keys: Enter,
 * semicolon, Tab, and comma behind an address accept what is typed (or the suggestion), Backspace in the empty input removes
 * the last recipient; the arrows lead to the tags, where Delete removes and Enter edits.
 */
export class RecipientInput extends Component {
    static template = "crm_member_mail.RecipientInput";
    static props = {
        record: Object,
        name: String,
        label: String,
        readonly: { type: Boolean, optional: true },
    };

    setup() {
        this.id = `o_member_mail_recipients_${++nextId}`;
        // Not from useService: what was typed is checked even while the composer closes.
        this.orm = this.env.services.orm;
        this.inputRef = useRef("input");
        this.listRef = useRef("list");
        this.tagsRef = useRef("tags");
        this.keepLast = new KeepLast();
        this.state = useState({ people: [], suggestions: [], active: -1, said: "" });
        /** Settles when the current check is done; further input waits for it. */
        this.adding = Promise.resolve();
        this.writing = 0;
        this.suggestSoon = useDebounced(() => this.suggest(), TYPING);
        usePosition("list", () => this.inputRef.el, { position: "bottom-start" });
        useEffect(
            () => {
                const input = this.inputRef.el;
                if (input && document.activeElement === input) {
                    input.scrollIntoView({ block: "nearest" });
                }
            },
            () => [this.state.people.length]
        );
        const { bus } = this.props.record.model;
        useBus(bus, "NEED_LOCAL_CHANGES", ({ detail }) => detail.proms.push(this.adding));
        useBus(bus, TAKE_TYPED, ({ detail }) => detail.proms.push(this.takeTyped()));
        useBus(bus, "WILL_SAVE_URGENTLY", () => this.commitUrgently());
        onWillStart(() => this.read(this.text));
        onWillUpdateProps((nextProps) => {
            const text = nextProps.record.data[nextProps.name] || "";
            // What is being written gets into the record only once the server has answered.
            if (!this.writing && text !== this.shown) {
                return this.read(text);
            }
        });
    }

    get text() {
        return this.props.record.data[this.props.name] || "";
    }

    get isOpen() {
        return this.state.suggestions.length > 0;
    }

    get activeId() {
        return this.state.active >= 0 ? `${this.id}_${this.state.active}` : undefined;
    }

    get invalid() {
        return this.state.people.filter(({ valid }) => !valid);
    }

    get invalidText() {
        const names = this.invalid.map(({ email }) => email).join(", ");
        return this.invalid.length === 1
            ? _t("%s is not an email address.", names)
            : _t("These are not email addresses: %s", names);
    }

    get suggestionsLabel() {
        return _t("Suggestions");
    }

    tagTitle({ email, valid }) {
        return valid ? email : _t("%s is not an email address.", email);
    }

    removeLabel({ name, email }) {
        return _t("Remove %s", name || email);
    }

    // -- the text of the field and its people ----------------------------------------------

    check(text) {
        return this.orm.silent.call("member.mail.draft", "check_recipients", [text]);
    }

    async read(text) {
        this.shown = text;
        const people = text ? await this.check(text) : [];
        if (this.shown === text) {
            this.state.people = people;
        }
    }

    async write(people) {
        this.state.people = people;
        this.shown = people.map(formatRecipient).join("; ");
        this.writing++;
        try {
            await this.props.record.update({ [this.props.name]: this.shown || false });
        } finally {
            this.writing--;
        }
    }

    /** Add people who are not in the list yet. */
    async add(people) {
        const known = new Set(this.state.people.map(({ email }) => email));
        const added = people.filter(({ email }) => !known.has(email));
        if (added.length) {
            this.state.said = added
                .map(({ name, email, valid }) =>
                    valid ? _t("Added %s", name || email) : _t("%s is not an email address.", email)
                )
                .join(" ");
            await this.write([...this.state.people, ...added]);
        }
    }

    addText(text) {
        if (text.trim()) {
            this.adding = this.adding.then(async () => {
                await this.add(await this.check(text));
            });
        }
        return this.adding;
    }

    async remove(index) {
        const people = this.state.people.filter((_person, position) => position !== index);
        const [removed] = this.state.people.slice(index, index + 1);
        this.state.said = _t("Removed %s", removed.name || removed.email);
        await this.write(people);
        this.inputRef.el?.focus();
    }

    /** Put a tag back into the input, to be corrected. */
    async edit(index) {
        const person = this.state.people[index];
        await this.takeTyped();
        await this.remove(index);
        this.inputRef.el.value = formatRecipient(person);
        this.inputRef.el.select();
    }

    takeTyped() {
        const input = this.inputRef.el;
        const text = input?.value || "";
        if (input) {
            input.value = "";
        }
        this.close();
        return this.addText(text);
    }

    commitUrgently() {
        const text = this.inputRef.el?.value.trim();
        if (text) {
            this.inputRef.el.value = "";
            this.write([...this.state.people, { name: "", email: text, valid: false }]);
        }
    }

    // -- suggestions -------------------------------------------------------------------------------

    async suggest() {
        const term = this.inputRef.el?.value.trim() || "";
        let found = [];
        if (term.length > 1) {
            found = await this.keepLast.add(
                this.orm.silent.call("member.mail.draft", "get_recipient_suggestions", [term])
            );
        }
        if (this.inputRef.el?.value.trim() !== term) {
            return;
        }
        const known = new Set(this.state.people.map(({ email }) => email));
        this.state.suggestions = found.filter(({ email }) => !known.has(email));
        // A whole address is taken as it is, unless one goes down to a suggestion.
        this.state.active = this.isOpen && !ADDRESS.test(term) ? 0 : -1;
    }

    close() {
        this.suggestSoon.cancel();
        this.keepLast.add(new Promise(() => {}));
        this.state.suggestions = [];
        this.state.active = -1;
    }

    choose(suggestion) {
        this.inputRef.el.value = "";
        this.close();
        this.inputRef.el.focus();
        return this.add([{ name: suggestion.name, email: suggestion.email, valid: true }]);
    }

    move(step) {
        const { suggestions, active } = this.state;
        const count = suggestions.length;
        this.state.active = (active + step + count) % count;
        const option = this.listRef.el?.children[this.state.active];
        if (option) {
            scrollTo(option, { scrollable: this.listRef.el });
        }
    }

    // -- keys and the mouse ------------------------------------------------------------------------

    onInput(ev) {
        const { value } = ev.target;
        if (!ev.isComposing && ENDS.test(value) && !isInQuotes(value)) {
            return this.takeTyped();
        }
        this.suggestSoon();
    }

    /** Take a list, or what has an address, at once; a name may still find somebody. */
    onPaste(ev) {
        const text = copiedRecipients(ev.clipboardData);
        const { value, selectionStart, selectionEnd } = this.inputRef.el;
        const before = value.slice(0, selectionStart);
        // What was typed before a whole address is no part of it.
        const blank = before && BEGINS_WITH_ADDRESS.test(text) ? " " : "";
        const whole = `${before}${blank}${text}${value.slice(selectionEnd)}`;
        if (LIST.test(whole.trim())) {
            ev.preventDefault();
            this.inputRef.el.value = "";
            this.close();
            return this.addText(whole);
        }
    }

    onKeydown(ev) {
        const input = ev.target;
        const isAtStart = !input.selectionStart && !input.selectionEnd;
        const chosen = this.state.suggestions[this.state.active];
        const isPlain = !(ev.ctrlKey || ev.metaKey || ev.altKey || ev.isComposing);
        const action = {
            Enter: () => (chosen ? this.choose(chosen) : this.takeTyped()),
            ArrowDown: () => this.isOpen && this.move(1),
            ArrowUp: () => this.isOpen && this.move(-1),
            Escape: () => this.isOpen && this.close(),
            Tab: () => {
                // The focus still moves to the next field.
                if (chosen && input.value && !ev.shiftKey) {
                    this.choose(chosen);
                }
                return false;
            },
            Backspace: () =>
                isAtStart && this.state.people.length
                    ? this.remove(this.state.people.length - 1)
                    : false,
            [this.backKey]: () => isAtStart && this.focusTag(this.state.people.length - 1),
        }[ev.key];
        if (isPlain && action && action() !== false) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    /** The arrow key against the reading direction. */
    get backKey() {
        const isRtl = this.tagsRef.el && getComputedStyle(this.tagsRef.el).direction === "rtl";
        return isRtl ? "ArrowRight" : "ArrowLeft";
    }

    focusTag(index) {
        const tags = this.tagsRef.el.querySelectorAll(".o_member_mail_recipient");
        const target = index < tags.length ? tags[index] : this.inputRef.el;
        if (index < 0 || !target) {
            return false;
        }
        target.focus();
    }

    onTagKeydown(ev, index) {
        const steps = this.backKey === "ArrowLeft" ? [-1, 1] : [1, -1];
        const action = {
            ArrowLeft: () => this.focusTag(index + steps[0]),
            ArrowRight: () => this.focusTag(index + steps[1]),
            Delete: () => this.remove(index),
            Backspace: () => this.remove(index),
            Enter: () => this.edit(index),
        }[ev.key];
        if (action && !(ev.ctrlKey || ev.metaKey || ev.altKey)) {
            action();
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    onBlur() {
        return this.takeTyped();
    }

    onBoxClick(ev) {
        if (ev.target === ev.currentTarget || ev.target === this.tagsRef.el) {
            this.inputRef.el?.focus();
        }
    }
}

/** Whether the end of a text is within quotes: a comma there belongs to a name. */
function isInQuotes(text) {
    return (text.match(/"/g) || []).length % 2 === 1;
}
