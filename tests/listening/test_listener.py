"""The listener as it is started, beside real mail servers and a real database."""

from datetime import timedelta
from pathlib import Path

import pytest

from odoo import fields

from ..mail import email
from .listener import CronWorker, Listener, assert_soon

LOG = Path(__file__).resolve().parents[2] / ".dev/logs/test-listener.log"


@pytest.fixture(scope="module")
def running(scratch_db, dovecot):
    """One listener for all tests that don't kill it: it takes some seconds to start."""
    with Listener(scratch_db) as listener:
        listener.wait_for("listening for 64 of 64")
        yield listener


@pytest.fixture
def listener(env, running):
    """The same; what it logged before the test is forgotten."""
    running.forget()
    return running


def is_wanted(env, account):
    """Whether somebody wants the account to be scanned at once."""
    env.cr.commit()
    account.invalidate_recordset()
    return not account.next_sync


def test_new_mail_wakes_the_scan(env, account, mailbox, listener, contact):
    contact("Ada", "ada@member.example")
    env.cr.commit()
    account._scan()
    with CronWorker(env) as worker:
        listener.wait_for(f"account {account.id}: live")
        env.cr.commit()
        account.invalidate_recordset()
        assert account.arrival == "live"
        assert account.arrival_since
        assert not is_wanted(env, account)
        mailbox.append("INBOX", email("ada@member.example", mailbox.user, subject="Just now"))
        assert worker.wait()
    assert is_wanted(env, account)
    env["member.mail.account"]._cron_fetch_wanted()
    assert env["member.mail.message"].search([]).mapped("subject") == ["Just now"]


def test_accounts_are_heard_of_at_once(env, make_account, listener):
    account = make_account()
    account._scan()
    number = listener.wait_for(f"account {account.id}: live")
    account.active = False
    env.cr.commit()
    number = listener.wait_for(f"account {account.id}: no longer", number)
    account.active = True
    env.cr.commit()
    number = listener.wait_for(f"account {account.id}: live", number)
    account.write({"stopped": True})
    env.cr.commit()
    number = listener.wait_for(f"account {account.id}: no longer", number)


def test_a_job_whose_moment_has_come_is_not_left_waiting(env, listener):
    with CronWorker(env) as worker:
        moment = fields.Datetime.now() + timedelta(seconds=2)
        env.ref("crm_member_mail.ir_cron_send")._trigger(moment)
        env.cr.commit()
        assert worker.wait()
    assert fields.Datetime.now() >= moment
    env["ir.cron.trigger"].search([]).unlink()
    env.cr.commit()


def test_the_board_is_right_again_after_the_database_was_away(env, account, listener):
    account._scan()
    number = listener.wait_for(f"account {account.id}: live")
    env.cr.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'member_mail_listen' AND datname = current_database()"
    )
    assert env.cr.rowcount
    env.cr.commit()
    listener.wait_for("listening for 64 of 64", number)
    assert_soon(env, account, lambda: account.arrival == "live")


def test_a_mailbox_in_trouble_is_read_when_its_server_is_back(
    env, account, mailbox, listener, contact
):
    """Its pause is long; the listener is not."""
    contact("Ada", "ada@member.example")
    env.cr.commit()
    account._scan()
    number = listener.wait_for(f"account {account.id}: live")
    mailbox.server.kill()
    try:
        number = listener.wait_for(
            f"account {account.id}: not live .(refused|connection_lost)", number
        )
        account._scan()
        env.cr.commit()
        assert account.state == "error" and not is_wanted(env, account)
    finally:
        mailbox.server.start()
    mailbox.append("INBOX", email("ada@member.example", mailbox.user, subject="Meanwhile"))
    listener.wait_for(f"account {account.id}: live", number)
    assert_soon(env, account, lambda: not account.next_sync)
    env["member.mail.account"]._cron_fetch_wanted()
    env.cr.commit()
    assert env["member.mail.message"].search([]).mapped("subject") == ["Meanwhile"]
    account.invalidate_recordset()
    assert account.state == "connected"
