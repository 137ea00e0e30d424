import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { MessageBody } from "./message_body";

/** The body of an email in a form: see MessageBody. What was searched for is highlighted. */
export class MemberMailBodyField extends Component {
    static template = xml`<MessageBody messageId="props.record.resId || 0" query="query"/>`;
    static components = { MessageBody };
    static props = { ...standardFieldProps };

    get query() {
        return this.env.searchModel?.searchedText || "";
    }
}

export const memberMailBodyField = {
    component: MemberMailBodyField,
    displayName: _t("Email body"),
    supportedTypes: ["html", "text"],
    isEmpty: () => false,
};

registry.category("fields").add("member_mail_body", memberMailBodyField);
