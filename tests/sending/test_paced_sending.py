"""One email each to many, over a real server, by the job as Odoo's scheduler runs it: it leaves in the
portions that the provider allows."""

from datetime import timedelta

import pytest

from odoo import fields, sql_db
from odoo.modules.registry import Registry

from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.crm_member_mail.mailbox.smtp.session import SmtpSession
from odoo.addons.crm_member_mail.models.sending import post_office
from odoo.addons.crm_member_mail.models.sending.post_office import PostOffice

from dev.servers.faulty_smtp import Stall

from ..faults.scanner import Scanner
from ..patience import at_most
from .test_sending import write
from .test_sending_cost import queue
from .test_sending_faults import (  # noqa: F401
    DEADLINE,
    received_ids,
    sender,
    sent_copies,
    smtp,
)

#: Emails a minute that the provider takes, and how many of them are for what goes to many.
LIMIT, PORTION = 4, 3
MINUTE = timedelta(seconds=60)


@pytest.fixture
def paced(env):
    """Has an account keep to a slow provider's pace."""

    def pace(account):
        provider = env["member.mail.provider"].create(
            {"name": "Slow", "code": "slow", "minute_limit": LIMIT}
        )
        # Servers of their own stay.
        env.cr.execute(
            "UPDATE member_mail_account SET provider_id = %s WHERE id = %s",
            [provider.id, account.id],
        )
        env.cr.commit()
        env.invalidate_all()
        return provider

    yield pace
    env.cr.rollback()
    env.cr.execute("UPDATE member_mail_account SET provider_id = NULL")
    env["member.mail.provider"].search([("code", "=", "slow")]).unlink()
    env.cr.commit()


def job(env):
    return env.ref("crm_member_mail.ir_cron_send")


def run(env):
    """What the scheduler does about the job: run it if it is ready, for as long as it is; returns how
    often it ran."""
    env.cr.commit()
    times = 0
    with Registry(env.cr.dbname).cursor() as cr:
        while any(ready["id"] == job(env).id for ready in IrCron._get_all_ready_jobs(cr)):
            times += 1
            assert times < 10, "it runs again and again"
            IrCron._process_jobs_loop(cr, job_ids=[job(env).id])
            cr.commit()
    env.cr.rollback()
    env.invalidate_all()
    return times


def pass_time(env, time):
    """As if so much time had passed: all moments that count are so much earlier."""
    env.cr.execute(
        """
        UPDATE mail_mail SET scheduled_date = scheduled_date - %(time)s;
        UPDATE member_mail_message
           SET scheduled_date = scheduled_date - %(time)s, handed_over = handed_over - %(time)s;
        UPDATE ir_cron_trigger SET call_at = call_at - %(time)s WHERE cron_id = %(job)s;
        UPDATE ir_cron SET nextcall = nextcall - %(time)s WHERE id = %(job)s
        """,
        {"time": time, "job": job(env).id},
    )
    env.cr.commit()
    env.invalidate_all()


def next_time(env):
    """Until the scheduler has a reason to run the job again."""
    triggers = env["ir.cron.trigger"].search([("cron_id", "=", job(env).id)])
    wait = min([*triggers.mapped("call_at"), job(env).nextcall]) - fields.Datetime.now()
    return max(wait, timedelta(0)) + timedelta(seconds=1)


def recipients(server):
    return [to for _from, recipients, _data in server.messages for to in recipients]


def test_in_portions_and_each_once(env, sending_account, paced, smtp_server, mailbox, contact):
    paced(sending_account)
    messages = queue(env, contact, 10)
    run(env)
    assert len(smtp_server.messages) == PORTION
    waiting = messages.filtered(lambda message: message.state == "outgoing")
    assert len(waiting) == 10 - PORTION == sending_account.paced_count
    assert sending_account.paced_until
    # The screen says of each when it leaves: it is planned, and nothing is wrong.
    for head in env["member.mail.tab"].get_messages(waiting.ids):
        assert head["scheduled_date"] > fields.Datetime.to_string(fields.Datetime.now())
        assert not head["failure_reason"]
    # Nothing is to be done until then.
    assert run(env) == 0

    clock, left = timedelta(0), [(timedelta(0), PORTION)]
    while set(messages.mapped("state")) != {"sent"}:
        wait = next_time(env)
        clock += wait
        assert clock < timedelta(minutes=10)
        before = len(smtp_server.messages)
        pass_time(env, wait)
        run(env)
        left.append((clock, len(smtp_server.messages) - before))
    for begin, _number in left:
        assert sum(n for at, n in left if begin <= at < begin + MINUTE) <= PORTION
    assert sorted(recipients(smtp_server)) == sorted(f"ada{n}@member.example" for n in range(10))
    assert sorted(received_ids(smtp_server)) == sorted(messages.mapped("rfc_message_id"))
    assert sorted(sent_copies(mailbox)) == sorted(messages.mapped("rfc_message_id"))
    assert not messages.mail_ids and not env["member.mail.draft"].search([])


def test_what_waits_is_taken_back(env, sending_account, paced, smtp_server, contact):
    paced(sending_account)
    messages = queue(env, contact, 8)
    run(env)
    waiting = messages.filtered(lambda message: message.state == "outgoing")
    taken, rest = waiting[0], waiting[1:]
    address = taken._recipients()[0]
    draft = env["member.mail.draft"].browse(taken.action_cancel_sending()["res_id"])
    assert address in draft.email_to and draft.message_ids & messages == draft.message_ids.browse()
    assert not taken.exists()
    for _portion in range(4):
        pass_time(env, 2 * MINUTE)
        run(env)
    assert set(rest.mapped("state")) == {"sent"}
    assert address not in recipients(smtp_server)
    assert len(recipients(smtp_server)) == len(set(recipients(smtp_server))) == 7
    # Nobody who got it gets it again with the draft.
    assert draft.exists() and not set(recipients(smtp_server)) & {address}


