import { deserializeDateTime, toLocaleDateString } from "@web/core/l10n/dates";

const { DateTime } = luxon;

/**
 * When a moment was, as email apps show it: the time for today, "2 days ago" for the last week, otherwise
 * the date, also of an email that is to be sent on a later day.
 *
 * @param {string} moment UTC, in the server's format
 */
export function relativeDate(moment) {
    const date = deserializeDateTime(moment);
    const days = DateTime.local().startOf("day").diff(date.startOf("day"), "days").days;
    if (days === 0) {
        return date.toLocaleString(DateTime.TIME_SIMPLE);
    }
    return days > 0 && days < 7
        ? date.toRelativeCalendar({ unit: "days" })
        : toLocaleDateString(date);
}

/** The whole date with time and weekday. */
export function absoluteDate(moment) {
    return deserializeDateTime(moment).toLocaleString(DateTime.DATETIME_HUGE);
}

/** For the attribute `datetime` of `<time>`. */
export function isoDate(moment) {
    return deserializeDateTime(moment).toISO();
}
