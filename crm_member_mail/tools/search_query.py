"""What people type into a search box: words, phrases, and operators such as ``from:ada``."""

import contextlib
import re
from datetime import date, timedelta
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from .search_words import PAIRED, folded, is_paired, query_words

#: What each operator and each value is called in English; readers may use their own language, too.
ENGLISH = {
    "from": ("from:",),
    "to": ("to:",),
    "has file": ("has:file", "has:files", "has:attachment", "has:attachments"),
    "in sent": ("in:sent",),
    "in received": ("in:received", "in:inbox"),
    "before": ("before:",),
    "after": ("after:",),
    "today": ("today",),
    "yesterday": ("yesterday",),
}
#: Letters of a value or of a month from which on it need not be written out.
ENOUGH = 3
#: Operators that count, and words a date may consist of.
MAX_OPERATORS, MAX_DATE_WORDS = 20, 5

_TOKEN = re.compile('[^\\s"“”„]*["“”„][^"“”„]*(?:["“”„]|$)|[^\\s"“”„]+')
_OPERATOR = re.compile(r"([^\W\d_]+)[:：](.*)", re.DOTALL)
#: Operators of other programs that search emails; without accents.
_FOREIGN = frozenset((
    "subject", "cc", "bcc", "filename", "label", "is", "size", "larger", "smaller", "older", "newer",
    "body", "attachment", "attachments", "sent", "received", "sender", "recipient", "category",
    "folder", "hasattachment", "hasattachments", "betreff", "grosse", "anhang", "anlage", "anlagen",
    "gesendet", "empfangen", "absender", "empfanger", "ordner", "objet", "sujet", "taille", "dossier",
    "expediteur", "destinataire", "asunto", "tamano", "adjunto", "carpeta", "remitente",
))  # fmt: skip
#: Marks of direction, which come along with what was copied.
_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_NUMBERS = re.compile(r"(\d{1,2})[-/.]\s?(\d{1,2})(?:[-/.]\s?(\d{4}|\d{2}))?[-/.]?")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|re|º|ª|o|a)?")
#: Words within dates that say nothing.
_FILLERS = frozenset(("of", "the", "de", "del", "d", "le", "den", "der"))


class Query(NamedTuple):
    """What a query asks for."""

    #: Words, and phrases in double quotes.
    text: str
    #: Pairs of "from" or "to" and what is in the name or address.
    people: tuple
    has_file: bool
    #: "in" for what was received, "out" for what was sent, "" for both; None if neither can be.
    direction: str | None
    #: The first day, and the day after the last one, or None.
    since: date | None
    until: date | None
    #: What looks like an operator and is none: the first such Misread, or None.
    misread: "Misread | None" = None


class Misread(NamedTuple):
    """What somebody typed that looks like an operator."""

    typed: str
    #: Which operators it may have been meant as, names of ENGLISH; () if it is of another program.
    meant: tuple
    #: Whether only its value is missing.
    is_bare: bool


