"""Looks for a person in whatever is stored, for the check after an erasure.

It shares no code with what erases: a mistake there must not hide itself here. So it is plain, and reads
each text in every way that it might be meant.
"""

import re
import unicodedata
from functools import partial
from itertools import accumulate

from .remains_layers import INVISIBLE, layers

#: Letters that are more than another one with an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ı": "i", "İ": "I",
     "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH", "ς": "σ",
     "\u3164": " ", "\u3002": "."}
)  # fmt: skip
#: As they are written where there is no such key.
_KEYS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
#: Of scripts that don't separate words.
_RUNNING = re.compile(
    "[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20f0\ufe20-\ufe2f]"
)
_TOKEN = re.compile("[\\w'\u0300-\u036f-]+")
_LETTERS_ONLY = re.compile("[^\\W\\d_](?:[^\\W\\d_]|[\u0300-\u036f])*")
_WORD = re.compile(r"[^\W\d_]+")
#: What may stand between the words of a name: blanks, also where a quoted line goes on, or one character
#: as in names of files, or in tables; not the comma of a sentence. After the last name comes one.
_BLANKS = r"[\s_]{1,20}(?:(?<=\n)>[\s>]{0,10})?"
_GAP = re.compile(rf"{_BLANKS}|[\"']?[-\u2010.+/|,;][\"']?")
_COMMA = re.compile(r"[\"']?[,;][\"']?[\s_]{0,20}")
_DOT = re.compile(r"\.[\s_]{1,20}")
#: Characters that such things have at most.
_FAR = 40
_HYPHEN = re.compile(r"[\W_]{0,3}")


class Remains:
    """Finds a person.

    :param addresses: email addresses, in lower case
    :param names: full names
    """

    def __init__(self, addresses, names):
        self._addresses = {
            _composed(form) for address in addresses for form in _forms(address.lower()) if form
        }
        self._mailboxes = {tuple(form.rsplit("@", 1)) for form in self._addresses}
        self._names, self._words, self._running, self._together = [], set(), set(), set()
        for name in names:
            words = (name or "").split()
            if len(words) == 1:
                self._words |= {_composed(form) for form in (words[0], words[0].upper())}
            elif words:
                written = [word[:1].upper() + word[1:] for word in words]
                for order in (written, written[-1:] + written[:-1]):
                    self._together.add(_composed("".join(order)))
            lower = " ".join(words).lower()
            for form in {lower, lower.translate(str.maketrans(_KEYS))} if words else ():
                known = [one for word in _plain(form).split() if (one := _Word.of(word))]
                for last in (0, 1) if len(known) > 1 else ():
                    self._names.append((known[-1:] + known[:-1] if last else known, last))
                if len(_composed("".join(words))) > 1 and _RUNNING.search(form):
                    plain = [word.letters for word in known]
                    self._running |= {"".join(plain), "".join(plain[-1:] + plain[:-1])}

    def named_in(self, data):
        """Whether text or bytes, or anything that is encoded or packed in them, name the person."""
        return any(self._is_in_text(text) for text in layers(data))

    def address_in(self, data):
        """Whether they have one of the addresses."""
        return any(self._has_address(text, _letters(text)) for text in layers(data))

    def _is_in_text(self, text):
        letters = _letters(text)
        return self._has_address(text, letters) or self._has_name(text, letters)

    def _has_address(self, text, letters):
        likely = [
            (local, domain)
            for local, domain in self._mailboxes
            if _letters(local) in letters and _letters(domain) in letters
        ]
        text = _composed(text).lower() if likely else ""
        for local, domain in likely:
            if domain not in text or local not in text:
                continue
            # As it is, with a tag, and as mailing lists and forwarders write it into an envelope.
            name, host = re.escape(local), re.escape(domain)
            tagged = rf"{name}(?:(?:\+|%2b)[\w.+-]{{0,64}})?(?:@|%40|=40|=){host}"
            swapped = rf"={host}={name}@"
            for match in re.finditer(f"{tagged}|{swapped}", text):
                start, end = match.span()
                before, further = (
                    text[start - 1 : start] or " ",
                    text[max(start - 2, 0) : start - 1] or " ",
                )
                is_envelope = "=" in match[0][len(local) :][:1] or match[0][0] == "="
                inside = before.isalnum() or before == "." or before == "+" and not is_envelope
                # An underscore or a hyphen may be markup in front of an address.
                inside |= (
                    before in "_-" and (further.isalnum() or further in "_.+-") and not is_envelope
                )
                if match[0][0] == "=" or not inside and not _goes_on(text[end : end + 2]):
                    return True
        return False

    def _has_name(self, text, letters):
        words = {word for word in self._words if _letters(word) in letters}
        if words:
            tokens = set(_TOKEN.findall(_composed(text)))
            tokens |= {part for token in tokens for part in _LETTERS_ONLY.findall(token)}
            if words & tokens:
                return True
        if any(name in letters for name in self._running):
            run = "".join(_plain(text).lower().split())
            if any(name in run for name in self._running):
                return True
        together = [name for name in self._together if _letters(name) in letters]
        if together and any(map(partial(_stands_in, _composed(text)), together)):
            return True
        names = [
            (name, last)
            for name, last in self._names
            if "".join(word.letters for word in name) in letters
        ]
        if not names:
            return False
        plain = _plain(text).lower().replace("ς", "σ")
        return any(_has_run(plain, name, last) for name, last in names)


