"""What was sent leaves when it can no longer be undone: over a job of a real Odoo, or without one."""

import queue
from datetime import timedelta

import pytest

from odoo import fields

from dev.project import OdooServer

from .. import own
from ..patience import at_most
from ..screens.test_live import DEADLINE, LOG, browse
from .test_sending import write

#: A promise that is kept when the row of an email no longer says that it waits or is being sent.
HAS_LEFT = """
new Promise((resolve) => {
    const look = () => {
        const row = document.querySelector(".o_member_mail_row");
        if (row && row.textContent.includes("Welcome") && !row.querySelector(".o_member_mail_state")) {
            observer.disconnect();
            resolve(true);
        }
    };
    const observer = new MutationObserver(look);
    observer.observe(document, {childList: true, subtree: true, characterData: true});
    look();
})
"""


class Arrivals(list):
    """What an SMTP server received; `wait` returns the next one as soon as it is there."""

    def __init__(self):
        super().__init__()
        self._queue = queue.Queue()

    def append(self, message):
        super().append(message)
        self._queue.put(message)

    def wait(self):
        return self._queue.get(timeout=at_most(DEADLINE))


@pytest.fixture
def arrivals(smtp_server, sending_account, monkeypatch):
    found = Arrivals()
    monkeypatch.setattr(smtp_server, "messages", found)
    return found


def send_off(env, partner, subject="Welcome"):
    """An email that can still be undone, for as long as a slow test may take."""
    tomorrow = fields.Datetime.now() + timedelta(days=1)
    draft = write(env, partner, subject=subject, scheduled_date=tomorrow)
    messages = env["member.mail.message"].browse(draft.action_send()["params"]["message_ids"])
    env.cr.commit()
    return messages


@pytest.fixture
def ada(env, sending_account, contact):
    ada = contact("Ada", "ada@member.example")
    env.cr.commit()
    return ada


@pytest.fixture
def messages(env, ada):
    return send_off(env, ada)


def test_a_colleague_sees_it_leave(env, scratch_db, ada, arrivals):
    with (
        OdooServer(scratch_db, own.port(), LOG, "--max-cron-threads=1") as odoo,
        browse(odoo, scratch_db, "admin", "1366x768") as page,
    ):
        page.open(f"/odoo/contacts/{ada.id}")
        page.wait_for("a[name=member_mail_messages]", click=True)
        page.wait_for(".o_member_mail_nothing")
        messages = send_off(env, ada)
        page.wait_for(".o_member_mail_row .o_member_mail_state", "Scheduled")
        # The time to undo it is over.
        messages.action_send_now()
        env.cr.commit()
        [_sender, recipients, data] = arrivals.wait()
        assert recipients == ("ada@member.example",) and b"Welcome" in data
        assert page.evaluate(HAS_LEFT, awaitPromise=True)
    env.invalidate_all()
    assert messages.state == "sent"


def test_when_no_job_takes_it(env, messages, mailbox, arrivals):
    """All workers of jobs may be busy with long scans."""
    messages.action_send_now()
    env.cr.commit()
    messages.action_send_here()
    assert len(arrivals) == 1
    env.invalidate_all()
    assert messages.state == "sent"
    # It is not kept waiting for the Sent folder, which the job sees to.
    assert not mailbox.flags("Sent")
    jobs = env["ir.cron.trigger"].search([]).cron_id
    assert env.ref("crm_member_mail.ir_cron_send") in jobs
    env.cr.commit()
    env["mail.mail"]._cron_send_member_mail()
    assert len(mailbox.flags("Sent")) == len(arrivals) == 1


def test_nothing_else_is_sent_here(env, messages, contact, arrivals):
    others = send_off(env, contact("Bo", "bo@member.example"), subject="Other")
    others.action_send_now()
    env.cr.commit()
    # Not before the time to undo it is over, either.
    messages.action_send_here()
    assert not arrivals
    messages.action_send_now()
    env.cr.commit()
    for _click in range(2):
        messages.action_send_here()
    assert [recipients for _sender, recipients, _data in arrivals] == [("ada@member.example",)]
    env.invalidate_all()
    assert (messages.state, others.state) == ("sent", "outgoing")


def test_a_job_that_took_it_is_left_alone(env, messages, arrivals):
    from odoo.addons.crm_member_mail.workers.record_locks import RecordLocks

    messages.action_send_now()
    env.cr.commit()
    with RecordLocks(env.registry, "mail.mail") as locks:
        locks.acquire(messages.mail_ids)
        messages.action_send_here()
    assert not arrivals
    env.invalidate_all()
    assert messages.state == "outgoing"


def test_an_outage_here_is_tried_again_by_the_job(env, sending_account, messages):
    sending_account.smtp_port = own.port()
    messages.action_send_now()
    env.cr.commit()
    messages.action_send_here()
    env.invalidate_all()
    assert messages.state == "outgoing"
    assert messages.failure_reason and messages.scheduled_date > messages.date
