import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { inLines } from "../account/details_field";
import { ServerWords } from "../messages_tab/server_words";

const ICONS = { gmail: "fa-google", outlook: "fa-windows" };

/**
 * `<widget name="member_mail_setup_test"/>`: signs in with Google or Microsoft if need be, tests
 * both servers, and continues if they work.
 */
export class SetupTest extends Component {
    static template = "crm_member_mail.SetupTest";
    static components = { ServerWords };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ isTesting: false, verdict: null, problem: "" });
        this.root = useRef("root");
        useEffect(
            () => this.focusWhatIsMissing(),
            () => [this.service]
        );
        // After the sign-in, only the test is left to do. Not only on mount: a page that is loaded again
        // first shows what it knew before.
        useEffect(
            (isUntested) => {
                if (isUntested) {
                    this.onTest();
                }
            },
            () => [this.isSignedIn && this.isUntested]
        );
    }

    /** The label of the Google or Microsoft sign-in; '' if a password is used. */
    get service() {
        const { data, fields } = this.props.record;
        const labels = Object.fromEntries(fields.auth_method.selection);
        return data.auth_method === "password" ? "" : labels[data.auth_method];
    }

    get isSignedIn() {
        return Boolean(this.service && this.props.record.data.signed_in);
    }

    /** For a shared mailbox, that is somebody else than its address. */
    get signedIn() {
        const { signed_in_as: who } = this.props.record.data;
        return who ? _t("Signed in as %s.", who) : _t("Signed in.");
    }

    get signInProblem() {
        return inLines(this.props.record.data.sign_in_problem || "");
    }

    get isUntested() {
        const { imap_test, state } = this.props.record.data;
        return state === "draft" && !imap_test;
    }

    get signInIcon() {
        return ICONS[this.props.record.data.auth_method];
    }

    /** The provider's other sign-in methods. For an unknown provider there is a field instead. */
    get otherWays() {
        const { data, fields } = this.props.record;
        const ways = data.provider_id ? data.setup_methods : [];
        return fields.auth_method.selection
            .filter(([method]) => method !== data.auth_method && ways.includes(method))
            .map(([method, label]) => ({ method, label, icon: ICONS[method] }));
    }

    /** Focus the first empty field, or else the button. */
    focusWhatIsMissing() {
        const screen = this.root.el.closest(".o_setup_screen");
        const inputs = screen.querySelectorAll(
            "[name=imap_host] input, [name=imap_password] input"
        );
        const missing = [...inputs].find((input) => !input.value);
        (missing || this.root.el.querySelector(".o_setup_next")).focus();
    }

    get stateLabels() {
        return {
            running: _t("Running"),
            works: _t("Works"),
            waits: _t("Waiting"),
            failed: _t("Failed"),
        };
    }

    get lines() {
        const { verdict, isTesting } = this.state;
        const of = (name) => {
            if (isTesting) {
                return "running";
            }
            return !verdict[name] ? "works" : verdict[name].waits ? "waits" : "failed";
        };
        return [
            { name: "imap", label: _t("Incoming server"), state: of("imap"), ...verdict?.imap },
            { name: "smtp", label: _t("Outgoing server"), state: of("smtp"), ...verdict?.smtp },
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

    async onSignIn() {
        const { record } = this.props;
        if (await record.save()) {
            await this.action.doActionButton({
                type: "object",
                name: "action_sign_in",
                resModel: record.resModel,
                resId: record.resId,
            });
        }
    }

    async onOtherWay(method) {
        await this.props.record.update({ auth_method: method });
        this.state.verdict = null;
        if (method !== "password") {
            await this.onSignIn();
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
    fieldDependencies: [
        { name: "auth_method", type: "selection" },
        { name: "imap_test", type: "char" },
        { name: "provider_id", type: "many2one", relation: "member.mail.provider" },
        { name: "setup_methods", type: "json" },
        { name: "sign_in_problem", type: "char" },
        { name: "signed_in", type: "boolean" },
        { name: "signed_in_as", type: "char" },
        { name: "state", type: "selection" },
    ],
});
