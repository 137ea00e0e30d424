"""An email as received: its headers, its sender, its bytes from the mail server."""

import socket

import pytest

from odoo.addons.crm_member_mail.models.message import source

from ..mail import email, email_with
from .test_scan import filed, run_job

TRACE = (
    b"Received: from mail.members.example by mail.club.example with ESMTPS; Mon, 5 Jan 2026 10:00\r\n"
    b"Authentication-Results: mail.club.example;\r\n\tdmarc=%s header.from=members.example\r\n"
)


def delivered(data, outcome=b"pass"):
    """An email as the club's server has it: with what it adds above."""
    return TRACE % outcome + data.replace(b"\n", b"\r\n")


@pytest.fixture
def data(env, mailbox, account, contact):
    """The bytes of an email that is in the mailbox, and filed."""
    contact("Ana", "ana@members.example")
    data = delivered(email(sender="ana@members.example", text="Grüße", html="<p>Grüße</p>"))
    mailbox.append("INBOX", data)
    run_job(env)
    return data


def test_the_bytes_are_those_of_the_server(env, data, mailbox):
    assert filed(env)._original_bytes() == data
    assert list(mailbox.flags("INBOX")) == [1]
    assert b"\\Seen" not in mailbox.flags("INBOX")[1]


def test_headers_and_sender(env, data, mailbox):
    message = filed(env)
    header = data.decode().replace("\r\n", "\n").partition("\n\n")[0]
    assert message.get_original_headers() == header
    assert message.authenticity == "verified"
    mailbox.append(
        "INBOX", delivered(email(sender="ana@members.example", subject="Forged"), b"fail")
    )
    run_job(env)
    assert filed(env, subject="Forged").authenticity == "failed"


def test_new_uids(env, data, mailbox):
    mailbox.reset_uidvalidity("INBOX")
    assert filed(env)._original_bytes() is None
    run_job(env)
    assert filed(env)._original_bytes() == data


def test_a_number_of_before(env, data):
    filed(env).location_ids.uidvalidity += 1
    assert filed(env)._original_bytes() is None


def test_a_number_that_another_message_has(env, data, mailbox):
    mailbox.append("INBOX", delivered(email(sender="ana@members.example", subject="Another")))
    filed(env).location_ids.uid = 2
    assert filed(env)._original_bytes() is None


def test_gone_from_the_server(env, data, mailbox):
    mailbox.server.expunge(mailbox.user, "INBOX", 1)
    message = filed(env)
    assert message._original_bytes() is None
    assert b"X-Member-Mail-Rebuilt" in message._rebuilt()


def test_another_place_has_it(env, data, mailbox, account):
    folders = account.with_context(active_test=False).folder_ids
    folders.filtered(lambda folder: folder.path == "Archive").active = True
    mailbox.append("Archive", data)
    run_job(env)
    message = filed(env)
    assert len(message.location_ids) == 2
    mailbox.server.expunge(mailbox.user, "INBOX", 1)
    assert message._original_bytes() == data


def test_a_folder_that_is_gone(env, data):
    filed(env).location_ids.folder_id.path = "Nowhere"
    assert filed(env)._original_bytes() is None


def test_an_archived_account(env, data, account):
    account.active = False
    assert filed(env)._original_bytes() is None


def test_a_wrong_password(env, data, account):
    account.imap_password = "wrong"
    assert filed(env)._original_bytes() is None


def test_a_server_that_never_answers(env, data, account, monkeypatch):
    monkeypatch.setattr(source, "DEADLINE", 1.0)
    with socket.create_server(("localhost", 0)) as silent:
        account.imap_port = silent.getsockname()[1]
        assert filed(env)._original_bytes() is None


@pytest.fixture
def small_limit(env):
    env["ir.config_parameter"].set_param("crm_member_mail.max_message_mb", "1")
    yield
    env["ir.config_parameter"].set_param("crm_member_mail.max_message_mb", False)
    env.cr.commit()


def test_of_a_large_message(env, mailbox, account, contact, small_limit):
    contact("Ana", "ana@members.example")
    data = delivered(
        email_with(b"x" * 1_500_000, sender="ana@members.example", content_type="application/pdf")
    )
    mailbox.append("INBOX", data)
    run_job(env)
    message = filed(env)
    assert message.is_partial and message.authenticity == "verified"
    assert message.get_original_headers().startswith("Received: from mail.members.example")
    assert message._original_bytes() == data
    assert b"are missing" in message._rebuilt().replace(b"\r\n", b"")
