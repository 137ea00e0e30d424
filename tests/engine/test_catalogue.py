"""Whatever is done with the bytes of an email takes time that grows with their number alone.

Each way by which bytes come into the engine is tried with each hostile shape.
"""

import gc
import re
import time
from itertools import product

import pytest

from crm_member_mail.mailbox.html.fence import fence, plain_to_html, preview
from crm_member_mail.mailbox.html.pictures import place, references
from crm_member_mail.mailbox.html.plain_text import to_text
from crm_member_mail.mailbox.html.redact import redact
from crm_member_mail.mailbox.html.viewer import Viewer
from crm_member_mail.mailbox.mime.addresses import canonical
from crm_member_mail.mailbox.mime.charset import decode_words
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.people.recipients import recipients

#: What is repeated.
UNITS = (
    '<a href="http://x/<!--', '<a href="http://x/<!--‹!--">', "<", "<!", "<!--", "<?", "</",
    "<div>", "</div>", "<b><i>", "<p>", "<table><tr><td>", "<blockquote>", "<li><ul>",
    '<img src="cid:a">', "<span style='color:red'>x", '<p style="color:aaaa', '<p style="',
    "<style>a{color:red}", "<style>a{", "<!doctype html><html><body>", "<![CDATA[", "&", "&#",
    "&amp;", "&nbsp;", " ", "\t", "\n", "\r\n", "\r", "> ", ">\n", "-- \n", "x", "x ", "1", "1.",
    "é", "あ", "\u202e", "\x00", "=", "=?", "=?utf-8?q?", "=?utf-8?q?a?= ", "=?utf-8?b?4oKs?=",
    "=\n", "=E2", '"', "'", "\\", '\\"', "(", "()", ")", "[", "{", "{}", "/*", "*/", "url(", "%",
    "%20", "@", "a@b", "a@b.c,", "a@b.c ", "<a@b.c>", '"a" <a@b.c>, ', ",", ";", ":", "a:b;",
    "a=b;", "name*0=a;", "--b\n", "--b\n\n", "--b--\n", "cid:", "http://x.y/ ", "begin 644 a\nM\n",
    "=ybegin line=1 size=1 name=a\n", "BEGIN:VEVENT\n", "SUMMARY:x\n ", "From: a@b.c\n",
    "On Monday, Bo wrote:\n> x\n", "-----BEGIN PGP MESSAGE-----\n", "Re: ", "QUJD", "QUJD\n", "*",
    "_", "-", "~", "| ",
)  # fmt: skip


def _field(name):
    # A header is cut off at some length, and of texts as long as bodies nothing would be left.
    return lambda text: parse(f"{name}: {text[: len(text) // 4]}\r\n\r\nHello".encode())


def _body(*fields):
    head = "\r\n".join(fields).encode() + b"\r\n\r\n"
    return lambda text: parse(head + text.encode())


#: The ways in, by name: functions of a text.
WAYS = {
    **{f"the field {name}": _field(name) for name in (
        "From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type",
        "Content-Disposition", "Content-Type: multipart/mixed; boundary", "Authentication-Results",
        "Received", "X", "List-Id",
    )},
    "a text": _body("Content-Type: text/plain; charset=utf-8"),
    "HTML": _body("Content-Type: text/html; charset=utf-8"),
    "enriched text": _body("Content-Type: text/enriched"),
    "quoted-printable": _body("Content-Transfer-Encoding: quoted-printable"),
    "base64": _body("Content-Transfer-Encoding: base64"),
    "parts": _body("Content-Type: multipart/mixed; boundary=b"),
    "alternatives": _body("Content-Type: multipart/alternative; boundary=b"),
    "an enclosed email": _body("Content-Type: message/rfc822"),
    "a bounce": _body("Content-Type: multipart/report; boundary=b", "", "--b", "", "--b",
                      "Content-Type: message/delivery-status", ""),
    "a calendar": _body("Content-Type: text/calendar; method=REQUEST", "", "BEGIN:VCALENDAR",
                        "BEGIN:VEVENT", "SUMMARY:"),
    "a header": lambda text: parse(text.encode()),
    "the file's fence": fence,
    "text as HTML": plain_to_html,
    "HTML as text": to_text,
    "the viewer": lambda text: Viewer({}, False, "x.example", fold_quotes=True).clean(text),
    "pictures": lambda text: (list(references(text)), place(text, {}.get)),
    "the preview": preview,
    "pasted recipients": lambda text: recipients(text[: len(text) // 4]),
    "an address": canonical,
    "words that are taken out": lambda text: redact(text, re.compile("ada", re.IGNORECASE), "***"),
    "words": decode_words,
}  # fmt: skip

#: Characters of a text, and by how much more time twice as many may take.
SIZES, MOST = (50_000, 100_000, 200_000, 400_000), 2.6
#: Seconds for the smallest text; what takes less does no harm at any size.
NOISE = 0.006


def _seconds(way, unit, size):
    text = (unit * (size // len(unit.encode()) + 1))[:size]
    gc.disable()  # it would look at everything that the tests before have left
    try:
        begin = time.process_time()
        way(text)
        return time.process_time() - begin
    finally:
        gc.enable()


def _problem(way, unit):
    """How long texts take that double in size, in seconds, if that is too long; None if it is not."""
    if _seconds(way, unit, SIZES[0]) < NOISE:
        return None
    times = [float("inf")] * len(SIZES)
    for _attempt in range(3):
        # Others can only make it slower: the fastest of several times is the truest.
        for number in (0, 2):
            times[number] = min(times[number], _seconds(way, unit, SIZES[number]))
        if times[2] <= MOST**2 * max(times[0], NOISE):
            return None
    for _attempt in range(3):
        times = [
            min(old, _seconds(way, unit, size)) for old, size in zip(times, SIZES, strict=True)
        ]
    worst = max(more / max(less, NOISE) for less, more in zip(times, times[1:], strict=False))
    return times if worst > MOST else None


@pytest.mark.parametrize("name", WAYS)
def test_time_grows_with_the_text(name):
    found = {unit: _problem(WAYS[name], unit) for unit in UNITS}
    assert {unit: times for unit, times in found.items() if times} == {}


def test_nothing_is_raised_by_any_shape():
    """Whatever is repeated, little or much of it: an email that can't be read costs work by hand."""
    for way, unit, size in product(WAYS.values(), UNITS, (1, 3, 50, 2000)):
        way((unit * size)[: max(size, len(unit))])
