import { onWillUnmount } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

/** The notification of the bus that tells of filed, deleted and restored messages, by ids only. */
export const MAIL_NOTIFICATION = "crm_member_mail.messages";

/** Milliseconds to wait for more: a scan files in batches. */
const PAUSE = 300;

/**
 * Call back when mail was filed, deleted or restored, as long as the component lives.
 *
 * @param {Function} concerns given the payload, tells whether to call back
 * @param {Function} callback called once for what comes in quick succession
 */
export function useMailNotifications(concerns, callback) {
    const bus = useService("bus_service");
    const call = useDebounced(callback, PAUSE);
    const listener = (payload) => concerns(payload) && call();
    bus.subscribe(MAIL_NOTIFICATION, listener);
    onWillUnmount(() => bus.unsubscribe(MAIL_NOTIFICATION, listener));
}
