/**
 * A tour's step fails, says Odoo, when it has not come about within ten seconds. On a machine that
 * others use too, that is sometimes too early. So here each step has as many times ten seconds as the
 * tour's page took seconds to open: that is the work of the same server, database and browser.
 */
import { Macro } from "@web/core/macro";
import { patch } from "@web/core/utils/patch";

/** What Odoo grants where a step says nothing, in milliseconds. */
const ODOOS_TIMEOUT = 10000;

/** How many times that: on a fast machine, and when even the page came late. */
const LEAST = 2;
const MOST = 12;

patch(Macro.prototype, {
    start() {
        const secondsToOpen = performance.now() / 1000;
        const patience = Math.min(Math.max(secondsToOpen, LEAST), MOST);
        for (const step of this.steps) {
            step.timeout = (step.timeout || this.timeout || ODOOS_TIMEOUT) * patience;
        }
        return super.start();
    },
});
