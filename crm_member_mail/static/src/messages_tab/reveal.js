/** What a user does who wants something else than to see what was unfolded. */
const ACTS = ["keydown", "pointerdown", "touchmove", "wheel"];

/**
 * Scroll as far as it takes to see what was unfolded while it is being drawn, until the user does something.
 *
 * @param {Element} element
 * @returns {Function} ends it
 */
export function reveal(element) {
    const observer = new ResizeObserver(() => element.scrollIntoView({ block: "nearest" }));
    const end = () => {
        observer.disconnect();
        ACTS.forEach((act) => document.removeEventListener(act, end, true));
    };
    ACTS.forEach((act) => document.addEventListener(act, end, true));
    observer.observe(element);
    return end;
}
