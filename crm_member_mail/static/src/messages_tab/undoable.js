import { _t } from "@web/core/l10n/translation";

/** How long Undo is offered; `models/message/trash.py` and `models/sending/draft_send.py` have it, too. */
export const UNDO_SECONDS = 10;

/** What one reads before one does what can be undone. */
export function undoableText() {
    return _t("You can undo it for %s seconds afterwards.", UNDO_SECONDS);
}

/** On the bus of Odoo's `ui` service: a notice is closed in which the focus was. */
export const NOTICE_CLOSED = "MEMBER_MAIL:NOTICE_CLOSED";

/**
 * Say what was done, and offer to undo it for a while, with a button and with the key z. Whoever tells a page
 * where its keys work hears of `NOTICE_CLOSED`: the focus is nowhere then.
 *
 * @param {Object} services of the environment: the user may leave the page before choosing Undo
 * @param {string} text
 * @param {Object} options of the notice, and `undo()`, which takes it back
 * @returns {Function} withdraws the offer
 */
export function offerUndo({ hotkey, notification, ui }, text, { undo, ...options }) {
    const undoThis = () => {
        close();
        return undo();
    };
    const removeKey = hotkey.add("z", undoThis, { global: true });
    const close = notification.add(text, {
        ...options,
        onClose() {
            removeKey();
            const { activeElement } = document;
            if (activeElement?.closest(`.${options.className}`)) {
                activeElement.blur();
                ui.bus.trigger(NOTICE_CLOSED);
            }
        },
        buttons: [{ name: _t("Undo"), primary: true, onClick: undoThis }],
    });
    return close;
}
