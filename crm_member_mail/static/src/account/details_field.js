import { Component, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ServerWords } from "../messages_tab/server_words";

/** A sentence of ours, and what is below it: "" if there is nothing. */
export function inLines(text) {
    const [sentence, ...details] = text.split("\n");
    return [sentence, details.join("\n")];
}

/** A text of a mail server, folded. */
export class DetailsField extends Component {
    static template = xml`<ServerWords words="words"/>`;
    static components = { ServerWords };
    static props = standardFieldProps;

    get words() {
        return this.props.record.data[this.props.name] || "";
    }
}

/** A sentence, and what a mail server said below it, folded. */
export class ProblemField extends DetailsField {
    static template = xml`
        <span class="text-break" t-esc="lines[0]"/>
        <ServerWords words="lines[1]"/>`;

    get lines() {
        return inLines(this.words);
    }
}

registry.category("fields").add("member_mail_problem", {
    component: ProblemField,
    supportedTypes: ["char"],
});
registry.category("fields").add("member_mail_details", {
    component: DetailsField,
    supportedTypes: ["char", "text"],
});
