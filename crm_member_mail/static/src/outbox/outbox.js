import { browser } from "@web/core/browser/browser";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { isOff, whyItWaits } from "../home/home";
import { tellPages } from "../messages_tab/live";
import { openDraft } from "../messages_tab/reply";
import { offerUndo } from "../messages_tab/undoable";
import { leftOutTexts } from "./left_out";

/**
 * Milliseconds in which a job takes what is to be sent, unless all workers of jobs are busy: then a request
 * sends it.
 */
export const TAKEN = 1000;

/**
 * Emails that were just sent: offers Undo, and has them sent when the time for that is over, wherever in
 * Odoo the user is by then. If this page is closed, the server sends them a little later.
 */
export const outboxService = {
    dependencies: ["action", "hotkey", "notification", "orm", "ui"],

    start(env, { hotkey, notification, orm, ui }) {
        async function undo(ids) {
            // Nothing asks for what is about to be a draft again.
            tellPages(env, ids, "removed");
            try {
                const action = await orm.call("member.mail.draft", "undo_sending", [ids]);
                await openDraft(env, action, { onClose: () => tellPages(env) });
            } finally {
                tellPages(env);
            }
        }

        async function sendNow(ids) {
            if (isOff()) {
                notification.add(whyItWaits(), { type: "warning" });
                return;
            }
            try {
                await orm.silent.call("member.mail.message", "action_send_now", [ids]);
            } finally {
                tellPages(env, ids);
            }
            await new Promise((resolve) => browser.setTimeout(resolve, TAKEN));
            await orm.silent.call("member.mail.message", "action_send_here", [ids]);
        }

        return {
            /** @param {Object} params of the client action that a draft's `action_send` returns */
            sent({ message_ids: ids, seconds, scheduled, count, left_out: leftOut, until }) {
                const notes = leftOutTexts(leftOut || {});
                if (until) {
                    const moment = toLocaleDateTimeString(deserializeDateTime(until));
                    notes.push(
                        _t("The provider limits how many leave at once: the last on %s.", moment)
                    );
                }
                if (notes.length) {
                    notification.add(notes.join("\n"), {
                        type: "warning",
                        sticky: true,
                        className: "o_member_mail_left_out",
                    });
                }
                if (scheduled) {
                    const moment = toLocaleDateTimeString(deserializeDateTime(scheduled));
                    notification.add(
                        count === 1
                            ? _t("It will be sent on %s.", moment)
                            : _t("%(count)s emails will be sent on %(moment)s.", { count, moment }),
                        { type: "success" }
                    );
                    return;
                }
                const timer = browser.setTimeout(() => {
                    withdraw();
                    sendNow(ids);
                }, seconds * 1000);
                const withdraw = offerUndo(
                    { hotkey, notification, ui },
                    count === 1 ? _t("Sending…") : _t("Sending %s emails…", count),
                    {
                        type: "success",
                        sticky: true, // closed by the timer
                        className: "o_member_mail_sent",
                        undo() {
                            browser.clearTimeout(timer);
                            return undo(ids);
                        },
                    }
                );
            },
        };
    },
};

registry.category("services").add("crm_member_mail.outbox", outboxService);

registry.category("actions").add("crm_member_mail.sent", (env, action) => {
    env.services["crm_member_mail.outbox"].sent(action.params);
    tellPages(env, action.params.message_ids);
    return { type: "ir.actions.act_window_close" };
});
