"""When a local time of a calendar is: the zone that its TZID names (RFC 5545 section 3.2.19).

Calendars name zones as IANA does, as Windows does (also as it shows them), in words of their own, and
mostly define them, too. A zone that is known by its name is what IANA says: definitions are often
wrong, and in the words of a stranger "Europe/Berlin" could be anywhere.
"""

import functools
import html
import re
from calendar import monthrange
from datetime import datetime, timedelta, timezone

import pytz
from babel.core import get_global

from .dates import offset_of

#: Characters of a name that are looked at.
_LONGEST = 200
#: "(GMT+01:00) Amsterdam, Berlin, Bern", "(UTC) Dublin, Lisbon".
_SHOWN = re.compile(
    r"\((?:gmt|utc)(?:([+-])(\d\d?)[:.]?(\d\d))?\) ?(.*)", re.IGNORECASE | re.DOTALL
)
#: A name that a program numbered to tell two definitions apart.
_NUMBERED = re.compile(r"(.*\D)[ _]\d", re.DOTALL)
#: "CET", "GMT+1", "+01:00".
_TOLD = re.compile(r"[a-z]{1,5}|(?:gmt|utc)? ?[+-]\d\d?:?(?:\d\d)?", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(?:\d\d)?")
_WEEKDAY = re.compile(r"([+-]?\d?)(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: Two days in different halves of a year.
_HALF_YEARS = (datetime(2026, 1, 1), datetime(2026, 7, 1))
_UTC = {"UTC", "Etc/UTC", "UCT", "Etc/UCT", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu"}


def resolve(local, name, definitions):
    """When a local time is.

    :param datetime local: naive
    :param str name: the TZID, as it is written
    :param dict definitions: VTIMEZONE components by TZID
    :return: the time in UTC, naive, or None when it can't be known; and the name of the zone to show
    """
    name = name[:_LONGEST].strip().strip('"').strip()
    try:
        return _resolved(local, name, definitions)
    except (ValueError, OverflowError):
        return None, name


def _resolved(local, name, definitions):
    definition = definitions.get(name)
    zone = _known(name)
    if not zone and definition:
        zone = _known(definition.first("X-LIC-LOCATION").value[:_LONGEST])
    if zone:
        utc = zone.localize(local).astimezone(timezone.utc)
        return utc.replace(tzinfo=None), "UTC" if zone.zone in _UTC else zone.zone
    offset = _defined_offset(local, definition) if definition else None
    if offset is None:
        offset = _told_offset(name)
    return None if offset is None else local - offset, name


# -- zones that are known by their name ----------------------------------------------------------


@functools.lru_cache(maxsize=512)
def _known(name):
    """The zone of IANA that a name means, or None."""
    segments = name.split("/")
    # Some programs put their own name before it: "/freeassociation.sourceforge.net/Europe/Berlin".
    for tail in (0, -3, -2, -1):
        if zone := _of_iana("/".join(segments[tail:])):
            return zone
    if zone := _of_windows(name) or (segments[-1].endswith(" Time") and _of_windows(segments[-1])):
        return zone
    if numbered := _NUMBERED.fullmatch(name):
        return _known(numbered[1])
    # "Europe-Berlin"
    return _of_iana(name.replace("-", "/", 1)) if "-" in name else None


def _of_iana(name):
    try:
        return pytz.timezone(name) if name else None
    except (pytz.UnknownTimeZoneError, ValueError):
        return None


def _of_windows(name):
    """The zone that Windows calls so, or shows so: "(UTC-05:00) Eastern Time (US & Canada)"."""
    windows = get_global("windows_zone_mapping")
    if name in windows:
        return _of_iana(windows[name])
    offset, words = _shown(html.unescape(name))
    words = words.replace(" and Canada", " & Canada")
    standard = words.partition("(")[0].strip()
    if " Standard Time" not in standard:
        # "Eastern Time", and what it is called in summer.
        standard = standard.replace(" Daylight", "").replace(" Time", " Standard Time")
    cities = (_cities().get(city.strip().lower()) for city in words.split(","))
    for zone in map(_of_iana, filter(None, (windows.get(standard), *cities))):
        if offset is None or offset == min(map(zone.utcoffset, _HALF_YEARS)):
            return zone
    return None


def _shown(name):
    """The offset, a timedelta or None, and the words of a zone as Windows shows it."""
    match = _SHOWN.fullmatch(name)
    if not match:
        return None, name
    hours, minutes = int(match[2] or 0), int(match[3] or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if match[1] == "-" else offset, match[4]


@functools.cache
def _cities():
    """The names of zones by their cities in lower case."""
    names = (name for name in pytz.common_timezones if "/" in name)
    return {name.rpartition("/")[2].replace("_", " ").lower(): name for name in names}


def _told_offset(name):
    """The offset that a name itself tells, a timedelta, or None."""
    offset, words = _shown(name)
    if offset is None and _TOLD.fullmatch(words) and (minutes := offset_of(words)) is not None:
        offset = timedelta(minutes=minutes)
    return offset


# -- zones that a calendar defines ---------------------------------------------------------------


def _defined_offset(local, definition):
    """The offset from UTC that a VTIMEZONE (RFC 5545 section 3.6.5) gives a local time, or None.

    Of its rules, only those that people live by are known: once, or on a day of each year.
    """
    periods = definition.all("STANDARD", "DAYLIGHT")[:100]
    started = []
    for period in periods:
        begin, offset = _start(period, local), _parsed_offset(period.first("TZOFFSETTO").value)
        if begin and offset is not None:
            started.append((begin, offset))
    if started:
        return max(started)[1]
    # Before the first one, its "from" counts.
    offsets = (_parsed_offset(period.first("TZOFFSETFROM").value) for period in periods)
    return next((offset for offset in offsets if offset is not None), None)


def _start(period, local):
    """When a period of a zone last began before a local time; None if it had not yet."""
    first = _parsed(period.first("DTSTART").value)
    if not first or first > local:
        return None
    starts = [first]
    for dates in period.properties.get("RDATE", ())[:100]:
        starts += filter(None, map(_parsed, dates.value.split(",")[:100]))
    pairs = (part.partition("=") for part in period.first("RRULE").value.upper().split(";"))
    rule = {name.strip(): value.strip() for name, _equals, value in pairs}
    if rule.get("FREQ") == "YEARLY":
        until = _parsed(rule.get("UNTIL", "")) or datetime.max
        last = min(local, until)
        starts += (_of_year(last.year - back, first, rule) for back in (0, 1))
        starts = [start for start in starts if start <= until]
    return max((start for start in starts if first <= start <= local), default=None)


def _of_year(year, first, rule):
    """The day and time of a year on which a period begins."""
    month = int(rule.get("BYMONTH") or first.month)
    match = _WEEKDAY.fullmatch(rule.get("BYDAY", ""))
    if not match:
        return first.replace(year=year, month=month, day=int(rule.get("BYMONTHDAY") or first.day))
    which, weekday = int(match[1] or rule.get("BYSETPOS") or 0), _WEEKDAYS.index(match[2])
    length = monthrange(year, month)[1]
    if which < 0:
        earliest = length + 7 * which + 1
    else:
        # "The first Sunday of these": the first one from the 8th on is the second one.
        days = [int(day) for day in rule.get("BYMONTHDAY", "").split(",") if day.isdigit()]
        earliest = min(days) if days else 7 * (max(which, 1) - 1) + 1
    later = (weekday - first.replace(year=year, month=month, day=earliest).weekday()) % 7
    return first.replace(year=year, month=month, day=earliest + later)


def _parsed(value):
    try:
        return datetime.strptime(value.strip()[:15], "%Y%m%dT%H%M%S")
    except ValueError:
        return None


def _parsed_offset(value):
    match = _OFFSET.fullmatch(value.strip())
    if not match:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset
