import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { session } from "@web/session";

const prefix = () => `crm_member_mail.kept.${session.db}.${user.userId}.`;

/**
 * Keep in this browser what the server doesn't have yet: the session may be over, or the server away.
 *
 * @param {number} id of the draft
 * @param {Object} values of its fields, and the `revision` that they are based on
 */
export function keep(id, values) {
    try {
        browser.localStorage.setItem(prefix() + id, JSON.stringify(values));
    } catch {
        // A browser keeps some megabytes. Pictures that could not be uploaded are most of it.
        const body = String(values.body).replace(/ src="data:[^"]*"/g, "");
        if (body !== values.body) {
            keep(id, { ...values, body });
        }
    }
}

export function keptOf(id) {
    return JSON.parse(browser.localStorage.getItem(prefix() + id) || "null");
}

export function forget(id) {
    browser.localStorage.removeItem(prefix() + id);
}

/** Says at the start of Odoo, which is after logging in again, what was not saved. */
const keptService = {
    dependencies: ["action", "notification", "orm"],

    async start(env, { action, notification, orm }) {
        const ids = Object.keys(browser.localStorage)
            .filter((key) => key.startsWith(prefix()))
            .map((key) => Number(key.slice(prefix().length)));
        if (!ids.length) {
            return;
        }
        const drafts = await orm.silent.searchRead(
            "member.mail.draft",
            [
                ["id", "in", ids],
                ["state", "=", "draft"],
            ],
            ["revision", "subject"]
        );
        for (const id of ids) {
            const draft = drafts.find((candidate) => candidate.id === id);
            const kept = keptOf(id);
            // It did arrive, while the window was closing.
            if (!draft || (kept.isClosing && draft.revision > kept.revision)) {
                forget(id);
                continue;
            }
            // What a template fills in is known for each recipient only.
            const subject =
                (kept.subject || draft.subject).replace(/\{\{.*?\}\}/g, "…") || _t("(no subject)");
            const close = notification.add(_t("Not saved, but kept in this browser: %s", subject), {
                type: "warning",
                sticky: true,
                className: "o_member_mail_kept",
                buttons: [
                    {
                        name: _t("Go on writing"),
                        primary: true,
                        onClick() {
                            close();
                            action.doAction({
                                type: "ir.actions.act_window",
                                name: _t("Draft"),
                                res_model: "member.mail.draft",
                                res_id: id,
                                views: [[false, "form"]],
                                target: "new",
                                context: { dialog_size: "large" },
                            });
                        },
                    },
                ],
            });
        }
    },
};

registry.category("services").add("crm_member_mail.kept", keptService);
