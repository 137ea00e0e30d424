import { Component, xml } from "@odoo/owl";
import { useDateTimePicker } from "@web/core/datetime/datetime_picker_hook";
import { serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

/** Operators of dates in English, as this button writes them. */
const DATES = /(^|\s)(after|before):\S+/g;

/**
 * A query that asks for these days, and no longer for others.
 *
 * @param {string} query
 * @param {luxon.DateTime} first
 * @param {luxon.DateTime} [last]
 */
export function withDates(query, first, last) {
    const text = query.replace(DATES, "").trim();
    const until = (last || first).plus({ days: 1 });
    return `${text} after:${serializeDate(first)} before:${serializeDate(until)}`.trim();
}

/** A button that opens a calendar to choose one day or a period. */
export class DateRange extends Component {
    static template = xml`
        <button
            type="button"
            class="o_member_mail_dates btn btn-secondary btn-sm"
            t-att-title="label"
            t-att-aria-label="label"
            t-ref="button"
            t-on-click="open"
        ><i class="fa fa-calendar" role="presentation"/></button>`;
    static props = { onChosen: Function };

    setup() {
        this.picker = useDateTimePicker({
            target: "button",
            ensureVisibility: () => false, // it would push everything else off a phone's screen
            pickerProps: { type: "date", range: true, value: [false, false] },
            onChange: ([first, last]) => first && last && this.picker.close(),
            onApply: ([first, last]) => first && this.props.onChosen(first, last),
        });
    }

    get label() {
        return _t("Choose dates");
    }

    open() {
        this.picker.state.value = [false, false];
        this.picker.open(0);
    }
}
