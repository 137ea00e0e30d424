import { Component, xml } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

/** Whether a key belongs to what somebody types. */
export function isTyping({ target }) {
    return Boolean(target.closest?.("input, select, textarea, [contenteditable=true]"));
}

/** Lists keys: pairs of a key, or several with blanks between them, and what it does. */
export class KeysDialog extends Component {
    static template = xml`
        <Dialog title="title" size="'sm'" footer="false">
            <dl class="o_member_mail_keys mb-0">
                <div t-foreach="props.keys" t-as="line" t-key="line[0]" class="d-flex gap-3 py-1">
                    <dt class="w-50 flex-shrink-0">
                        <kbd t-foreach="line[0].split(' ')" t-as="key" t-key="key" class="me-1" t-esc="key"/>
                    </dt>
                    <dd class="mb-0" t-esc="line[1]"/>
                </div>
            </dl>
        </Dialog>`;
    static components = { Dialog };
    static props = { keys: Array, close: Function };

    get title() {
        return _t("Keyboard shortcuts");
    }
}
