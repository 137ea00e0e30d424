"""What a scan writes into the log: one line where something was read, a warning where it matters."""

import logging
import re
import time

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError

from ..mail import email
from .test_scan import run_job

OURS = "odoo.addons.crm_member_mail"


def lines(caplog, level):
    """What we have logged at a level or above, since the last time."""
    found = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(OURS) and record.levelno >= level
    ]
    caplog.clear()
    return found


def test_one_line_for_a_scan_that_read_something(env, mailbox, account, contact, caplog):
    contact("Ana", "ana@members.example")
    caplog.set_level(logging.INFO, OURS)
    for sender in ("ana@members.example", "stranger@else.example", "ana@members.example"):
        mailbox.append("INBOX", email(sender, mailbox.user))
    run_job(env)
    [line] = lines(caplog, logging.INFO)
    assert re.fullmatch(rf"Account {account.id}: 3 read, 2 filed, 0 failed, \d+\.\d s", line)
    account.next_sync = False
    run_job(env)
    assert lines(caplog, logging.INFO) == []


def test_warnings_when_an_account_fails_and_works_again(env, mailbox, account, dovecot, caplog):
    caplog.set_level(logging.INFO, OURS)
    port = account.imap_port
    account.imap_port = 1
    for _scan in range(3):
        account.next_sync = False
        run_job(env)
    [line] = lines(caplog, logging.INFO)
    assert line.startswith(f"Account {account.id} fails (")
    account._note_connection(MailboxError("auth_failed", "NO"))
    assert lines(caplog, logging.INFO) == [
        f"Account {account.id} stopped (auth_failed): {MailboxError('auth_failed', 'NO')}"
    ]
    account.imap_port = port
    run_job(env)
    assert lines(caplog, logging.WARNING) == []  # other settings are no success yet
    account._note_connection(MailboxError("timeout"))
    account._note_connection(None)
    assert lines(caplog, logging.WARNING)[-1] == f"Account {account.id} works again"


def test_a_long_import_is_no_job_without_result(
    env, mailbox, account, contact, caplog, monkeypatch
):
    """One mailbox that takes several runs is progress."""
    contact("Ana", "ana@members.example")
    for number in range(6):
        mailbox.append("INBOX", email("ana@members.example", mailbox.user, subject=str(number)))
    from odoo.addons.crm_member_mail.mailbox import reader

    monkeypatch.setattr(reader, "SLICE", 1)
    monkeypatch.setattr(type(account), "_run_seconds", lambda self: 0.0)
    caplog.set_level(logging.INFO, OURS)
    caplog.set_level(logging.INFO, "odoo.addons.base.models.ir_cron")
    account.next_sync = False
    env.cr.commit()
    IrCron = env.registry["ir.cron"]
    job = env.ref("crm_member_mail.ir_cron_fetch")
    with env.registry.cursor() as cr:
        row = IrCron._acquire_one_job(cr, job.id, include_not_ready=True)
        IrCron._process_job(cr, row)
    told = [record.getMessage() for record in caplog.records]
    assert any(line.startswith(f"Account {account.id}: 1 read, 1 filed") for line in told)
    assert not any("processed no record" in line for line in told)


def test_a_job_that_has_taken_its_time_lets_others_have_their_turn(env):
    accounts = env["member.mail.account"]
    now = time.monotonic()
    first, second = (accounts.with_context(cron_end_time=now + end) for end in (10, 10 - 45))
    assert not accounts._has_had_turn() and not first._has_had_turn()
    assert second._has_had_turn()
