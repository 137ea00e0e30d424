import { onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { HomeBanner } from "./home_banner";
import { MAIL_NOTIFICATION } from "../messages_tab/live";

/** Milliseconds between two checks for changes, and after how many of them it reloads anyway. */
export const INTERVAL = 5000;
const QUIET_ROUNDS = 12;

/** The dashboard of email accounts: a summary above the cards, both kept up to date during scans. */
export class DashboardController extends KanbanController {
    static template = "crm_member_mail.Dashboard";
    static components = { ...KanbanController.components, HomeBanner };

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.summary = useState({
            accounts: 0,
            problems: 0,
            unfinished: 0,
            today: 0,
            home: {},
            standstill: [],
        });
        this.rounds = 0;
        this.newMail = false;
        const bus = useService("bus_service");
        const listener = () => (this.newMail = true);
        bus.subscribe(MAIL_NOTIFICATION, listener);
        const timer = browser.setInterval(() => this.follow(), INTERVAL);
        onWillUnmount(() => {
            browser.clearInterval(timer);
            bus.unsubscribe(MAIL_NOTIFICATION, listener);
        });
    }

    get modelParams() {
        const params = super.modelParams;
        params.hooks.onRootLoaded = () => this.loadSummary();
        return params;
    }

    async loadSummary() {
        const { resModel, domain } = this.props;
        Object.assign(
            this.summary,
            await this.orm.call(resModel, "get_dashboard_summary", [domain])
        );
    }

    /** Switch on a scheduled job that is off. */
    async switchOn(job) {
        await this.orm.call(this.props.resModel, "action_switch_on", [job]);
        await this.model.root.load();
    }

    /** Have automation rules that failed run again. */
    async tryAgain() {
        await this.orm.call("member.mail.hook", "action_retry", []);
        await this.model.root.load();
    }

    /** Whether a scan is changing what a card shows. */
    get isScanning() {
        const records = this.model.root.records || [];
        return records.some(
            ({ data }) => ["waiting", "reading"].includes(data.condition) || data.check_running
        );
    }

    /** Whether a reload would make the user lose the selection or the focus. */
    get isInUse() {
        return (
            this.hasSelectedRecords ||
            this.model.root.isGrouped ||
            this.rootRef.el?.querySelector(".o_kanban_record :focus-visible")
        );
    }

    async follow() {
        this.rounds++;
        const wanted = this.newMail || this.isScanning || this.rounds >= QUIET_ROUNDS;
        if (!wanted || document.hidden || !this.model.isReady || this.isInUse) {
            return;
        }
        this.rounds = 0;
        this.newMail = false;
        try {
            await this.model.root.load();
        } catch {
            // The server can't be reached for a moment: the next round tries again.
        }
    }
}

registry.category("views").add("member_mail_dashboard", {
    ...kanbanView,
    Controller: DashboardController,
});
