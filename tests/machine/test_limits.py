"""A job that is killed at its limit of time, over and over: it gets on nevertheless."""

import pytest

from odoo import fields
from odoo.tools import config

from odoo.addons.crm_member_mail.models.scan.account_scan import GRACE
from odoo.addons.crm_member_mail.models.scan.concurrent_scan import ConcurrentScan

from ..faults.scanner import Scanner
from ..mail import email
from ..scan.test_scan import filed

KILLS = 10
OTHERS = 6


@pytest.fixture
def scanner(scratch_db, pytestconfig):
    with Scanner(scratch_db, pytestconfig.getoption("--odoo-addons-path")) as scanner:
        yield scanner


def test_killed_ten_times_in_a_row_at_the_same_email(env, mailbox, account, contact, scanner):
    contact("Ana", "ana@members.example")
    subjects = [f"Number {number}" for number in range(OTHERS)]
    subjects.insert(OTHERS // 2, "Poison")
    for subject in subjects:
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject))
    env.cr.commit()
    scanner.run("call", "tests.faults.killed", "poison", "Subject: Poison")
    results = []
    for number in range(KILLS):
        result = scanner.run("scan", account.id)
        results.append(result)
        env.cr.rollback()
        env.invalidate_all()
        if result == "done":
            break
        assert result == "killed"
        if not number:
            # From now on, all arrive while it is being killed.
            mailbox.append("INBOX", email(sender="ana@members.example", subject="Later"))
    # The guilty one is found, set aside for a while, and the others don't wait for it.
    assert results[-1] == "done" and len(results) <= 6, results
    assert sorted(filed(env).mapped("subject")) == sorted({*subjects, "Later"} - {"Poison"})
    failure = env["member.mail.failure"].search([])
    assert len(failure) == 1 and failure.state == "failed"
    assert "crashed" in failure.error
    assert failure.next_attempt > fields.Datetime.now()
    assert not any(env["member.mail.folder"].search([]).mapped("in_flight"))
    # Each further try costs a job at most, and the pauses grow.
    pauses = [failure.next_attempt - fields.Datetime.now()]
    for _number in range(2):
        failure.next_attempt = fields.Datetime.now()
        env.cr.commit()
        assert scanner.run("scan", account.id) == "killed"
        assert scanner.run("scan", account.id) == "done"
        env.cr.rollback()
        env.invalidate_all()
        pauses.append(failure.next_attempt - fields.Datetime.now())
    assert pauses == sorted(pauses) and pauses[0] < pauses[-1]
    assert len(env["member.mail.failure"].search([])) == 1


@pytest.mark.parametrize("limit", [30, 60, 120, 600])
def test_connections_are_cut_before_the_job_is_killed(env, account, monkeypatch, limit):
    """Otherwise a server that is slow would have it killed each time, and nothing would be learned."""
    monkeypatch.setitem(config.options, "limit_time_real_cron", limit)
    seconds = env["member.mail.account"]._run_seconds()
    scan = ConcurrentScan(account, seconds, 1, 1, 1)
    assert seconds < scan._limits.seconds < limit
    assert scan._limits.seconds <= seconds + GRACE
