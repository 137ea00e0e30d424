import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

/**
 * A list of messages inside another form that opens each one in a dialog of its own.
 *
 * Odoo's own dialog of an x2many edits the record as a part of the form around it; Delete in there
 * would leave that dialog with a record that is gone.
 */
export class MemberMailMessageListField extends X2ManyField {
    async openRecord(record) {
        const parent = this.props.record;
        // The form is read again afterwards, so what was typed must be safe first.
        if (!(await parent.save())) {
            return;
        }
        await this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Message"),
                res_model: this.list.resModel,
                res_id: record.resId,
                views: [[false, "form"]],
                target: "new",
                context: { dialog_size: "extra-large" },
            },
            { onClose: () => parent.load() }
        );
    }
}

registry.category("fields").add("member_mail_message_list", {
    ...x2ManyField,
    component: MemberMailMessageListField,
    additionalClasses: [...(x2ManyField.additionalClasses || []), "o_field_one2many"],
});
