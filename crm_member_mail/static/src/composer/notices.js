import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { relativeDate } from "../messages_tab/dates";

/** `<widget name="member_mail_notices"/>`: what whoever writes should know of elsewhere, see DraftWatch. */
class Notices extends Component {
    static template = "crm_member_mail.Notices";
    static props = { ...standardWidgetProps };

    setup() {
        this.watch = this.props.record.model.watch;
        this.state = useState(this.watch.state);
    }

    textOf({ who, date }) {
        return _t("%(who)s answered here: %(date)s", { who, date: relativeDate(date) });
    }
}

registry.category("view_widgets").add("member_mail_notices", { component: Notices });
