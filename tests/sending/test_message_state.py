"""Reading, deleting and undoing at the same time in several transactions, with real commits."""

from datetime import timedelta

import pytest

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying
from odoo.tools import mute_logger

from ..mail import email


@pytest.fixture
def message(env, account, mailbox, contact):
    """A message that was filed by a scan, and is news."""
    contact("Ada", "ada@member.example")
    env.cr.commit()
    mailbox.append("INBOX", email("ada@member.example", mailbox.user))
    account._scan()
    message = env["member.mail.message"].search([])
    message.is_news = True
    env.cr.commit()
    return message


@pytest.fixture
def elsewhere(message):
    """The same message in another transaction."""
    with Registry(message.env.cr.dbname).cursor() as cr:
        yield message.with_env(api.Environment(cr, SUPERUSER_ID, {}))
        cr.rollback()


def told(env):
    """How many notifications there are in the bus."""
    env.cr.rollback()
    return env["bus.bus"].search_count([("message", "like", "crm_member_mail.messages")])


def test_two_pages_mark_the_same_message(message, elsewhere):
    env, tries = message.env, []

    def mark():
        tries.append(elsewhere.is_unread)  # the transaction sees the database as it is now ...
        if len(tries) == 1:
            message.mark_seen()
            env.cr.commit()  # ... and does not see this
        return elsewhere.mark_seen()

    # As each request of a browser is run: what met with a concurrent one is tried again.
    assert retrying(mark, elsewhere.env)
    assert tries == [True, False]
    env.cr.rollback()
    env.invalidate_all()
    assert env["member.mail.seen"].search_count([]) == 1
    assert not message.is_unread


def test_nothing_is_told_of_what_did_not_happen(env, message):
    before = told(env)
    message.action_trash()
    env.flush_all()
    env.cr.rollback()
    assert told(env) == before
    assert not message.trashed
    message.action_trash()
    env.cr.commit()
    assert told(env) == before + 1


def test_taking_back_while_it_is_being_erased(env, message, elsewhere):
    message.action_trash()
    message.trashed -= timedelta(hours=1)
    env.cr.commit()
    due = elsewhere._due_trash()
    assert due == elsewhere
    assert message.action_restore() == message.ids
    env.cr.commit()
    with pytest.raises(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY), mute_logger("odoo.sql_db"):
        due._erase_trash()
    elsewhere.env.cr.rollback()
    assert not elsewhere._due_trash()
    assert message.exists()
    assert not message.trashed


def test_a_scan_meets_what_was_deleted(env, account, mailbox, message):
    message.action_trash()
    env.cr.commit()
    before = told(env)
    mailbox.reset_uidvalidity("INBOX")
    account._scan()
    assert env["member.mail.message"].search([]) == message
    assert message.trashed
    assert told(env) == before
    assert message.action_restore() == message.ids
    message.action_trash()
    message.trashed -= timedelta(hours=1)
    message._cron_erase_trash()
    assert not message.exists()
    mailbox.reset_uidvalidity("INBOX")
    account._scan()
    assert not env["member.mail.message"].search([])
