"""The header as received, and what is read of it."""

import pytest

from crm_member_mail.mailbox.imap import fetch, partial
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.mime.headers import KEPT_HEADER_BYTES
from crm_member_mail.mailbox.mime.message import digest_of, parse

from ...mail import email
from ..imap.test_session import settings

HEADER = (
    "Received: from x\n\tby mail.club.example; Mon, 5 Jan 2026 10:00:00 +0000\n"
    "X-Odd:  two  blanks \nFrom: Ana <ana@members.example>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
)


def kept(header, body=b"Text"):
    header = header.encode() if isinstance(header, str) else header
    return parse((header + b"\n" + body).replace(b"\n", b"\r\n")).headers


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER, HEADER),
        ("Subject: Grüße ж\n", "Subject: Grüße ж\n"),
        (b"Subject: Gr\xfc\xdfe\n", "Subject: Grüße\n"),
        (b"Subject: a\x00b\x07\n", "Subject: ab\n"),
        (b"Subject: \xed\xa0\x80\n", "Subject: í\xa0\n"),
        ("From x@y Mon Jan  5\nSubject: a\n", "Subject: a\n"),
        ("", ""),
    ],
)
def test_as_it_came(header, expected):
    assert kept(header) == expected.rstrip("\n")


def test_nothing_of_the_body():
    assert kept("Subject: a\n", b"X-Body: b") == "Subject: a"
    # The blank line before the body is missing.
    assert "Hello" not in kept("Subject: a\nHello there,\nhow are you?\n")
    assert parse(b"").headers == ""
    assert parse(b"\r\nX-Body: b").headers == ""


@pytest.mark.parametrize(
    "line", ["X-Long: {}\n".format("a" * 100), "X-Long: {}\n".format("ä" * 50)]
)
def test_too_long_a_header_ends_with_a_line(line):
    message = parse(f"Subject: a\n{line * 1000}\nText".encode())
    assert KEPT_HEADER_BYTES - 200 < len(message.headers.encode()) <= KEPT_HEADER_BYTES
    assert f"{message.headers}\n".endswith(f"\n{line}")
    assert "The header was too long to keep in full." in message.defects
    assert message.text == "Text"


def test_a_line_too_long():
    message = parse(b"X-Long: " + b"a" * 100_000 + b"\nSubject: a\n\nText")
    assert message.headers == "X-Long: " + "a" * (KEPT_HEADER_BYTES - 8)
    assert message.subject == "a"


def test_a_header_of_the_usual_length_has_no_defect():
    assert parse(email()).defects == ()


def test_they_are_no_part_of_the_identity():
    one, other = (
        parse(f"X-Trace: {trace}\n{HEADER}\nText".encode()) for trace in ("in one mailbox", "2nd")
    )
    assert one.headers != other.headers
    assert one.header_digest == other.header_digest
    assert one.content_digest == other.content_digest


def test_digest_of_bytes():
    data = f"{HEADER}\nText".encode().replace(b"\n", b"\r\n")
    assert digest_of(data) == parse(data).header_digest
    assert digest_of(data) != digest_of(data.replace(b"Subject: =", b"Subject: Re: ="))
    for odd in (b"From x@y Mon\n" + data, b"From : a@b\n\n", data.replace(b"\n", b"")):
        assert digest_of(odd) == parse(odd).header_digest
    assert digest_of(b"") == parse(b"").header_digest


def test_of_large_messages(dovecot, mailbox):
    data = HEADER.encode() + b"Authentication-Results: mail.club.example; dmarc=pass\n\nText"
    mailbox.append("INBOX", data.replace(b"\n", b"\r\n"))
    imap = settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)
    with ImapSession.open(imap) as session:
        fetch.examine(session, "INBOX")
        [summary] = fetch.fetch_summaries(session, [1])
        message = partial.fetch_partial(session, summary).message
    assert message.headers.startswith(HEADER)
    [server] = message.authentication.servers
    assert server.authserv_id == message.authentication.received_by == "mail.club.example"
