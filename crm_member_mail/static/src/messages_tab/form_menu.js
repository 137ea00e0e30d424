import { Component, onWillStart, useEffect, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { MessageMenu } from "./message_menu";
import { getRights } from "./rights";

/**
 * `<widget name="member_mail_message_menu"/>` in the form of a message: its actions. Opening the form marks
 * the message as read.
 */
class FormMenu extends Component {
    static template = xml`<MessageMenu t-if="props.record.resId" context="context"/>`;
    static components = { MessageMenu };
    static props = { ...standardWidgetProps };

    setup() {
        onWillStart(async () => {
            this.rights = await getRights();
        });
        useEffect(
            (id) => {
                if (id) {
                    this.env.services.orm.silent.call("member.mail.message", "mark_seen", [[id]]);
                }
            },
            () => [this.props.record.resId]
        );
    }

    get context() {
        const { data, resId } = this.props.record;
        const message = { id: resId, direction: data.direction, subject: data.subject || "" };
        return { message, model: new FormModel(this.env, data.partner_ids), ...this.rights };
    }
}

/** Stands in for the TabModel: when a message is deleted, its form is left. */
class FormModel {
    constructor(env, contacts) {
        this.env = env;
        this.resModel = "res.partner";
        this.resId = contacts.resIds[0];
        this.isLeft = false;
    }

    drop() {}

    refresh() {
        const { action } = this.env.services;
        if (this.isLeft) {
            return action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
        }
        this.isLeft = true;
        if (this.env.inDialog) {
            return action.doAction({ type: "ir.actions.act_window_close" });
        }
        return this.env.config.historyBack();
    }
}

registry.category("view_widgets").add("member_mail_message_menu", {
    component: FormMenu,
    fieldDependencies: [
        { name: "direction", type: "selection" },
        { name: "subject", type: "char" },
        { name: "partner_ids", type: "many2many", relation: "res.partner" },
    ],
});
