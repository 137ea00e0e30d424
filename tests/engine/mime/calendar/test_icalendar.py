"""The lines of calendars: folded, broken and hostile ones."""

import dataclasses
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_member_mail.mailbox.mime.calendar import icalendar, invitation
from crm_member_mail.mailbox.mime.message import parse

from ....mail import email_with
from .calendars import calendar, of


def test_folded_in_the_midst_of_a_letter():
    data = calendar("SUMMARY:Grüße", "LOCATION:会議室").replace("ü".encode(), b"\xc3\r\n \xbc")
    found = of(data.replace("議".encode(), b"\xe8\xad\n\t\xb0"))
    assert (found.title, found.place) == ("Grüße", "会議室")


def test_vcalendar_1():
    data = (
        b"BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\n"
        b"SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Caf=E9 und=\n weiter\n"
        b"LOCATION;QUOTED-PRINTABLE:B=C3=BCro\nDTSTART:20260401T120000Z\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    found = of(data, "application/octet-stream", "termin.vcs")
    assert (found.title, found.place) == ("Café und weiter", "Büro")
    for head in ("Content-Type: text/x-vcalendar; name=a.vcs", "Content-Type: text/x-vcalendar"):
        parsed = parse(head.encode() + b"\r\n\r\n" + data)
        assert parsed.text == "Café und weiter\n2026-04-01 12:00 (UTC)\nBüro"
        assert [file.filename[-4:] for file in parsed.attachments] == [".vcs"]


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
