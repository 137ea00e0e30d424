import { Component, useState } from "@odoo/owl";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { Dialog } from "@web/core/dialog/dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { today } from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;
/** The hour that "morning" stands for. */
const MORNING = 8;
const FORMAT = {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "numeric",
};

/** Moments to choose from: list of {name, label, moment}. */
export function presets(now = DateTime.now()) {
    const morning = (days) => now.startOf("day").plus({ days }).set({ hour: MORNING });
    const tomorrow = morning(1);
    const monday = morning(8 - now.weekday);
    const result = [{ name: "tomorrow", label: _t("Tomorrow morning"), moment: tomorrow }];
    if (!monday.equals(tomorrow)) {
        result.push({ name: "monday", label: _t("Monday morning"), moment: monday });
    }
    return result;
}

export function formatMoment(moment) {
    return moment.toLocaleString(FORMAT);
}

/** The user's format of a date with time, for luxon. */
function withoutSeconds() {
    return localization.dateTimeFormat.replace(/[^a-z]ss?/, "");
}

class MomentDialog extends Component {
    static template = "crm_member_mail.MomentDialog";
    static components = { DateTimeInput, Dialog };
    static props = { moment: { optional: true }, choose: Function, close: Function };

    setup() {
        const soon = DateTime.now().plus({ hours: 1 }).startOf("hour");
        this.state = useState({ moment: this.props.moment || soon });
    }

    get title() {
        return _t("Send later");
    }

    get pickerProps() {
        return {
            minDate: today(),
            type: "datetime",
            format: withoutSeconds(),
            rounding: 5,
            value: this.state.moment,
            onChange: (moment) => (this.state.moment = moment),
        };
    }

    get problem() {
        const { moment } = this.state;
        return moment && moment <= DateTime.now()
            ? _t("This time has passed. Choose a later one.")
            : "";
    }

    async confirm() {
        this.props.close();
        await this.props.choose(this.state.moment);
    }
}

/** Sends the draft at a chosen time; shows the time once chosen, and lets the user clear it. */
export class SendLaterField extends Component {
    static template = "crm_member_mail.SendLaterField";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardFieldProps };

    setup() {
        this.dialog = useService("dialog");
    }

    get moment() {
        return this.props.record.data[this.props.name];
    }

    get presets() {
        return presets().map((preset) => ({ ...preset, text: formatMoment(preset.moment) }));
    }

    get momentText() {
        return _t("Scheduled: %s", formatMoment(this.moment));
    }

    get clearLabel() {
        return _t("Send now instead");
    }

    pick() {
        const props = { moment: this.moment || undefined, choose: (moment) => this.choose(moment) };
        this.dialog.add(MomentDialog, props);
    }

    async choose(moment) {
        const { record, name } = this.props;
        await record.update({ [name]: moment });
        await this.env.onClickViewButton({
            clickParams: { name: "action_send", type: "object" },
            getResParams: () => ({
                resModel: record.resModel,
                resId: record.resId,
                resIds: record.resIds,
                context: record.context,
                evalContext: record.evalContext,
            }),
        });
    }

    clear() {
        return this.props.record.update({ [this.props.name]: false });
    }
}

registry.category("fields").add("member_mail_send_later", {
    component: SendLaterField,
    displayName: _t("Send later"),
    supportedTypes: ["datetime"],
    isEmpty: () => false,
});
