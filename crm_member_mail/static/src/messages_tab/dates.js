import { deserializeDateTime, toLocaleDateString } from "@web/core/l10n/dates";

const { DateTime } = luxon;

/** Like DATETIME_FULL, without the time zone: it is the user's own, and long. */
const WHOLE = { dateStyle: "full", timeStyle: "short" };
const LINE = {
    weekday: "short",
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
};

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
    return deserializeDateTime(moment).toLocaleString(WHOLE);
}

/** Date, time and weekday, as short as may be. */
export function lineDate(moment) {
    return deserializeDateTime(moment).toLocaleString(LINE);
}

/** For the attribute `datetime` of `<time>`. */
export function isoDate(moment) {
    return deserializeDateTime(moment).toISO();
}
