import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { session } from "@web/session";

/** On the bus of a draft's model: its text is being changed, by whatever. */
export const TEXT_CHANGES = "MEMBER-MAIL:TEXT-CHANGES";
/** On the same bus: `{ html, signs }` is to be inserted where one writes. */
export const INSERT = "MEMBER-MAIL:INSERT";
/** On the same bus: `{ id, html }`; what the template says is to be shown with its placeholders. */
export const SHOW_PLACEHOLDERS = "MEMBER-MAIL:SHOW-PLACEHOLDERS";

/** How many of those that were inserted last this browser remembers. */
const REMEMBERED = 10;

const lists = new WeakMap();

/**
 * What can be inserted into a draft: templates (`id`, `name`) and canned responses (`name`, `text`). Asked
 * once for each composer.
 */
export function templatesFor(orm, record) {
    if (!lists.has(record.model)) {
        const asked = orm.call(record.resModel, "get_templates", [record.data.res_model]);
        lists.set(record.model, asked);
        asked.catch(() => lists.delete(record.model));
    }
    return lists.get(record.model);
}

const placeOfRemembered = () => `crm_member_mail.inserted.${session.db}.${user.userId}`;
/** By what one of them is remembered; names of canned responses are no numbers in JSON. */
const keyOf = ({ id, name }) => id || name;

function remembered() {
    return JSON.parse(browser.localStorage.getItem(placeOfRemembered()) || "[]");
}

function remember(choice) {
    const others = remembered().filter((key) => key !== keyOf(choice));
    const keys = [keyOf(choice), ...others].slice(0, REMEMBERED);
    try {
        browser.localStorage.setItem(placeOfRemembered(), JSON.stringify(keys));
    } catch {
        // The browser's room is full: that is no reason to insert nothing.
    }
}

/** The same ones, those that were inserted last in this browser first. */
export function lastUsedFirst(templates) {
    const keys = remembered();
    const rank = (one) => {
        const place = keys.indexOf(keyOf(one));
        return place < 0 ? keys.length : place;
    };
    return [...templates].sort((one, other) => rank(one) - rank(other));
}

/** Insert one of them where one writes; nothing that is there is replaced. */
export async function insertTemplate(orm, record, choice) {
    const { id, text } = choice;
    const { bus } = record.model;
    if (!id) {
        const box = document.createElement("p");
        box.innerText = text;
        bus.trigger(INSERT, { html: box.outerHTML });
        return remember(choice);
    }
    const found = await orm.call(record.resModel, "insert_template", [[record.resId], id]);
    const { body, signs, subject, attachment_ids: files, template_id } = found;
    bus.trigger(INSERT, { html: body, signs });
    remember(choice);
    if (files.length) {
        await record.data.attachment_ids.addAndRemove({ add: files });
    }
    const values = template_id ? { template_id } : {};
    if (subject) {
        values.subject = subject;
    }
    if (Object.keys(values).length) {
        await record.update(values);
    }
}

/** Let the user change what a template says in this email alone, placeholders and all. */
export async function showPlaceholders(orm, record) {
    const { id } = record.data.template_id;
    const html = await orm.call(record.resModel, "get_template_text", [[record.resId], id]);
    record.model.bus.trigger(SHOW_PLACEHOLDERS, { id, html });
}

/** What a menu or the editor shows of one of them. */
export function describe({ id }) {
    return id
        ? { icon: "fa-file-text-o", description: _t("Insert this template") }
        : { icon: "fa-comment-o", description: _t("Insert this canned response") };
}