class QueryReader:
    """Reads queries for one reader.

    :param str lang: the reader's language, as Odoo names it
    :param dict terms: of a name of ENGLISH to what it is called in that language
    :param date today: where the reader is
    :param bool month_first: whether months come before days in dates
    """

    def __init__(self, lang="en_US", terms=None, today=None, month_first=False):
        self.today = today or date.today()
        self.month_first = month_first
        self._names, self._values, self._days = {}, {}, {}
        for name, forms in ENGLISH.items():
            for form in filter(None, (*forms, (terms or {}).get(name))):
                self._learn(name, folded(form))
        self._months = _month_names("en") | _month_names(lang)

    def _learn(self, name, form):
        operator, colon, value = form.partition(":")
        if name in ("today", "yesterday"):
            self._days[form] = self.today - timedelta(days=name == "yesterday")
        elif colon and operator:
            kind, _, meaning = name.partition(" ")
            self._names.setdefault(operator.strip(), set()).add(kind)
            if meaning:
                self._values.setdefault(kind, {})[value.strip()] = meaning

    def parse(self, text):
        """The Query of a text. What is no operator, or has a value that makes no sense, are words.

        >>> reader = QueryReader(today=date(2026, 11, 30))
        >>> reader.parse('pdf from:ada in:october').people
        (('from', 'ada'),)
        >>> reader.parse('Re: x http://a.example from: "Ada L"').text
        'Re: x http://a.example'
        """
        tokens = self._joined(_TOKEN.findall(_MARKS.sub("", text[:1000])))
        found = {"people": [], "has_file": False, "directions": set(), "since": [], "until": []}
        words, position, operators, misread = [], 0, 0, None
        while position < len(tokens):
            is_counted = operators < MAX_OPERATORS
            used = self._take(tokens, position, found) if is_counted else 0
            operators += bool(used)
            if is_counted and not misread:
                misread = self._misread(tokens[position], used, position == len(tokens) - 1)
            if not used:
                words.append(tokens[position])
            position += used or 1
        directions = found["directions"]
        return Query(
            " ".join(words),
            tuple(found["people"]),
            found["has_file"],
            None if len(directions) > 1 else "".join(directions),
            max(found["since"], default=None),
            min(found["until"], default=None),
            misread,
        )

    def _misread(self, token, used, is_last):
        """The Misread that a token is, or None. A colon before a blank is one of ordinary words."""
        match = _OPERATOR.fullmatch(token)
        name, value = (folded(match[1]), _unquoted(match[2])) if match else ("", "")
        if not name or (used and value) or value.startswith("//") or not (value or is_last):
            return None
        kinds = self._names.get(name)
        if not kinds and value:
            # Short names are near to too many words.
            kinds = set().union(
                *(
                    kinds
                    for known, kinds in self._names.items()
                    if len(known) > ENOUGH and len(name) >= ENOUGH and _is_near(name, known)
                )
            )
        if not kinds and name not in _FOREIGN:
            return None
        meant = [name for name in ENGLISH if name.partition(" ")[0] in (kinds or ())]
        return Misread(token, tuple(meant), not value)

    def _joined(self, tokens):
        """The tokens, with those as one that only the blank of French before a colon parts."""
        joined = []
        for token in tokens:
            if joined and token[0] in ":：" and folded(joined[-1]) in self._names:
                joined[-1] += token
            else:
                joined.append(token)
        return joined

    def _take(self, tokens, position, found):
        """Note what the operator at this position asks for; the number of tokens that it is, or 0."""
        match = _OPERATOR.fullmatch(tokens[position])
        kinds = self._names.get(folded(match[1])) if match else None
        if not kinds:
            return 0
        following = tokens[position + 1 :]
        value, used = _unquoted(match[2]), 1
        if not match[2]:
            if not following:
                return 1  # it is still being typed
            value, used = _unquoted(following.pop(0)), 2
        for kind in sorted(kinds):
            if taken := self._note(kind, value, following, found):
                return used + taken - 1
        return 0

    def _note(self, kind, value, following, found):
        """Note one operator; how many tokens its value is, or 0 if it makes no sense."""
        if kind in ("from", "to"):
            if query_words(value):
                found["people"].append((kind, value))
                return 1
            return 0
        meaning = self._meaning(kind, value)
        if meaning == "file":
            found["has_file"] = True
        elif meaning:
            found["directions"].add("out" if meaning == "sent" else "in")
        if meaning or kind == "has":
            return int(bool(meaning))
        for count in range(min(len(following), MAX_DATE_WORDS - 1), -1, -1):
            if period := self.period(" ".join([value, *following[:count]])):
                first, last = period
                if kind in ("after", "in"):
                    found["since"].append(first)
                if kind in ("before", "in"):
                    found["until"].append(first if kind == "before" else last)
                return count + 1
        return 0

    def _meaning(self, kind, value):
        word = folded(value)
        meanings = {
            meaning
            for form, meaning in self._values.get(kind, {}).items()
            if form == word or (len(word) >= ENOUGH and form.startswith(word))
        }
        return meanings.pop() if len(meanings) == 1 else None

    def period(self, text):
        """The first day of a date as people type it, and the day after its last one; None if it is none.
        Without a year it is the latest one that has begun.

        >>> reader = QueryReader(lang="de_DE", today=date(2026, 11, 30))
        >>> [str(day) for day in reader.period("Oktober")]
        ['2026-10-01', '2026-11-01']
        >>> [str(day) for day in reader.period("1.12.")]
        ['2025-12-01', '2025-12-02']
        """
        text = folded(text).strip(" ,").replace("’", "'")
        if day := self._days.get(text):
            return day, day + timedelta(days=1)
        try:
            return self._numeric(text) or self._written(text)
        except (ValueError, OverflowError):
            return None

    def _numeric(self, text):
        if match := _YEAR_FIRST.fullmatch(text):
            return self._span(*(number and int(number) for number in match.groups()))
        if match := _MONTH_YEAR.fullmatch(text):
            return self._span(int(match[2]), int(match[1]))
        if match := _NUMBERS.fullmatch(text):
            day, month = int(match[1]), int(match[2])
            if (self.month_first and day <= 12) or month > 12:
                day, month = month, day
            year = match[3] and int(match[3]) + (2000 if len(match[3]) == 2 else 0)
            return self._span(year, month, day)
        return None

    def _written(self, text):
        year = month = day = None
        for word in re.split(r"[\s.,/-]+", text.strip(".")):
            if number := re.fullmatch(r"\d{4}", word):
                if year:
                    return None
                year = int(number[0])
            elif not month and (named := self._month(word)):
                month = named
            elif not day and (number := _DAY.fullmatch(word)):
                day = int(number[1])
            elif month and not year and (number := re.fullmatch(r"\d\d", word)):
                year = 2000 + int(number[0])
            elif word not in _FILLERS:
                return None
        return self._span(year, month, day) if month else None

    def _month(self, word):
        if word in self._months:
            return self._months[word]
        if len(word) < ENOUGH or word.isdigit():
            return None
        found = {month for name, month in self._months.items() if name.startswith(word)}
        return found.pop() if len(found) == 1 else None

    def _latest(self, month, day):
        """The latest year in which that day has begun."""
        for year in range(self.today.year, self.today.year - 9, -1):
            with contextlib.suppress(ValueError):  # 29 February
                if date(year, month, day) <= self.today:
                    return year
        raise ValueError

    def _span(self, year, month=None, day=None):
        """The first day of a year, month or day, and the day after its last one."""
        if year is None:
            year = self._latest(month, day or 1)
        if not 1900 <= year <= 2200:
            return None
        first = date(year, month or 1, day or 1)
        if day:
            return first, first + timedelta(days=1)
        if month:
            return first, date(year + month // 12, month % 12 + 1, 1)
        return first, date(year + 1, 1, 1)


def _month_names(lang):
    """Dict of the names of months in a language, folded, to their numbers."""
    try:
        locale = Locale.parse(lang.partition("@")[0])
    except (UnknownLocaleError, ValueError):
        return {}
    return {
        folded(name).strip("."): number
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in locale.months[context][width].items()
    }


def person_patterns(text):
    """Regular expressions that the folded name and address of a person match who is looked for.

    >>> [pattern[-4:] for pattern in person_patterns("Zoë 東京")]
    [')zoe', '東京']
    """
    start, end = (f"({edge}|[^[:alnum:]]|{PAIRED})" for edge in "^$")
    return [
        word if is_paired(word) else f"{start}{word}{'' if begins else end}"
        for word, begins in query_words(text)
    ]


def _is_near(one, other):
    """Whether two words differ by one letter, or two that changed places.

    >>> _is_near("form", "from"), _is_near("befor", "before"), _is_near("farm", "from")
    (True, True, False)
    """
    if len(one) > len(other):
        one, other = other, one
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    rest, other_rest = one[start:], other[start:]
    if len(one) < len(other):
        return rest == other_rest[1:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == other_rest[1:] or swapped == other_rest


def _unquoted(text):
    return text.strip('"“”„')
