"""When an email was written: its Date field (RFC 5322 section 3.3), as programs really write it.

They name the zone in words or twice, put it into a comment or leave it out, write months in their own
language, and times as in ISO 8601 or with "PM". All that is read. A date that can be read in two ways
(03/04/2026), or can't be true, is not guessed at: the email then has the time of its arrival.

The identity of an email (:mod:`~.identity`) doesn't use this, but the Date as it is.
"""

import re
import unicodedata
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from ..charset import clean, decode_as_named, decode_words
from ..defects import DATE_GUESSED, DATE_UNUSABLE
from .date_words import HALVES, MONTHS, ZONES, folded

#: No email is older, and none is written later than this after its arrival.
EARLIEST, AHEAD = datetime(1990, 1, 1, tzinfo=timezone.utc), timedelta(days=1)
#: The largest offset of a zone that there is, in minutes.
LARGEST_OFFSET = 14 * 60

#: Characters of a field that are read, and fields of one name.
_LONGEST, _FIELDS = 1000, 3
#: What raw bytes in a field may be, besides what `decode_words` takes them for.
_CHARSETS = ("koi8-r", "cp1251", "iso8859-2", "cp1253", "cp1254", "gb18030", "cp932", "cp949")

#: What nearly all programs write, and Python reads in a tenth of the time.
_STANDARD = re.compile(
    r" ?[A-Z][a-z]{2}, \d\d? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d [+-](?:0\d|1[0-3])[0-5]\d(?: \([A-Z]{1,5}\))?"
)


class Moment(NamedTuple):
    """What a field says: an aware datetime in UTC, and whether it says so in full: with a time and
    a zone that is known. Otherwise midnight and UTC are assumed."""

    time: datetime
    is_complete: bool


def date_of(dates, received, arrived):
    """When an email was written, else when it arrived.

    It arrived when the last server says so, in the topmost Received field. INTERNALDATE is later than
    that where the mailbox was moved from one server to another.

    :param dates: the raw values of its Date fields, str or bytes
    :param received: those of its Received fields
    :param arrived: INTERNALDATE, an aware datetime, or None
    :return: aware datetime in UTC, and a tuple of defects
    """
    known = [arrived, next(filter(None, map(_received, received[:_FIELDS])), None)]
    arrival = min((time for time in known if time), default=datetime.now(timezone.utc))
    for value in dates[:_FIELDS]:
        found = read(value)
        if found and EARLIEST <= found.time <= arrival + AHEAD:
            return found.time, () if found.is_complete else (DATE_GUESSED,)
    return arrival, (DATE_UNUSABLE,) if dates else ()


def moment(value):
    """What the value of a date field says, as an aware datetime in UTC; None when it is no date, or
    one that can be read in two ways."""
    found = read(value)
    return found.time if found else None


def read(value):
    """The Moment that a raw value (str or bytes) names, or None."""
    for text in _texts(value):
        try:
            if _STANDARD.fullmatch(text):
                return Moment(parsedate_to_datetime(text).astimezone(timezone.utc), True)
            if found := _read(text):
                return found
        except (ValueError, OverflowError):
            continue  # there is no such day, or time
    return None


def offset_of(words):
    """The offset in minutes of a time zone ("CET", "GMT+01:00"); None when it is not known.

    :raises ValueError: when there is no such zone
    """
    return _offset(_tokens(folded(words[:_LONGEST])))


def _received(value):
    _way, semicolon, date = value.rpartition(b";" if isinstance(value, bytes) else ";")
    found = moment(date) if semicolon else None
    return found if found and found >= EARLIEST else None


# -- from bytes to tokens ----------------------------------------------------------------------


def _texts(value):
    """The texts that a raw value may be."""
    value = value[:_LONGEST]
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    yield decode_words(value, reader=decode_as_named)
    if not value.isascii():
        for charset in _CHARSETS:
            yield clean(value.decode(charset, "replace"))


