import { Component, onWillStart, onWillUpdateProps, status, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { tellPages, useMailNotifications } from "../messages_tab/live";

/** Where a message is filed and why, with what one can do about it. */
export class Evidence extends Component {
    static template = "crm_member_mail.Evidence";
    static props = {
        messageId: Number,
        /** The lead whose Messages tab this is in, if it is one. */
        leadId: { type: Number, optional: true },
    };

    setup() {
        this.state = useState({ evidence: null });
        onWillStart(() => this.load(this.props.messageId));
        onWillUpdateProps(({ messageId }) => this.load(messageId));
        useMailNotifications(
            ({ message_ids = [] }) => message_ids.includes(this.props.messageId),
            () => this.load(this.props.messageId)
        );
    }

    async load(messageId) {
        try {
            this.state.evidence = await this.env.services.orm.silent.call(
                "member.mail.message",
                "get_evidence",
                [[messageId]],
                { lead_id: this.props.leadId || false }
            );
        } catch (error) {
            // Somebody may have deleted the message meanwhile, and then it is on its way out here.
            if (status(this) === "new") {
                throw error;
            }
        }
    }

    get isEmpty() {
        const { records, taken_off } = this.state.evidence;
        return !records.length && !taken_off.length;
    }

    icon({ model }) {
        return model === "crm.lead" ? "fa-star-o" : "fa-user-o";
    }

    takeOffLabel({ name }) {
        return _t("Take this message off %s", name);
    }

    fileAgainLabel({ name }) {
        return _t("File this message under %s again", name);
    }

    newAddressText({ contact }) {
        return _t("Is this a new address of %s?", contact.name);
    }

    open({ model, id }) {
        return this.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    takeOff(record) {
        return this.file("action_take_off", record);
    }

    fileAgain(record) {
        return this.file("action_file_under", record);
    }

    async file(method, { model, id }) {
        const name = model === "crm.lead" ? "lead_ids" : "partner_ids";
        const action = await this.env.services.orm.call(
            "member.mail.message",
            method,
            [[this.props.messageId]],
            { [name]: [id] }
        );
        return this.doAction(action);
    }

    createContact({ name, email }) {
        return this.openDialog({
            name: _t("Create contact"),
            res_model: "res.partner",
            context: { default_name: name || email, default_email: email },
        });
    }

    addAddress({ email, contact }) {
        return this.openDialog({
            name: _t("Add address to…"),
            res_model: "member.mail.add.address",
            context: {
                default_email: email,
                default_partner_id: contact && contact.id,
                dialog_size: "medium",
            },
        });
    }

    openDialog(action) {
        const { env } = this;
        return this.doAction(
            {
                type: "ir.actions.act_window",
                views: [[false, "form"]],
                target: "new",
                ...action,
            },
            { onClose: () => tellPages(env) }
        );
    }

    doAction(action, options) {
        return this.env.services.action.doAction(action, options);
    }
}

/** `<widget name="member_mail_evidence"/>` in the form of a message. */
class EvidenceWidget extends Component {
    static template = "crm_member_mail.EvidenceWidget";
    static components = { Evidence };
    static props = { ...standardWidgetProps };
}

registry.category("view_widgets").add("member_mail_evidence", { component: EvidenceWidget });
