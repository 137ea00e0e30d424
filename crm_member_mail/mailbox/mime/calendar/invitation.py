"""Invitations: the event in a calendar that an email brings (iMIP, RFC 6047; iTIP, RFC 5546).

A calendar of several events is no invitation, but a file like others.
"""

import html
import logging
import re
from datetime import date, datetime, timedelta
from urllib.parse import unquote

from ...html.plain_text import to_text
from ...types import EventTime, Guest, Invitation, Recurrence
from ..addresses import canonical
from ..charset import decode_words
from ..structure.kinds import CALENDARS
from . import icalendar
from .calendar_zones import resolve

_logger = logging.getLogger(__name__)

#: Characters of a title or place and of a description, guests, and files that are looked at.
_LINE, _TEXT, _GUESTS, _FILES = 500, 50_000, 200, 3

#: Other ones stand for "always" or "never".
_YEARS = range(1900, 2200)

_METHODS = frozenset(
    ("request", "cancel", "reply", "counter", "declinecounter", "add", "refresh", "publish")
)
_ANSWERS = frozenset(("accepted", "declined", "tentative"))
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: Where an event takes place if it is not in a room.
_CONFERENCES = ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "CONFERENCE", "URL")

_TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:T(\d\d):?(\d\d)(?::?(\d\d))?(?:[.,]\d{1,9})?(?:Z|([+-]\d\d:?\d\d))?)?",
    re.IGNORECASE,
)
#: By what programs mark an event of whole days that they write with times.
_WHOLE_DAYS = (
    "X-MICROSOFT-CDO-ALLDAYEVENT",
    "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT",
    "X-FUNAMBOL-ALLDAY",
)
#: What is in HTML, and in no text that a person writes.
_TAG = re.compile(r"<(?:/(?:a|b|p|div|span|body|html|li)|br ?/?)>", re.IGNORECASE)
_DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)


def is_calendar(file):
    """Whether a ParsedAttachment is a calendar."""
    kind, name = file.content_type, file.filename.lower()
    return kind in CALENDARS or name.endswith((".ics", ".vcs"))


def read(files, charsets=None):
    """The Invitation in the files of an email; None when there is none.

    :param files: ParsedAttachments
    :param dict charsets: the charset that the email names for the content of a file
    """
    charsets = charsets or {}
    calendars = sorted(
        filter(is_calendar, files), key=lambda file: file.content_type[:5] != "text/"
    )
    for file in calendars[:_FILES]:
        try:
            found = _read(file.data, charsets.get(file.data))
        except Exception:  # a broken calendar is a file, and never in the way of its email
            _logger.info("A calendar of %s bytes can't be read", len(file.data), exc_info=True)
        else:
            if found:
                return found
    return None


def words(invitation):
    """An invitation as text that reads the same in any language and time zone."""
    when = _span(invitation.start, invitation.end)
    head = "\n".join(filter(None, (invitation.title, when, invitation.place)))
    return "\n\n".join(filter(None, (head, invitation.description)))


# -- the event -------------------------------------------------------------------------------------


def _read(data, charset=None):
    root = icalendar.read(data, charset)
    whole = next(iter(root.all("VCALENDAR")), root)
    events = whole.all("VEVENT") or root.all("VEVENT")
    if not events:
        return None
    method = whole.first("METHOD").text.lower()
    method = method if method in _METHODS else "publish"
    if method == "publish" and len({event.first("UID").text for event in events}) > 1:
        return None
    # The series comes before what is different on some of its days.
    event = next((one for one in events if "RECURRENCE-ID" not in one.properties), events[0])
    if method in ("request", "publish") and event.first("STATUS").text.upper() == "CANCELLED":
        method = "cancel"
    return _invitation(method, event, whole)


def _invitation(method, event, whole):
    zones = {zone.first("TZID").value.strip().strip('"'): zone for zone in whole.all("VTIMEZONE")}
    start, end = _times(event, zones)
    place = event.first("LOCATION").text or icalendar.unescaped(
        event.first("X-APPLE-STRUCTURED-LOCATION").parameters.get("X-TITLE", "")
    )
    links = (event.first(name).text for name in _CONFERENCES)
    people = event.properties.get("ATTENDEE", ())[:_GUESTS]
    organizer = event.properties.get("ORGANIZER")
    return Invitation(
        method=method,
        title=_line(event.first("SUMMARY").text),
        start=start,
        end=end,
        place=_line(place or next((link for link in links if link.startswith("https://")), "")),
        description=_description(event),
        organizer=_guest(organizer[0]) if organizer else None,
        guests=tuple(filter(None, map(_guest, people))),
        sequence=_number(event.first("SEQUENCE").text),
        recurrence=_recurrence(event.first("RRULE").value, start),
    )


def _line(text):
    """A title or place on one line, without what HTML escapes, which some programs leave in it."""
    text = text[: _LINE * 2]
    return " ".join((html.unescape(text) if ";" in text else text).split())[:_LINE]


def _description(event):
    """The text of an event, which is HTML in some calendars: Google's has tags among its lines."""
    # Whoever answers writes a comment.
    text = (event.first("DESCRIPTION").text or event.first("COMMENT").text)[:_TEXT]
    rich = event.first("X-ALT-DESC")
    if not text and rich.parameters.get("FMTTYPE", "").lower() == "text/html":
        return to_text(rich.text[:_TEXT])
    if not _TAG.search(text):
        return text
    has_lines = "<html" in text[:200].lower() or "<p>" in text or "<br" in text
    return to_text(text if has_lines else text.replace("\n", "<br>"))