#: The name of the next field, where the line end before it was lost.
_GLUED = re.compile(r"(?:(?<=\d)[A-Za-z]|(?<=[A-Za-z])(?:[A-Z][a-z]|X-))[A-Za-z-]{1,40}:")
#: A date as in Chinese, Japanese and Korean.
_EASTERN = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]?")
_SHORT_YEAR = re.compile(r"(?<!\d)\d{1,3} ?年")
#: Years of an era as in Japan and Taiwan, and the year before the first one.
_ERA = re.compile(r"(令和|平成|昭和|民[國国]) ?(\d{1,3}|元) ?年")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_MARKS = str.maketrans("−–時时시分분秒초", "--:::::  ")
#: ISO 8601 in its basic format, also without its T, and the T of both; "a.m.".
_BASIC = re.compile(r"\b((?:19|20)\d\d)(\d\d)(\d\d)(?:t?(\d\d)(\d\d)(\d\d)?)?(?![\d:])")
_ISO_T = re.compile(r"(?<=\d)t(?=\d)")
_HALF = re.compile(r"\b([apπμ])\. ?([mμ])\b\.?")

_TOKEN = re.compile(
    r"(?P<time>\d{1,2} ?[:h] ?\d{1,2}(?: ?: ?\d{1,2}(?:[.,]\d{1,9})?)?)"
    r"(?P<near>[+-]\d{1,2}(?::?\d\d)?(?!\d))?"
    r"|(?P<date>\d{1,4}(?P<sign>[-/.]) ?\d{1,2}(?P=sign) ?\d{1,4}(?!\d))"
    r"|(?P<dotted>\d{1,2}\.\d\d(?![.\d]))"
    r"|(?:(?:gmt|utc|ut) ?|(?<!\w))(?P<offset>[+-]\d{1,6}(?::\d\d)?)"
    r"|(?P<month>\d\d?[月월])"
    r"|(?P<number>\d+)"
    r"|(?P<word>[^\W\d_]+)"
)


class _Token(NamedTuple):
    """A piece of a date; ``kind`` is a group of `_TOKEN`."""

    kind: str
    text: str


