import { Component, xml } from "@odoo/owl";
import { serializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FetchRecordError } from "@web/model/relational_model/errors";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Delivery } from "./delivery";
import { useMailNotifications } from "./live";

/** `<widget name="member_mail_delivery"/>` in the form of a message: see Delivery. */
class DeliveryWidget extends Component {
    static template = xml`<Delivery t-if="props.record.resId" message="message" people="people" onDone="() => this.finish()"/>`;
    static components = { Delivery };
    static props = { ...standardWidgetProps };

    setup() {
        // Not env.services.orm: what it answers once the form was left would still be acted on.
        this.orm = useService("orm");
        useMailNotifications(
            ({ message_ids }) => message_ids.includes(this.props.record.resId),
            () => this.reload()
        );
    }

    get message() {
        const { data, resId } = this.props.record;
        return {
            id: resId,
            state: data.state,
            failure_reason: data.failure_reason,
            failure_details: data.failure_details,
            scheduled_date: data.scheduled_date && serializeDateTime(data.scheduled_date),
        };
    }

    get people() {
        return this.props.record.data.participant_ids.records.map(({ data }) => ({
            name: data.name || data.partner_id?.display_name || "",
            email: data.email || "",
            failure: data.failure || "",
            failure_reason: data.failure_reason || "",
            read_on: data.read_on ? serializeDateTime(data.read_on) : "",
        }));
    }

    /** Load the message again; returns whether it is still there. */
    async reload() {
        const { record } = this.props;
        const found = await this.orm.silent.search("member.mail.message", [
            ["id", "=", record.resId],
        ]);
        if (!found.length) {
            return false;
        }
        try {
            await record.load();
        } catch (error) {
            // It was taken back, or deleted, just now.
            if (error instanceof FetchRecordError) {
                return false;
            }
            throw error;
        }
        return true;
    }

    async finish() {
        // An email that was taken back is a draft again, and no longer a message.
        if (!(await this.reload())) {
            await this.env.config.historyBack();
        }
    }
}

registry.category("view_widgets").add("member_mail_delivery", {
    component: DeliveryWidget,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "failure_reason", type: "char" },
        { name: "failure_details", type: "char" },
        // What is read of each of them, the view's own field says.
        { name: "participant_ids", type: "one2many", relation: "member.mail.participant" },
        { name: "scheduled_date", type: "datetime" },
    ],
});
