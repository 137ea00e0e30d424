import { _t } from "@web/core/l10n/translation";

/** Sentences about those who don't get one of many emails. */
export function leftOutTexts({ no_address: none, unsubscribed, failed }) {
    return [
        none && _t("Skipped, without an address: %s", none),
        unsubscribed && _t("Skipped, unsubscribed: %s", unsubscribed),
        failed && _t("Not sent, as the template can't be filled in: %s", failed),
    ].filter(Boolean);
}
