"""Time zones of events: known by many names, or defined in the calendar (RFC 5545 section 3.6.5)."""

from datetime import datetime

import pytest

from crm_member_mail.mailbox.mime.calendar import calendar_zones

from .calendars import read

SUMMER, WINTER = datetime(2026, 7, 1, 14), datetime(2026, 12, 1, 14)


@pytest.mark.parametrize(
    ("name", "shown", "summer", "winter"),
    [
        ("Europe/Berlin", "Europe/Berlin", 2, 1),
        ('"Europe/Berlin"', "Europe/Berlin", 2, 1),
        (" europe/berlin ", "Europe/Berlin", 2, 1),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires", -3, -3),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin", 2, 1),
        ("/citadel.org/20210210_1/America/Argentina/Salta", "America/Argentina/Salta", -3, -3),
        ("W. Europe Standard Time", "Europe/Berlin", 2, 1),
        ("GMT Standard Time", "Europe/London", 1, 0),
        ("India Standard Time", "Asia/Calcutta", 5.5, 5.5),
        ("Eastern Standard Time", "America/New_York", -4, -5),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York", -4, -5),
        ("(GMT-08:00) Pacific Time (US & Canada); Tijuana", "America/Los_Angeles", -7, -8),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam", 2, 1),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien", "Europe/Amsterdam", 2, 1),
        ("(GMT+01:00) Vienna", "Europe/Vienna", 2, 1),
        ("(GMT+0100) Vienna", "Europe/Vienna", 2, 1),
        ("(UTC) Dublin, Edinburgh, Lisbon, London", "Europe/Dublin", 1, 0),
        ("(GMT-05:00) Eastern Time (US and Canada)", "America/New_York", -4, -5),
        ("(GMT-05:00) Eastern Time (US &amp; Canada)", "America/New_York", -4, -5),
        ("(GMT+01.00) Berlin", "Europe/Berlin", 2, 1),
        ("Eastern Daylight Time", "America/New_York", -4, -5),
        ("W. Europe Standard Time 1", "Europe/Berlin", 2, 1),
        ("Microsoft/W. Europe Standard Time", "Europe/Berlin", 2, 1),
        ("America/New_York_1", "America/New_York", -4, -5),
        ("US-Eastern", "US/Eastern", -4, -5),
        ("(UTC+09:00) Osaka, Sapporo, Tokyo", "Asia/Tokyo", 9, 9),
        ("(GMT+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata", 5.5, 5.5),
        ("(GMT+03:00) Vienna", "(GMT+03:00) Vienna", 3, 3),
        ("(GMT-02:30) Nowhere", "(GMT-02:30) Nowhere", -2.5, -2.5),
        ("CET", "CET", 2, 1),
        ("MEZ", "MEZ", 1, 1),
        ("GMT+0100", "GMT+0100", 1, 1),
        ("UTC+2", "UTC+2", 2, 2),
        ("+05:30", "+05:30", 5.5, 5.5),
        ("UTC", "UTC", 0, 0),
        ("GMT", "UTC", 0, 0),
        ("Etc/UTC", "UTC", 0, 0),
        ("tzone://Microsoft/Utc", "UTC", 0, 0),
        ("Etc/GMT-3", "Etc/GMT-3", 3, 3),
    ],
)
def test_zones_by_name(name, shown, summer, winter):
    for local, hours in ((SUMMER, summer), (WINTER, winter)):
        utc, found = calendar_zones.resolve(local, name, {})
        assert ((local - utc).total_seconds() / 3600, found) == (hours, shown)


@pytest.mark.parametrize(
    "name",
    ["Customized Time Zone", "My cat", "Nowhere/Berlin", "../../etc/passwd", "München", "GMT+99"],
)
def test_zones_that_are_not_known(name):
    assert calendar_zones.resolve(SUMMER, name, {})[0] is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("(UTC+01:00) Amsterdam, Berlin", "Europe/Amsterdam"),
        ("(GMT-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("GMT+01:00", "GMT+01:00"),
        ("tzone://Microsoft/Utc", "UTC"),
    ],
)
def test_names_whose_quotes_are_missing(name, shown):
    found = read(f"DTSTART;TZID={name}:20260701T140000").start
    assert (found.local, found.zone) == ("2026-07-01T14:00:00", shown)


def zone(*periods, name="Mine"):
    return ("BEGIN:VTIMEZONE", f"TZID:{name}", *periods, "END:VTIMEZONE")


def period(kind, start, before, after, *more):
    return (
        f"BEGIN:{kind}", f"DTSTART:{start}", f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}", *more,
        f"END:{kind}",
    )  # fmt: skip


