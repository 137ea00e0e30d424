import {
    HtmlMailField,
    htmlMailField,
} from "@mail/views/web/fields/html_mail_field/html_mail_field";
import { onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { ColonsPlugin, TemplatePlugin } from "./template_plugin";
import { INSERT, insertTemplate, SHOW_PLACEHOLDERS, templatesFor } from "./templates";

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
        config.Plugins = [...config.Plugins, TemplatePlugin, ColonsPlugin];
        config.templates = this.templates;
        config.insertTemplate = (choice) =>
            insertTemplate(this.ormService, this.props.record, choice);
        return config;
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
