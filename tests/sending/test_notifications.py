"""Notifications by email, over a real server and back into a mailbox that is read."""

import email
from datetime import timedelta
from email import policy

import pytest

from ..mail import email as make_email


def deliver(env):
    """Process Odoo's queue."""
    env["mail.mail"].process_email_queue()
    env.cr.commit()


@pytest.fixture
def notifying(sending_account, env):
    sending_account.notify = True
    env.cr.commit()
    sending_account._scan()
    # What arrives in the very second of the first scan is no news.
    sending_account.first_scan -= timedelta(minutes=1)
    env.cr.commit()
    return sending_account


def test_announced_once_and_not_again_when_it_returns(
    env, notifying, mailbox, smtp_server, contact
):
    contact("Ada", "ada@member.example")
    env.cr.commit()
    mailbox.append("INBOX", make_email("Ada <ada@member.example>", mailbox.user, subject="Season"))
    notifying._scan()
    deliver(env)
    [(sender, recipients, data)] = smtp_server.messages
    assert (sender, recipients) == (mailbox.user, (mailbox.user,))
    notification = email.message_from_bytes(data, policy=policy.default)
    assert notification["Reply-To"].addresses[0].addr_spec == "ada@member.example"
    assert notification["Auto-Submitted"] == "auto-generated"

    # It comes back, and somebody's machine answers it.
    mailbox.append("INBOX", data)
    answer = make_email("Ada <ada@member.example>", mailbox.user, subject="Out of office",
                        references=notification["Message-ID"])  # fmt: skip
    mailbox.append("INBOX", b"Auto-Submitted: auto-replied\n" + answer)
    smtp_server.messages.clear()
    notifying._scan()
    deliver(env)
    assert not smtp_server.messages
    assert env["member.mail.message"].search([]).mapped("subject") == ["Season"]


def test_notification_to_a_contact_is_not_filed(env, notifying, mailbox, smtp_server, contact):
    contact("Ada", "ada@member.example")
    contact("Boss", "boss@member.example")
    notifying.notify_email = "boss@member.example"
    env.cr.commit()
    mailbox.append("INBOX", make_email("Ada <ada@member.example>", mailbox.user, subject="Season"))
    notifying._scan()
    deliver(env)
    [(_sender, recipients, data)] = smtp_server.messages
    assert recipients == ("boss@member.example",)
    mailbox.append("Sent", data)  # as some providers do
    notifying._scan()
    assert env["member.mail.message"].search([]).mapped("subject") == ["Season"]


def test_no_word_of_the_history(env, sending_account, mailbox, smtp_server, contact):
    contact("Ada", "ada@member.example")
    sending_account.notify = True
    env.cr.commit()
    mailbox.append("INBOX", make_email("Ada <ada@member.example>", mailbox.user))
    sending_account._scan()
    deliver(env)
    assert env["member.mail.message"].search_count([]) == 1
    assert not smtp_server.messages


def test_an_answer_to_the_notification_joins_the_conversation(
    env, notifying, mailbox, smtp_server, contact
):
    contact("Ada", "ada@member.example")
    env.cr.commit()
    mailbox.append("INBOX", make_email("Ada <ada@member.example>", mailbox.user, subject="Season"))
    notifying._scan()
    deliver(env)
    notification = email.message_from_bytes(smtp_server.messages[0][2], policy=policy.default)
    references = f"{notification['References']} {notification['Message-ID']}"
    answer = make_email(mailbox.user, "ada@member.example", subject="Re: Season",
                        references=references)  # fmt: skip
    mailbox.append("Sent", answer)
    notifying._scan()
    conversation = env["member.mail.message"].search([]).conversation_id
    assert len(conversation.message_ids) == 2
