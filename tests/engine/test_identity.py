"""The same email has the same identity, another one has another."""

from odoo.addons.crm_member_mail.mailbox.identity import (
    clean_message_id,
    clean_message_ids,
    header_digest,
)
from odoo.addons.crm_member_mail.mailbox.message import parse

from ..mail import email, email_with

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


def test_message_ids():
    assert clean_message_id(b" <a@x> (comment)") == "<a@x>"
    assert clean_message_id("bare@x") == "<bare@x>"
    assert clean_message_id(None) == ""
    assert clean_message_ids("<a@x>\r\n <b@x> rubbish <a@x>") == ("<a@x>", "<b@x>")
