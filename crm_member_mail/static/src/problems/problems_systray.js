import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";

/**
 * How many problems there are with mailboxes, at the head of each page, for those who look after all of
 * them. The page was told when it was opened; without problems there is nothing to see.
 */
export class ProblemsSystray extends Component {
    static template = "crm_member_mail.ProblemsSystray";
    static props = {};

    setup() {
        this.action = useService("action");
    }

    get count() {
        return session.member_mail_problems || 0;
    }

    get title() {
        return _t("Contact Messages: problems with mailboxes: %s", this.count);
    }

    open() {
        return this.action.doAction("crm_member_mail.action_account", {
            clearBreadcrumbs: true,
        });
    }
}

registry
    .category("systray")
    .add(
        "crm_member_mail.problems",
        { Component: ProblemsSystray, isDisplayed: () => session.member_mail_problems > 0 },
        { sequence: 24 }
    );
