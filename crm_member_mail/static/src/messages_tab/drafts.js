import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { absoluteDate, isoDate, relativeDate } from "./dates";
import { tellPages, useMailNotifications } from "./live";
import { openDraft } from "./reply";

/** The user's unsent drafts to a contact or lead. */
export class Drafts extends Component {
    static template = "crm_member_mail.Drafts";
    static props = {
        resModel: String,
        resId: Number,
        /** The ids of those that are being written in this page. */
        open: Array,
    };

    setup() {
        this.state = useState({ drafts: [] });
        Object.assign(this, { absoluteDate, isoDate, relativeDate });
        onWillStart(() => this.load());
        onWillUpdateProps((props) => this.load(props));
        // Drafts are the user's own: they change only through what happens in this page.
        useMailNotifications(
            () => false,
            () => this.load()
        );
    }

    async load({ resModel, resId } = this.props) {
        this.state.drafts = await this.env.services.orm.silent.call(
            "member.mail.draft",
            "get_drafts",
            [resModel, resId]
        );
    }

    get drafts() {
        return this.state.drafts.filter(({ id }) => !this.props.open.includes(id));
    }

    labelOf({ subject, to }) {
        const title = subject || _t("(no subject)");
        return to ? _t("%(title)s, to %(to)s", { title, to }) : title;
    }

    resume({ action }) {
        return openDraft(this.env, action);
    }

    async discard({ id }) {
        await this.env.services.orm.call("member.mail.draft", "action_discard", [[id]]);
        tellPages(this.env);
    }
}
