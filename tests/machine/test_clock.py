"""Clocks that jump, by an hour or by a year: nothing waits for ever, and nothing is done twice."""

import contextlib
import time
from datetime import timedelta

import pytest

from odoo import fields

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.workers.turn import Turn

from ..faults.letters import correspondence, deliver
from ..faults.quiet import check, make_contacts
from ..mail import email
from ..scan.test_scan import filed
from ..sending.test_sending_faults import ada, queue, sender, smtp, work  # noqa: F401

JUMPS = [timedelta(hours=1), timedelta(days=400)]


@contextlib.contextmanager
def at(ahead):
    """A context in which the clock is ahead of the right one. The clocks that measure durations don't
    jump with it, as those of the system don't."""
    now, seconds = fields.Datetime.now, time.time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields.Datetime, "now", staticmethod(lambda *_args: now() + ahead))
        patch.setattr(time, "time", lambda: seconds() + ahead.total_seconds())
        yield


def run_job(env):
    """What the scheduler calls."""
    env.cr.commit()
    env.invalidate_all()
    env["member.mail.account"]._cron_fetch()
    env.cr.commit()
    env.invalidate_all()


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_the_clock_was_ahead_and_is_put_right(env, mailbox, account, jump, caplog):
    make_contacts(env)
    letters = correspondence(mailbox.user, 8)
    deliver(mailbox, letters[:4])
    with at(jump):
        run_job(env)
    assert account.last_sync > fields.Datetime.now() + jump / 2
    deliver(mailbox, letters[4:])
    with caplog.at_level("WARNING", "odoo.addons.crm_member_mail"):
        run_job(env)
        run_job(env)
    check(env, account, letters)
    now = fields.Datetime.now()
    assert account.last_sync <= now and account.first_scan <= now
    assert account.next_sync <= now + timedelta(minutes=16)
    # Said once.
    assert caplog.text.count("clock was ahead") == 1


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_pause_that_a_wrong_clock_began(env, account, jump):
    with at(jump):
        account._note_connection(MailboxError("timeout"))
        env.cr.commit()
    assert account.next_sync > fields.Datetime.now() + jump / 2
    run_job(env)
    assert account.state == "connected", account.error_message


def test_a_long_pause_ends_when_the_clock_is_right(env, account):
    """The trouble began before the clock went wrong."""
    now = fields.Datetime.now()
    account.write(
        {"state": "error", "error_code": "timeout", "error_count": 3,
         "failing_since": now - timedelta(hours=2), "next_sync": now + timedelta(days=300)}
    )  # fmt: skip
    run_job(env)
    assert account.state == "connected"


def test_the_clock_jumps_forward(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example", subject="One"))
    run_job(env)
    mailbox.append("INBOX", email(sender="ana@members.example", subject="Two"))
    with at(timedelta(hours=1)):
        run_job(env)
        assert sorted(filed(env).mapped("subject")) == ["One", "Two"]
        run_job(env)
    assert len(filed(env)) == 2


@pytest.fixture
def jobs(env):
    """Our jobs as they were planned; as they were before, after the test."""
    names = ("ir_cron_fetch", "ir_cron_fetch_wanted", "ir_cron_send")
    jobs = [env.ref(f"crm_member_mail.{name}") for name in names]
    before = [(job, job.nextcall, job.lastcall) for job in jobs]
    # Other tests have run them just now.
    env["ir.cron.progress"].search([("cron_id", "in", [job.id for job in jobs])]).unlink()
    yield jobs
    env.cr.rollback()
    for job, nextcall, lastcall in before:
        job.write({"nextcall": nextcall, "lastcall": lastcall})
    env["ir.cron.trigger"].search([("cron_id", "in", [job.id for job in jobs])]).unlink()
    env.cr.commit()


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_jobs_that_were_planned_by_a_wrong_clock(env, account, jobs, jump):
    then = fields.Datetime.now() + jump
    for job in jobs:
        job.write({"lastcall": then, "nextcall": then + timedelta(minutes=15)})
    env.cr.commit()
    problems = env["member.mail.account"]._idle_jobs(fields.Datetime.now())
    assert set(problems.values()) == {"job_stuck"} and len(problems) == 3
    fetch, wanted, _send = jobs
    with env.registry.cursor() as other:
        # As the scheduler holds the one that runs.
        other.execute("SELECT id FROM ir_cron WHERE id = %s FOR NO KEY UPDATE", [fetch.id])
        run_job(env)
    now = fields.Datetime.now()
    assert fetch.nextcall > now and wanted.nextcall <= now
    triggers = env["ir.cron.trigger"].search([("cron_id", "=", wanted.id)])
    assert triggers
    env["member.mail.account"]._cron_fetch_wanted()
    env.cr.commit()
    env.invalidate_all()
    assert all(job.nextcall <= fields.Datetime.now() for job in jobs)
    assert not env["member.mail.account"]._idle_jobs(fields.Datetime.now())


def test_what_an_administrator_planned_stays(env, account, jobs):
    tomorrow = fields.Datetime.now() + timedelta(days=1)
    for job in jobs:
        job.nextcall = tomorrow
    run_job(env)
    assert all(job.nextcall == tomorrow for job in jobs)


def test_an_email_that_waits_for_a_wrong_time(env, sender, smtp, ada):  # noqa: F811
    waits, planned = queue(env, ada), queue(env, ada)
    far = fields.Datetime.now() + timedelta(days=300)
    waits.mail_ids._wait(far, "The server is busy.")
    planned.mail_ids.scheduled_date = planned.scheduled_date = far
    sender.sending_resumes = far
    env.cr.commit()
    env["mail.mail"]._cron_send_member_mail()
    env.invalidate_all()
    assert waits.state == "sent" and planned.state == "outgoing"
    assert len(smtp.messages) == 1


def test_durations_are_not_measured_by_that_clock(env):
    left = Turn(env, 60)
    with at(timedelta(hours=-1)):
        assert 0 < left() <= 60
    assert left() > 0 and time.monotonic() > 0
