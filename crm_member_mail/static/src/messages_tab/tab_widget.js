import { Component, useState, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { StatInfoField, statInfoField } from "@web/views/fields/stat_info/stat_info_field";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { AT_MESSAGES } from "../new_mail/open";
import { useFreshMail } from "./fresh";
import { useMailNotifications, useSeenNotifications } from "./live";
import { MessagesTab } from "./messages_tab";
import { noteUnread, UNREAD, unreadOf, useUnread } from "./tab_title";

/** `<widget name="member_mail_tab"/>` in the form of a contact or lead. */
class MessagesTabWidget extends Component {
    static template = xml`
        <MessagesTab
            t-if="props.record.resId"
            t-key="props.record.resId"
            resModel="props.record.resModel"
            resId="props.record.resId"
            at="at"
        />
        <p t-else="" class="text-muted" t-esc="emptyText"/>`;
    static components = { MessagesTab };
    static props = { ...standardWidgetProps };

    get at() {
        const at = this.props.record.context[AT_MESSAGES];
        return at === true ? undefined : at;
    }

    get emptyText() {
        return _t("Messages appear here once this is saved.");
    }
}

registry.category("view_widgets").add("member_mail_tab", { component: MessagesTabWidget });

/**
 * The numbers of messages and of unread ones on a form's button, kept up to date while messages come, go and
 * are read.
 */
export class MessageCountField extends StatInfoField {
    static template = "crm_member_mail.MessageCount";

    setup() {
        super.setup();
        this.live = useState({ resId: false, loaded: null, count: null });
        this.newer = useUnread();
        useMailNotifications(
            ({ partner_ids }) => {
                const { resModel, resId } = this.props.record;
                // A lead also shows its contact's messages, and not every user may read that contact.
                return resId && (resModel !== "res.partner" || partner_ids.includes(resId));
            },
            () => this.update()
        );
        useSeenNotifications(() => this.props.record.resId && this.update());
        // A lead is looked at for what came last; a contact's mail is in its tab.
        if (this.props.record.resModel === "crm.lead") {
            useFreshMail(
                () => ["crm.lead", this.props.record.resId ? [this.props.record.resId] : []],
                () => this.props.record.resId
            );
        }
    }

    get formattedValue() {
        const { record, name } = this.props;
        const { resId, loaded, count } = this.live;
        // The form may have loaded a newer number meanwhile.
        const isCurrent = resId === record.resId && loaded === record.data[name];
        return isCurrent ? formatInteger(count) : super.formattedValue;
    }

    get unread() {
        return unreadOf(this.props.record, this.newer);
    }

    get unreadText() {
        return formatInteger(this.unread);
    }

    get unreadLabel() {
        return _t("%s unread", this.unreadText);
    }

    async update() {
        const { record, name } = this.props;
        const { resModel, resId } = record;
        const loaded = record.data[name];
        const loadedUnread = record.data[UNREAD];
        const [values] = await this.env.services.orm.silent.read(resModel, [resId], [name, UNREAD]);
        if (values) {
            Object.assign(this.live, { resId, loaded, count: values[name] });
            noteUnread({ resModel, resId }, loadedUnread, values[UNREAD]);
        }
    }
}

registry.category("fields").add("member_mail_count", {
    ...statInfoField,
    component: MessageCountField,
    fieldDependencies: [{ name: UNREAD, type: "integer" }],
    additionalClasses: ["o_field_statinfo"],
});
