import { Component, xml } from "@odoo/owl";

/** A sentence of `get_search_marks` about what was typed; a screen reader hears it when it changes. */
export class SearchHint extends Component {
    static template = xml`
        <div class="o_member_mail_hint" role="status">
            <p t-if="props.hint" class="mb-0 px-3 py-1 text-muted small" dir="auto" t-esc="props.hint"/>
        </div>`;
    static props = { hint: { type: String, optional: true } };
}
