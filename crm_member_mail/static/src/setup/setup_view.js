import { useExternalListener } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** The set-up: an account's form with nothing around it, in which Enter continues. */
export class SetupController extends FormController {
    setup() {
        super.setup();
        useExternalListener(document, "keydown", (ev) => this.onKeydown(ev));
    }

    get className() {
        return { ...super.className, o_member_mail_setup_view: true };
    }

    get cogMenuProps() {
        // An account being set up is neither copied nor archived.
        return { ...super.cogMenuProps, items: {} };
    }

    /** What can't be saved keeps nobody from going back, or from giving up. */
    async beforeExecuteActionButton({ name }) {
        const { root } = this.model;
        const isBack = name === "action_setup_back";
        if (name === "action_setup_discard" || (isBack && !(await root.checkValidity()))) {
            return root.discard();
        }
        return super.beforeExecuteActionButton(...arguments);
    }

    displayName() {
        return this.model.root.resId ? super.displayName() : _t("Add a mailbox");
    }

    onKeydown(ev) {
        const field = ev.target.closest?.(
            ".o_member_mail_setup input:not(.o_input_dropdown input)"
        );
        if (ev.key !== "Enter" || ev.isComposing || !field) {
            return;
        }
        const buttons = [...document.querySelectorAll(".o_member_mail_setup .o_setup_next")];
        const next = buttons.find((button) => button.offsetParent && !button.disabled);
        if (next) {
            ev.preventDefault();
            // The record gets what was typed when the field loses the focus.
            next.focus();
            next.click();
        }
    }
}

registry.category("views").add("member_mail_setup", { ...formView, Controller: SetupController });
