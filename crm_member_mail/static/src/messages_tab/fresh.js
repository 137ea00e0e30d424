import { onWillUnmount, useEffect, useEnv, useExternalListener } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

/** Milliseconds after which a page asks again if the server doesn't say, or can't be reached. */
export const PAUSE = 60_000;

/**
 * While the page is in sight, have mailboxes scanned that aren't live and whose messages it shows. How
 * often is up to the server, which many pages ask.
 *
 * @param {() => [string, number[]]} shown a model and ids, as `keep_fresh` of `member.mail.tab` wants them
 * @param {() => any} [subject] when this changes, something else is shown: it is asked for at once
 */
export function useFreshMail(shown, subject = () => null) {
    const { orm } = useEnv().services;
    let timer;
    let next = 0;
    let isOver = false;

    async function ask() {
        browser.clearTimeout(timer);
        const wait = next - Date.now();
        if (document.visibilityState !== "visible") {
            return; // until it is
        }
        if (wait > 0) {
            timer = browser.setTimeout(ask, wait);
            return;
        }
        next = Date.now() + PAUSE;
        try {
            const seconds = await orm.silent.call("member.mail.tab", "keep_fresh", shown());
            next = Math.min(next, Date.now() + seconds * 1000);
        } catch {
            // Whatever it is, the user did not ask for this.
        }
        if (!isOver) {
            ask();
        }
    }

    useEffect(
        () => {
            next = 0;
            ask();
        },
        () => [subject()]
    );
    useExternalListener(document, "visibilitychange", ask);
    onWillUnmount(() => {
        isOver = true;
        browser.clearTimeout(timer);
    });
}
