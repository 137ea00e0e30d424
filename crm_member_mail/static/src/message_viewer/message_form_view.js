import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formView } from "@web/views/form/form_view";
import { FormController } from "@web/views/form/form_controller";

/**
 * The form of a message goes back to where one came from when its message is deleted: to the list, or
 * to the contact under the dialog. Odoo's own way after a button is to read the record again.
 */
export class MemberMailMessageFormController extends FormController {
    setup() {
        super.setup();
        this.ormService = useService("orm");
        this.actionService = useService("action");
    }

    async beforeExecuteActionButton(clickParams) {
        if (clickParams.name !== "action_delete") {
            return super.beforeExecuteActionButton(clickParams);
        }
        const { resModel, resId } = this.model.root;
        await this.ormService.call(resModel, "action_delete", [[resId]]);
        if (this.env.inDialog) {
            await this.actionService.doAction({ type: "ir.actions.act_window_close" });
        } else {
            this.env.config.historyBack();
        }
        return false;
    }
}

registry.category("views").add("member_mail_message_form", {
    ...formView,
    Controller: MemberMailMessageFormController,
});