def _guest(person):
    """A person as a Guest; None for nobody."""
    parameters = person.parameters
    value = person.value.strip().strip('"')
    address = parameters.get("EMAIL") or re.sub("^mailto:", "", value, flags=re.I)
    address, told = address[:_LINE], parameters.get("CN", "")
    if "<" in address:  # vCalendar 1.0: "Ana <ana@x.example>"
        words, _angle, address = address.rpartition("<")
        told, address = told or words.strip().strip('"'), address.partition(">")[0]
    if "%" in address:  # RFC 6068, as few programs write it
        address = canonical(unquote(address)) or address
    email, name = canonical(address), _line(_common_name(told[:_LINE]))
    answer = (parameters.get("PARTSTAT") or parameters.get("STATUS", "")).lower()
    if not (email or name):
        return None
    if email and canonical(name) == email:
        name = ""
    return Guest(name, email, answer if answer in _ANSWERS else "")


def _common_name(text):
    """A name without what doesn't belong into a parameter: escapes of values, encoded words."""
    return decode_words(icalendar.unescaped(text).strip("'"))


# -- when it is --------------------------------------------------------------------------------------


def _times(event, zones):
    """When an event begins and ends: EventTimes, or None."""
    first, last = event.first("DTSTART"), event.first("DTEND")
    if not first.value:
        first = event.first("RECURRENCE-ID")  # one of a series is cancelled
    begin, end = _parsed(first.value), _parsed(last.value)
    if begin is None:
        return None, None
    length = _duration(event.first("DURATION").value)
    if end is None and length is not None:
        end, last = begin + length, first
    if _has_days(event) or not isinstance(begin, datetime):
        begin, end = _whole_day(begin), _whole_day(end)
        # The day after the last one.
        last_day = end - timedelta(days=1) if end and end > begin else begin
        return EventTime(begin.isoformat()), EventTime(last_day.isoformat())
    start = _event_time(begin, first, zones)
    if isinstance(end, datetime):
        told = _event_time(end, last, zones)
        # An end without a zone is in that of the start.
        end = told if told.zone else _event_time(end, first, zones)
    else:
        end = None
    return start, end if end and _is_later(end, start) else None


def _has_days(event):
    """Whether an event is one of whole days, though it may have times."""
    if any(event.first(name).text.upper() in ("TRUE", "1") for name in _WHOLE_DAYS):
        return True
    return event.first("DTSTART").parameters.get("VALUE", "").upper() == "DATE"


def _parsed(value):
    """A date, or a naive datetime; None when it is neither."""
    match = _TIME.fullmatch(value.strip())
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if year not in _YEARS:
        return None
    try:
        if not match[4]:
            return date(year, month, day)
        if (hour, minute, second) == (24, 0, 0):
            return datetime(year, month, day) + timedelta(days=1)
        return datetime(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return None


def _duration(value):
    match = _DURATION.fullmatch(value.strip().upper())
    if not match or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days, seconds, minutes=minutes, hours=hours, weeks=weeks)


def _day(moment):
    return moment.date() if isinstance(moment, datetime) else moment


def _whole_day(moment):
    """The day that begins at a moment, or nearest to it: in UTC, days begin at other times."""
    return _day(moment + timedelta(hours=12)) if isinstance(moment, datetime) else moment


def _event_time(local, prop, zones):
    zone, value = prop.parameters.get("TZID", ""), prop.value.strip()
    if value[-1:] in "zZ":
        return EventTime(local.isoformat(), "UTC", local.isoformat())
    match = _TIME.fullmatch(value)
    if match and match[7]:
        zone = match[7]
    if not zone:
        return EventTime(local.isoformat())
    utc, zone = resolve(local, zone, zones)
    return EventTime(local.isoformat(), zone, utc.isoformat() if utc else "")


def _is_later(end, start):
    if end.utc and start.utc:
        return end.utc > start.utc
    return end.zone == start.zone and end.local > start.local


def _span(start, end):
    """As in "2026-04-01 14:00 – 15:00 (Europe/Vienna)"."""
    if not start:
        return ""
    first, last = start.local, end.local if end else start.local
    if end and end.zone != start.zone:
        length = datetime.fromisoformat(end.utc) - datetime.fromisoformat(start.utc)
        last = (datetime.fromisoformat(first) + length).isoformat()
    day, _t, clock = first.partition("T")
    last_day, _t, last_clock = last.partition("T")
    words = [day, clock[:5]]
    if last != first:
        words += ["–", last_day * (last_day != day), last_clock[:5]]
    return " ".join(filter(None, (*words, start.zone and f"({start.zone})")))


# -- how often it is ---------------------------------------------------------------------------------


def _recurrence(value, start):
    pairs = (part.partition("=") for part in value.upper()[:_LINE].split(";"))
    rule = {name.strip(): given.strip() for name, _equals, given in pairs}
    unit = _UNITS.get(rule.get("FREQ"))
    if not unit:
        return None
    days = map(str.strip, rule.get("BYDAY", "").split(",") if unit in ("week", "day") else ())
    weekdays = sorted({_WEEKDAYS.index(day) for day in days if day in _WEEKDAYS})
    interval = _number(rule.get("INTERVAL", "")) or 1
    if unit == "day" and weekdays:
        # Each day that is one of these: the same as each week on these.
        unit, weekdays = ("week", weekdays) if interval == 1 else (unit, ())
    until = _parsed(rule.get("UNTIL", ""))
    if isinstance(until, datetime) and start and start.utc and rule["UNTIL"].endswith("Z"):
        # It is in UTC, and may be on another day here.
        here, there = map(datetime.fromisoformat, (start.local, start.utc))
        until += here - there
    return Recurrence(
        unit,
        interval,
        tuple(weekdays),
        _number(rule.get("COUNT", "")),
        _day(until).isoformat() if until else "",
    )


def _number(text):
    """A whole number that is written in up to eight digits; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 9 else 0