EUROPE = (
    *period(
        "STANDARD", "16010101T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"
    ),
    *period(
        "DAYLIGHT", "16010101T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"
    ),
)
AMERICA = (
    *period(
        "STANDARD", "20071104T020000", "-0700", "-0800", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"
    ),
    *period(
        "DAYLIGHT", "20070311T020000", "-0800", "-0700", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"
    ),
)
APPLE = (
    *period("STANDARD", "20071104T020000", "-0700", "-0800",
            "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7"),
    *period("DAYLIGHT", "20070311T020000", "-0800", "-0700",
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14"),
)  # fmt: skip
SOUTH = (
    *period(
        "STANDARD", "20080406T030000", "+1100", "+1000", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4"
    ),
    *period(
        "DAYLIGHT", "20081005T020000", "+1000", "+1100", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=10"
    ),
)
GIVEN_UP = (
    *period("STANDARD", "20101031T030000", "+0400", "+0300",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;UNTIL=20101031T000000Z"),
    *period("DAYLIGHT", "20110327T020000", "+0300", "+0400"),
    *period("STANDARD", "20141026T020000", "+0400", "+0300"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("periods", "local", "hours"),
    [
        (EUROPE, "20260328T235900", 1),
        (EUROPE, "20260329T030000", 2),
        (EUROPE, "20260701T120000", 2),
        (EUROPE, "20261025T015900", 2),
        (EUROPE, "20261025T030000", 1),
        (EUROPE, "20260101T000000", 1),
        (AMERICA, "20260308T015900", -8),
        (AMERICA, "20260308T030000", -7),
        (AMERICA, "20261101T015900", -7),
        (AMERICA, "20261102T000000", -8),
        (AMERICA, "20000101T000000", -7),
        (APPLE, "20260307T120000", -8),
        (APPLE, "20260309T120000", -7),
        (APPLE, "20261102T120000", -8),
        (SOUTH, "20260101T120000", 11),
        (SOUTH, "20260701T120000", 10),
        (SOUTH, "20261101T120000", 11),
        (GIVEN_UP, "20120101T120000", 4),
        (GIVEN_UP, "20260701T120000", 3),
        (period("STANDARD", "19700101T000000", "+0530", "+0530"), "20260701T120000", 5.5),
        (period("STANDARD", "19700101T000000", "+0000", "-0330"), "20260701T120000", -3.5),
        (period("STANDARD", "20200101T000000", "+0100", "+0200",
                "RDATE:20230101T000000,20250101T000000"), "20260701T120000", 2),
    ],
)  # fmt: skip
def test_zones_that_the_calendar_defines(periods, local, hours):
    found = read(f"DTSTART;TZID=Mine:{local}", before=zone(*periods)).start
    utc, local = map(datetime.fromisoformat, (found.utc, found.local))
    assert ((local - utc).total_seconds() / 3600, found.zone) == (hours, "Mine")


def test_a_definition_with_the_name_of_a_known_zone():
    """What the sender of an email defines doesn't move cities, for this email or the next."""
    periods = period("STANDARD", "19700101T000000", "-0800", "-0800")
    found = read(
        "DTSTART;TZID=Europe/Berlin:20260701T120000", before=zone(*periods, name="Europe/Berlin")
    )
    assert found.start.utc == "2026-07-01T10:00:00"
    lines = ("DTSTART;TZID=Mine:20260701T120000",)
    assert (
        read(*lines, before=zone("X-LIC-LOCATION:Europe/Berlin", *periods)).start.zone
        == "Europe/Berlin"
    )
    assert read(*lines, before=zone(*periods)).start.utc == "2026-07-01T20:00:00"
    assert read(*lines).start.utc == ""


@pytest.mark.parametrize(
    "periods",
    [
        (),
        period("STANDARD", "", "", ""),
        period("STANDARD", "19700101T000000", "+9999", "+9999"),
        period("STANDARD", "19700101T000000", "", "+0100", "RRULE:FREQ=SECONDLY"),
        period("STANDARD", "19700101T000000", "", "+0100", "RRULE:FREQ=YEARLY;BYMONTH=x;BYDAY=9XX"),
        period("STANDARD", "19700101T000000", "", "+0100", "RRULE:FREQ=YEARLY;BYMONTH=99;BYDAY=9SU"),
        period("DAYLIGHT", "19700101T000000", "", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-9SU;BYMONTH=2"),
    ],
)  # fmt: skip
def test_broken_definitions(periods):
    """The event is shown all the same."""
    found = read("SUMMARY:Visit", "DTSTART;TZID=Mine:20260701T120000", before=zone(*periods))
    assert (found.title, found.start.local) == ("Visit", "2026-07-01T12:00:00")
