import {
    HtmlMailField,
    htmlMailField,
} from "@mail/views/web/fields/html_mail_field/html_mail_field";
import { onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { KEEP_TEXT } from "./composer_view";
import { withOurs } from "./editor_plugins";
import { ColonsPlugin, TemplatePlugin } from "./template_plugin";
import { INSERT, insertTemplate, SHOW_PLACEHOLDERS, templatesFor, TEXT_CHANGES } from "./templates";

/**
 * Odoo's mail editor in a form that is saved while the user types.
 *
 * Odoo's own forgets that there is something to save if the user keeps typing while the text is collected.
 */
export class EditorField extends HtmlMailField {
    setup() {
        super.setup();
        this.changes = 0;
        const { record } = this.props;
        const shared = () => this.editor.shared.memberMailTemplates;
        useBus(record.model.bus, KEEP_TEXT, ({ detail }) => {
            if (this.editor && this.isDirty) {
                detail.body = this.editor.getContent();
            }
        });
        useBus(record.model.bus, INSERT, ({ detail }) => shared().insertTemplate(detail));
        useBus(record.model.bus, SHOW_PLACEHOLDERS, ({ detail }) =>
            shared().showPlaceholders(detail)
        );
        onWillStart(async () => {
            this.templates = await templatesFor(this.ormService, record).catch(() => []);
        });
    }

    getConfig() {
        const config = super.getConfig();
        config.Plugins = [...withOurs(config.Plugins), TemplatePlugin, ColonsPlugin];
        // Pasted pictures become files of the draft: what is saved at each pause stays small.
        config.dropImageAsAttachment = true;
        config.templates = this.templates;
        config.insertTemplate = (choice) =>
            insertTemplate(this.ormService, this.props.record, choice);
        config.leaveText = () => this.leave();
        return config;
    }

    /** To the button that sends: from there Tab goes on to the others. */
    leave() {
        const { editable } = this.editor;
        // A dialog has its buttons below the form.
        const root = editable.closest(".modal") || editable.closest(".o_form_view");
        const buttons = [...root.querySelectorAll(".o_member_mail_send")];
        buttons.find((button) => button.offsetParent)?.focus();
    }

    onChange() {
        this.changes++;
        super.onChange();
        this.props.record.model.bus.trigger(TEXT_CHANGES);
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
