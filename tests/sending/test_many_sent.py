"""Many emails at once: what happens to one leaves the others as they are."""

import pytest

from odoo.addons.crm_member_mail.mailbox.imap.sent_copy import SentFolder
from odoo.addons.crm_member_mail.mailbox.smtp.session import SmtpSession
from odoo.addons.crm_member_mail.models.sending import post_office

from dev.servers.faulty_smtp import Stall

from ..faults.scanner import Scanner
from ..patience import at_most
from .test_sending_cost import queue, work
from .test_sending_faults import (  # noqa: F401
    DEADLINE,
    let_time_pass,
    received_ids,
    sender,
    sent_copies,
    smtp,
)


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


@pytest.mark.parametrize("broken", [1, 2])
def test_one_that_meets_a_bug_of_ours(
    env, sending_account, smtp_server, contact, monkeypatch, broken
):
    """The email before it was sent, and nobody forgets that."""
    messages = queue(env, contact, 4)
    mails = type(env["mail.mail"])
    claim = mails._claim

    def claim_some(mail):
        if mail.member_mail_message_id == messages[broken]:
            raise RuntimeError("a bug")
        return claim(mail)

    with monkeypatch.context() as patch:
        patch.setattr(mails, "_claim", claim_some)
        work(env)
    assert messages.mapped("state") == ["sent"] * broken + ["outgoing"] * (4 - broken)
    assert all("unexpected" in message.failure_reason for message in messages[broken:])
    assert len(smtp_server.messages) == broken
    let_time_pass(env)
    work(env)
    assert set(messages.mapped("state")) == {"sent"}
    assert sorted(received_ids(smtp_server)) == sorted(messages.mapped("rfc_message_id"))


def test_killed_in_the_middle(env, scratch_db, pytestconfig, sender, smtp, mailbox, contact):  # noqa: F811
    """What was sent before is noted, what had its turn is unknown, and the others have not left."""
    messages = queue(env, contact, 4)
    stall = Stall(keeps=True)
    smtp.strike("content", lambda _argument: stall if len(smtp.messages) == 2 else None)
    with Scanner(scratch_db, pytestconfig.getoption("--odoo-addons-path")) as worker:
        worker.begin("call", "tests.faults.sending", "send")
        assert stall.reached.wait(at_most(DEADLINE))
        env.cr.rollback()
        env.invalidate_all()
        assert messages.mapped("state") == ["sent", "sent", "sending", "outgoing"]
        worker.kill()
    smtp.calm()
    # PostgreSQL lets go of the dead worker's locks.
    env.cr.execute(
        "SELECT pg_advisory_lock(hashtext('mail.mail'), %s), pg_advisory_unlock_all()",
        [messages[2].mail_ids.id],
    )
    env.cr.commit()
    work(env)
    assert messages.mapped("state") == ["sent", "sent", "uncertain", "sent"]
    assert len(received_ids(smtp)) == len(set(received_ids(smtp))) == 4
    sent = [message.rfc_message_id for message in messages if message.state == "sent"]
    assert sorted(sent_copies(mailbox)) == sorted(sent)
