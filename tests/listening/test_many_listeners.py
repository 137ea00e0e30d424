"""Listeners that share the mailboxes, that die, and that a server starts."""

import contextlib
import os
import signal
from pathlib import Path

import pytest

from odoo.addons.crm_member_mail.workers.listening.shards import SHARDS, held

from dev.project import OdooServer

from .. import own
from ..mail import email
from .listener import CronWorker, Listener, assert_soon

LOG = Path(__file__).resolve().parents[2] / ".dev/logs/test-listener.log"


@pytest.fixture
def mortal(env, scratch_db, dovecot):
    """A listener that may be killed."""
    with Listener(scratch_db) as listener:
        listener.wait_for("listening for 64 of 64")
        yield listener


def listener_of(server):
    """The process of the listener that a server has started; None without one."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
            is_ours = "listening/main.py" in (path / "cmdline").read_text()
            if is_ours and int(parent) == server.process.pid:
                return int(path.name)
    return None


def shards(env):
    """The shards that somebody holds."""
    env.cr.commit()
    return held(env.cr)


def test_two_share_and_one_that_dies_is_replaced(
    env, account, mailbox, mortal, contact, scratch_db
):
    contact("Ada", "ada@member.example")
    env.cr.commit()
    account._scan()
    mortal.wait_for(f"account {account.id}: live")
    with Listener(scratch_db) as second:
        second.wait_for("listening for 32 of 64")
        assert len(shards(env)) == SHARDS
        begun = len(second.lines)
        mortal.kill()
        second.wait_for("listening for 64 of 64", begun)
        with CronWorker(env) as worker:
            second.wait_for(f"account {account.id}: live")
            mailbox.append("INBOX", email("ada@member.example", mailbox.user))
            assert worker.wait()


@pytest.mark.parametrize("options", [[], ["--workers=2"]], ids=["threads", "workers"])
def test_beside_a_server(env, account, scratch_db, options):
    account._scan()
    options = ["--load=base,web,crm_member_mail", "--max-cron-threads=0", *options]
    with OdooServer(scratch_db, own.port(), LOG, *options) as server:
        assert_soon(env, account, lambda: account.arrival == "live")
        os.kill(listener_of(server), signal.SIGKILL)
        assert_soon(env, account, lambda: account.arrival == "polled")
        assert_soon(env, account, lambda: account.arrival == "live")
    assert_soon(env, account, lambda: account.arrival == "polled")
