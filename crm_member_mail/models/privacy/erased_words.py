"""Finds names and addresses in a text, however their letters are written."""

import re
import unicodedata
from bisect import bisect_right
from itertools import accumulate

from ...mailbox.mime.people.address_typed import is_gmail

#: What people don't write, or write otherwise, and keyboards lack. Accents are dropped besides.
_PLAIN = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i",
}  # fmt: skip
#: In whose place two letters are written.
_TWO_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "AE", "Ö": "OE", "Ü": "UE",
     "Å": "AA", "Ø": "OE"}
)  # fmt: skip
#: Accents and points of Latin, Greek, Cyrillic, Hebrew and Arabic letters.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
)
_MARK = re.compile(f"[{_MARKS}]")
#: Characters that nobody sees.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\uffa0]"
)
#: Scripts that write words without blanks in between, or endings without one.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)

#: What is between two words of a name: blanks, in encoded text as well, and where a quoted line goes on;
#: or a character that stands there in the names of files and in tables. A comma and a blank are there
#: only after the last name: "Ada, member of the board" is not Ada Member.
_BLANK = r"(?:[\s_]|%20|=20|&nbsp;|&\#160;)"
_BETWEEN = rf"(?:{_BLANK}{{1,20}}(?:(?<=\n)>[\s>]{{0,10}})?|[\"']?[-\u2010.+/|,;][\"']?)"
_AFTER_LAST = rf"(?:{_BETWEEN}|[\"']?[,;][\"']?{_BLANK}{{0,20}})"
_AFTER_DOT = rf"(?:{_BETWEEN}|\.{_BLANK}{{1,20}})"
_AT = r"(?:@|%40|=40|&\#64;|&\#x40;|&commat;)"
_NO_LETTER_BEFORE, _NO_LETTER_AFTER = r"(?<![^\W\d_])", r"(?![^\W\d_])"


class _Letters(dict):
    """For `str.translate`: each character as it is compared."""

    def __init__(self, with_accents):
        super().__init__()
        self._with_accents = with_accents

    def __missing__(self, code):
        self[code] = found = self._read(chr(code))
        return found

    def of(self, text):
        """A text as it is compared."""
        return text if text.isascii() else text.translate(self)

    def _read(self, char):
        if INVISIBLE.match(char):
            return ""
        if char in "\u2018\u2019\u02bc\u00b4":
            return "'"
        if char == "\u3164":
            return " "  # a letter that is blank
        if char == "\u3002":
            return "."
        if self._with_accents:
            return unicodedata.normalize("NFKD", char)
        plain = unicodedata.normalize("NFKD", _PLAIN.get(char, char))
        return _MARK.sub("", plain)


_PLAIN_LETTERS, _EXACT_LETTERS = _Letters(with_accents=False), _Letters(with_accents=True)


def _lower(text):
    return text.lower().replace("ς", "σ")  # neither changes the length of what _Letters leave


class Found:
    """A place in a text, as a match of `re` tells it."""

    def __init__(self, start, end):
        self._span = start, end

    def start(self):
        return self._span[0]

    def end(self):
        return self._span[1]


class Words:
    """Finds names and addresses; as far as it goes, it is used like a compiled regular expression.

    Upper and lower case, accents and how they are encoded (Unicode's forms of normalization), invisible
    characters, and what separates the words of a name make no difference.

    :param addresses: canonical addresses in all their spellings
    :param names: names, as lists of words; one of several words is found with the last one first, too
    :param single: words that count only with their capital letters, because they may be words besides
    """

    def __init__(self, addresses=(), names=(), single=()):
        whole = [form for words in names for form in _name(words)]
        exact = [form for word in single for form in _single(word)]
        exact += [form for words in names for form in _joined(words)]
        found = [form for address in addresses for form in _address(address)]
        self._readings = [
            (letters, change, [(parts, re.compile(form)) for parts, form in dict.fromkeys(forms)])
            for letters, change, forms in (
                (_EXACT_LETTERS, _lower, found),
                (_PLAIN_LETTERS, _lower, whole),
                (_EXACT_LETTERS, str, exact),
            )
            if forms
        ]

    def search(self, text):
        """Whether something is found in a text."""
        for letters, change, forms in self._readings:
            compared = change(letters.of(text))
            if any(pattern.search(compared) for pattern in _likely(forms, compared)):
                return True
        return False

    def finditer(self, text):
        """Yields what is found, from left to right: Found."""
        end = 0
        for start, stop in sorted(self._spans(text)):
            if stop > end:
                yield Found(max(start, end), stop)
                end = stop

    def sub(self, word, text):
        """The text with a word in the place of all that is found."""
        kept, position = [], 0
        for found in self.finditer(text):
            if found.start() > position or not position:
                kept += [text[position : found.start()], word]
            position = found.end()
        return "".join(kept) + text[position:]

    def _spans(self, text):
        for letters, change, forms in self._readings:
            compared = change(letters.of(text))
            patterns = _likely(forms, compared)
            matches = [match for pattern in patterns for match in pattern.finditer(compared)]
            if not matches:
                continue
            # Where each character of the text ends in what it is compared as.
            ends = list(accumulate(len(letters[ord(char)]) for char in text))
            for match in matches:
                stop = bisect_right(ends, match.end() - 1) + 1
                while stop < len(text) and ends[stop] == ends[stop - 1]:
                    stop += 1  # an accent, which is nothing by itself
                yield bisect_right(ends, match.start()), stop


