import { Component, onMounted, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** `<widget name="member_mail_setup_test"/>`: tries both servers and goes on when they work. */
export class SetupTest extends Component {
    static template = "crm_member_mail.SetupTest";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ isTesting: false, verdict: null, problem: "" });
        this.root = useRef("root");
        onMounted(() => this.focusWhatIsMissing());
    }

    /** The first thing that is still to be typed gets the focus, else the button. */
    focusWhatIsMissing() {
        const screen = this.root.el.closest(".o_setup_screen");
        const inputs = screen.querySelectorAll(
            "[name=imap_host] input, [name=imap_password] input"
        );
        const missing = [...inputs].find((input) => !input.value);
        (missing || this.root.el.querySelector(".o_setup_next")).focus();
    }

    get stateLabels() {
        return { running: _t("Running"), works: _t("Works"), failed: _t("Failed") };
    }

    get lines() {
        const { verdict, isTesting } = this.state;
        const of = (name) => (isTesting ? "running" : verdict[name] ? "failed" : "works");
        return [
            { name: "imap", label: _t("Incoming server"), state: of("imap"), text: verdict?.imap },
            { name: "smtp", label: _t("Outgoing server"), state: of("smtp"), text: verdict?.smtp },
        ];
    }

    async onTest() {
        const { record } = this.props;
        if (this.state.isTesting || !(await record.save())) {
            return;
        }
        Object.assign(this.state, { isTesting: true, problem: "" });
        try {
            this.state.verdict = await this.orm.call(record.resModel, "setup_test", [
                [record.resId],
            ]);
        } catch (error) {
            this.state.problem =
                error.data?.message || _t("The server does not answer. Try again.");
        } finally {
            this.state.isTesting = false;
        }
        await record.load();
        if (this.root.el) {
            this.focusWhatIsMissing();
        }
    }

    async onSkip() {
        const { record } = this.props;
        await this.orm.call(record.resModel, "action_setup_read_only", [[record.resId]]);
        await record.load();
    }
}

registry.category("view_widgets").add("member_mail_setup_test", {
    component: SetupTest,
});
