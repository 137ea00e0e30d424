"""The same email has the same identity; another email has another."""

import base64
import time

from crm_member_mail.mailbox.mime.identity import header_digest, partial_digest
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.message_ids import clean_message_id, clean_message_ids
from crm_member_mail.mailbox.mime.structure import tnef

from ...mail import email, email_with
from .test_message import winmail

HEADERS = ("<1@x.example>", "Ana <ana@x.example>", "Mon, 02 Mar 2026 10:00:00 +0100", "Hello")


def test_header_digest_ignores_how_headers_are_written():
    same = (
        b" <1@x.example> ",
        b'"Ana" <ANA@x.example>',
        b"Mon,  2 Mar 2026 09:00:00 +0000 (UTC)",
        b"=?utf-8?q?Hello?=",
    )
    assert header_digest(*HEADERS) == header_digest(*same)


def test_header_digest_differs_with_each_header():
    digests = {header_digest(*HEADERS)}
    for position, value in enumerate(
        ("<2@x>", "b@x.example", "Mon, 02 Mar 2026 10:00:01 +0100", "Hi")
    ):
        changed = list(HEADERS)
        changed[position] = value
        digests.add(header_digest(*changed))
    assert len(digests) == 5
    assert header_digest(None, None, None, None) not in digests


def test_content_digest_ignores_the_way_and_sees_the_content():
    data = email(text="Grüße\n\nAna", message_id="<1@x.example>")
    moved = b"Received: from a by b\r\n" + data.replace(b"\n", b"\r\n")
    assert parse(moved).content_digest == parse(data).content_digest
    assert parse(email(text="Grüße\n\nBen")).content_digest != parse(data).content_digest
    one, other = email_with(b"one"), email_with(b"other")
    assert parse(one).content_digest != parse(other).content_digest


def test_digests_stay_what_they_were():
    """Digests are stored: if they change, emails are filed again and deleted ones come back."""
    assert header_digest(*HEADERS) == (
        "dc4e9636da4a0586d709f661bb8182151eab74ec5ea9962ec7e3cf5c005266ab"
    )
    message = parse(
        b"From: Ana <ana@x.example>\r\nSubject: Hi\r\nMessage-ID: <1@x.example>\r\n"
        b"Date: Mon, 02 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n"
        b"<html><head><title>t</title><style>p{color:red}</style></head><body><p>Hi <b>Ana</b>,</p>"
        b"<ul><li>one<li>two</ul><table><tr><td>1<td>2</table>"
        b'<a href="https://x.example/">link</a><blockquote>old</blockquote></body></html>\r\n'
    )
    assert message.content_digest == (
        "0a3daba0c1f3cef37700e982c58f1ca6e20693b8e9554d7ca1d9d75e1069d4c9"
    )


def test_content_digest_is_that_of_the_parts():
    def mail(head, body):
        return parse(b"Content-Type: text/" + head + b"\r\n\r\n" + body).content_digest

    plain = mail(b"plain; charset=utf-8", "Grüße  aus\r\nKöln".encode())
    assert plain == mail(b"plain; charset=iso-8859-1", "Grüße aus Köln\n".encode("latin-1"))
    assert plain == mail(
        b"plain; charset=utf-8\r\nContent-Transfer-Encoding: base64",
        base64.encodebytes("Grüße aus Köln".encode()),
    )
    rich = mail(b"html", b"<p>Hi <b>Ana</b></p>")
    assert rich == mail(b"html", b"<html><p class=x>Hi\r\n<b>Ana</b></html>")
    assert rich != mail(b"html", b"<p>Hi <b>Ben</b></p>")


def test_content_digest_does_not_depend_on_what_opens_a_file(monkeypatch):
    data = email_with(winmail(), "winmail.dat", "application/ms-tnef")
    opened = parse(data)
    monkeypatch.setattr(tnef, "tnefparse", None)
    closed = parse(data)
    assert [file.filename for file in opened.attachments] == ["plan.txt"]
    assert [file.filename for file in closed.attachments] == ["winmail.dat"]
    assert opened.content_digest == closed.content_digest


def test_partial_digest():
    assert partial_digest("ab", 1) == partial_digest("ab", 1)
    assert len({partial_digest("ab", 1), partial_digest("ab", 2), partial_digest("ac", 1)}) == 3


def test_digest_of_parts_stays_what_it_was():
    message = parse(
        b"Subject: Hi\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
        b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"
        b"--b--\r\n"
    )
    assert (
        message.content_digest == "1b47b8c317243a31e213998a785a23f94add14859fa791e095f44fbdce6b4cac"
    )
    assert (
        partial_digest(message.header_digest, 1000)
        == "b9fd1050012a55db0dec719071f4ef1a14ac6b647ff0e62790f70e4489e3bc52"
    )


def test_header_digest_of_odd_values():
    assert header_digest("<1@x>", "\ud800", "x", None) == header_digest(b"<1@x>", b"", b" x ", b"")
    utc, bare = "Mon, 02 Mar 2026 10:00:00 +0000", "Mon, 02 Mar 2026 10:00:00"
    assert header_digest(None, None, utc, None) == header_digest(None, None, bare, None)


def test_message_ids():
    assert clean_message_id(b" <a@x> (comment)") == "<a@x>"
    assert clean_message_id("bare@x") == "<bare@x>"
    assert clean_message_id(None) == clean_message_id("(a)") == clean_message_id("< >") == ""
    assert clean_message_id("(was <x@y>) <a@b>") == "<a@b>"
    assert clean_message_id("bare@x (comment)") == "<bare@x>"
    assert clean_message_id("=?utf-8?q?=3Ca=40b=3E?=") == "<a@b>"
    assert clean_message_ids("<a@x>\r\n <b@x> rubbish <a@x>") == ("<a@x>", "<b@x>")
    assert clean_message_ids("a@x\r\n b@x") == ("<a@x>", "<b@x>"), "without brackets"
    assert clean_message_ids("Your message of Monday from a@x") == ()
    assert clean_message_ids("a@x <b@x>") == ("<b@x>",)
    assert clean_message_ids("=?utf-8?q?=3Ca=40x=3E?= <b@x>") == ("<a@x>", "<b@x>"), "encoded"


def test_message_ids_of_blanks_take_no_time():
    start = time.process_time()
    for value in ("<" + " " * 200_000, "< " * 100_000, "(<" * 100_000, "(<a>" * 50_000):
        clean_message_id(value)
        clean_message_ids(value)
    assert time.process_time() - start < 10  # cubic time would take years
