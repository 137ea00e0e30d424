import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { MessageBody } from "../message_viewer/message_body";

/**
 * The original message below an answer, behind "…": shown in the same frame as any message, included or
 * not, or made part of the text.
 */
export class QuoteField extends Component {
    static template = "crm_member_mail.QuoteField";
    static components = { MessageBody };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ isShown: false });
    }

    get isIncluded() {
        return this.props.record.data[this.props.name];
    }

    get answeredId() {
        return this.props.record.data.answered_id?.id || 0;
    }

    get toggleLabel() {
        return this.state.isShown
            ? _t("Hide the original message")
            : _t("Show the original message");
    }

    setIncluded(isIncluded) {
        return this.props.record.update({ [this.props.name]: isIncluded });
    }

    async edit() {
        const { record } = this.props;
        if (await record.save({ reload: false })) {
            await this.orm.call(record.resModel, "action_edit_quote", [[record.resId]]);
            await record.load();
        }
    }
}

registry.category("fields").add("member_mail_quote", {
    component: QuoteField,
    displayName: _t("Quoted original"),
    supportedTypes: ["boolean"],
    isEmpty: () => false,
    fieldDependencies: [{ name: "answered_id", type: "many2one", relation: "member.mail.message" }],
});