def _likely(forms, text):
    """The regular expressions among ``forms`` all of whose parts are in a text: looking for these takes
    a tenth of the time."""
    return [pattern for parts, pattern in forms if all(part in text for part in parts)]


# The functions below yield pairs: parts that are in whatever is found, and a regular expression.


def _address(address):
    """Find an address in lower case with accents, not inside longer ones."""
    address = _lower(address.translate(_EXACT_LETTERS))
    local, _at, domain = address.rpartition("@")
    after = rf"(?![^\W_]|[{_MARKS}]|-\w|\.\w)"
    # An underscore or a hyphen in front may be markup.
    before = r"(?:(?<![\w.+-])|(?<![\w.+-].)(?<=[_-]))"
    if is_gmail(address) and local.isascii() and not local.startswith('"'):
        name, host = r"\.?".join(map(re.escape, local.replace(".", ""))), r"g(?:oogle)?mail\.com"
        parts = ("mail.com",)
    else:
        name, host, parts = re.escape(local), re.escape(domain), (domain, local)
    tag = "" if local.startswith('"') else r"(?:(?:\+|%2b)[\w.+-]{0,64})?"
    yield parts, f"{before}{name}{tag}{_AT}{host}{after}"
    # In the envelope address of a mailing list (VERP), and of who forwards (SRS).
    yield parts, rf"(?<![^\W_]){name}={host}{after}"
    yield parts, rf"={host}={name}(?=@)"


def _pieces(word):
    """The parts of a word, between which may be a hyphen or an apostrophe."""
    return [piece for piece in re.split(r"[\W_]+", word) if piece]


def _name(words):
    """Find a name of several words in lower case without accents."""
    for text in dict.fromkeys((" ".join(words), " ".join(words).translate(_TWO_LETTERS))):
        plain = _lower(unicodedata.normalize("NFC", text).translate(_PLAIN_LETTERS)).split()
        plain = [(word, pieces) for word in plain if (pieces := _pieces(word))]
        if len(plain) < 2:
            continue
        parts = tuple(piece for _word, pieces in plain for piece in pieces)
        for turned in (False, True):
            yield parts, _bounded([plain[-1], *plain[:-1]] if turned else plain, turned)


def _bounded(order, turned):
    """A regular expression that finds the words ``order`` as words of their own.

    :param order: pairs of a word and its pieces, without what would have to be escaped
    :param turned: whether the last name is in front
    """
    first, last = order[0][1][0], order[-1][1][-1]
    form = ""
    for number, (word, pieces) in enumerate(order):
        form += r"[\W_]{0,3}".join(pieces)
        if number == len(order) - 1:
            break
        between = _AFTER_DOT if word[-1] == "." or len(word) == 1 else _BETWEEN
        between = _AFTER_LAST if turned and not number else between
        form += between + ("?" if _UNSPACED.search("".join(order[0][1])) else "")
    if not _UNSPACED.match(first):
        # What is before is looked at after the word: `re` looks for letters in a tenth of the time.
        form = f"{first}(?<![^\\W\\d_]{first}){form[len(first) :]}"
    return form if _UNSPACED.match(last[-1]) else form + _NO_LETTER_AFTER


def _single(word):
    """Find a word as it is, or in capitals, with its accents."""
    for form in dict.fromkeys((word, word.upper())):
        plain = unicodedata.normalize("NFC", form).translate(_EXACT_LETTERS).strip()
        if not plain:
            continue
        unspaced = _UNSPACED.match(plain) and len(word) > 1
        after = "" if unspaced else rf"{_NO_LETTER_AFTER}(?![{_MARKS}])"
        yield (plain,), f"{'' if unspaced else _NO_LETTER_BEFORE}{re.escape(plain)}{after}"


def _joined(words):
    """Find the words of a name written together, each with a capital."""
    capitals = [word[:1].upper() + word[1:] for word in words]
    for order in (capitals, [capitals[-1], *capitals[:-1]]):
        plain = "".join(order).translate(_EXACT_LETTERS)
        if len(words) > 1 and plain and "".join(words).lower() != "".join(order):
            form = f"{_NO_LETTER_BEFORE}{re.escape(plain)}{_NO_LETTER_AFTER}(?![{_MARKS}])"
            yield (plain,), form
