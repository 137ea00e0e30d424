/** Attributes that pasted elements keep, besides those that Odoo keeps. */
export const KEPT_ATTRIBUTES = ["alt", "colspan", "dir", "height", "rowspan", "start", "width"];
/** Where the style of an element is while Odoo's editor takes all styles away. */
export const STYLE = "data-pasted-style";

const STYLES = ["color", "background-color", "font-weight", "font-style", "text-decoration-line"];
/** What everything has, and what would be unreadable in dark mode. */
const USUAL =
    /^(|normal|400|none|inherit|initial|auto|transparent|windowtext|black|white|rgb\(0, 0, 0\)|rgb\(255, 255, 255\)|rgba\(0, 0, 0, 0\))$/;
/** Of a paragraph that Word shows as an item of a list: its list and level. */
const ITEM = /mso-list:\s*(\w+)\s+level(\d)/i;
const MARKER = /mso-list:\s*ignore/i;
/** What counts the items of a numbered list: "1.", "b)", "(iv)". */
const NUMBER = /^\(?([0-9]{1,4}|[a-z]{1,5})[.)]/i;

/**
 * What was copied in Word, Outlook, Gmail or a web page, as Odoo's editor can take it: with lists as lists, its
 * colours in STYLE, and without pictures that exist only where it was copied.
 *
 * @param {string} html
 * @returns {string}
 */
export function tidyPasted(html) {
    const doc = new DOMParser().parseFromString(html, "text/html");
    wordLists(doc.body);
    for (const image of doc.body.querySelectorAll("img, source")) {
        if (!/^(https?:|data:image\/)/i.test(image.getAttribute("src") || "")) {
            image.remove();
        }
    }
    for (let element of [...doc.body.querySelectorAll("[style], font[color], [bgcolor]")]) {
        const style = keptStyle(element);
        element.removeAttribute("style");
        element.removeAttribute("color");
        if (style && /^(span|b|strong|i|em|a|u|s)$/i.test(element.tagName)) {
            // The only element without a meaning of its own that keeps a colour.
            const font = doc.createElement("font");
            font.append(...element.childNodes);
            element.append(font);
            element = font;
        }
        if (style) {
            element.setAttribute(STYLE, style);
        }
    }
    return (doc.head.querySelector("meta[name=ProgId]")?.outerHTML || "") + doc.body.innerHTML;
}

function keptStyle(element) {
    const { style } = element;
    const color = element.getAttribute("color");
    const background = element.getAttribute("bgcolor");
    if (color && !style.color) {
        style.color = color;
    }
    if (background && !style.backgroundColor) {
        style.backgroundColor = background;
    }
    return STYLES.map((name) => [name, style.getPropertyValue(name)])
        .filter(([, value]) => !USUAL.test(value))
        .map(([name, value]) => `${name}: ${value}`)
        .join("; ");
}

/** Word and Outlook write an item of a list as a paragraph that begins with its bullet or number. */
function wordLists(body) {
    let lists = [];
    const names = [];
    let previous = null;
    for (const paragraph of [...body.querySelectorAll("p, h1, h2, h3, h4, h5, h6, div")]) {
        const found = ITEM.exec(paragraph.getAttribute("style") || "");
        if (!found) {
            continue;
        }
        const level = Number(found[2]);
        const marker = [...paragraph.querySelectorAll("[style]")].find((element) =>
            MARKER.test(element.getAttribute("style"))
        );
        const text = (marker?.textContent || "").replace(/\s+/g, "");
        const number = NUMBER.exec(text);
        marker?.remove();
        if (paragraph.previousElementSibling !== previous) {
            lists = []; // something else stands between them
        }
        // Another list may begin right below.
        lists.length = Math.min(lists.length, names[level - 1] === found[1] ? level : level - 1);
        names.length = lists.length;
        while (lists.length < level) {
            const list = body.ownerDocument.createElement(number ? "ol" : "ul");
            if (number && /[2-9]|\d\d/.test(number[1])) {
                list.setAttribute("start", Number(number[1]));
            }
            const parent = lists.at(-1);
            if (parent) {
                (
                    parent.lastElementChild ||
                    parent.appendChild(body.ownerDocument.createElement("li"))
                ).append(list);
            } else {
                paragraph.before(list);
            }
            lists.push(list);
            names.push(found[1]);
        }
        const item = body.ownerDocument.createElement("li");
        item.append(...paragraph.childNodes);
        lists.at(-1).append(item);
        paragraph.remove();
        previous = lists[0];
    }
}
