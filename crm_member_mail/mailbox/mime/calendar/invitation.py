"""Invitations: the event in a calendar that an email brings (iMIP, RFC 6047; iTIP, RFC 5546).

A calendar of several events is no invitation, but a file like others.
"""

import logging
import re
from datetime import date, datetime, timedelta

from ...types import EventTime, Guest, Invitation, Recurrence
from ..addresses import canonical
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
    r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?(?:[.,]\d{1,9})?(Z)?)?", re.IGNORECASE
)
_DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)


def is_calendar(file):
    """Whether a ParsedAttachment is a calendar."""
    kind, name = file.content_type, file.filename.lower()
    return kind in ("text/calendar", "application/ics") or name.endswith((".ics", ".vcs"))


def read(files):
    """The Invitation in the files of an email (ParsedAttachments); None when there is none."""
    calendars = sorted(
        filter(is_calendar, files), key=lambda file: file.content_type[:5] != "text/"
    )
    for file in calendars[:_FILES]:
        try:
            found = _read(file.data)
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


def _read(data):
    root = icalendar.read(data)
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
    if method == "request" and event.first("STATUS").text.upper() == "CANCELLED":
        method = "cancel"
    return _invitation(method, event, whole)


def _invitation(method, event, whole):
    zones = {zone.first("TZID").value.strip().strip('"'): zone for zone in whole.all("VTIMEZONE")}
    start, end = _times(event, zones)
    place = event.first("LOCATION").text
    links = (event.first(name).text for name in _CONFERENCES)
    people = event.properties.get("ATTENDEE", ())[:_GUESTS]
    organizer = event.properties.get("ORGANIZER")
    return Invitation(
        method=method,
        title=_line(event.first("SUMMARY").text),
        start=start,
        end=end,
        place=_line(place or next((link for link in links if link.startswith("https://")), "")),
        description=event.first("DESCRIPTION").text[:_TEXT],
        organizer=_guest(organizer[0]) if organizer else None,
        guests=tuple(filter(None, map(_guest, people))),
        sequence=_number(event.first("SEQUENCE").text),
        recurrence=_recurrence(event.first("RRULE").value, start),
    )


def _line(text):
    return " ".join(text[: _LINE * 2].split())[:_LINE]


def _guest(person):
    """A person as a Guest; None for nobody."""
    parameters = person.parameters
    address = parameters.get("EMAIL") or re.sub("^mailto:", "", person.value.strip(), flags=re.I)
    email, name = canonical(address[:_LINE]), _line(parameters.get("CN", "").strip("'"))
    answer = parameters.get("PARTSTAT", "").lower()
    if not (email or name):
        return None
    if email and canonical(name) == email:
        name = ""
    return Guest(name, email, answer if answer in _ANSWERS else "")


# -- when it is --------------------------------------------------------------------------------------


def _times(event, zones):
    """When an event begins and ends: EventTimes, or None."""
    first, last = event.first("DTSTART"), event.first("DTEND")
    begin, end = _parsed(first.value), _parsed(last.value)
    if begin is None:
        return None, None
    length = _duration(event.first("DURATION").value)
    if end is None and length is not None:
        end, last = begin + length, first
    has_days = event.first("X-MICROSOFT-CDO-ALLDAYEVENT").text.upper() == "TRUE"
    if has_days or not isinstance(begin, datetime):
        begin, end = _day(begin), _day(end)
        # The day after the last one.
        last_day = end - timedelta(days=1) if end and end > begin else begin
        return EventTime(begin.isoformat()), EventTime(last_day.isoformat())
    start = _event_time(begin, first, zones)
    end = _event_time(end, last, zones) if isinstance(end, datetime) else None
    return start, end if end and _is_later(end, start) else None


def _parsed(value):
    """A date, or a naive datetime; None when it is neither."""
    match = _TIME.fullmatch(value.strip())
    if not match:
        return None
    year, month, day, *clock = (int(part or 0) for part in match.groups()[:6])
    if year not in _YEARS:
        return None
    try:
        return datetime(year, month, day, *clock) if match[4] else date(year, month, day)
    except ValueError:
        return None


def _duration(value):
    match = _DURATION.fullmatch(value.strip())
    if not match or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days, seconds, minutes=minutes, hours=hours, weeks=weeks)


def _day(moment):
    return moment.date() if isinstance(moment, datetime) else moment


def _event_time(local, prop, zones):
    zone = prop.parameters.get("TZID", "")
    if prop.value.strip()[-1:] in "zZ":
        return EventTime(local.isoformat(), "UTC", local.isoformat())
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
    days = rule.get("BYDAY", "").split(",") if unit == "week" else ()
    weekdays = sorted({_WEEKDAYS.index(day) for day in days if day in _WEEKDAYS})
    until = _parsed(rule.get("UNTIL", ""))
    if isinstance(until, datetime) and start and start.utc:
        # It is in UTC, and may be on another day here.
        here, there = map(datetime.fromisoformat, (start.local, start.utc))
        until += here - there
    return Recurrence(
        unit,
        _number(rule.get("INTERVAL", "")) or 1,
        tuple(weekdays),
        _number(rule.get("COUNT", "")),
        _day(until).isoformat() if until else "",
    )


def _number(text):
    """A whole number that is written in up to eight digits; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 9 else 0
