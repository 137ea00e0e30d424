import { Component } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";

const HOME = "member.mail.home";

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

const question = () =>
    _t(
        "This database may be a copy. Until an administrator says which it is, Odoo reads and sends no emails here."
    );

/** Asks whether the emails that wait are to be sent, before this database becomes the original. */
export class OriginalDialog extends Component {
    static template = "crm_member_mail.OriginalDialog";
    static components = { Dialog };
    static props = { close: Function, waiting: Number, answer: Function };

    get waitingText() {
        return _t(
            "Emails waiting to be sent: %s. If this database ran elsewhere after it was copied, they may have been sent from there already.",
            this.props.waiting
        );
    }

    async answer(isSent) {
        await this.props.answer(isSent);
        this.props.close();
    }
}

/** Asks administrators whether this database is the original, while that is not certain. */
export class HomeBanner extends Component {
    static template = "crm_member_mail.HomeBanner";
    /** `home`: what `get_standing` of the model returns. */
    static props = { home: Object };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        // It asks the same, and would cover this one.
        useService("crm_member_mail.home").close();
    }

    get question() {
        return question();
    }

    get lostText() {
        return _t(
            "The file by which Odoo knows the original is missing: %s. If nobody copied this database, Odoo's data directory was lost: make sure that it is kept.",
            this.props.home.place
        );
    }

    askOriginal() {
        const { waiting } = this.props.home;
        this.dialog.add(OriginalDialog, {
            waiting,
            answer: (isSent) => this.answer("declare_original", waiting, isSent),
        });
    }

    declareCopy() {
        return this.answer("declare_copy");
    }

    async answer(method, ...args) {
        await this.orm.call(HOME, method, args);
        // The page knows from when it was opened that the accounts are switched off.
        browser.location.reload();
    }
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
