import { Component, useEnv, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { absoluteDate, isoDate, relativeDate } from "./dates";
import { tellPages, useMailNotifications } from "./live";
import { openDraft } from "./reply";

/**
 * The user's unsent drafts to a contact or lead.
 *
 * @returns {Object} `list`, as the server has them, and `load()`, with which it begins
 */
export function useDrafts(resModel, resId) {
    const { orm } = useEnv().services;
    const drafts = useState({
        list: [],
        async load() {
            const found = await orm.silent.call("member.mail.draft", "get_drafts", [
                resModel,
                resId,
            ]);
            drafts.list = found;
        },
    });
    // They are the user's own: they change only through what happens in this page.
    useMailNotifications(
        () => false,
        () => drafts.load()
    );
    return drafts;
}

/** Unsent drafts, above the messages. */
export class Drafts extends Component {
    static template = "crm_member_mail.Drafts";
    static props = {
        /** As `useDrafts` has them. */
        drafts: Array,
    };

    setup() {
        Object.assign(this, { absoluteDate, isoDate, relativeDate });
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
