"""Earlier mail: in slices that never hold up new mail, to be stopped, resumed and widened."""

from datetime import datetime, timedelta, timezone

import pytest

from odoo.addons.crm_member_mail.mailbox import reader
from odoo.addons.crm_member_mail.mailbox.reader import FolderReader
from odoo.addons.crm_member_mail.models.scan import account_scan

from ..mail import email
from .test_scan import filed, run_job

NOW = datetime.now(timezone.utc)


def ana(env, contact):
    """A contact whose earlier mail is not looked up, so that only the history brings it."""
    contact("Ana", "ana@members.example")
    env.cr.commit()
    env["member.mail.lookup"].search([]).unlink()
    env.cr.commit()


def deliver(mailbox, *days, folder="INBOX"):
    """Mail of Ana that arrived so many days ago, delivered in this order."""
    for number in days:
        mailbox.append(
            folder,
            email(sender="ana@members.example", to="ana@members.example", subject=f"{number} days"),
            internal_date=NOW - timedelta(days=number),
        )


def subjects(env):
    return sorted(int(subject.split()[0]) for subject in filed(env).mapped("subject"))


@pytest.fixture
def read_uids(monkeypatch):
    """The UIDs whose headers were read, in order."""
    read = []
    fetch_headers = FolderReader._fetch_headers

    def watch(self, uids):
        read.extend(uids)
        return fetch_headers(self, uids)

    monkeypatch.setattr(FolderReader, "_fetch_headers", watch)
    return read


def test_widening_reads_only_what_is_missing(env, mailbox, account, contact, read_uids):
    ana(env, contact)
    deliver(mailbox, 200, 60, 20, 2)
    run_job(env)
    assert subjects(env) == [2, 20]
    assert account.history_state == "complete"

    account.history = "90"
    assert account.history_state == "reading"
    read_uids.clear()
    run_job(env)
    assert subjects(env) == [2, 20, 60]
    assert read_uids == [2]

    account.history = "all"
    read_uids.clear()
    run_job(env)
    assert subjects(env) == [2, 20, 60, 200]
    assert read_uids == [1]

    account.history = "30"
    read_uids.clear()
    run_job(env)
    assert (read_uids, account.history_state) == ([], "complete")


def test_newest_first_and_after_new_mail(env, mailbox, account, contact, read_uids, monkeypatch):
    """One slice a run, however short its time; new mail comes before the rest of the history."""
    monkeypatch.setattr(reader, "SLICE", 2)
    ana(env, contact)
    deliver(mailbox, 6, 5, 4, 3, 2, 1)

    env.cr.commit()
    assert account._scan(seconds=0) == "unfinished"
    env.invalidate_all()
    assert subjects(env) == [1, 2]
    assert account.history_state == "reading"
    assert 0 < account.history_progress < 100
    assert account.history_estimate

    deliver(mailbox, 0)
    assert account._scan(seconds=0) == "unfinished"
    env.invalidate_all()
    assert 0 in subjects(env) and 6 not in subjects(env)
    run_job(env)
    assert subjects(env) == list(range(7))
    assert (account.history_state, account.history_progress) == ("complete", 100)
    assert not account.history_estimate


def test_pause_and_go_on(env, mailbox, account, contact):
    ana(env, contact)
    deliver(mailbox, 20)
    account.action_pause_history()
    run_job(env)
    deliver(mailbox, 0)
    run_job(env)
    assert subjects(env) == [0]
    assert account.history_state == "paused"

    account.action_resume_history()
    run_job(env)
    assert subjects(env) == [0, 20]
    assert account.history_state == "complete"


def test_a_run_that_is_out_of_time_comes_back_at_once(env, mailbox, account, monkeypatch):
    """The scheduler hears that accounts are left, so that it does not wait 15 minutes."""
    monkeypatch.setattr(account_scan, "RUN_SECONDS", 0)
    monkeypatch.setattr(reader, "SLICE", 1)
    deliver(mailbox, 2, 1)
    reports = []
    monkeypatch.setattr(
        type(account),
        "_report_progress",
        lambda self, processed, remaining: reports.append((processed, remaining)) or 1.0,
    )
    account._cron_fetch()
    account._cron_fetch()
    # Something was done, even if no account is finished: Odoo warns of jobs that do nothing.
    assert reports == [(0, 1), (1, 1), (0, 1), (1, 0)]
