import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

/** @returns {boolean} whether the email accounts are switched off, as far as this page knows */
export function isOff() {
    return Boolean(session.member_mail_home?.is_off);
}

/** @returns {string} what to tell about an email that waits because of that */
export function whyItWaits() {
    return _t(
        "The email accounts are switched off, because this database may be a copy. An administrator has to say which it is, on the page Email Accounts."
    );
}

/** @returns {string} what administrators are asked about */
export function question() {
    return _t(
        "This database may be a copy. Until an administrator says which it is, Odoo reads and sends no emails here."
    );
}

/** Asks administrators when they log in, wherever in Odoo they are. */
export const homeService = {
    dependencies: ["action", "notification"],

    start(env, { action, notification }) {
        const { is_off, is_copy, can_answer } = session.member_mail_home || {};
        if (!is_off || is_copy || !can_answer) {
            return { close() {} };
        }
        // A title would get a full stop.
        const text = `${_t("Is this the original?")} ${question()}`;
        const close = notification.add(text, {
            type: "warning",
            sticky: true,
            className: "o_member_mail_home_question",
            buttons: [
                {
                    name: _t("Answer"),
                    primary: true,
                    onClick() {
                        close();
                        return action.doAction("crm_member_mail.action_account");
                    },
                },
            ],
        });
        return { close };
    },
};

registry.category("services").add("crm_member_mail.home", homeService);
