import { localization } from "@web/core/l10n/localization";

/** Letters that are written from right to left: Hebrew, Arabic, and those near them in Unicode. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/;

/**
 * A text for the inside of a sentence, so that neither turns the words of the other around where their
 * scripts run in different directions.
 *
 * @param {string} text
 * @returns {string} between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE where that matters
 */
export function isolated(text) {
    return text && (localization.direction === "rtl" || RIGHT_TO_LEFT.test(text))
        ? `\u2068${text}\u2069`
        : text;
}
