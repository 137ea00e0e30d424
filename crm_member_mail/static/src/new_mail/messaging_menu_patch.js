// First of all, since it does not call what it patches.
import "@mail/core/web/messaging_menu_patch";

import { MessagingMenu } from "@mail/core/public_web/messaging_menu";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { openMessage, openMessagesTab } from "./open";

/** New emails among Odoo's own notifications: an entry for each contact or lead. */
patch(MessagingMenu.prototype, {
    setup() {
        super.setup(...arguments);
        this.memberMail = useService("crm_member_mail.news");
    },
    beforeOpen() {
        // The number comes with the page, perhaps after the menu was opened.
        this.store.isReady.then(() => this.store.memberMailNews.count && this.memberMail.load());
        return super.beforeOpen(...arguments);
    },
    get isMemberMailShown() {
        return this.store.discuss.activeTab === "notification" && !this.store.discuss.searchTerm;
    },
    get memberMailEntries() {
        return this.isMemberMailShown ? this.store.memberMailNews.entries : [];
    },
    get hasPreviews() {
        return super.hasPreviews || (this.isMemberMailShown && this.store.memberMailNews.count > 0);
    },
    memberMailDate(entry) {
        return deserializeDateTime(entry.date);
    },
    memberMailIcon({ res_model: model, res_id: id }) {
        return model === "res.partner"
            ? `/web/image/res.partner/${id}/avatar_128`
            : this.store.DEFAULT_AVATAR;
    },
    memberMailText({ message_ids: ids, sender, name, subject }) {
        const text = subject || _t("(no subject)");
        if (ids.length > 1) {
            return _t("%(count)s new emails: %(subject)s", { count: ids.length, subject: text });
        }
        return sender && sender !== name ? `${sender}: ${text}` : text;
    },
    get memberMailMore() {
        return _t("%s more new emails", this.store.memberMailNews.more);
    },
    onClickMemberMail(isMarkAsRead, entry) {
        if (isMarkAsRead) {
            return this.memberMail.markRead(entry);
        }
        this.dropdown.close();
        const { res_model: model, res_id: id, message_ids: ids } = entry;
        return ids.length > 1 && model
            ? openMessagesTab(this.action, model, id)
            : openMessage(this.env.services, ids[0]);
    },
    onClickMemberMailMore() {
        this.dropdown.close();
        return this.action.doAction("crm_member_mail.action_message", {
            additionalContext: { search_default_unread: 1 },
        });
    },
});
