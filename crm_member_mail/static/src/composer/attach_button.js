import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { CHOOSE_FILES } from "./files_field";

/** `<widget name="member_mail_attach"/>`: the button in the footer that attaches files. */
class AttachButton extends Component {
    static template = xml`
        <button
            type="button"
            class="o_member_mail_attach btn btn-light"
            t-att-title="label"
            t-att-aria-label="label"
            t-on-click="choose"
        ><i class="fa fa-paperclip" role="presentation"/></button>`;
    static props = { ...standardWidgetProps };

    get label() {
        return _t("Attach files");
    }

    choose() {
        this.props.record.model.bus.trigger(CHOOSE_FILES);
    }
}

registry.category("view_widgets").add("member_mail_attach", { component: AttachButton });
