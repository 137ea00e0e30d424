import { Component, xml } from "@odoo/owl";

/*
 * What the search finds is highlighted, and nothing else: as `tools/search_marks.py` does it, of which this is
 * a copy, for what the server does not write itself. A test compares them, letter by letter.
 */

/** A part of a text that is a word, or several. */
const CHUNK = /[^\x00-/:-@[-`{-\x7f]+/g; // eslint-disable-line no-control-regex
const LETTER = /[\p{L}\p{N}\p{M}]/u;
/** Scripts that are indexed by pairs of letters. */
const PAIRED = /([\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\u{20000}-\u{3fffd}]+)/u;
/** Letters of a word that are indexed. */
const MAX_LENGTH = 64;
/** The accent that comes last where several are put in order. */
const LAST = "\u0345";

/** Whether a character makes no difference between words: what can't be seen, and accents, which are put
 * into an order. */
function isUnwritten(character) {
    return /\p{Cf}/u.test(character) || !(LAST + character).normalize("NFD").startsWith(LAST);
}

/** A character without capitals; the dotless i of Turkish has one that belongs to another letter, too. */
function caseless(character) {
    return character === "\u0131"
        ? character
        : character.toLowerCase().toUpperCase().toLowerCase().replaceAll("\u03c2", "\u03c3");
}

const known = new Map();

/** What the index has of a character: letters, blanks, or nothing. */
function fold(character) {
    if (!known.has(character)) {
        const letters = [...character.normalize("NFKD")]
            .flatMap((one) => [...caseless(one)])
            .filter((one) => !isUnwritten(one))
            .map((one) => (LETTER.test(one) ? one : " "));
        known.set(character, letters);
    }
    return known.get(character);
}

/** A text folded, in letters; and where each of them begins and ends in the text. */
export function withPlaces(text) {
    const letters = [];
    const places = [];
    let start = 0;
    for (const character of text) {
        const end = start + character.length;
        const found = fold(character);
        if (!found.length && letters.length && letters.at(-1) !== " ") {
            places.at(-1)[1] = end; // an accent
        }
        for (const letter of found) {
            const joined = ((letters.at(-1) || "") + letter).normalize("NFC");
            if (letters.length && [...joined].length === 1) {
                letters[letters.length - 1] = joined;
                places.at(-1)[1] = end;
            } else {
                letters.push(letter);
                places.push([start, end]);
            }
        }
        start = end;
    }
    return { letters, places };
}

/** The words of a folded text as [letters, whether it is indexed by pairs, number of its first letter]. */
function* wordsOf(letters) {
    let start = 0;
    for (const run of letters.join("").split(/( +)/)) {
        for (const [number, piece] of run.split(PAIRED).entries()) {
            const found = [...piece];
            if (piece.trim()) {
                yield [found, number % 2, start];
            }
            start += found.length;
        }
    }
}

/** The [start, end] of what is to be highlighted in a text, in order; they may overlap. */
function* spans(text, words) {
    const beginsLike = (letters) => {
        const word = [...letters.slice(0, MAX_LENGTH), " "].join("");
        return words.some((one) => word.startsWith(one));
    };
    for (const { 0: chunk, index } of text.matchAll(CHUNK)) {
        const { letters, places } = withPlaces(chunk);
        const place = (first, size) => [
            index + places[first][0],
            index + places[first + size - 1][1],
        ];
        for (const [found, isPaired, first] of wordsOf(letters)) {
            if (!isPaired) {
                if (beginsLike(found)) {
                    yield place(first, found.length);
                }
                continue;
            }
            for (let number = 0; number < found.length; number++) {
                const rest = found.slice(number, number + 2).join("");
                const sizes = words
                    .filter((one) => rest.startsWith(one))
                    .map((one) => [...one].length);
                if (sizes.length) {
                    yield place(first + number, Math.max(...sizes));
                }
            }
        }
    }
}

/**
 * A text in pieces, of which every other one is to be highlighted.
 *
 * @param {string} text
 * @param {string[]} words what `get_search_marks` of messages says
 */
export function pieces(text, words) {
    if (!words?.length || !text) {
        return [text];
    }
    const asked = words.map((word) => withPlaces(word).letters.join(""));
    const marked = [];
    for (const [start, stop] of spans(text, asked)) {
        const last = marked.at(-1);
        if (last && start <= last[1]) {
            last[1] = Math.max(last[1], stop);
        } else {
            marked.push([start, stop]);
        }
    }
    const result = [];
    let end = 0;
    for (const [start, stop] of marked) {
        result.push(text.slice(end, start), text.slice(start, stop));
        end = stop;
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
