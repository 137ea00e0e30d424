"""What sending costs: it does not depend on how many emails wait."""

import pytest

from odoo import sql_db

from odoo.addons.base.models.ir_attachment import IrAttachment
from odoo.addons.crm_member_mail.mailbox.imap.sent_copy import SentFolder
from odoo.addons.crm_member_mail.mailbox.smtp.session import SmtpSession
from odoo.addons.crm_member_mail.models.sending import post_office

from .test_sending import write
from .test_sending_faults import sent_copies

#: Queries that an email may cost, of which its copy in the Sent folder needs a few.
QUERIES = 15


@pytest.fixture
def patient(monkeypatch):
    """What happens every few seconds happens once, however slow the machine is."""
    monkeypatch.setattr(post_office, "LOOK_AGAIN", 1_000.0)
    monkeypatch.setattr(post_office, "TELL_AGAIN", 1_000.0)


def queue(env, contact, count):
    """So many emails that are due, made of one draft; returns the messages."""
    people = env["res.partner"]
    for number in range(count):
        people += contact(f"Ada {number}", f"ada{number}@member.example")
    messages = env["member.mail.message"].browse(
        write(env, people).action_send()["params"]["message_ids"]
    )
    messages.action_send_now()
    env.cr.commit()
    return messages


def work(env):
    """Work off the queue; returns the number of queries."""
    before = sql_db.sql_counter
    env["mail.mail"]._cron_send_member_mail()
    queries = sql_db.sql_counter - before
    env.invalidate_all()
    return queries


@pytest.mark.parametrize("keeps", [True, False], ids=["our copy", "the provider's copy"])
def test_queries_of_an_email(env, sending_account, smtp_server, contact, patient, keeps):
    if not keeps:
        provider = env["member.mail.provider"].create(
            {"name": "Saves", "code": "saves", "smtp_saves_sent": True}
        )
        server = sending_account.read(["imap_host", "imap_port", "smtp_host", "smtp_port"])[0]
        del server["id"]
        sending_account.write({**server, "provider_id": provider.id})
    costs = {}
    for count in (2, 22, 62):
        messages = queue(env, contact, count)
        costs[count] = work(env)
        assert set(messages.mapped("state")) == {"sent"}
        assert not messages.mail_ids
    assert (costs[22] - costs[2]) / 20 <= QUERIES
    assert (costs[62] - costs[22]) / 40 <= QUERIES
    assert len(smtp_server.messages) == 86


def test_each_email_is_read_when_its_turn_comes(
    env, sending_account, mailbox, smtp_server, contact, monkeypatch
):
    happened = []

    def note(owner, name, word):
        original = getattr(owner, name)

        def noted(*args, **options):
            happened.append(word)
            return original(*args, **options)

        monkeypatch.setattr(owner, name, noted)

    queue(env, contact, 4)
    note(IrAttachment, "_file_read", "read")
    note(SmtpSession, "send", "sent")
    note(SentFolder, "add", "stored")
    work(env)
    assert happened == ["read", "sent"] * 4 + ["read", "stored"] * 4
    assert len(smtp_server.messages) == len(sent_copies(mailbox)) == 4


def test_one_connection_for_all(env, sending_account, contact, monkeypatch):
    opened = []
    for name in ("SmtpSession", "ImapSession"):
        session_class = getattr(post_office, name)

        def open_noted(*args, _open=session_class.open, _name=name, **options):
            opened.append(_name)
            return _open(*args, **options)

        monkeypatch.setattr(session_class, "open", open_noted)
    monkeypatch.setattr(post_office, "COPIES", 2)
    messages = queue(env, contact, 5)
    work(env)
    assert set(messages.mapped("state")) == {"sent"}
    assert opened == ["SmtpSession", "ImapSession"]
