"""Everything dies now and then: the listener, Odoo, the mail server. No email is lost or there twice.

``MEMBER_MAIL_KILLS`` says how often something dies, for a longer soak.
"""

import itertools
import os
import random
import signal
import time
from datetime import datetime, timezone

import pytest

from dev.project import OdooServer

from .. import own
from ..mail import email
from ..patience import at_most
from .listener import DEADLINE
from .test_many_listeners import LOG, listener_of

KILLS = int(os.environ.get("MEMBER_MAIL_KILLS", "3"))

OPTIONS = ("--load=base,web,crm_member_mail", "--max-cron-threads=2")


class Town:
    """An Odoo with a listener beside it, and a mail server, each of which may be killed."""

    def __init__(self, database, dovecot):
        self.database, self.dovecot = database, dovecot
        self.odoo = None

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, *_exception):
        self.odoo.__exit__(None, None, None)

    def _start(self):
        self.odoo = OdooServer(self.database, own.port(), LOG, *OPTIONS)
        self.odoo.__enter__()

    def kill_listener(self):
        if pid := listener_of(self.odoo):
            os.kill(pid, signal.SIGKILL)

    def kill_odoo(self):
        os.kill(self.odoo.process.pid, signal.SIGKILL)
        self.odoo.process.wait()
        self._start()

    def kill_dovecot(self):
        self.dovecot.kill()
        self.dovecot.start()


@pytest.fixture
def town(env, scratch_db, dovecot):
    with Town(scratch_db, dovecot) as town:
        yield town


def test_nothing_is_lost_or_doubled(env, account, mailbox, contact, town):
    contact("Ada", "ada@member.example")
    env.cr.commit()
    account._scan()
    chance = random.Random(KILLS)
    kills = itertools.cycle([town.kill_listener, town.kill_odoo, town.kill_dovecot])
    #: When each was delivered, by its subject.
    sent = {}

    def deliver():
        subject = f"Number {len(sent)}"
        sent[subject] = datetime.now(timezone.utc).replace(tzinfo=None)
        mailbox.append("INBOX", email("ada@member.example", mailbox.user, subject=subject))

    for kill in itertools.islice(kills, KILLS):
        deliver()
        if chance.random() < 0.5:
            await_all(env, sent)
            deliver()
        kill()
        deliver()
    await_all(env, sent)
    assert sorted(filed(env)) == sorted(sent)
    print(f"{KILLS} kills, {len(sent)} emails; {delays(env, sent)}")  # noqa: T201


def delays(env, sent):
    """How long they took until they were filed, in words: for whoever reads what a soak says (-s)."""
    took = sorted(
        (message.create_date - sent[message.subject]).total_seconds()
        for message in env["member.mail.message"].search([])
    )
    return f"median {took[len(took) // 2]:.1f} s, worst " + ", ".join(
        f"{seconds:.0f}" for seconds in took[-5:]
    )


def filed(env):
    env.cr.commit()
    env.invalidate_all()
    return env["member.mail.message"].search([]).mapped("subject")


def await_all(env, sent):
    """Wait until all that was sent is filed."""
    end = time.monotonic() + at_most(2 * DEADLINE)
    while not set(sent) <= set(filed(env)):
        assert time.monotonic() < end, set(sent) - set(filed(env))
        time.sleep(0.1)
