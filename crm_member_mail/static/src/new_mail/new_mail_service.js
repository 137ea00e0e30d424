import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** The bus notification that tells followers about new emails that they may see. */
export const NEW_MAIL = "crm_member_mail.new_mail";

/** Milliseconds to wait for more: several mailboxes are scanned at once. */
const PAUSE = 1000;

/** Shows who wrote, anywhere in Odoo, with a button that opens the message. */
export const newMailService = {
    dependencies: ["action", "bus_service", "notification"],

    start(env, { action, bus_service: bus, notification }) {
        let waiting = [];

        function open({ message_id: id }) {
            return action.doAction({
                type: "ir.actions.act_window",
                res_model: "member.mail.message",
                res_id: id,
                views: [[false, "form"]],
            });
        }

        function show() {
            const payloads = waiting;
            waiting = [];
            const count = payloads.reduce((sum, payload) => sum + payload.count, 0);
            const last = payloads.at(-1);
            const close = notification.add(
                count === 1 ? last.subject || _t("(no subject)") : last.account,
                {
                    type: "info",
                    title:
                        count === 1
                            ? _t("New email from %s", last.sender)
                            : _t("%s new emails", count),
                    className: "o_member_mail_new",
                    buttons: [
                        {
                            name: _t("Open"),
                            primary: true,
                            onClick() {
                                close();
                                return count === 1
                                    ? open(last)
                                    : action.doAction("crm_member_mail.action_message");
                            },
                        },
                    ],
                }
            );
        }

        bus.subscribe(NEW_MAIL, (payload) => {
            waiting.push(payload);
            if (waiting.length === 1) {
                browser.setTimeout(show, PAUSE);
            }
        });
    },
};

registry.category("services").add("crm_member_mail.new_mail", newMailService);