def test_send_now_is_no_way_round(env, sending_account, paced, smtp_server, contact):
    paced(sending_account)
    messages = queue(env, contact, 8)
    run(env)
    messages.action_send_now()
    messages.action_send_here()
    run(env)
    assert len(smtp_server.messages) == PORTION
    assert messages.mapped("state").count("outgoing") == 8 - PORTION


def test_answers_leave_meanwhile(env, sending_account, paced, smtp_server, contact):
    paced(sending_account)
    queue(env, contact, 8)
    run(env)
    draft = write(env, contact("Bo", "bo@member.example"))
    env["member.mail.message"].browse(
        draft.action_send()["params"]["message_ids"]
    ).action_send_now()
    run(env)
    assert recipients(smtp_server)[PORTION:] == ["bo@member.example"]


def test_killed_between_and_within_portions(
    env,
    scratch_db,
    pytestconfig,
    sender,  # noqa: F811
    paced,
    smtp,  # noqa: F811
    mailbox,
    contact,
):
    """What was handed over when the process died is unknown; all others leave once, in their turn."""
    paced(sender)
    messages = queue(env, contact, 8)
    run(env)
    assert len(smtp.messages) == PORTION
    pass_time(env, 2 * MINUTE)
    stall = Stall(keeps=True)
    smtp.strike("content", lambda _argument: stall if len(smtp.messages) == PORTION + 1 else None)
    with Scanner(scratch_db, pytestconfig.getoption("--odoo-addons-path")) as worker:
        worker.begin("call", "tests.faults.sending", "send")
        assert stall.reached.wait(at_most(DEADLINE))
        env.cr.rollback()
        env.invalidate_all()
        [struck] = messages.filtered(lambda message: message.state == "sending")
        worker.kill()
    smtp.calm()
    # PostgreSQL lets go of the dead worker's locks.
    env.cr.execute(
        "SELECT pg_advisory_lock(hashtext('mail.mail'), %s), pg_advisory_unlock_all()",
        [struck.mail_ids.id],
    )
    env.cr.commit()
    for _portion in range(5):
        pass_time(env, 2 * MINUTE)
        before = len(smtp.messages)
        run(env)
        assert len(smtp.messages) - before <= PORTION
    assert struck.state == "uncertain"
    assert set((messages - struck).mapped("state")) == {"sent"}
    assert len(received_ids(smtp)) == len(set(received_ids(smtp))) == 8


@pytest.fixture
def sign_ins(monkeypatch):
    """The servers that were signed in to."""
    opened = []
    open_session = SmtpSession.open.__func__

    def note(cls, settings, *args, **options):
        opened.append(settings.host)
        return open_session(cls, settings, *args, **options)

    monkeypatch.setattr(SmtpSession, "open", classmethod(note))
    return opened


def test_waiting_costs_nothing(env, sending_account, paced, smtp_server, contact, sign_ins):
    """While emails wait for their hour, the job has no reason to run; and if it does for another
    reason, it asks as much as with an empty queue, and signs in nowhere."""
    paced(sending_account)

    def queries():
        env.registry.clear_all_caches()
        before = sql_db.sql_counter
        env["mail.mail"]._cron_send_member_mail()
        return sql_db.sql_counter - before

    queries()
    empty = queries()
    queue(env, contact, 20)
    run(env)
    sign_ins.clear()
    assert run(env) == 0
    assert queries() <= empty
    assert not sign_ins and len(smtp_server.messages) == PORTION


def test_the_queue_is_looked_into_and_what_waits_not_found(
    env,
    sending_account,
    paced,
    make_account,
    mailbox,
    smtp,  # noqa: F811
    contact,
    monkeypatch,
):
    """As long as some account sends, the queue is looked into every two seconds. What waits for its
    hour costs these looks nothing: it is not even found."""
    paced(sending_account)
    queue(env, contact, 20)
    run(env)
    desk = make_account(
        email="desk@club.example", imap_login=mailbox.user, smtp_login=mailbox.user,
        smtp_host="localhost", smtp_port=smtp.tls_port, smtp_encryption="ssl",
    )  # fmt: skip
    draft = write(
        env, contact("Bo", "bo@member.example"), account_id=desk.id, email_from=desk.email
    )
    env["member.mail.message"].browse(
        draft.action_send()["params"]["message_ids"]
    ).action_send_now()
    env.cr.commit()
    stall = Stall(keeps=True)
    smtp.strike("content", stall)
    monkeypatch.setattr(post_office, "LOOK_AGAIN", 0.01)
    found, costs, due = [], [], PostOffice._due

    def look(office):
        before = sql_db.sql_counter
        found.append({account for account, _letters, _copies in due(office)})
        costs.append(sql_db.sql_counter - before)
        if len(found) == 20:
            stall.release()
        return []

    def first(office):
        monkeypatch.setattr(PostOffice, "_due", look)
        return due(office)

    monkeypatch.setattr(PostOffice, "_due", first)
    env["mail.mail"]._cron_send_member_mail()
    assert len(found) >= 20 and not any(found)
    assert max(costs) <= 2, costs
