"""What an email says of an event in a calendar, from whatever program it comes."""

import base64

import pytest

from crm_member_mail.mailbox.mime.calendar import invitation
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
        (["DTSTART:20260401T120000Z", "DURATION:pt90m"], "2026-04-01 12:00 – 13:30 (UTC)"),
        (["DTSTART:20260401T235960Z"], "2026-04-01 23:59 (UTC)"),
        (["DTSTART:20260401T230000", "DTEND:20260401T240000"], "2026-04-01 23:00 – 2026-04-02 00:00"),
        (["DTSTART:20260401T140000+0200", "DTEND:20260401T150000+0200"],
         "2026-04-01 14:00 – 15:00 (+0200)"),
        # An end without a zone.
        (["DTSTART;TZID=Europe/Berlin:20260401T140000", "DTEND:20260401T150000"],
         "2026-04-01 14:00 – 15:00 (Europe/Berlin)"),
        (["DTSTART:20260401T140000Z", "DTEND:20260401T150000"], "2026-04-01 14:00 – 15:00 (UTC)"),
        # Whole days, with times.
        (["DTSTART;VALUE=DATE:20260401T000000", "DTEND;VALUE=DATE:20260402T000000"], "2026-04-01"),
        (["DTSTART:20260401T000000", "DTEND:20260403T000000",
          "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT:TRUE"], "2026-04-01 – 2026-04-02"),
        (["DTSTART:20260401T000000", "DTEND:20260402T235900", "X-FUNAMBOL-ALLDAY:1"],
         "2026-04-01 – 2026-04-02"),
        (["DTSTART:20260331T220000Z", "DTEND:20260401T220000Z",
          "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"], "2026-04-01"),
        (["DTSTART:20260401T050000Z", "DTEND:20260403T050000Z",
          "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"], "2026-04-01 – 2026-04-02"),
        (["DTSTART:soon"], ""),
        (["DTEND:20260401T120000Z"], ""),
        (["RECURRENCE-ID:20260401T120000Z"], "2026-04-01 12:00 (UTC)"),
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
        ("FREQ=DAILY;UNTIL=20260630T235959", Recurrence("day", until="2026-06-30")),
        ("FREQ=DAILY;UNTIL=99991231T000000Z", Recurrence("day")),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", Recurrence("week", 1, (0, 1, 2, 3, 4))),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", Recurrence("day", 2)),
        ("FREQ=WEEKLY; BYDAY=MO, WE", Recurrence("week", 1, (0, 2))),
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
        ("PUBLISH", "CANCELLED", "cancel"),
        ("REPLY", "CANCELLED", "reply"),
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
    assert read("COMMENT:Sorry\\, ill", method="REPLY").description == "Sorry, ill"


def test_people():
    found = read(
        "ORGANIZER;CN=x@y.example:mailto:x@y.example",
        "ATTENDEE;CN=\"'Ana ^'A^' Lima'\":invalid:nomail",
        "ATTENDEE;EMAIL=bo@x.example:urn:uuid:1",
        "ATTENDEE:mailto:",
        "ATTENDEE;CN=Bo;PARTSTAT=DELEGATED:bo@x.example",
        "ATTENDEE;CN=Lima\\, Bo:mailto:b1@x.example",
        "ATTENDEE;CN==?utf-8?Q?M=C3=BCller?=:mailto:o%27neill@x.example",
        *(f"ATTENDEE:mailto:a{number}@x.example" for number in range(500)),
    )
    assert found.organizer == Guest("", "x@y.example")
    assert found.guests[0].name == 'Ana "A" Lima'
    assert found.guests[1:3] == (Guest("", "bo@x.example"), Guest("Bo", "bo@x.example"))
    assert found.guests[3:5] == (
        Guest("Lima, Bo", "b1@x.example"),
        Guest("Müller", "o'neill@x.example"),
    )
    assert len(found.guests) < 201


@pytest.mark.parametrize(
    ("line", "guest"),
    [
        ('ATTENDEE;CN="Bo Else":"mailto:bo@x.example"', Guest("Bo Else", "bo@x.example")),
        ("ATTENDEE;STATUS=ACCEPTED:Bo Else <bo@x.example>",
         Guest("Bo Else", "bo@x.example", "accepted")),
        ('ATTENDEE;CN=Bo:mailto:"B. Else" <bo@x.example>', Guest("Bo", "bo@x.example")),
        ("ATTENDEE;CN=Bo:MAILTO: bo@x.example", Guest("Bo", "bo@x.example")),
    ],
)  # fmt: skip
def test_people_as_they_are_written(line, guest):
    assert read(line).guests == (guest,)


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
    apple = 'X-APPLE-STRUCTURED-LOCATION;X-TITLE="Hall 2\\nGate 1":geo:48.2,16.3'
    assert read(apple).place == "Hall 2 Gate 1"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DESCRIPTION:<html><body><p>Bring <b>keys</b></p><p>Bye</p></body></html>",
         "Bring keys\n\nBye"),
        ('DESCRIPTION:Join <a href="https://x.example">here</a>\\nBye',
         "Join here <https://x.example>\nBye"),
        ("DESCRIPTION:a <b> c\\n1 < 2 > 0", "a <b> c\n1 < 2 > 0"),
        ("X-ALT-DESC;FMTTYPE=text/html:<html><body>Bring keys</body></html>", "Bring keys"),
    ],
)  # fmt: skip
def test_html_in_a_description(line, expected):
    assert read(line).description == expected


def test_what_html_escapes():
    found = read("SUMMARY:Q&amp;A", "LOCATION:Hall 1 &amp; 2")
    assert (found.title, found.place) == ("Q&A", "Hall 1 & 2")


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


@pytest.mark.parametrize("charset", ["shift_jis", "euc-jp", "gb18030", "utf-16", "utf-8"])
def test_the_charset_that_the_email_names(charset):
    head = f"Content-Type: text/calendar; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    body = base64.encodebytes(calendar("SUMMARY:会議").decode().encode(charset))
    assert parse(head.encode() + body).invitation.title == "会議"


def test_an_invitation_beside_a_text():
    found = parse(email_with(calendar("SUMMARY:Inspection"), "invite.ics", "text/calendar"))
    assert "See attached." in found.text and "Inspection" not in found.text
    assert found.invitation.title == "Inspection" and not found.invitation.is_alone
    assert [file.filename for file in found.attachments] == ["invite.ics"]
