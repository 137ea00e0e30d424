import { Component, useState, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { StatInfoField, statInfoField } from "@web/views/fields/stat_info/stat_info_field";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useMailNotifications } from "./live";
import { MessagesTab } from "./messages_tab";

/** `<widget name="member_mail_tab"/>` in the form of a contact or lead. */
class MessagesTabWidget extends Component {
    static template = xml`
        <MessagesTab
            t-if="props.record.resId"
            t-key="props.record.resId"
            resModel="props.record.resModel"
            resId="props.record.resId"
        />
        <p t-else="" class="text-muted" t-esc="emptyText"/>`;
    static components = { MessagesTab };
    static props = { ...standardWidgetProps };

    get emptyText() {
        return _t("Messages appear here once this is saved.");
    }
}

registry.category("view_widgets").add("member_mail_tab", { component: MessagesTabWidget });

/** The number of messages on a form's button, kept up to date while messages come and go. */
export class MessageCountField extends StatInfoField {
    setup() {
        super.setup();
        this.live = useState({ resId: false, loaded: null, count: null });
        useMailNotifications(
            ({ partner_ids }) => {
                const { resModel, resId } = this.props.record;
                // A lead also shows its contact's messages, and not every user may read that contact.
                return resId && (resModel !== "res.partner" || partner_ids.includes(resId));
            },
            () => this.update()
        );
    }

    get formattedValue() {
        const { record, name } = this.props;
        const { resId, loaded, count } = this.live;
        // The form may have loaded a newer number meanwhile.
        const isCurrent = resId === record.resId && loaded === record.data[name];
        return isCurrent ? formatInteger(count) : super.formattedValue;
    }

    async update() {
        const { record, name } = this.props;
        const { resModel, resId } = record;
        const loaded = record.data[name];
        const [values] = await this.env.services.orm.silent.read(resModel, [resId], [name]);
        if (values) {
            Object.assign(this.live, { resId, loaded, count: values[name] });
        }
    }
}

registry.category("fields").add("member_mail_count", {
    ...statInfoField,
    component: MessageCountField,
    additionalClasses: ["o_field_statinfo"],
});
