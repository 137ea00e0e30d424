import { Component, useState, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Marked } from "./marks";

/** A text of a message in a list or form, in which the words that were searched for are highlighted. */
class MarkedField extends Component {
    static template = xml`<span class="o_member_mail_marked"><Marked text="text" words="words"/></span>`;
    static components = { Marked };
    static props = {
        ...standardFieldProps,
        isPerson: { type: Boolean, optional: true },
        placeholder: { type: String, optional: true },
    };

    setup() {
        this.marks = useState(this.env.searchModel?.marks || {});
    }

    get text() {
        return this.props.record.data[this.props.name] || this.props.placeholder || "";
    }

    get words() {
        const { words = [], people = [] } = this.marks;
        return this.props.isPerson ? [...words, ...people] : words;
    }
}

registry.category("fields").add("member_mail_marked", {
    component: MarkedField,
    supportedTypes: ["char"],
    extractProps: ({ options, placeholder }) => ({
        isPerson: Boolean(options.people),
        placeholder,
    }),
});
