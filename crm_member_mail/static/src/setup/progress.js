import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** `<widget name="member_mail_setup_progress"/>`: which of the three screens is shown. */
export class SetupProgress extends Component {
    static template = "crm_member_mail.SetupProgress";
    static props = { ...standardWidgetProps };

    get screens() {
        const names = ["address", "signin", "reading"];
        const labels = [_t("Address"), _t("Sign in"), _t("Emails")];
        const { resId, data } = this.props.record;
        const at = resId ? names.indexOf(data.setup_screen) : 0;
        return names.map((name, index) => ({
            name,
            label: labels[index],
            number: index + 1,
            isDone: index < at,
            isCurrent: index === at,
        }));
    }
}

registry.category("view_widgets").add("member_mail_setup_progress", {
    component: SetupProgress,
    fieldDependencies: [{ name: "setup_screen", type: "selection" }],
});
