"""A job gives way to others that are due: they share a process and its watchdog."""

import time

import pytest

from odoo.addons.crm_member_mail.mailbox import reader
from odoo.addons.crm_member_mail.models.sending.post_office import PostOffice
from odoo.addons.crm_member_mail.workers import turn
from odoo.addons.crm_member_mail.workers.turn import Turn

from ..mail import email
from ..patience import at_most

MANY = 30
#: As if a job was called so much later, in seconds: its turn lasts as long as a slow machine needs.
BEFORE = -600


@pytest.fixture
def others(env, monkeypatch):
    """A function that makes another job due, or locks it as whoever runs it does; none are at first."""
    monkeypatch.setattr(turn, "LOOK", 0.0)
    cr = env.cr
    cr.execute(
        "CREATE TEMP TABLE planned ON COMMIT PRESERVE ROWS AS SELECT id, nextcall FROM ir_cron"
    )
    cr.execute("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day'")
    cr.execute("DELETE FROM ir_cron_trigger")
    env.cr.commit()

    def due():
        other = env.ref("base.autovacuum_job")
        cr.execute("UPDATE ir_cron SET nextcall = '2020-01-01' WHERE id = %s", (other.id,))
        env.cr.commit()
        return other

    yield due
    cr.rollback()
    cr.execute("UPDATE ir_cron SET nextcall = p.nextcall FROM planned p WHERE p.id = ir_cron.id")
    cr.execute("DROP TABLE planned")
    env.cr.commit()


def called(record, seconds_ago):
    """The record as the scheduler's job has it that was called so long ago."""
    return record.with_context(
        cron_id=record.env.ref("crm_member_mail.ir_cron_fetch").id,
        cron_end_time=time.monotonic() - seconds_ago + 10,
    )


@pytest.fixture
def letters(env, mailbox, contact, account, monkeypatch):
    """Emails of a contact, each of which is a batch of its own."""
    monkeypatch.setattr(reader, "SLICE", 1)
    contact("Ana", "ana@members.example")
    for number in range(MANY):
        mailbox.append("INBOX", email("ana@members.example", mailbox.user, subject=str(number)))
    env.cr.commit()


def filed(env):
    env.invalidate_all()
    return env["member.mail.message"].search_count([])


def test_a_scan_gives_way(env, account, letters, others):
    others()
    assert called(account, 11)._scan_all(at_most(60)) == {account: "unfinished"}
    # However short its turn, something is read.
    assert 0 < filed(env) < MANY
    # Before its turn is over, it does not ask.
    assert called(account, BEFORE)._scan_all(at_most(60)) == {account: "done"}
    assert filed(env) == MANY


def test_nobody_waits(env, account, letters, others):
    assert called(account, 11)._scan_all(at_most(60)) == {account: "done"}
    assert filed(env) == MANY


def test_whoever_is_being_run_does_not_wait(env, account, letters, others):
    other = others()
    with env.registry.cursor() as cr:
        cr.execute("SELECT 1 FROM ir_cron WHERE id = %s FOR NO KEY UPDATE", (other.id,))
        assert not Turn(called(account, 11).env, 0).others_wait()
    assert Turn(called(account, 11).env, 0).others_wait()


def test_a_scan_by_hand_takes_its_time(env, account, letters, others):
    others()
    assert account._scan_all(at_most(60)) == {account: "done"}


def test_the_turn_is_over(env, account, letters, others):
    """Odoo calls a job ten times that has more to do."""
    assert not called(account, 11)._has_had_turn()
    others()
    assert called(account, 11)._has_had_turn()
    assert not called(account, BEFORE)._has_had_turn()
    account.next_sync = False
    env.cr.commit()
    called(account, 11)._cron_fetch()
    called(account, 11)._cron_fetch_wanted()
    assert filed(env) == 0


def test_sending_gives_way(env, account, others, monkeypatch):
    """What is left is told to the scheduler, which calls the job again."""
    others()
    mails = env["mail.mail"]
    told = []
    monkeypatch.setattr(PostOffice, "run", lambda self: self.time_left.look() or 0)
    monkeypatch.setattr(type(mails), "_member_mail_due", lambda self: {1: [2, 3]})
    monkeypatch.setattr(
        type(env["ir.cron"]),
        "_commit_progress",
        lambda self, done, remaining: told.append((done, remaining)),
    )
    called(mails, 11)._cron_send_member_mail()
    called(mails, BEFORE)._cron_send_member_mail()
    assert told == [(0, 2), (0, 0)]
