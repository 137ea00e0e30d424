"""What sending costs: it does not depend on how many emails wait."""

import pytest

from odoo import sql_db

from odoo.addons.base.models.ir_attachment import IrAttachment
from odoo.addons.crm_member_mail.mailbox.imap.sent_copy import SentFolder
from odoo.addons.crm_member_mail.mailbox.smtp.session import SmtpSession
from odoo.addons.crm_member_mail.models.sending import post_office

from .test_sending import write
from .test_sending_faults import let_time_pass, sent_copies

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


def test_one_that_is_deleted_while_others_are_sent(
    env, sending_account, mailbox, smtp_server, contact, monkeypatch
):
    messages = queue(env, contact, 3)
    send = SmtpSession.send

    def send_and_delete(session, *args):
        delivery = send(session, *args)
        if len(smtp_server.messages) == 1:
            with env.registry.cursor() as cr:
                messages[-1].with_env(env(cr=cr)).action_trash()
        return delivery

    monkeypatch.setattr(SmtpSession, "send", send_and_delete)
    work(env)
    assert messages.mapped("state") == ["sent", "sent", "outgoing"]
    assert len(smtp_server.messages) == len(sent_copies(mailbox)) == 2


def test_killed_after_some_copies(env, sending_account, mailbox, contact, monkeypatch):
    messages = queue(env, contact, 5)
    stored = []
    add = SentFolder.add

    def add_some(folder, data, date):
        if len(stored) == 3:
            raise SystemError  # as if the process were gone
        stored.append(data)
        return add(folder, data, date)

    with monkeypatch.context() as patch:
        patch.setattr(SentFolder, "add", add_some)
        work(env)
    assert len(sent_copies(mailbox)) == 3
    let_time_pass(env)
    work(env)
    assert sorted(sent_copies(mailbox)) == sorted(messages.mapped("rfc_message_id"))
    assert not messages.mail_ids


def test_a_copy_that_fails_takes_no_other_along(
    env, sending_account, mailbox, contact, monkeypatch
):
    messages = queue(env, contact, 4)
    monkeypatch.setattr(post_office, "COPIES", 3)
    add, added = SentFolder.add, []

    def add_one(folder, data, date):
        added.append(data)
        if len(added) == 2:
            folder._session._cut()
        return add(folder, data, date)

    with monkeypatch.context() as patch:
        patch.setattr(SentFolder, "add", add_one)
        work(env)
    waiting = messages.mail_ids
    assert len(sent_copies(mailbox)) == 1
    assert len(waiting) == 3 and set(waiting.mapped("member_mail_attempts")) == {1}
    let_time_pass(env)
    work(env)
    assert sorted(sent_copies(mailbox)) == sorted(messages.mapped("rfc_message_id"))


def test_what_follows_from_sending(env, sending_account, contact):
    """The draft goes, contacts' dates are moved up, and pages are told."""
    messages = queue(env, contact, 3)
    env["bus.bus"].search([]).unlink()
    assert not any(messages.partner_ids.mapped("member_mail_last_out_date"))
    work(env)
    assert not env["member.mail.draft"].search([])
    assert all(messages.partner_ids.mapped("member_mail_last_out_date"))
    told = env["bus.bus"].search([("message", "like", "crm_member_mail.messages")], order="id")
    assert '"action":"changed"' in told[-1].message.replace(" ", "")
    for message in messages:
        assert any(str(message.id) in one.message for one in told)
