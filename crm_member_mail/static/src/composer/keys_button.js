import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Asks the composer to list its keys. */
export const SHOW_KEYS = "MEMBER_MAIL:SHOW_KEYS";

/** `<widget name="member_mail_keys"/>`: the button in the footer that lists the keys. */
class KeysButton extends Component {
    static template = xml`
        <button
            type="button"
            class="o_member_mail_keys_button btn btn-light"
            t-att-title="label"
            t-att-aria-label="label"
            t-on-click="() => props.record.model.bus.trigger('MEMBER_MAIL:SHOW_KEYS')"
        ><i class="fa fa-keyboard-o" role="presentation"/></button>`;
    static props = { ...standardWidgetProps };

    get label() {
        return _t("Keyboard shortcuts");
    }
}

registry.category("view_widgets").add("member_mail_keys", { component: KeysButton });
