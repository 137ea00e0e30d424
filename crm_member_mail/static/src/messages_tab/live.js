import { onWillUnmount, useEnv } from "@odoo/owl";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

/** The bus notification about filed, deleted and restored messages, by ids only. */
export const MAIL_NOTIFICATION = "crm_member_mail.messages";

/** The bus notification that tells a user's pages that they have read something, or not. */
export const SEEN = "crm_member_mail.seen";

/** The event that tells the parts of this page what was done here, without asking the server. */
export const LOCAL_CHANGE = "MEMBER_MAIL:CHANGED";

/** Milliseconds to wait for more: a scan files in batches. */
const PAUSE = 300;

/** Tell the parts of this page that messages or drafts have been changed here. */
export function tellPages(env, messageIds = [], action = "changed") {
    env.bus.trigger(LOCAL_CHANGE, {
        action,
        message_ids: messageIds,
        partner_ids: [],
        lead_ids: [],
    });
}

/**
 * Call back when messages are filed, changed, deleted or restored, while the component lives.
 *
 * @param {Function} concerns given the payload, says whether to call back; its answer
 *     is ignored for what was done in this page
 * @param {Function} callback called once for notifications in quick succession
 */
export function useMailNotifications(concerns, callback) {
    const { bus: pageBus } = useEnv();
    const bus = useService("bus_service");
    const call = useDebounced(callback, PAUSE);
    const listener = (payload) => concerns(payload) && call();
    useBus(pageBus, LOCAL_CHANGE, ({ detail }) => {
        concerns(detail);
        call();
    });
    bus.subscribe(MAIL_NOTIFICATION, listener);
    onWillUnmount(() => bus.unsubscribe(MAIL_NOTIFICATION, listener));
}

/** Call back when the user has read messages, or marked some as unread, in this page or another. */
export function useSeenNotifications(callback) {
    const bus = useService("bus_service");
    const call = useDebounced(callback, PAUSE);
    bus.subscribe(SEEN, call);
    onWillUnmount(() => bus.unsubscribe(SEEN, call));
}