def _tokens(text):
    """The tokens of a folded text. An offset that is written on to a time is one of its own."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "near":
            found += [_Token("time", match["time"]), _Token("offset", match["near"])]
        elif kind == "word" and match["word"] in MONTHS:
            found.append(_Token("month", match["word"]))
        else:
            found.append(_Token(kind, match[kind]))
    return found


def _without_next_field(text):
    for match in _GLUED.finditer(text):
        before = text[: match.start()]
        if any(map(str.isdigit, before)):
            return before
    return text


def _without_comments(text):
    """A text without its comments (RFC 5322 section 3.2.2), and what is in these."""
    if "(" not in text:
        return text, ""
    depth, outside, inside = 0, [], []
    for character in text:
        depth += character == "("
        (inside if depth else outside).append(" " if character in "()" else character)
        depth -= character == ")" and depth > 0
    return "".join(outside), "".join(inside)


def _counted(match):
    """A year of an era as one of ours."""
    number = 1 if match[2] == "元" else int(match[2])
    return f"{_ERAS[match[1]] + number}年"


def _with_signs(match):
    day = "-".join(match.group(1, 2, 3))
    return f"{day} {match[4]}:{match[5]}:{match[6] or '00'}" if match[4] else f"{day} "


def _normal(text):
    """A text in which all ways to write a date are the few that `_TOKEN` knows."""
    if not text.isascii():
        text = _ERA.sub(_counted, text.translate(_MARKS))
        text = _EASTERN.sub(r"\1-\2-\3 ", text)
        if "年" in text and _SHORT_YEAR.search(text):
            raise ValueError("The era is not known")
    text = _BASIC.sub(_with_signs, folded(text))
    return _HALF.sub(r"\1\2", _ISO_T.sub(" ", text))


# -- from tokens to a moment -------------------------------------------------------------------


def _read(text):
    text = unicodedata.normalize("NFKC", _without_next_field(text))
    text, comments = _without_comments(text)
    tokens = _tokens(_normal(text))
    day = _named_day(tokens) or _numbered_day(tokens)
    if not day:
        return None
    midnight = datetime(*day, tzinfo=timezone.utc)
    at = _place_of_time(tokens)
    if at is None:
        return Moment(midnight, False)
    offset = _offset(tokens[at + 1 :])
    if offset is None:
        offset = _offset(_tokens(folded(comments)))
    minutes = timedelta(minutes=offset or 0)
    return Moment(midnight + _time_of_day(tokens, at) - minutes, offset is not None)


def _named_day(tokens):
    """Year, month and day where the month has a name; None where it has not."""
    months = [text for kind, text in tokens if kind == "month"]
    numbers = [text for kind, text in tokens if kind == "number"][:2]
    if not months or len(numbers) < 2:
        return None
    day, year = reversed(numbers) if len(numbers[0]) > 2 else numbers
    # "mar" is Tuesday in some languages, but then the month comes later.
    return _year(year), MONTHS.get(months[-1], 0), int(day)


def _numbered_day(tokens):
    """Year, month and day of a date in numbers; None where there is none.

    :raises ValueError: when it could be two different ones
    """
    text = next((text for kind, text in tokens if kind == "date"), None)
    if text is None:
        return None
    first, second, third = re.split(r"[-/.] ?", text)
    if len(first) > 2:
        return _year(first), int(second), int(third)
    year, one, two = _year(third), int(first), int(second)
    if len(third) < 3 and one > 31:
        return _year(first), two, int(third)
    if len(third) < 3 and "-" in text and 0 < two <= 12 and 0 < int(third) <= 31:
        raise ValueError("Day and year can't be told apart")  # 24-11-05
    if two > 12:  # as in America
        return year, one, two
    if one > 12 or one == two or "." in text:  # with dots, the day comes first
        return year, two, one
    raise ValueError("Day and month can't be told apart")


def _year(digits):
    """A year of two, three or four digits (RFC 5322 section 4.3)."""
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if len(digits) < 3 and int(digits) < 50 else 1900)


def _place_of_time(tokens):
    """The place among tokens of the time of day; None without one."""
    kinds = [token.kind for token in tokens]
    if "time" in kinds:
        return kinds.index("time")
    # With dots, it looks like a date, and comes after that.
    dotted = [at for at, kind in enumerate(kinds) if kind in ("date", "dotted")]
    later = dotted if "month" in kinds else dotted[1:]
    return next((at for at in later if "." in tokens[at].text), None)


def _time_of_day(tokens, at):
    """The time at a place among tokens, as a timedelta.

    :raises ValueError: when there is no such time
    """
    hour, minute, second = (*map(int, re.split(r" ?[:h.,] ?", tokens[at].text)), 0)[:3]
    beside = [*tokens[at + 1 : at + 2], *tokens[max(at - 1, 0) : at]]
    half = next((HALVES[token.text] for token in beside if token.text in HALVES), None)
    if half is not None and hour <= 12:
        hour = hour % 12 + half
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second):
        raise ValueError("There is no such time")
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _offset(tokens):
    """The offset from UTC in minutes that tokens name, in numbers or else in words; None without one.

    :raises ValueError: when no zone is so far away
    """
    words = [text for kind, text in tokens if kind == "word"]
    for kind, text in tokens:
        if kind == "offset":
            return _minutes(text)
    for at, word in enumerate(words):
        if word in ZONES:
            # Unix called summer time in Central Europe "MET DST".
            return ZONES[word] + 60 * (words[at + 1 : at + 2] == ["dst"])
    return None


def _minutes(text):
    """The minutes of "+0100", "+01:00", "+1" or "-530"."""
    hours, colon, minutes = text[1:].partition(":")
    if not colon and len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    total = int(hours) * 60 + int(minutes or 0)
    if total > LARGEST_OFFSET or int(minutes or 0) > 59:
        raise ValueError("There is no such zone")
    return -total if text[0] == "-" else total
