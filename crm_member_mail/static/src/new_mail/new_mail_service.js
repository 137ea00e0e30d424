import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { openMessage } from "./open";

/** The bus notification that tells users about new emails that they may see. */
export const NEW_MAIL = "crm_member_mail.new_mail";

/** Milliseconds to wait for more: several mailboxes are scanned at once. */
const PAUSE = 1000;

/** Shows who wrote, anywhere in Odoo, with a button that opens the message. */
export const newMailService = {
    dependencies: ["action", "bus_service", "notification", "orm"],

    start(env, { action, bus_service: bus, notification, orm }) {
        let waiting = [];

        async function show() {
            const ids = waiting;
            waiting = [];
            let news;
            try {
                news = await orm.silent.call("member.mail.news", "get_alert", [ids]);
            } catch {
                return; // the notification area has them
            }
            // Read or deleted meanwhile: the page may have been asleep when it was told.
            if (!news.count) {
                return;
            }
            const { count, message_id: id, sender, subject } = news;
            const text = subject || _t("(no subject)");
            const close = notification.add(count === 1 ? text : `${sender}: ${text}`, {
                type: "info",
                title: count === 1 ? _t("New email from %s", sender) : _t("%s new emails", count),
                className: "o_member_mail_new",
                buttons: [
                    {
                        name: _t("Open"),
                        primary: true,
                        onClick() {
                            close();
                            return count === 1
                                ? openMessage({ action, orm }, id)
                                : action.doAction("crm_member_mail.action_message");
                        },
                    },
                ],
            });
        }

        bus.subscribe(NEW_MAIL, ({ message_ids: ids }) => {
            // None in quiet hours, when only the notification area counts it.
            if (ids.length && !waiting.length) {
                browser.setTimeout(show, PAUSE);
            }
            waiting.push(...ids);
        });

        // What has just popped up in the page that the user is looking at needs no web push.
        browser.navigator.serviceWorker?.addEventListener("message", ({ data = {} }) => {
            const { type, payload } = data;
            if (
                type === "notification-display-request" &&
                payload.model === "member.mail.message" &&
                document.hasFocus()
            ) {
                browser.navigator.serviceWorker.controller?.postMessage({
                    type: "notification-display-response",
                    payload: { correlationId: payload.correlationId },
                });
            }
        });
    },
};

registry.category("services").add("crm_member_mail.new_mail", newMailService);
