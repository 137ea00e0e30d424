import { onMounted, onPatched, onWillUnmount, useEnv } from "@odoo/owl";
import { useBus, useService } from "@web/core/utils/hooks";
import { LOCAL_CHANGE } from "./live";
import { NOTICE_CLOSED } from "./undoable";

/** Where the focus may be without having left what was last used here. */
const OVERLAYS = ".o-overlay-container, .o_notification_manager, .o_member_mail_composer";

/**
 * Bring the focus back to the row or message that was used last when it was lost: what had it is gone, because
 * a dialog, a menu or the composer was closed, or an email was sent, taken back or deleted. So the keys go on
 * working.
 *
 * @param {Object} rootRef
 * @param {Function} fallback focuses something when nothing is left
 */
export function useFocusReturn(rootRef, fallback) {
    const ui = useService("ui");
    const env = useEnv();
    /** The row and the message in it, and the position of the row, in case it goes. */
    let last = null;
    /** Whether something was closed or done here, after which the focus is to come back. */
    let isDue = false;

    const rows = () => [...(rootRef.el?.querySelectorAll("[data-key]") || [])];

    function note({ target }) {
        const row = rootRef.el?.contains(target) && target.closest("[data-key]");
        if (row) {
            const message = target.closest("[data-message]")?.dataset.message;
            last = { key: row.dataset.key, message, position: rows().indexOf(row) };
        } else if (!target.closest?.(OVERLAYS)) {
            last = null;
        }
    }

    function restore() {
        const isLost = !document.activeElement || document.activeElement === document.body;
        if (!isDue || !last || !isLost || ui.activeElement !== document || !rootRef.el) {
            return;
        }
        const all = rows();
        const row = all.find(({ dataset }) => dataset.key === last.key);
        const other = all[Math.min(last.position, all.length - 1)];
        const stop =
            row?.querySelector(`[data-message="${last.message}"] [data-member-mail-stop]`) ||
            (row || other)?.querySelector("[data-member-mail-stop]");
        if (stop) {
            stop.focus({ preventScroll: true });
        } else {
            fallback();
        }
    }

    // Odoo gives the focus back a moment after a dialog is closed.
    const soon = () => {
        isDue = true;
        setTimeout(restore);
    };
    useBus(ui.bus, "active-element-changed", soon);
    useBus(ui.bus, NOTICE_CLOSED, soon);
    useBus(env.bus, LOCAL_CHANGE, soon);
    onPatched(restore);
    onMounted(() => document.addEventListener("focusin", note));
    onWillUnmount(() => document.removeEventListener("focusin", note));
}
