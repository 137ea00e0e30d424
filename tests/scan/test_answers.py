"""Answers to our own emails are filed from whatever address, in whatever order things are found."""

import pytest

from ..mail import email
from .test_scan import filed, run_job

OURS = "<ours-1@club.example>"
OTTO = "otto@new.example"


@pytest.fixture
def exchange(mailbox):
    """We wrote to Ada; the answer comes from an address that nobody knows."""
    ours = email(mailbox.user, "ada@member.example", subject="Hall", message_id=OURS)
    mailbox.append("Sent", ours)
    mailbox.append("INBOX", email(OTTO, mailbox.user, subject="Otto here", references=OURS))


def test_of_earlier_emails(env, exchange, make_account, contact):
    """The inbox is read before what we sent."""
    make_account(history="all")
    ada = contact("Ada", "ada@member.example")
    run_job(env)
    run_job(env)
    assert filed(env, subject="Otto here").partner_ids == ada


def test_of_contacts_who_come_later(env, exchange, make_account, contact):
    make_account(history="all")
    run_job(env)
    assert not filed(env)
    ada = contact("Ada", "ada@member.example")
    run_job(env)
    assert filed(env, subject="Hall").partner_ids == ada
    run_job(env)
    assert filed(env, subject="Otto here").partner_ids == ada


def test_to_the_message_id_that_a_relay_gave_ours(env, mailbox, make_account, contact):
    """What Ada answered tells it."""
    given = "<0102018f-relayed@relay.example>"
    make_account(history="all")
    mailbox.append("Sent", email(mailbox.user, "ada@member.example", subject="Hall"))
    answer = email("ada@member.example", mailbox.user, subject="Re: Hall", references=given)
    mailbox.append("INBOX", answer)
    ada = contact("Ada", "ada@member.example")
    run_job(env)
    mailbox.append("INBOX", email(OTTO, mailbox.user, subject="Otto here", references=given))
    mailbox.append("INBOX", email(OTTO, mailbox.user, subject="No answer"))
    run_job(env)
    found = filed(env, subject="Otto here")
    assert found.partner_ids == ada
    assert found.conversation_id == filed(env, subject="Hall").conversation_id
    assert not filed(env, subject="No answer")
