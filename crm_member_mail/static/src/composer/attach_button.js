import { Component, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { CHOOSE_FILES } from "./files_field";

/** `<widget name="member_mail_attach"/>`: the button in the footer that attaches files. */
class AttachButton extends Component {
    static template = xml`
        <button
            type="button"
            class="o_member_mail_attach btn btn-light"
            title="Attach files"
            aria-label="Attach files"
            t-on-click="choose"
        ><i class="fa fa-paperclip" role="presentation"/></button>`;
    static props = { ...standardWidgetProps };

    choose() {
        this.props.record.model.bus.trigger(CHOOSE_FILES);
    }
}

registry.category("view_widgets").add("member_mail_attach", { component: AttachButton });
