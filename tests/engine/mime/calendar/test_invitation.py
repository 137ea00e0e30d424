"""What an email says of an event in a calendar, from whatever program it comes."""

import base64
import dataclasses
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_member_mail.mailbox.mime.calendar import icalendar, invitation
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.types import EventTime, Guest, ParsedAttachment, Recurrence

from ....mail import email_with
from .calendars import calendar, of, read, when

OUTLOOK = r"""
BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN=Ana Lima:mailto:Ana@Members.example
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="Desk; Harb
 our":mailto:desk@club.example
ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED;CN=bo@members.example:mailto:b
 o@members.example
DESCRIPTION;LANGUAGE=de-AT:Bring:\n\nkeys\, please\n
RRULE:FREQ=WEEKLY;UNTIL=20260630T120000Z;INTERVAL=2;BYDAY=WE,MO;WKST=MO
SUMMARY;LANGUAGE=de-AT:Begehung\; Halle 2
DTSTART;TZID=W. Europe Standard Time:20260401T140000
DTEND;TZID=W. Europe Standard Time:20260401T150000
UID:040000008200E00074C5B7101A82E008
DTSTAMP:20260301T080000Z
SEQUENCE:3
STATUS:CONFIRMED
LOCATION;LANGUAGE=de-AT:Halle 2
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
BEGIN:VALARM
DESCRIPTION:REMINDER
SUMMARY:Wrong
DTSTART:20200101T000000
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def test_everything():
    found = of(OUTLOOK.strip().encode())
    assert (found.method, found.title, found.place) == ("request", "Begehung; Halle 2", "Halle 2")
    assert found.start == EventTime("2026-04-01T14:00:00", "Europe/Berlin", "2026-04-01T12:00:00")
    assert found.end == EventTime("2026-04-01T15:00:00", "Europe/Berlin", "2026-04-01T13:00:00")
    assert found.description == "Bring:\n\nkeys, please"
    assert found.organizer == Guest("Ana Lima", "ana@members.example")
    assert found.guests == (
        Guest("Desk; Harbour", "desk@club.example"),
        Guest("", "bo@members.example", "accepted"),
    )
    assert found.sequence == 3
    assert found.recurrence == Recurrence("week", 2, (0, 2), 0, "2026-06-30")
    assert not found.is_alone


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART:20260401T120000Z"], "2026-04-01 12:00 (UTC)"),
        (["DTSTART:20260401T120000Z", "DTEND:20260401T133000Z"], "2026-04-01 12:00 – 13:30 (UTC)"),
        (["DTSTART:20260401T120000Z", "DURATION:PT1H30M"], "2026-04-01 12:00 – 13:30 (UTC)"),
        (["DTSTART:20260401T120000Z", "DURATION:P1W"], "2026-04-01 12:00 – 2026-04-08 12:00 (UTC)"),
        (["DTSTART:20260401T120000Z", "DURATION:P"], "2026-04-01 12:00 (UTC)"),
        (["DTSTART:20260401T120000Z", "DTEND:20260401T120000Z"], "2026-04-01 12:00 (UTC)"),
        (["DTSTART:20260401T120000Z", "DTEND:20260301T120000Z"], "2026-04-01 12:00 (UTC)"),
        (["DTSTART:20260401T120000Z", "DTEND:soon"], "2026-04-01 12:00 (UTC)"),
        (["DTSTART:20260401T120000", "DTEND:20260401T130000"], "2026-04-01 12:00 – 13:00"),
        (["DTSTART:20260401T2200", "DTEND:20260402T010000"], "2026-04-01 22:00 – 2026-04-02 01:00"),
        (["DTSTART:2026-04-01T12:00:00Z"], "2026-04-01 12:00 (UTC)"),
        (["DTSTART;VALUE=DATE:20260401"], "2026-04-01"),
        (["DTSTART:20260401"], "2026-04-01"),
        (["DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260402"], "2026-04-01"),
        (["DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260404"], "2026-04-01 – 2026-04-03"),
        (["DTSTART;VALUE=DATE:20260401", "DURATION:P2D"], "2026-04-01 – 2026-04-02"),
        (["DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260401"], "2026-04-01"),
        (["DTSTART:20260401T000000", "DTEND:20260403T000000",
          "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"], "2026-04-01 – 2026-04-02"),
        (['DTSTART;TZID="(GMT+01:00) Vienna":20260401T140000', "DTEND:20260401T130000Z"],
         "2026-04-01 14:00 – 15:00 (Europe/Vienna)"),
        (["DTSTART;TZID=Europe/Berlin:20260401T140000", "DTEND;TZID=Europe/London:20260401T150000"],
         "2026-04-01 14:00 – 16:00 (Europe/Berlin)"),
        (["DTSTART;TZID=Nowhere:20260401T140000", "DTEND;TZID=Nowhere:20260401T150000"],
         "2026-04-01 14:00 – 15:00 (Nowhere)"),
        (["DTSTART;TZID=Nowhere:20260401T140000", "DTEND:20260401T150000Z"],
         "2026-04-01 14:00 (Nowhere)"),
        (["DTSTART:soon"], ""),
        (["DTEND:20260401T120000Z"], ""),
    ],
)  # fmt: skip
def test_when_it_is(lines, expected):
    assert when(*lines) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY", Recurrence("day")),
        ("FREQ=DAILY;INTERVAL=3;COUNT=10", Recurrence("day", 3, (), 10)),
        ("FREQ=WEEKLY;BYDAY=FR,MO,FR", Recurrence("week", 1, (0, 4))),
        ("freq=monthly;bymonthday=1", Recurrence("month")),
        ("FREQ=MONTHLY;BYDAY=2WE", Recurrence("month")),
        ("FREQ=YEARLY;UNTIL=20300401", Recurrence("year", until="2030-04-01")),
        # The 30th of June in New York.
        ("FREQ=DAILY;UNTIL=20260701T035959Z", Recurrence("day", until="2026-06-30")),
        ("FREQ=DAILY;UNTIL=99991231T000000Z", Recurrence("day")),
        ("FREQ=DAILY;INTERVAL=0;COUNT=x", Recurrence("day")),
        ("FREQ=SECONDLY", None),
        ("", None),
    ],
)
def test_how_often_it_is(rule, expected):
    found = read("DTSTART;TZID=America/New_York:20260401T120000", f"RRULE:{rule}")
    assert found.recurrence == expected


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [
        ("REQUEST", "CONFIRMED", "request"),
        ("Request", "", "request"),
        ("REQUEST", "CANCELLED", "cancel"),
        ("CANCEL", "", "cancel"),
        ("REPLY", "", "reply"),
        ("COUNTER", "", "counter"),
        ("DECLINECOUNTER", "", "declinecounter"),
        ("PUBLISH", "", "publish"),
        ("", "", "publish"),
        ("DANCE", "", "publish"),
    ],
)
def test_methods(method, status, expected):
    assert read("SUMMARY:Visit", f"STATUS:{status}", method=method).method == expected


def test_a_reply():
    found = read(
        "ORGANIZER:MAILTO:desk@club.example",
        "ATTENDEE;PARTSTAT=DECLINED;CN=Ana Lima:mailto:ana@members.example",
        method="REPLY",
    )
    assert found.guests == (Guest("Ana Lima", "ana@members.example", "declined"),)


def test_people():
    found = read(
        "ORGANIZER;CN=x@y.example:mailto:x@y.example",
        "ATTENDEE;CN=\"'Ana ^'A^' Lima'\":invalid:nomail",
        "ATTENDEE;EMAIL=bo@x.example:urn:uuid:1",
        "ATTENDEE:mailto:",
        "ATTENDEE;CN=Bo;PARTSTAT=DELEGATED:bo@x.example",
        *(f"ATTENDEE:mailto:a{number}@x.example" for number in range(500)),
    )
    assert found.organizer == Guest("", "x@y.example")
    assert found.guests[0].name == 'Ana "A" Lima'
    assert found.guests[1:3] == (Guest("", "bo@x.example"), Guest("Bo", "bo@x.example"))
    assert len(found.guests) < 201


def test_the_series_and_what_is_different_on_some_days():
    events = [
        ("RECURRENCE-ID:20260408T120000Z", "UID:1", "SUMMARY:Later", "DTSTART:20260408T130000Z"),
        ("UID:1", "SUMMARY:Class", "DTSTART:20260401T120000Z", "RRULE:FREQ=WEEKLY"),
    ]
    found = of(calendar(*events[0], "END:VEVENT", "BEGIN:VEVENT", *events[1], method="PUBLISH"))
    assert found.title == "Class"
    assert of(calendar(*events[0])).title == "Later"


def test_a_calendar_of_several_events_is_a_file():
    lines = ("UID:1", "SUMMARY:One", "END:VEVENT", "BEGIN:VEVENT", "UID:2", "SUMMARY:Two")
    assert of(calendar(*lines, method="PUBLISH")) is None
    assert of(calendar(*lines, method="REQUEST")).title == "One"


def test_where():
    assert read("LOCATION:Hall 2\\, left", "URL:https://x.example").place == "Hall 2, left"
    assert (
        read("LOCATION:", "X-GOOGLE-CONFERENCE:https://meet.example/a").place
        == "https://meet.example/a"
    )
    assert read("URL:javascript:alert(1)").place == ""


def test_vcalendar_1():
    data = (
        b"BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\n"
        b"SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Caf=E9 und=\n weiter\n"
        b"LOCATION;QUOTED-PRINTABLE:B=C3=BCro\nDTSTART:20260401T120000Z\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    found = of(data, "application/octet-stream", "termin.vcs")
    assert (found.title, found.place) == ("Café und weiter", "Büro")


def test_tolerance():
    for data in (
        b"BEGIN:VEVENT\nSUMMARY:Visit\nDTSTART:20260401T120000Z",
        b"BEGIN:VCALENDAR\rBEGIN:VEVENT\rSUMMARY:Visit\rDTSTART:20260401T120000Z\r",
        b"\xef\xbb\xbfBEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VALARM\nSUMMARY:No\nEND:VTODO\nEND:VALARM\n"
        b'junk\n:x\nA;B="c:d\nitem1.SUMMARY:Visit\nSUMMARY:No\ndtstart:20260401T120000Z\nEND:VCALENDAR',
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Vi\r\n\tsit\r\nDTSTART:20260401T120000Z",
    ):
        assert invitation.words(of(data)) == "Visit\n2026-04-01 12:00 (UTC)", data
    latin = calendar("SUMMARY:Café").decode().encode("latin-1")
    assert of(latin).title == "Café"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BEGIN:VCALENDAR\nEND:VCALENDAR",
        b"BEGIN:VTODO\nSUMMARY:x\nEND:VTODO",
        b"\x00\xff" * 99,
    ],
)
def test_none(data):
    assert of(data) is None
    assert of(b"BEGIN:VEVENT", "text/plain", "a.txt") is None


@pytest.mark.parametrize(
    "value", ["99999999T999999Z", "00000000T000000Z", "20260230", "99991231T235959"]
)
def test_days_that_do_not_exist(value):
    found = of(
        calendar("SUMMARY:Visit", f"DTSTART;TZID=Pacific/Kiritimati:{value}", "DURATION:P99999D")
    )
    assert found.title == "Visit"


def test_of_several_files_the_calendar_that_was_sent_as_one():
    files = [
        ParsedAttachment("a.txt", "text/plain", b"x"),
        ParsedAttachment("invite.ics", "application/ics", calendar("SUMMARY:File")),
        ParsedAttachment("invite.ics", "text/calendar", calendar("SUMMARY:Part")),
    ]
    assert invitation.read(files).title == "Part"
    assert invitation.read(files[:2]).title == "File"
    assert invitation.read(files[:1]) is None


# -- in an email -------------------------------------------------------------------------------


def test_an_invitation_alone():
    body = base64.encodebytes(
        calendar('DTSTART;TZID="(GMT+01:00) Vienna":20260401T140000', "DTEND:20260401T130000Z",
                 "SUMMARY:Inspection\\, hall 2", "LOCATION:Gate", "DESCRIPTION:Bring\\nkeys")
    )  # fmt: skip
    data = (
        b"Content-Type: text/calendar; method=REQUEST\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    found = parse(data + body)
    assert found.text == (
        "Inspection, hall 2\n2026-04-01 14:00 – 15:00 (Europe/Vienna)\nGate\n\nBring\nkeys"
    )
    assert found.html == ""
    assert [file.filename for file in found.attachments] == ["invite.ics"]
    assert found.invitation.is_alone and found.invitation.description == "Bring\nkeys"


def test_an_invitation_beside_a_text():
    found = parse(email_with(calendar("SUMMARY:Inspection"), "invite.ics", "text/calendar"))
    assert "See attached." in found.text and "Inspection" not in found.text
    assert found.invitation.title == "Inspection" and not found.invitation.is_alone
    assert [file.filename for file in found.attachments] == ["invite.ics"]


# -- hostile -------------------------------------------------------------------------------------

START = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Visit\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:VEVENT\r\n" * 30_000,
        START + "BEGIN:VALARM\r\n" * 30_000,
        START + "BEGIN:VALARM\r\nEND:VALARM\r\n" * 15_000,
        START + "END:VALARM\r\n" * 30_000,
        START + " x\r\n" * 100_000,
        START + "DTSTART;TZID=" + "," * 400_000,
        START + "A" + ";B=c" * 100_000 + ":v",
        START + "A" + ';B="c' * 80_000 + ":v",
        START + "A" + ";" * 400_000,
        START + '"' * 400_000,
        START + "A:" + "\\n" * 200_000,
        START + "A" * 400_000,
        START + "A:b\r\n" * 80_000,
        START + "".join(f"X-{number}:b\r\n" for number in range(40_000)),
        START + "ATTENDEE:mailto:a@b.example\r\n" * 15_000,
        START + "A;ENCODING=QUOTED-PRINTABLE:=\r\n" * 12_000,
        START + "\r\n" * 200_000,
        "BEGIN:VTIMEZONE\r\n" + "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETTO:+0100\r\n"
        "RRULE:FREQ=YEARLY\r\nEND:STANDARD\r\n" * 4_000,
        START + "RRULE:" + "FREQ=DAILY;" * 40_000,
        START + "DTSTART:" + "2026" * 100_000,
        START + "DURATION:P" + "1D" * 100_000,
    ],
)
def test_in_linear_time(text):
    data = text.encode()
    start = time.process_time()
    of(data)
    of(data + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    assert time.process_time() - start < 1


LINES = st.sampled_from(
    ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "BEGIN:VTIMEZONE", "BEGIN:STANDARD", "END:VEVENT",
     "END:STANDARD", "END:VTIMEZONE", "TZID:A", "DTSTART;TZID=A:20260401T140000", "DTSTART:0001-01-01",
     "DURATION:P99999D", "DTEND;TZID=Europe/Berlin:99991231T235959",
     "RRULE:FREQ=YEARLY;UNTIL=00010101T000000Z;BYDAY=5SU",
     "TZOFFSETTO:+9959", "ATTENDEE;CN=\x00:mailto:\x00", "SEQUENCE:²", "METHOD:REPLY", "UID:1"]
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=30)))
def test_anything(lines):
    data = "\r\n".join(lines).encode("utf-8", "surrogatepass")
    found = invitation._read(data)
    assert "\\u0000" not in json.dumps(found and dataclasses.asdict(found))
    assert found is None or "\x00" not in invitation.words(found)


def test_a_calendar_that_breaks_the_reader_is_a_file(monkeypatch):
    def broken(data):
        raise RuntimeError

    monkeypatch.setattr(icalendar, "read", broken)
    found = parse(email_with(calendar("SUMMARY:Inspection"), "invite.ics", "text/calendar"))
    assert found.invitation is None and len(found.attachments) == 1
