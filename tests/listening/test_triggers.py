"""How a listener has a job run, beside Odoo's cron workers that run it."""

import subprocess

import pytest

from odoo.addons.crm_member_mail.workers.listening import statements

from ..patience import at_most
from .listener import DEADLINE, Listener

JOB = "ir_cron_fetch_wanted"


@pytest.fixture
def trigger(env):
    """A function that does it, in a transaction of its own."""

    def trigger():
        with env.registry.cursor() as cr:
            cr.execute(statements.TRIGGER, {"job": JOB})

    env["ir.cron.trigger"].search([]).unlink()
    env.cr.commit()
    yield trigger
    env.cr.rollback()
    env["ir.cron.trigger"].search([]).unlink()
    env.cr.commit()


def triggers(env):
    env.cr.commit()
    job = env.ref(f"crm_member_mail.{JOB}")
    return env["ir.cron.trigger"].search_count([("cron_id", "=", job.id)])


def test_once_is_enough_before_the_job_begins(env, trigger):
    trigger()
    trigger()
    assert triggers(env) == 1


def test_what_is_wanted_while_the_job_runs_is_not_lost(env, trigger):
    """A worker deletes the triggers when the job begins, and commits that when it has ended."""
    trigger()
    assert triggers(env) == 1
    env.cr.commit()
    env["ir.cron"]._clear_schedule({"id": env.ref(f"crm_member_mail.{JOB}").id})
    trigger()
    assert triggers(env) == 1


def test_a_listener_whose_server_is_gone_already_ends(env, scratch_db):
    """It was killed while the listener was about to start."""
    with subprocess.Popen(["true"]) as gone:
        pass
    with Listener(scratch_db, f"--with-parent={gone.pid}") as listener:
        assert listener.process.wait(at_most(DEADLINE)) == 0
