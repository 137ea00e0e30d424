import { Component, onMounted, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { ServerWords } from "../messages_tab/server_words";

/** `<widget name="member_mail_setup_address"/>`: asks for the address and finds its servers. */
export class SetupAddress extends Component {
    static template = "crm_member_mail.SetupAddress";
    static components = { ServerWords };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.input = useRef("input");
        this.state = useState({
            email: this.props.record.data.email || "",
            steps: [],
            isLooking: false,
            problem: "",
            /** The address that was probably meant. */
            meant: "",
        });
        this.yes = useRef("yes");
        onMounted(() => this.input.el.focus());
        useEffect(
            (meant) => meant && this.yes.el.focus(),
            () => [this.state.meant]
        );
        // Only once it is enabled again can it have the focus.
        useEffect(
            (isWrong) => isWrong && this.input.el.focus(),
            () => [Boolean(this.state.problem) && !this.state.isLooking]
        );
    }

    get stateLabels() {
        return {
            running: _t("Running"),
            found: _t("Found"),
            nothing: _t("Not found"),
            failed: _t("Failed"),
        };
    }

    get question() {
        return _t("Did you mean %s?", this.state.meant);
    }

    get keepLabel() {
        return _t("No, keep %s", this.state.email.trim());
    }

    onNext() {
        return this.begin((resId) => this.look(resId));
    }

    onByHand() {
        const { resModel } = this.props.record;
        return this.begin((resId) => this.orm.call(resModel, "setup_without_looking", [[resId]]));
    }

    /** The answer to `question`: what was begun goes on. */
    onAnswer(isMeant) {
        this.state.email = isMeant ? this.state.meant : this.state.email;
        this.state.meant = "";
        return this.begin(this.goOn, false);
    }

    /**
     * Create the account of the address, or change it, and show the next screen.
     *
     * @param {Function} goOn given the account's id, prepares the next screen
     * @param {boolean} asks whether to ask first, if there seems to be a slip in the address
     */
    async begin(goOn, asks = true) {
        if (this.state.isLooking) {
            return;
        }
        Object.assign(this.state, { isLooking: true, problem: "", steps: [] });
        const { record } = this.props;
        try {
            this.goOn = goOn;
            this.state.meant =
                asks && (await this.orm.call(record.resModel, "setup_meant", [this.state.email]));
            if (this.state.meant) {
                return;
            }
            const resId = await this.orm.call(
                record.resModel,
                "setup_begin",
                [this.state.email, record.resId || false],
                // Under My Email Accounts, it becomes a private one.
                { context: record.context }
            );
            await goOn(resId);
            await record.model.load({ resId, resIds: [resId] });
        } catch (error) {
            this.state.problem =
                error.data?.message || _t("The server does not answer. Try again.");
        } finally {
            this.state.isLooking = false;
        }
    }

    /** Try one source after another, showing each as it runs, until one has the servers. */
    async look(resId) {
        const labels = new Map(this.props.record.fields.setup_source.selection);
        let [name] = labels.keys();
        while (name) {
            const label = labels.get(name);
            this.state.steps.push({ name, label, state: "running", text: "", details: "" });
            const step = this.state.steps.at(-1);
            const answer = await this.orm.call(this.props.record.resModel, "setup_look_up", [
                [resId],
                name,
            ]);
            step.state = answer.state;
            step.text = answer.text || _t("Not found");
            step.details = answer.details;
            name = answer.next;
        }
    }
}

registry.category("view_widgets").add("member_mail_setup_address", {
    component: SetupAddress,
    fieldDependencies: [
        { name: "email", type: "char" },
        { name: "setup_source", type: "selection" },
    ],
});