class _Word:
    """A word of a name, which may be in pieces: Anna-Lena.

    :ivar first: the first of them
    :ivar letters: of all of them
    :ivar ends: where pieces end in them
    :ivar is_short: a dot may be after it
    """

    def __init__(self, pieces, is_short):
        self.first, self.letters = pieces[0], "".join(pieces)
        self.ends = set(accumulate(map(len, pieces)))
        self.is_short = is_short

    @classmethod
    def of(cls, word):
        """The _Word of a word in plain lower case; None without letters."""
        pieces = _WORD.findall(word.replace("ς", "σ"))
        return cls(pieces, word[-1] == "." or word.isalpha() and len(word) == 1) if pieces else None


def _stands_in(text, name):
    """Whether a text has a name between other characters than letters."""
    start = text.find(name)
    while start >= 0:
        around = text[start - 1 : start] if start else "", text[start + len(name) :][:1]
        if not any(char.isalpha() or unicodedata.combining(char) for char in around if char):
            return True
        start = text.find(name, start + 1)
    return False


def _has_run(text, wanted, last):
    """Whether the words ``wanted`` follow each other in a text.

    :param last: whether the last name is in front
    """
    first = wanted[0].first
    start = text.find(first)
    while start >= 0:
        if not _WORD.match(text[start - 1 : start]) and _is_run(text, start, wanted, last):
            return True
        start = text.find(first, start + 1)
    return False


def _is_run(text, start, wanted, last):
    """Whether the words begin at ``start``."""
    before, end = None, start
    for number, word in enumerate(wanted):
        pieces = ""
        while len(pieces) < len(word.letters):
            # No longer than what is wanted: a text may be one word.
            token = _WORD.search(text, end, end + _FAR + len(word.letters))
            if not token:
                return False
            gap = text[end : token.start()]
            if pieces:
                joins = _HYPHEN.fullmatch(gap)
            elif before:
                joins = (
                    _GAP.fullmatch(gap)
                    or (last and number == 1 and _COMMA.fullmatch(gap))
                    or (before.is_short and _DOT.fullmatch(gap))
                )
            else:
                joins = not gap
            pieces += token[0]
            if not joins or len(pieces) not in word.ends:
                return False
            end = token.end()
        if pieces != word.letters:
            return False
        before = word
    return not _WORD.match(text[end : end + 1])


class _Table(dict):
    """For `str.translate`: each letter apart from its accents. Normalizing a long text as a whole may
    take time that grows with its square."""

    def __missing__(self, code):
        self[code] = found = unicodedata.normalize("NFKD", chr(code))
        return found


class _Letters(_Table):
    """Nothing but letters, in lower case and without accents."""

    def __missing__(self, code):
        plain = _plain(chr(code)).lower().replace("ς", "σ")
        self[code] = found = "".join(_WORD.findall(plain))
        return found


_EXACT = _Table({**INVISIBLE, 0x2019: "'", 0x2018: "'", 0x3002: "."})
_WITHOUT = _Table({**INVISIBLE, **_LETTERS, 0xDF: "ss", 0x1E9E: "SS"})


def _composed(text):
    """A text in which a letter has one form, with its accents."""
    return text if text.isascii() else text.translate(_EXACT)


def _plain(text):
    """A text with letters that have neither accents nor points."""
    return text if text.isascii() else _ACCENTS.sub("", text.translate(_WITHOUT))


_PLAIN_LETTERS = _Letters()
_OTHER_BYTES = bytes(byte for byte in range(128) if not chr(byte).isalpha())


def _letters(text):
    """The letters of a text: what is not in them need not be looked for in it."""
    if text.isascii():
        return text.encode().translate(None, _OTHER_BYTES).lower().decode()
    return text.translate(_PLAIN_LETTERS)


def _goes_on(after):
    """Whether an address goes on with these two characters."""
    if not after:
        return False
    if after[0] in ".-":
        return after[1:].isalnum()
    return after[0].isalnum() or bool(unicodedata.combining(after[0]))


def _forms(address):
    local, _at, domain = address.rpartition("@")
    domains = {domain}
    for convert in (
        lambda: domain.encode("idna").decode(),
        lambda: domain.encode().decode("idna"),
    ):
        try:
            domains.add(convert())
        except UnicodeError:
            continue
    locals_ = {local, local.strip('"'), f'"{local.strip(chr(34))}"'}
    if domain in ("gmail.com", "googlemail.com"):
        domains, locals_ = {"gmail.com", "googlemail.com"}, {local, local.replace(".", "")}
    return {f"{local}@{name}" for name in domains for local in locals_}
