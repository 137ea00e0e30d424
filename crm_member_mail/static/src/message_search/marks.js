import { Component, xml } from "@odoo/owl";

const WORD = /[\p{L}\p{N}\p{M}_]+/gu;
/** The beginning of a word in a script written without spaces. */
const UNSPACED = /^[\u3005-\u9fff\uac00-\ud7af]/;

function folded(word) {
    return word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ß", "ss");
}

/**
 * A text in pieces, of which every other one is to be highlighted: as `mailbox/html/marks.py` does it.
 *
 * @param {string} text
 * @param {string[]} words what `get_search_marks` of messages says
 */
export function pieces(text, words) {
    if (!words?.length || !text) {
        return [text];
    }
    const within = words.filter((word) => UNSPACED.test(word));
    const result = [];
    let end = 0;
    const add = (start, stop) => {
        result.push(text.slice(end, start), text.slice(start, stop));
        end = stop;
    };
    for (const match of text.matchAll(WORD)) {
        const word = folded(match[0]);
        if (words.some((one) => word === one || (one.length > 1 && word.startsWith(one)))) {
            add(match.index, match.index + match[0].length);
        } else if (within.length) {
            for (const inner of match[0].matchAll(new RegExp(within.join("|"), "g"))) {
                add(match.index + inner.index, match.index + inner.index + inner[0].length);
            }
        }
    }
    return [...result, text.slice(end)];
}

/** A text in which the words that were searched for are highlighted. */
export class Marked extends Component {
    static template = xml`
        <t t-foreach="pieces" t-as="piece" t-key="piece_index">
            <mark t-if="piece_index % 2" t-esc="piece"/><t t-else="" t-esc="piece"/>
        </t>`;
    static props = { text: String, words: { type: Array, optional: true } };

    get pieces() {
        return pieces(this.props.text, this.props.words);
    }
}
