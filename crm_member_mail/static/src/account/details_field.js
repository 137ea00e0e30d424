import { Component, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ServerWords } from "../messages_tab/server_words";

/** A text of a mail server, folded. */
export class DetailsField extends Component {
    static template = xml`<ServerWords words="words"/>`;
    static components = { ServerWords };
    static props = standardFieldProps;

    get words() {
        return this.props.record.data[this.props.name] || "";
    }
}

registry.category("fields").add("member_mail_details", {
    component: DetailsField,
    supportedTypes: ["char"],
});
