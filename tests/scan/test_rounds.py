"""Rounds: each mailbox is read once, what waits longest first, and then there is a pause."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from odoo import fields

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.models.scan import account_scan, concurrent_scan
from odoo.addons.crm_member_mail.models.scan.schedule import Schedule

from .test_scan import run_job

#: More runs than any round here takes.
MANY = 50


@pytest.fixture
def make_accounts(env, make_account):
    """A function that makes accounts; their names are numbers."""

    def make(count):
        return env["member.mail.account"].union(
            *(make_account(name=str(number)) for number in range(count))
        )

    # The regular time is not reached while a test runs.
    plan(env, timedelta(minutes=10))
    return make


@pytest.fixture
def visits(env, monkeypatch):
    """Stands in for the visits: the names of the accounts that are signed in to, in order; `results` has
    what visits return, or raise, by name, and `during` what happens meanwhile."""

    class Visits(list):
        results, during = {}, {}

    visits = Visits()

    def visit(_settings, desk, _limits, _kept=None):
        account = desk._desk.account
        name = names()[account.id]
        visits.append(name)
        if name in visits.during:
            desk._writer.ask(visits.during.pop(name), account)
        result = visits.results.get(name, True)
        result = result.pop(0) if isinstance(result, list) else result
        if isinstance(result, Exception):
            raise result
        return result

    def names():
        # A reader never touches a record's fields.
        with env.registry.cursor() as cr:
            cr.execute("SELECT id, name FROM member_mail_account")
            return dict(cr.fetchall())

    monkeypatch.setattr(concurrent_scan, "visit", visit)
    # Each run reads one account: however short the time, something is read.
    monkeypatch.setattr(account_scan, "RUN_SECONDS", 0)
    return visits


def plan(env, delay):
    """Plan the scheduled job for a moment from now on."""
    env.ref("crm_member_mail.ir_cron_fetch").nextcall = fields.Datetime.now() + delay
    env.cr.commit()


def run(env, monkeypatch, runs=MANY):
    """Let the scheduler run the job until nothing remains; returns what remained after each run."""
    account = type(env["member.mail.account"])
    left = []

    def report(self, processed, remaining):
        self.env.cr.commit()
        left.append(remaining)
        return 1.0

    with monkeypatch.context() as patch:
        patch.setattr(account, "_report_progress", report)
        remaining = []
        while not remaining or (remaining[-1] and len(remaining) < runs):
            left.clear()
            env["member.mail.account"]._cron_fetch()
            remaining.append(left[-1] if left else 0)
            env.cr.commit()
            env.invalidate_all()
    return remaining


def read(env, account, ago):
    """Make an account look as if it was read some minutes ago."""
    moment = fields.Datetime.now() - timedelta(minutes=ago)
    account.write({"last_sync": moment, "next_sync": moment, "state": "connected"})
    env.cr.commit()


def test_a_round_reads_each_mailbox_once_and_ends(env, make_accounts, visits, monkeypatch):
    make_accounts(4)
    assert run(env, monkeypatch) == [3, 2, 1, 0]
    assert sorted(visits) == ["0", "1", "2", "3"]
    assert run(env, monkeypatch) == [0] and len(visits) == 4


def test_the_longest_unread_comes_first(env, make_accounts, visits, monkeypatch):
    accounts = make_accounts(4)
    for account, ago in zip(accounts, (15, 18, 16, 17), strict=True):
        read(env, account, ago)
    run(env, monkeypatch)
    assert visits == ["1", "3", "2", "0"]


def test_a_long_import_goes_on_and_nobody_else_is_read_again(
    env, make_accounts, visits, monkeypatch
):
    accounts = make_accounts(4)
    for account in accounts:
        read(env, account, 20 - int(account.name))
    visits.results["0"] = [False, False, False, True]
    run(env, monkeypatch)
    assert Counter(visits) == {"0": 4, "1": 1, "2": 1, "3": 1}
    # It waits for those that have waited longer.
    assert visits == ["0", "1", "2", "3", "0", "0", "0"]


def test_the_next_round_begins_at_the_regular_time(env, make_accounts, visits, monkeypatch):
    accounts = make_accounts(3)
    run(env, monkeypatch)
    assert len(visits) == 3
    nextcall = env.ref("crm_member_mail.ir_cron_fetch").nextcall
    assert set(accounts.mapped("next_sync")) == {nextcall}

    # Whoever moves the job to another time begins a round.
    accounts.last_sync = fields.Datetime.now() - timedelta(minutes=2)
    plan(env, timedelta(minutes=-1))
    assert run(env, monkeypatch)[-1] == 0
    assert Counter(visits) == {"0": 2, "1": 2, "2": 2}


def test_what_is_read_in_a_round_waits_for_the_next(env, make_accounts, visits, monkeypatch):
    """While a round is on, the job keeps the time at which it began."""
    accounts = make_accounts(1)
    plan(env, timedelta(minutes=-20))
    began = env.ref("crm_member_mail.ir_cron_fetch").nextcall
    run(env, monkeypatch)
    assert accounts.next_sync == began + timedelta(minutes=30)


def test_a_server_that_fails_keeps_its_pause_and_holds_up_nobody(
    env, make_accounts, visits, monkeypatch
):
    accounts = make_accounts(3)
    visits.results["0"] = MailboxError("timeout")
    run(env, monkeypatch)
    assert accounts[0].state == "error" and accounts[0].next_sync > fields.Datetime.now()

    for account in accounts[1:]:
        read(env, account, 15)
    accounts[0].next_sync = fields.Datetime.now() - timedelta(minutes=1)
    env.cr.commit()
    visits.clear()
    run(env, monkeypatch)
    assert visits == ["1", "2", "0"]


@pytest.mark.parametrize(
    "ask",
    [
        "action_check", "action_resume_history", "action_mend", "set_up", "retry", "look_up",
        "delete", "restart", "settings", "no_time",
    ],
)  # fmt: skip
def test_what_a_person_asks_for_is_due_at_once(env, make_accounts, visits, monkeypatch, ask):
    accounts = make_accounts(3)
    run(env, monkeypatch)
    assert run(env, monkeypatch) == [0]
    visits.clear()

    wanted = accounts[1]
    if ask in ASKS:
        ASKS[ask](env, wanted, monkeypatch)
    else:
        getattr(wanted, ask)()
    env.cr.commit()
    run(env, monkeypatch)
    assert visits == ["1"]


def _folder(env, account):
    return env["member.mail.folder"].create(
        {"account_id": account.id, "path": "INBOX", "role": "inbox", "uidvalidity": 1}
    )


def _retry(env, account, _monkeypatch):
    folder = _folder(env, account)
    failure = env["member.mail.failure"].create(
        {"folder_id": folder.id, "uidvalidity": 1, "uid": 1}
    )
    failure.action_retry()


def _look_up(env, account, _monkeypatch):
    (account.search([]) - account).active = False
    env["res.partner"].create({"name": "Ana", "email": "ana@members.example"})


def _delete(env, account, _monkeypatch):
    account.delete_on_server = True
    folder = _folder(env, account)
    conversation = env["member.mail.conversation"].create(
        {
            "subject": "x", "last_date": fields.Datetime.now(), "company_id": account.company_id.id
        }
    )  # fmt: skip
    message = env["member.mail.message"].create(
        {
            "subject": "x", "date": fields.Datetime.now(), "direction": "in", "state": "received",
            "company_id": account.company_id.id, "header_digest": "0", "content_digest": "0",
            "conversation_id": conversation.id,
        }
    )  # fmt: skip
    env["member.mail.location"].create(
        {
            "message_id": message.id,
            "folder_id": folder.id,
            "uidvalidity": 1,
            "uid": 1,
            "size": 1,
        }
    )
    message.unlink()


def _restart(env, account, _monkeypatch):
    account._stop_without_owner()
    account._start_with_owner()


def _settings(env, account, _monkeypatch):
    account.imap_password = "another"


def _no_time(env, account, monkeypatch):
    """Somebody presses the button, and there is no time to read it."""
    with monkeypatch.context() as patch:
        patch.setattr(type(account), "_scan_all", lambda _self, _seconds: {})
        account.action_fetch_now()


def _set_up(env, account, _monkeypatch):
    account.setting_up = True
    account.action_setup_start()


ASKS = {
    "set_up": _set_up, "retry": _retry, "look_up": _look_up, "delete": _delete,
    "restart": _restart, "settings": _settings, "no_time": _no_time,
}  # fmt: skip


def test_what_is_asked_for_comes_first(env, make_accounts, visits, monkeypatch):
    accounts = make_accounts(3)
    for account in accounts:
        read(env, account, 15)
    accounts[2]._scan_soon()
    env.cr.commit()
    run(env, monkeypatch)
    assert visits == ["2", "0", "1"]


@pytest.mark.parametrize("result", [True, MailboxError("auth_failed")])
def test_what_is_asked_for_during_a_scan_is_not_lost(
    env, make_accounts, visits, monkeypatch, result
):
    """Perhaps the settings were corrected, so the old ones' verdict does not count."""
    accounts = make_accounts(2)
    visits.results["0"] = [result, True]
    visits.during["0"] = lambda account: account._transact_ask()
    monkeypatch.setattr(
        type(accounts), "_transact_ask",
        lambda self: (self._scan_soon(), self.env.cr.commit()), raising=False,
    )  # fmt: skip
    run(env, monkeypatch)
    assert Counter(visits) == {"0": 2, "1": 1}
    assert accounts[0].state == "connected" and not accounts[0].stopped


