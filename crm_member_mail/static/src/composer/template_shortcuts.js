import { Component, onMounted, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { describe, insertTemplate, lastUsedFirst, templatesFor, TEXT_CHANGES } from "./templates";

const OFFERED = 3;

/** Whether a text has nothing in it yet but, perhaps, the signature. */
function isBlank(html) {
    const { body } = new DOMParser().parseFromString(String(html || ""), "text/html");
    body.querySelector(".o_member_mail_signature")?.remove();
    return !body.textContent.trim() && !body.querySelector("img");
}

/**
 * `<widget name="member_mail_shortcuts"/>`: while nothing is written, a click inserts one of a few templates,
 * those that were used last.
 */
export class TemplateShortcuts extends Component {
    static template = "crm_member_mail.TemplateShortcuts";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.describe = describe;
        this.state = useState({ templates: [], isWritten: false });
        const { record } = this.props;
        useBus(record.model.bus, TEXT_CHANGES, () => (this.state.isWritten = true));
        onMounted(async () => {
            const templates = await templatesFor(this.orm, record).catch(() => []);
            this.state.templates = lastUsedFirst(templates).slice(0, OFFERED);
        });
    }

    get isOffered() {
        const { templates, isWritten } = this.state;
        return templates.length && !isWritten && isBlank(this.props.record.data.body);
    }

    /** Once: a second click comes before the text is there. */
    async insert(choice) {
        if (!this.isInserting) {
            this.isInserting = true;
            await insertTemplate(this.orm, this.props.record, choice).finally(() => {
                this.isInserting = false;
            });
        }
    }
}

registry.category("view_widgets").add("member_mail_shortcuts", { component: TemplateShortcuts });
