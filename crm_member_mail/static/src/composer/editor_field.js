import {
    HtmlMailField,
    htmlMailField,
} from "@mail/views/web/fields/html_mail_field/html_mail_field";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * Odoo's mail editor in a form that is saved while the user types.
 *
 * Odoo's own forgets that there is something to save if the user keeps typing while the text is collected.
 */
export class EditorField extends HtmlMailField {
    setup() {
        super.setup();
        this.changes = 0;
    }

    onChange() {
        this.changes++;
        super.onChange();
    }

    async _commitChanges(options) {
        const { changes } = this;
        await super._commitChanges(options);
        if (this.changes !== changes) {
            this.isDirty = true;
            this.props.record.model.bus.trigger("FIELD_IS_DIRTY", true);
        }
    }
}

registry.category("fields").add("member_mail_editor", {
    ...htmlMailField,
    component: EditorField,
    displayName: _t("Text of an email"),
});
