import { Component } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { question } from "../home/home";

const HOME = "member.mail.home";

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
