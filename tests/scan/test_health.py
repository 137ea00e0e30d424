"""How accounts in trouble are treated: pauses, one activity for the owner, recovery."""

from datetime import timedelta

from odoo import fields

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError

from ..mail import email
from .test_scan import filed, run_job


def activities(account):
    return account.activity_ids


def test_one_activity_after_an_hour_and_none_after_recovery(
    env, mailbox, account, contact, dovecot
):
    account.write({"imap_port": 1, "user_id": env.ref("base.user_admin").id})
    run_job(env)
    assert account.failing_since and not activities(account)

    account.failing_since -= timedelta(hours=2)
    for _scan in range(3):
        account.next_sync = False
        run_job(env)
    assert account.error_count == 4
    assert len(activities(account)) == 1
    assert activities(account).user_id == account.user_id
    assert account.error_message in activities(account).note

    env.cr.execute(
        "UPDATE member_mail_account SET imap_port = %s, next_sync = NULL WHERE id = %s",
        (dovecot.tls_port, account.id),
    )
    env.invalidate_all()
    run_job(env)
    assert account.state == "connected"
    assert not activities(account) and not account.failing_since


def test_the_owner_hears_at_once_of_a_wrong_password(env, mailbox, account):
    account.imap_password = "wrong"
    run_job(env)
    assert account.stopped
    assert len(activities(account)) == 1


def test_nobody_is_written_to(env, mailbox, account):
    """The activity is the message: no email, no notification."""
    mails = env["mail.mail"].search_count([])
    account.imap_password = "wrong"
    account.user_id = env.ref("base.user_admin")
    run_job(env)
    assert env["mail.mail"].search_count([]) == mails


def test_pauses_grow_to_a_day(env, account):
    error = MailboxError("timeout", host="mail.example")
    pauses = []
    for _failure in range(12):
        account._note_connection(error)
        pauses.append((account.next_sync - fields.Datetime.now()).total_seconds() / 60)
    assert 11 <= pauses[0] <= 15 and 23 <= pauses[1] <= 30
    assert all(pause <= 24 * 60 for pause in pauses)
    assert pauses[-1] >= 19 * 60
    assert not account.stopped


def test_what_comes_and_goes_is_tried_for_hours(env, account):
    """The sign-in is right, so the account neither stops nor asks for a password."""
    error = MailboxError(
        "not_connected", "BAD User is authenticated but not connected.", "mx.example"
    )
    account.user_id = env.ref("base.user_admin")
    for _failure in range(8):
        account._note_connection(error)
        assert account.next_sync <= fields.Datetime.now() + timedelta(hours=1)
    account.failing_since -= timedelta(hours=3)
    account._note_connection(error)
    assert (account.error_code, account.stopped) == ("not_connected", False)
    assert not activities(account)

    account.failing_since -= timedelta(hours=2)
    account._note_connection(error)
    assert not account.stopped
    assert "license" in account.error_message and "shared mailbox" in account.error_message
    assert account.error_message in activities(account).note
    account._note_connection(None)
    assert account.state == "connected" and not activities(account)


def test_hours_of_something_else_are_not_hours_of_that(env, account):
    account._note_connection(MailboxError("timeout"))
    account.failing_since -= timedelta(hours=9)
    account._note_connection(MailboxError("not_connected"))
    assert account.error_code == "not_connected"


def test_progress_keeps_the_pause_short(env, account):
    for _failure in range(5):
        account._note_connection(MailboxError("connection_lost"), progress=True)
    assert account.error_count == 1


def test_the_server_names_the_pause(env, account):
    account._note_connection(MailboxError("throttled", retry_after=3600 * 5))
    assert account.next_sync >= fields.Datetime.now() + timedelta(hours=4, minutes=59)


def test_an_account_in_trouble_is_left_alone_until_its_time(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example"))
    account.write({"state": "error", "next_sync": fields.Datetime.now() + timedelta(hours=1)})
    run_job(env)
    assert not filed(env)
    account.next_sync = fields.Datetime.now() - timedelta(minutes=1)
    run_job(env)
    assert len(filed(env)) == 1
