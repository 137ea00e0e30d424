"""Retention against a real server: what is erased does not come back, and nothing counts as missing."""

from datetime import datetime, timedelta, timezone

from ..mail import email
from ..scan.test_completeness import check, counts
from ..scan.test_scan import filed, run_job

NOW = datetime.now(timezone.utc)


def receive(mailbox, subject, days, arrived=None, folder="INBOX"):
    """An email of the given age in days, which arrived as many, or other, days ago."""
    mailbox.append(
        folder,
        email(sender="ana@members.example", subject=subject, date=NOW - timedelta(days=days)),
        internal_date=NOW - timedelta(days=days if arrived is None else arrived),
    )


def test_what_is_erased_does_not_come_back(env, mailbox, make_account, contact):
    contact("Ana", "ana@members.example")
    account = make_account(history="all")
    receive(mailbox, "Old", days=100)
    receive(mailbox, "Young", days=10)
    run_job(env)
    assert set(filed(env).mapped("subject")) == {"Old", "Young"}
    assert account.accounted is False

    account.retention_months = 2
    run_job(env, "ir_cron_retention")
    assert filed(env).mapped("subject") == ["Young"]
    assert len(mailbox.flags("INBOX")) == 2, "the mailbox keeps it"

    run_job(env)
    check(env, account)
    assert filed(env).mapped("subject") == ["Young"]
    assert counts(account) == {"total": 1, "filed": 1}
    # Its UIDs start over, and all of it is read again.
    mailbox.reset_uidvalidity("INBOX")
    run_job(env)
    check(env, account)
    assert filed(env).mapped("subject") == ["Young"]
    assert account.accounted == "1 of 1 accounted for"

    # Even with a longer retention it doesn't come back: it has been erased.
    account.retention_months = 0
    run_job(env)
    check(env, account)
    assert filed(env).mapped("subject") == ["Young"]
    assert counts(account) == {"total": 2, "filed": 1, "deleted": 1}


def test_what_is_older_is_not_filed_at_all(env, mailbox, make_account, contact):
    contact("Ana", "ana@members.example")
    account = make_account(history="all", retention_months=2)
    receive(mailbox, "Old", days=100)
    receive(mailbox, "Old, moved here today", days=100, arrived=0)
    receive(mailbox, "Young", days=10)
    run_job(env)
    receive(mailbox, "Old, arriving late", days=100, arrived=0)
    receive(mailbox, "Old, put there", days=100)
    run_job(env)
    contact("Bea", "bea@members.example")
    mailbox.append(
        "INBOX",
        email(sender="bea@members.example", date=NOW - timedelta(days=100)),
        internal_date=NOW - timedelta(days=100),
    )
    run_job(env)
    assert filed(env).mapped("subject") == ["Young"]
    assert not env["member.mail.tombstone"].search([])

    check(env, account)
    assert account.accounted == "1 of 1 accounted for"
    assert filed(env).mapped("subject") == ["Young"]


def test_it_leaves_one_mailbox_and_stays_in_the_other(env, dovecot, mailbox, make_account, contact):
    contact("Ana", "ana@members.example")
    short = make_account(history="all", retention_months=0)
    data = email(sender="ana@members.example", subject="Both", date=NOW - timedelta(days=100))
    mailbox.append("INBOX", data, internal_date=NOW - timedelta(days=100))
    user = f"long-{mailbox.user}"
    dovecot.add_user(user, "correct horse battery staple")
    dovecot.append(user, "INBOX", data)
    long = make_account(history="all", email=user)
    run_job(env)
    assert filed(env).account_ids == short | long

    short.retention_months = 2
    run_job(env, "ir_cron_retention")
    assert filed(env).account_ids == long
    check(env, short)
    check(env, long)
    assert filed(env).account_ids == long
    assert filed(env).location_ids.account_id == long
    assert short.accounted == "0 of 0 accounted for"
    assert long.accounted == "1 of 1 accounted for"
