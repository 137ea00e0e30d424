"""Read receipts as mail programs write them, and what is none."""

import pytest

from crm_member_mail.mailbox.mime.message import parse

ID = "<sent-1@club.example>"

STANDARD = f"""\
From: Bo Berg <bo@member.example>
To: office@club.example
Subject: Gelesen: Kitchen
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

Your message was opened on Monday.

--b
Content-Type: message/disposition-notification

Reporting-UA: pc.member.example; Mailer 7
Original-Recipient: rfc822;Info@Member.Example
Final-Recipient: rfc822;bo@member.example
Original-Message-ID: {ID}
Disposition: manual-action/MDN-sent-manually; displayed

--b--
"""


def receipt_of(text):
    return parse(text.replace("\n", "\r\n").encode()).receipt


def test_standard():
    parsed = parse(STANDARD.encode())
    assert parsed.is_automatic and parsed.report is None
    receipt = parsed.receipt
    assert receipt.message_ids == (ID,)
    assert receipt.emails == ("info@member.example", "bo@member.example")
    assert receipt.is_read


@pytest.mark.parametrize(
    ("said", "is_read"),
    [
        ("automatic-action/MDN-sent-automatically; displayed", True),
        ("manual-action/MDN-sent-manually; Displayed/warning", True),
        ("manual-action/MDN-sent-manually;\n displayed", True),
        ("displayed", True),
        ("automatic-action/MDN-sent-automatically; deleted", False),
        ("automatic-action/MDN-sent-automatically; processed", False),
        ("automatic-action/MDN-sent-automatically; dispatched", False),
        ("automatic-action/MDN-sent-automatically; denied", False),
        ("", False),
    ],
)
def test_what_became_of_it(said, is_read):
    text = STANDARD.replace("manual-action/MDN-sent-manually; displayed", said)
    assert receipt_of(text).is_read is is_read


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        (f"In-Reply-To: {ID}", (ID,)),
        (f"References: <first@club.example> {ID}", (ID,)),
        ("X-Mailer: none", ()),
    ],
)
def test_what_it_is_about_without_a_field(fields, ids):
    text = STANDARD.replace(f"Original-Message-ID: {ID}\n", "")
    assert receipt_of(text.replace("MIME-Version", f"{fields}\nMIME-Version")).message_ids == ids


def test_what_it_is_about_as_returned():
    text = STANDARD.replace(f"Original-Message-ID: {ID}\n", "").replace(
        "--b--",
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {ID}\nSubject: Kitchen\n\n--b--",
    )
    assert receipt_of(text).message_ids == (ID,)


def test_of_outlook_in_a_winmail_dat():
    text = f"""\
From: bo@member.example
Subject: Read: Kitchen
In-Reply-To: {ID}
Return-Path: <>
MIME-Version: 1.0
Content-Type: application/ms-tnef; name=winmail.dat

x REPORT.IPM.Note.IPNRN x"""
    receipt = receipt_of(text)
    assert (receipt.message_ids, receipt.emails, receipt.is_read) == (
        (ID,), ("bo@member.example",), True
    )  # fmt: skip
    assert receipt_of(text.replace("IPNRN", "IPNNRN")) is None


def test_what_a_person_passes_on_is_none():
    inner = STANDARD.partition("MIME-Version: 1.0\n")[2]
    text = f"""\
From: Ada <ada@member.example>
Subject: Fwd: Gelesen: Kitchen
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=o

--o

Look.
--o
{inner}
--o--
"""
    parsed = parse(text.encode())
    assert parsed.receipt is None and not parsed.is_automatic


@pytest.mark.parametrize("filling", [";" * 200_000, "displayed " * 50_000, "+3D" * 100_000])
def test_hostile_fields_take_no_time(filling):
    text = STANDARD.replace("manual-action", filling).replace("rfc822;bo", f"rfc822;{filling}bo")
    assert receipt_of(text) is not None
