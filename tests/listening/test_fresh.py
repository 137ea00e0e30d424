"""Many pages ask at the same time that a mailbox be scanned: nobody waits, and it happens once."""

from datetime import timedelta

import pytest

from odoo import SUPERUSER_ID, api, fields

FRESH = 60


@pytest.fixture
def stale(env, account):
    """An account that was scanned two minutes ago."""
    now = fields.Datetime.now()
    account.write(
        {
            "state": "connected",
            "last_sync": now - timedelta(minutes=2),
            "next_sync": now + timedelta(minutes=9),
        }
    )
    env["ir.cron.trigger"].search([]).unlink()
    env.cr.commit()
    return account


@pytest.fixture
def page(env):
    """A function that opens another transaction, which sees the database as it is now: an
    environment."""
    cursors = []

    def begin():
        cr = env.registry.cursor()
        cursors.append(cr)
        # A page that waits for somebody would hang here.
        cr.execute("SET LOCAL lock_timeout = '1ms'")
        cr.execute("SELECT FROM member_mail_account")  # from now on it sees nothing new
        return api.Environment(cr, SUPERUSER_ID, {})

    yield begin
    for cr in cursors:
        cr.close()


def state(env):
    """Whether somebody asked for a scan, and how often the job was told."""
    env.cr.commit()
    env.invalidate_all()
    account = env["member.mail.account"].search([])
    return not account.next_sync, env["ir.cron.trigger"].search_count([])


def keep_fresh(env):
    # `admin` may see messages, and owns no mailbox that is asked for here.
    user = env.ref("base.user_admin")
    return env(user=user)["member.mail.tab"].keep_fresh("member.mail.message", [])


def test_two_pages_at_once(env, stale, page):
    stale.user_id = env.ref("base.user_admin")
    env.cr.commit()
    first, second, third = page(), page(), page()
    assert keep_fresh(first) == FRESH
    # The first one has not committed: its row is locked.
    assert keep_fresh(second) == FRESH
    second.cr.commit()
    assert state(env) == (False, 0)
    first.cr.commit()
    assert state(env) == (True, 1)
    # This one still sees it as it was.
    assert keep_fresh(third) == FRESH
    third.cr.commit()
    assert state(env) == (True, 1)


def test_while_a_scan_writes(env, stale, page):
    stale.user_id = env.ref("base.user_admin")
    env.cr.commit()
    scan, asking, late = page(), page(), page()
    account = stale.with_env(scan)
    now = fields.Datetime.now()
    account._note_times(now, now + timedelta(minutes=9))
    assert keep_fresh(asking) == FRESH
    asking.cr.commit()
    scan.cr.commit()
    assert state(env) == (False, 0)
    # What it saw was too old: somebody has read it meanwhile.
    assert keep_fresh(late) == FRESH
    late.cr.commit()
    assert state(env) == (False, 0)


def test_the_job_scans_what_pages_ask_for(env, stale, mailbox, contact, page):
    from ..mail import email

    ada = contact("Ada", "ada@member.example")
    stale.user_id = env.ref("base.user_admin")
    env.cr.commit()
    stale._scan()
    now = fields.Datetime.now()
    stale.write({"last_sync": now - timedelta(minutes=2), "next_sync": now + timedelta(minutes=9)})
    mailbox.append("INBOX", email("ada@member.example", mailbox.user, subject="Just now"))
    env.cr.commit()
    asking = page()
    keep_fresh(asking)
    asking.cr.commit()
    env.cr.rollback()
    env["member.mail.account"]._cron_fetch_wanted()
    env.invalidate_all()
    assert ada.member_mail_message_ids.mapped("subject") == ["Just now"]
    assert stale.next_sync > now and stale.last_sync >= now
    # Now it is fresh.
    again = page()
    assert keep_fresh(again) <= FRESH
    again.cr.commit()
    env.cr.rollback()
    assert stale.next_sync
