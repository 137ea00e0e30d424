"""Texts, and what people type to find them, as words of the full-text index."""

import re
import unicodedata
from functools import cache
from itertools import chain, repeat

#: How much of the index one message may fill; a tsvector of PostgreSQL is limited to 1 MB.
MAX_WORDS = 10_000
MAX_BYTES = 400_000
MAX_LENGTH = 64
#: Characters of one text that are indexed.
MAX_TEXT = 1_000_000
#: Words of a query that count.
MAX_QUERY_WORDS = 20

_ASCII = re.compile("[a-z0-9]+")
#: Scripts written without spaces, and Korean, whose words carry endings: indexed by pairs.
PAIRED = "[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003fffd]"
_PAIRED = re.compile(f"({PAIRED}+)")


def _is_unwritten(character):
    """Whether a character makes no difference between words: accents, vowel points, invisible ones."""
    return bool(unicodedata.combining(character)) or unicodedata.category(character) == "Cf"


@cache
def unwritten():
    """The characters that make no difference between words, for the brackets of a regular expression."""
    spans = []
    for character in filter(_is_unwritten, map(chr, range(0x80, 0x10000))):
        if spans and ord(character) == ord(spans[-1][1]) + 1:
            spans[-1][1] = character
        else:
            spans.append([character, character])
    return "".join(f"{first}-{last}" for first, last in spans)


class _Letters(dict):
    """What each character becomes: itself, nothing (accents, invisible ones), or a space."""

    def __missing__(self, code):
        character = chr(code)
        kind = unicodedata.category(character)
        if _is_unwritten(character):
            found = None
        elif character.isalnum() or kind[0] == "M":
            found = code
        else:
            found = 32
        self[code] = found
        return found


_LETTERS = _Letters()


def folded(text):
    """A text without capitals and accents, for comparing.

    >>> folded("Após FÉVRIER")
    'apos fevrier'
    """
    text = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in text if not unicodedata.combining(one)).strip()


def folded_words(text, compose=True):
    """A text as the index has it: words without capitals, accents and what can't be seen, with blanks
    between them. Two texts are the same for the search if this makes the same of them.

    :param bool compose: put the letters of syllables together; a text must be folded as a whole for that

    >>> folded_words("Größe: ｶﾀﾛｸﾞ soft\u00adhyphen").split()
    ['grosse', 'カタロク', 'softhyphen']
    """
    text = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", text) if compose and not text.isascii() else text


def paired_pieces(run):
    """The pieces of a folded word, in order: (piece, whether it is indexed by pairs of its letters)."""
    for number, piece in enumerate(_PAIRED.split(run)):
        if piece:
            yield piece, bool(number % 2)


def _runs(text):
    text = text[:MAX_TEXT]
    if text.isascii():
        yield from zip(_ASCII.findall(text.lower()), repeat(False))
        return
    for run in folded_words(text).split():
        if run.isascii():
            yield run, False
        else:
            yield from paired_pieces(run)


def words_of(*texts, more=()):
    """The distinct words of some texts, in order: a list of strings without spaces or quotes.

    :param more: words that this function returned for another text, to add as far as there is room

    >>> words_of("Größe: 5", "ada@member.example", None)
    ['grosse', '5', 'ada', 'member', 'example']
    >>> words_of("Café CAFE cafe\\u0301 soft\\u00adhyphen")
    ['cafe', 'softhyphen']
    >>> words_of("東京都 Ada会議")
    ['東京', '京都', '都', 'ada', '会議', '議']
    >>> len(words_of("x" * 1000)[0])
    64
    >>> words_of("Offer for Ada", more=["ada", "regatta"])
    ['offer', 'for', 'ada', 'regatta']
    """
    found, size = {}, 0
    for piece in chain(_pieces(texts), more):
        if piece in found:
            continue
        size += len(piece.encode())
        if size > MAX_BYTES or len(found) == MAX_WORDS:
            break
        found[piece] = None
    return list(found)


def _pieces(texts):
    for text in texts:
        for run, paired in dict.fromkeys(_runs(text or "")):
            yield from [run[i : i + 2] for i in range(len(run))] if paired else [run[:MAX_LENGTH]]


def query_words(text, whole=False):
    """The words of a query: list of (word, whether it may be the beginning of a word).

    A single letter is not taken as a beginning, because it would match half of all words.

    :param bool whole: only the last word may be the beginning of a word

    >>> query_words("Proj a 東京都")
    [('proj', True), ('a', False), ('東京', True), ('京都', True)]
    >>> query_words("annual report for", whole=True)
    [('annual', False), ('report', False), ('for', True)]
    >>> query_words("...")
    []
    """
    found = {}
    for run, paired in _runs(text[:1000]):
        if paired:
            pieces = [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
            found |= dict.fromkeys(pieces, True)
        else:
            found.pop(run[:MAX_LENGTH], None)
            found[run[:MAX_LENGTH]] = len(run) > 1
    found = list(found.items())[:MAX_QUERY_WORDS]
    if whole:
        last = len(found) - 1
        found = [
            (word, start and (n == last or is_paired(word)))
            for n, (word, start) in enumerate(found)
        ]
    return found


def is_paired(word):
    """Whether a word of the index is a piece of a text that is written without spaces."""
    return bool(_PAIRED.match(word))


def split_query(text):
    """A query as (text outside of double quotes, list of the phrases inside).

    >>> split_query('offer "annual report" ada')
    ('offer   ada', ['annual report'])
    >>> split_query('“still typ')
    ('', ['still typ'])
    """
    pieces = re.split('["“”„]', text)
    phrases = [" ".join(piece.split()) for piece in pieces[1::2]]
    return " ".join(pieces[::2]).strip(), [phrase for phrase in phrases if phrase]


def tsquery(words):
    """The text of a PostgreSQL tsquery for all of the words from `query_words`.

    >>> tsquery([("proj", True), ("a", False)])
    "'proj':* & 'a'"
    """
    return " & ".join(f"'{word}':*" if start else f"'{word}'" for word, start in words)
