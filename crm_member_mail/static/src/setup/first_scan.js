import { Component, onMounted, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { ServerWords } from "../messages_tab/server_words";

/** Milliseconds to wait while the scheduled job is scanning the mailbox. */
const WHILE_BUSY = 2000;

/** `<widget name="member_mail_first_scan"/>`: reads the mailbox and shows the progress. */
export class FirstScan extends Component {
    static template = "crm_member_mail.FirstScan";
    static components = { ServerWords };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.scan = useState({
            state: "unfinished",
            filed: 0,
            progress: 0,
            left: "",
            problem: "",
            details: "",
        });
        this.isGone = false;
        this.next = useRef("next");
        useEffect(
            (isRunning) => {
                // The focus was lost with the previous screen.
                if (!isRunning && document.activeElement === document.body) {
                    this.next.el.focus();
                }
            },
            () => [this.isRunning]
        );
        onMounted(() => this.run());
        // When the user leaves, the scheduled job does the rest.
        onWillUnmount(() => (this.isGone = true));
    }

    get isRunning() {
        return ["unfinished", "busy"].includes(this.scan.state);
    }

    async run() {
        const { resModel, resId } = this.props.record;
        while (!this.isGone && this.isRunning) {
            const answer = await this.orm.silent.call(resModel, "setup_scan", [[resId]]);
            Object.assign(this.scan, answer);
            if (answer.state === "busy") {
                await new Promise((resolve) => setTimeout(resolve, WHILE_BUSY));
            }
        }
    }

    onMessages() {
        return this.action.doActionButton({
            type: "object",
            name: "action_view_messages",
            resModel: this.props.record.resModel,
            resId: this.props.record.resId,
        });
    }

    onAccount() {
        const { resModel, resId } = this.props.record;
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Email Account"),
                res_model: resModel,
                res_id: resId,
                views: [[false, "form"]],
            },
            { clearBreadcrumbs: true }
        );
    }
}

registry.category("view_widgets").add("member_mail_first_scan", { component: FirstScan });
