"""Whatever is done with the bytes of an email takes time that grows with their number alone.

Each way by which bytes come into the engine is tried with each hostile shape.
"""

import re
from itertools import product

import pytest

from crm_member_mail.mailbox.html.fence import fence, plain_to_html
from crm_member_mail.mailbox.html.pictures import place, references
from crm_member_mail.mailbox.html.plain_text import to_text
from crm_member_mail.mailbox.html.preview import preview
from crm_member_mail.mailbox.html.redact import redact
from crm_member_mail.mailbox.html.viewer import Viewer
from crm_member_mail.mailbox.mime.addresses import canonical
from crm_member_mail.mailbox.mime.charset import decode_words
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.people.recipients import recipients
from dev.shapes import UNITS

from .linear import too_slow


def _field(name):
    # A header is cut off at some length, and of texts as long as bodies nothing would be left.
    return lambda text: parse(f"{name}: {text[: len(text) // 4]}\r\n\r\nHello".encode())


def _body(*fields):
    head = "\r\n".join(fields).encode() + b"\r\n\r\n"
    return lambda text: parse(head + text.encode())


def in_attribute(text):
    """HTML with a text where a browser keeps it for itself."""
    text = text[: len(text) // 4].replace('"', "'")
    return f'<p title="{text}" class="{text}" style="{text}"><a href="{text}">x</a></p>'


def _viewed(text):
    return Viewer({}, False, "x.example", fold_quotes=True).clean(text)


def _pictured(text):
    return list(references(text)), place(text, {}.get)


ON_HTML = (fence, to_text, _viewed, _pictured)

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
    "the viewer": _viewed,
    "pictures": _pictured,
    "the preview": preview,
    "pasted recipients": lambda text: recipients(text[: len(text) // 4]),
    "an address": canonical,
    "words that are taken out": lambda text: redact(text, re.compile("ada", re.IGNORECASE), "***"),
    "words": decode_words,
    "an attribute": lambda text: [way(in_attribute(text)) for way in ON_HTML],
}  # fmt: skip


@pytest.mark.parametrize("name", WAYS)
def test_time_grows_with_the_text(name):
    found = {unit: too_slow(WAYS[name], unit) for unit in UNITS}
    assert {unit: times for unit, times in found.items() if times} == {}


def test_nothing_is_raised_by_any_shape():
    """Whatever is repeated, little or much of it: an email that can't be read costs work by hand."""
    for way, unit, size in product(WAYS.values(), UNITS, (1, 3, 50, 2000)):
        way((unit * size)[: max(size, len(unit))])
