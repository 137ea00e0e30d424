/**
 * What of a part of a page can't be read or reached in a window of this size, as a list of
 * [rule, where, what]. A text that ends in "…" is shortened, not cut.
 *
 * @param {string} within a selector of the part
 * @param {string[]} others selectors of what is not ours, whatever is in it
 * @param {Object<string, string[]>} ways by rule, selectors of where it does not hold
 */
// eslint-disable-next-line no-unused-vars -- test_narrow.py calls it
function unreadable(within, others, ways) {
    const SLACK = 1.5; // pixels
    const FEW = 8; // characters
    const found = [];
    const style = (element) => getComputedStyle(element);
    const isOthers = (element) => Boolean(element.closest(others));
    const note = (rule, element, text) => {
        if (ways[rule]?.some((way) => element.closest(way))) {
            return;
        }
        const names = [];
        for (
            let at = element;
            at && at !== document.body && names.length < 3;
            at = at.parentElement
        ) {
            const classes = [...at.classList].filter((name) => /^o_/.test(name)).slice(0, 3);
            const name = at.getAttribute("name");
            names.unshift([at.localName, ...classes].join(".") + (name ? `[name=${name}]` : ""));
        }
        found.push([rule, names.join(" > "), text.trim().replace(/\s+/g, " ").slice(0, 80)]);
    };
    /** For screen readers only, or not there at all. */
    const isUnseen = (element) => {
        if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) {
            return true;
        }
        for (let at = element; at; at = at.parentElement) {
            const { clip, clipPath } = style(at);
            if (clip !== "auto" || clipPath !== "none") {
                return true;
            }
        }
        return false;
    };
    const isInline = (element) => /^(inline|contents)$/.test(style(element).display);
    const scrolls = (value) => /^(auto|scroll)$/.test(value);
    const hides = (value) => /^(hidden|clip)$/.test(value);
    const inner = (element) => {
        const { left, top } = element.getBoundingClientRect();
        const x = left + element.clientLeft;
        const y = top + element.clientTop;
        return {
            left: x,
            right: x + element.clientWidth,
            top: y,
            bottom: y + element.clientHeight,
        };
    };
    const contentWidth = (element) => {
        const { paddingLeft, paddingRight } = style(element);
        return element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    };
    /** How many lines these rectangles of a text make: what is raised or smaller is in the same one. */
    const countRows = (rects) => {
        let [rows, bottom] = [0, -Infinity];
        for (const rect of [...rects].sort((one, other) => one.top - other.top)) {
            if ((rect.top + rect.bottom) / 2 > bottom) {
                rows++;
                bottom = rect.bottom;
            }
        }
        return rows;
    };
    const root = document.querySelector(within);

    // -- texts ------------------------------------------------------------------------------------

    const blocks = new Map();
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
        const parent = node.parentElement;
        if (!node.data.trim() || parent.closest("option, script, style, textarea, svg")) {
            continue;
        }
        if (isOthers(parent) || isUnseen(parent)) {
            continue;
        }
        let block = parent;
        while (isInline(block)) {
            block = block.parentElement;
        }
        const range = document.createRange();
        range.selectNodeContents(node);
        const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
        const { text, lines } = blocks.get(block) || { text: "", lines: [] };
        blocks.set(block, { text: text + node.data, lines: [...lines, ...rects] });
    }

    for (const [block, { text, lines }] of blocks) {
        if (!lines.length) {
            continue;
        }
        const left = Math.min(...lines.map((rect) => rect.left));
        const right = Math.max(...lines.map((rect) => rect.right));
        const top = Math.min(...lines.map((rect) => rect.top));
        const bottom = Math.max(...lines.map((rect) => rect.bottom));
        const wholeWidth = lines.reduce((sum, { width }) => sum + width, 0);
        const few = (FEW * wholeWidth) / text.trim().replace(/\s+/g, " ").length;
        const line = lines[0].height / 3; // a font is higher than its letters
        let isShortened = false;
        let [x, y] = [true, true]; // what nothing scrolls yet
        for (let at = block; at && (x || y); at = at.parentElement) {
            const { overflowX, overflowY, textOverflow, position } = style(at);
            const box = inner(at);
            if (x && hides(overflowX) && (left < box.left - SLACK || right > box.right + SLACK)) {
                if (textOverflow !== "ellipsis") {
                    note("cut", block, text);
                } else if (contentWidth(at) < Math.min(few, wholeWidth)) {
                    note("shortened to nothing", block, text);
                }
                isShortened = true;
                break;
            }
            if (y && hides(overflowY) && (top < box.top - line || bottom > box.bottom + line)) {
                note("cut below", block, text);
                break;
            }
            x &&= !scrolls(overflowX);
            y &&= !scrolls(overflowY) && position !== "fixed";
        }
        const own = block.getBoundingClientRect();
        if (!isShortened && (left < own.left - SLACK || right > own.right + SLACK)) {
            note("spills", block, text);
        }
        const words = text.trim().split(/\s+/).length;
        const rows = countRows(lines);
        if (words > 1 && rows > 1 && contentWidth(block) < few) {
            note("squeezed", block, text);
        } else if (words > 2 && rows >= words) {
            note("a word a line", block, text);
        }
    }

    /** What is seen of a rectangle in an element. */
    const seen = (element, { left, right, top, bottom }) => {
        for (let at = element; at; at = at.parentElement) {
            const { overflowX, position } = style(at);
            if (overflowX !== "visible") {
                const box = inner(at);
                [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
                [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
            }
            if (position === "fixed") {
                break;
            }
        }
        return { left, right, top, bottom, height: bottom - top };
    };
    const all = [...blocks].flatMap(([block, { text, lines }]) =>
        lines.map((rect) => ({ block, text, rect: seen(block, rect) }))
    );
    for (const [number, one] of all.entries()) {
        for (const other of all.slice(number + 1)) {
            const width =
                Math.min(one.rect.right, other.rect.right) -
                Math.max(one.rect.left, other.rect.left);
            const height =
                Math.min(one.rect.bottom, other.rect.bottom) -
                Math.max(one.rect.top, other.rect.top);
            if (one.block !== other.block && width > 3 && height > 5) {
                const [a, b] = [one, other].map(({ block, rect }) => {
                    const at = document.elementFromPoint(rect.left + 1, rect.top + rect.height / 2);
                    return at && (block.contains(at) || at.contains(block));
                });
                if (a && b) {
                    note(
                        "one over the other",
                        one.block,
                        `${one.text.trim()} | ${other.text.trim()}`
                    );
                }
            }
        }
    }

    // -- what is written into a control --------------------------------------------------------------

    const pen = document.createElement("canvas").getContext("2d");
    for (const field of root.querySelectorAll("input[placeholder], select")) {
        const text =
            field.localName === "select" ? field.selectedOptions[0]?.label : field.placeholder;
        if (
            !text ||
            (field.value && field.localName === "input") ||
            isOthers(field) ||
            isUnseen(field)
        ) {
            continue;
        }
        pen.font = style(field).font;
        if (pen.measureText(text).width > contentWidth(field) + SLACK) {
            note("cut in a field", field, text);
        }
    }

    // -- what scrolls sideways ---------------------------------------------------------------------------

    for (const scroller of [
        document.documentElement,
        ...document.querySelectorAll("body, body *"),
    ]) {
        const isPage = scroller === document.documentElement;
        if (scroller.scrollWidth <= scroller.clientWidth + SLACK || isOthers(scroller)) {
            continue;
        }
        if (!isPage && !scrolls(style(scroller).overflowX)) {
            continue;
        }
        const edge = isPage ? innerWidth : inner(scroller).right;
        const wide = [...scroller.querySelectorAll("*")].filter(
            (element) => element.getBoundingClientRect().right > edge + SLACK && !isOthers(element)
        );
        if (wide.length) {
            note(
                "scrolls sideways",
                scroller,
                wide
                    .slice(0, 3)
                    .map((at) => at.className || at.localName)
                    .join(" | ")
            );
        }
    }

    // -- controls ---------------------------------------------------------------------------------------

    const places = [...document.querySelectorAll("*")]
        .filter((at) => at.scrollTop || at.scrollLeft)
        .map((at) => [at, at.scrollTop, at.scrollLeft]);
    const CONTROLS =
        "button, a[href], input, select, textarea, summary, [role=button], [tabindex='0']";
    for (const control of root.querySelectorAll(CONTROLS)) {
        if (isOthers(control) || isUnseen(control) || control.disabled) {
            continue;
        }
        control.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
        const { left, right, top, bottom, width, height } = control.getBoundingClientRect();
        const text = control.textContent.trim() || control.title || control.ariaLabel || control.id;
        if (!width || !height) {
            continue;
        }
        const isLow = height < innerHeight / 2; // what is higher may be scrolled while one reads it
        if (
            left < -SLACK ||
            right > innerWidth + SLACK ||
            (isLow && (top < -SLACK || bottom > innerHeight + SLACK))
        ) {
            note("out of the window", control, text);
            continue;
        }
        const at = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 20));
        const isItself = (element) => element && (element.contains(at) || at.contains(element));
        const label = control.id && root.querySelector(`label[for="${CSS.escape(control.id)}"]`);
        if (at && !isOthers(at) && ![control, control.closest("label"), label].some(isItself)) {
            note("covered", control, `${text} by ${at.localName}.${at.className}`);
        }
    }
    for (const at of document.querySelectorAll("*")) {
        if (at.scrollTop || at.scrollLeft) {
            [at.scrollTop, at.scrollLeft] = [0, 0];
        }
    }
    for (const [at, top, left] of places) {
        [at.scrollTop, at.scrollLeft] = [top, left];
    }
    return found;
}
