"""Copies of what is sent, on a server that takes fewer connections than we open."""

import threading

import pytest

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.models.sending import post_office

from ..conftest import PASSWORD, Mailbox
from .test_sending import write

#: Seconds after which a test gives up; nothing here takes that long.
LONG = 30


@pytest.fixture
def other_account(make_account, dovecot, mailbox, smtp_server, sending_account):
    """Another mailbox that sends over the same servers."""
    user = f"other-{mailbox.user}"
    dovecot.add_user(user, PASSWORD)
    smtp_server.users[user] = PASSWORD
    return make_account(
        name="Other", email=user, smtp_host="localhost", smtp_port=smtp_server.tls_port,
        smtp_encryption="ssl",
    )  # fmt: skip


def test_a_copy_waits_for_our_other_connection(
    env, mailbox, dovecot, sending_account, other_account, contact, monkeypatch
):
    """The server takes one connection: the second copy is stored when the first one is."""
    ada = contact("Ada", "ada@member.example")
    mutex, refused = threading.Lock(), threading.Event()
    opened, refusals = 0, 0
    session_class = post_office.ImapSession
    open_session = session_class.open

    class Crowded(session_class):
        def close(self):
            nonlocal opened
            assert refused.wait(LONG)
            super().close()
            with mutex:
                opened -= 1

    def open_crowded(*args):
        nonlocal opened, refusals
        with mutex:
            if opened:
                refusals += 1
                refused.set()
                raise MailboxError("too_many_connections")
            opened += 1
        session = open_session(*args)
        session.__class__ = Crowded
        return session

    monkeypatch.setattr(post_office.ImapSession, "open", open_crowded)
    messages = env["member.mail.message"]
    for account in (sending_account, other_account):
        draft = write(env, ada, account_id=account.id, email_from=account.email)
        messages += messages.browse(draft.action_send()["params"]["message_ids"])
    messages.action_send_now()
    env.cr.commit()
    env["mail.mail"]._cron_send_member_mail()
    env.invalidate_all()

    assert messages.mapped("state") == ["sent", "sent"]
    assert refusals == 1
    for user in (mailbox.user, other_account.email):
        assert len(Mailbox(dovecot, user).flags("Sent")) == 1
    assert not env["mail.mail"].search([("member_mail_message_id", "!=", False)])


def test_a_copy_that_others_keep_out_is_tried_later(
    env, mailbox, sending_account, contact, monkeypatch
):
    def refuse(*_args):
        raise MailboxError("too_many_connections")

    monkeypatch.setattr(post_office.ImapSession, "open", refuse)
    draft = write(env, contact("Ada", "ada@member.example"))
    message = env["member.mail.message"].browse(draft.action_send()["params"]["message_ids"])
    message.action_send_now()
    env.cr.commit()
    env["mail.mail"]._cron_send_member_mail()
    env.invalidate_all()

    [mail] = env["mail.mail"].search([("member_mail_message_id", "=", message.id)])
    assert message.state == "sent" and mail.member_mail_attempts == 1
