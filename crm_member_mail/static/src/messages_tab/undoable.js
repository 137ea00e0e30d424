import { _t } from "@web/core/l10n/translation";

/**
 * Say what was done, and offer to undo it for a while, with a button and with the key z.
 *
 * @param {Object} services of the environment: the user may leave the page before choosing Undo
 * @param {string} text
 * @param {Object} options of the notice, and `undo()`, which takes it back
 * @returns {Function} withdraws the offer
 */
export function offerUndo({ hotkey, notification }, text, { undo, ...options }) {
    const undoThis = () => {
        close();
        return undo();
    };
    const removeKey = hotkey.add("z", undoThis, { global: true });
    const close = notification.add(text, {
        ...options,
        onClose: removeKey,
        buttons: [{ name: _t("Undo"), primary: true, onClick: undoThis }],
    });
    return close;
}
