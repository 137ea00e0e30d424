import { useState, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

/**
 * The subject; of one email each from a template, as the first recipient gets it, until one wants to
 * change it.
 */
class SubjectField extends CharField {
    static template = xml`
        <div t-if="filled" class="o_member_mail_subject_filled d-flex align-items-center flex-grow-1">
            <bdi class="flex-grow-1 text-truncate" t-att-title="filled" t-esc="filled"/>
            <button
                type="button"
                class="btn btn-link btn-sm fa fa-pencil"
                t-att-title="label"
                t-att-aria-label="label"
                t-on-click="() => (this.shown.asWritten = true)"
            />
        </div>
        <t t-else="" t-call="web.CharField"/>`;

    setup() {
        super.setup();
        this.shown = useState({ asWritten: false });
    }

    get filled() {
        return !this.shown.asWritten && this.props.record.data.subject_filled;
    }

    get label() {
        return _t("Edit the subject");
    }
}

registry.category("fields").add("member_mail_subject", {
    ...charField,
    component: SubjectField,
    displayName: _t("Subject of a draft"),
    fieldDependencies: [{ name: "subject_filled", type: "char", readonly: true }],
});
