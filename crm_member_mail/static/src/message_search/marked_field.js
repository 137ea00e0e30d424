import { Component, useState, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Marked } from "./marks";

/** A text in a list of messages, in which the words that were searched for are highlighted. */
class MarkedField extends Component {
    static template = xml`<span class="o_member_mail_marked"><Marked text="text" words="words"/></span>`;
    static components = { Marked };
    static props = { ...standardFieldProps, isPerson: { type: Boolean, optional: true } };

    setup() {
        this.marks = useState(this.env.searchModel?.marks || {});
    }

    get text() {
        return this.props.record.data[this.props.name] || "";
    }

    get words() {
        const { words = [], people = [] } = this.marks;
        return this.props.isPerson ? [...words, ...people] : words;
    }
}

registry.category("fields").add("member_mail_marked", {
    component: MarkedField,
    supportedTypes: ["char"],
    extractProps: ({ options }) => ({ isPerson: Boolean(options.people) }),
});