def test_run_manually_begins_a_round(env, make_accounts, visits, monkeypatch):
    monkeypatch.setattr(account_scan, "RUN_SECONDS", 60)
    accounts = make_accounts(3)
    run_job(env)
    accounts[0].write({"state": "error", "next_sync": fields.Datetime.now() + timedelta(hours=1)})
    run_job(env)
    assert Counter(visits) == {"0": 1, "1": 2, "2": 2}


@pytest.mark.parametrize(
    ("pause", "now", "expected"),
    [
        ({"minutes": 15}, "2026-03-01 11:59", "2026-03-01 12:00"),
        ({"minutes": 15}, "2026-03-01 12:00", "2026-03-01 12:15"),
        ({"minutes": 15}, "2026-03-01 12:44:59", "2026-03-01 12:45"),
        ({"minutes": 15}, "2036-03-01 12:07", "2036-03-01 12:15"),
        ({"months": 1}, "2027-03-15", "2027-04-01 12:00"),
        ({"days": 1}, "2026-03-03 12:00", "2026-03-04 12:00"),
    ],
)
def test_the_first_regular_time_from_now_on(pause, now, expected):
    schedule = Schedule(datetime(2026, 3, 1, 12), relativedelta(**pause))
    assert schedule.after(datetime.fromisoformat(now)) == datetime.fromisoformat(expected)
