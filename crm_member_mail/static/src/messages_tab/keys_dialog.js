import { Component, xml } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

/** Whether a key belongs to what somebody types. */
export function isTyping({ target }) {
    return Boolean(target.closest?.("input, select, textarea, [contenteditable=true]"));
}

/** What a key is called where it does not bear a sign. */
const NAMES = {
    Ctrl: _t("Ctrl"),
    Del: _t("Del"),
    Enter: _t("Enter"),
    Esc: _t("Esc"),
    Shift: _t("Shift"),
    Tab: _t("Tab"),
};

/** What a pressed key is called in these lists: "r", "Del", "Shift+U". */
export function keyOf({ key, shiftKey }) {
    const name = { Delete: "Del", Escape: "Esc" }[key] || key;
    return shiftKey && /^[a-z]$/i.test(name) ? `Shift+${name.toUpperCase()}` : name;
}

/** Such a key, or several of them with a "+" between them, as the reader's keyboard has it. */
export function nameOfKey(key) {
    return key
        .split("+")
        .map((part) => NAMES[part] || part)
        .join("+");
}

/**
 * Lists keys: pairs of a key, or several with blanks between them, and what it does. Keys that are
 * pressed together have a "+" between them.
 */
export class KeysDialog extends Component {
    static template = xml`
        <Dialog title="title" size="'sm'" footer="false">
            <dl class="o_member_mail_keys mb-0">
                <t t-foreach="props.keys" t-as="line" t-key="line[0]">
                    <dt>
                        <kbd t-foreach="line[0].split(' ')" t-as="key" t-key="key" class="me-1" t-esc="nameOf(key)"/>
                    </dt>
                    <dd class="mb-0" t-esc="line[1]"/>
                </t>
            </dl>
        </Dialog>`;
    static components = { Dialog };
    static props = { keys: Array, close: Function };

    setup() {
        this.nameOf = nameOfKey;
    }

    get title() {
        return _t("Keyboard shortcuts");
    }
}
