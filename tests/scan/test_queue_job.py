"""The glue addon with OCA's real job runner: an Odoo of several processes, mail in a real Dovecot."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import xmlrpc.client
from pathlib import Path

import polib
import psycopg2
import pytest

from dev.project import OdooServer, run
from dev.translations import template_of, template_path

from .. import own
from ..conftest import PASSWORD, Mailbox
from ..mail import email
from ..patience import at_most

ROOT = Path(__file__).resolve().parents[2]
QUEUE_ADDONS = ROOT / ".dev/queue_job/odoo/addons"
LOG = ROOT / ".dev/logs/test-queue-job.log"
GLUE = "crm_member_mail_queue_job"

#: Seconds after which something that should have happened counts as missing.
DEADLINE = 60

#: Of queue_job: the lock that its runner holds while it serves a database.
RUNNER_LOCK = 2293787760715711918

#: Other databases of the cluster may have their runners.
ADVISORY_LOCKS = (
    "FROM pg_locks WHERE locktype = 'advisory' AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())"
)

UNFINISHED = "state NOT IN ('done', 'failed', 'cancelled')"

#: A scheduler of another machine: calls what the scheduled job calls, in a process of its own.
SCHEDULER = """
import sys
import odoo.tools
from odoo import SUPERUSER_ID, api
odoo.tools.config.parse_config(["-d", sys.argv[1], "--addons-path", sys.argv[2], "--no-http"])
from odoo.modules.registry import Registry
with Registry(sys.argv[1]).cursor() as cr:
    api.Environment(cr, SUPERUSER_ID, {})["member.mail.account"]._cron_fetch()
"""


@pytest.fixture(scope="module")
def addons_path(pytestconfig):
    assert (QUEUE_ADDONS / "queue_job").is_dir(), "queue_job is missing: run dev/setup test"
    return f"{pytestconfig.getoption('--odoo-addons-path')},{QUEUE_ADDONS}"


@pytest.fixture(scope="module")
def database(addons_path):
    """The name of a scratch database in which queue_job was installed, and with it the glue."""
    with own.database("queue") as name:
        assert modules(name) == {}, "the addon alone brings in neither queue_job nor the glue"
        LOG.unlink(missing_ok=True)
        command = [
            ROOT / "dev/odoo", "-d", name, f"--addons-path={addons_path}", "-i", "queue_job",
            f"--test-tags=/{GLUE}", "--stop-after-init", f"--http-port={own.port()}",
        ]  # fmt: skip
        run(command, LOG)
        assert modules(name) == {"queue_job": "installed", GLUE: "installed"}
        yield name


@pytest.fixture(scope="module")
def server(database, addons_path, dovecot):
    """An Odoo with several worker processes and a running job runner."""
    port = own.port()
    options = [
        f"--addons-path={addons_path}", "--load=web,queue_job", "--workers=3",
        "--max-cron-threads=0", f"--gevent-port={own.port(beside=port)}",
    ]  # fmt: skip
    channels = {"ODOO_QUEUE_JOB_CHANNELS": "root:2,root.member_mail:2"}
    with OdooServer(database, port, LOG, *options, environment=channels) as odoo:
        yield odoo


@pytest.fixture(scope="module")
def site(server, database):
    """The Site of the server; its jobs are retried after a second."""
    with contextlib.closing(Site(database, server.url)) as place:
        place.call(
            "ir.config_parameter", "set_param", "crm_member_mail.allow_private_hosts", "True"
        )
        scan = place.call("queue.job.function", "search", [("method", "=", "_scan_job")])
        place.call("queue.job.function", "write", scan, {"edit_retry_pattern": "{0: 1}"})
        # It starts some seconds after the server.
        place.wait_until(f"SELECT count(*) {ADVISORY_LOCKS} AND granted AND"
                         f" (classid::bigint << 32) | objid::bigint = {RUNNER_LOCK}",
                         "job runner", tick=0.1)  # fmt: skip
        yield place


@pytest.fixture
def queue(site):
    """The Site; its accounts are archived after the test."""
    yield site
    site.await_jobs()
    site.sql("UPDATE member_mail_account SET active = false")


@pytest.fixture
def make_account(queue, dovecot, request):
    """A function that registers a fresh mailbox; returns the Mailbox and the account's id."""

    def make(**values):
        user = f"queue{len(dovecot.users)}@club.example"
        dovecot.add_user(user, PASSWORD)
        defaults = {
            "name": "The Club", "email": user, "imap_host": "localhost",
            "imap_port": dovecot.tls_port, "imap_encryption": "ssl", "imap_password": PASSWORD,
        }  # fmt: skip
        account = queue.call("member.mail.account", "create", defaults | values)
        return Mailbox(dovecot, user), account

    queue.call("res.partner", "create", {"name": "Ana", "email": sender_of(request)})
    return make


def sender_of(request):
    return f"{request.node.name}@members.example"


@pytest.fixture
def sender(request):
    """The address of a contact."""
    return sender_of(request)


class Site:
    """An Odoo seen from outside: called by XML-RPC as an administrator, its tables read by SQL."""

    def __init__(self, database, url):
        self.database, self.url = database, url
        self.connection = psycopg2.connect(dbname=database)
        self.connection.autocommit = True
        self.sql("LISTEN queue_job")  # queue_job notifies its runner of each change of a job
        self.uid = self._proxy("common").authenticate(database, "admin", "admin", {})

    def close(self):
        self.connection.close()

    def call(self, model, method, *arguments):
        proxy = self._proxy("object")
        return proxy.execute_kw(self.database, self.uid, "admin", model, method, arguments)

    def _proxy(self, service):
        return xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc/2/{service}", allow_none=True)

    def sql(self, query, *parameters):
        """The rows of a query."""
        with self.connection.cursor() as cr:
            cr.execute(query, parameters)
            return cr.fetchall() if cr.description else []

    def run_scheduled_job(self):
        """Run the scheduled job in one of the server's processes; returns when it has ended."""
        cron = self.call("ir.model.data", "check_object_reference", "crm_member_mail",
                         "ir_cron_fetch")[1]  # fmt: skip
        self.call("ir.cron", "method_direct_trigger", [cron])

    def jobs(self, account, columns="state"):
        """One column of an account's jobs, or several as tuples, oldest job first."""
        rows = self.sql(
            f"SELECT {columns} FROM queue_job WHERE identity_key = %s ORDER BY id",
            f"member.mail.account.scan:{account}",
        )
        return rows if "," in columns else [value for (value,) in rows]

    def wait_until(self, query, what, tick=None):
        """Wait until the first column of a query is true; it is asked after each change of a job.

        :param float tick: ask also that often, for what is no change of a job
        """
        end = time.monotonic() + at_most(DEADLINE)
        while not self.sql(query)[0][0]:
            left = end - time.monotonic()
            assert left > 0, f"no {what} in time; see {LOG}: {self.sql(STATES)}"
            self.connection.poll()
            if not self.connection.notifies:  # something may have changed while we asked
                select.select([self.connection], [], [], tick or left)
                self.connection.poll()
            self.connection.notifies.clear()

    def await_jobs(self):
        """Wait until no job waits or runs."""
        self.wait_until(f"SELECT count(*) = 0 FROM queue_job WHERE {UNFINISHED}", "end of all jobs")

    def subjects(self, account):
        """The subjects of the mail filed from an account, sorted, with duplicates."""
        rows = self.sql(
            "SELECT m.subject FROM member_mail_message m"
            " JOIN member_mail_location l ON l.message_id = m.id"
            " JOIN member_mail_folder f ON f.id = l.folder_id"
            " WHERE f.account_id = %s ORDER BY m.subject",
            account,
        )
        return [subject for (subject,) in rows]

    @contextlib.contextmanager
    def lock(self, name, number):
        """Hold one of the addon's advisory locks, like another process."""
        with contextlib.closing(psycopg2.connect(dbname=self.database)) as connection:
            with connection.cursor() as cr:
                cr.execute("SELECT pg_advisory_lock(hashtext(%s), %s)", (name, number))
            connection.commit()
            yield

    def read_by_somebody_else(self, account):
        """While this context lasts another process seems to read the account's mailbox."""
        return self.lock("member.mail.account", account)


STATES = "SELECT name, state, retry, eta, result, exc_name FROM queue_job ORDER BY id"


def modules(database):
    """The states of the modules for jobs that are installed: dict by name."""
    with contextlib.closing(psycopg2.connect(dbname=database)) as connection:
        cr = connection.cursor()
        cr.execute("SELECT name, state FROM ir_module_module"
                   " WHERE name LIKE %s AND state <> 'uninstalled'", ("%queue_job%",))  # fmt: skip
        return dict(cr.fetchall())


def test_the_glues_own_tests_pass(database):
    summary = re.search(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", LOG.read_text())
    assert summary, f"no test ran; see {LOG}"
    failed, errors, count = map(int, summary.groups())
    assert (failed, errors) == (0, 0), f"see {LOG}"
    assert count > 0


def test_the_template_of_translations_is_what_odoo_exports(database, addons_path):
    command = [
        ROOT / "dev/odoo", "i18n", "export", "-d", database, "-o", "-", GLUE,
    ]  # fmt: skip
    exported = run(command, LOG, environment={"ODOO_ADDONS": str(QUEUE_ADDONS)})
    template = polib.pofile(str(template_path(GLUE)), encoding="utf-8")
    assert str(template_of(GLUE, exported)) == str(template), "run `make i18n`"


def test_each_mailbox_is_read_by_a_job_of_its_own(queue, make_account, sender):
    (one, first), (two, second) = make_account(), make_account()
    _nobody, dead = make_account(imap_port=own.port())
    one.append("INBOX", email(sender=sender, subject="To one"))
    one.append("INBOX", email(sender="stranger@else.example", subject="Not for us"))
    two.append("INBOX", email(sender=sender, subject="To two"))
    two.append("Sent", email(sender=two.user, to=sender, subject="From two"))

    queue.run_scheduled_job()
    queue.await_jobs()

    for mailbox, account in ((one, first), (two, second)):
        assert queue.jobs(account, "name, state, channel") == [
            (f"Scan {mailbox.user}", "done", "root.member_mail")
        ]
    # A server that is away is the account's trouble, which pauses; its job is done all the same.
    [(state, result)] = queue.jobs(dead, "state, result")
    [account] = queue.call("member.mail.account", "read", [dead], ["state", "error_message"])
    assert (state, account["state"]) == ("done", "error")
    assert result == account["error_message"]

    queue.run_scheduled_job()
    queue.await_jobs()

    assert queue.jobs(first) == queue.jobs(second) == ["done", "done"]
    assert queue.jobs(dead) == ["done"]
    assert queue.subjects(first) == ["To one"]
    assert queue.subjects(second) == ["From two", "To two"]


def test_a_busy_mailbox_waits_for_its_turn_in_one_job(queue, make_account, sender):
    mailbox, account = make_account()
    mailbox.append("INBOX", email(sender=sender, subject="Patience"))
    with queue.read_by_somebody_else(account):
        queue.run_scheduled_job()
        queue.wait_until(
            "SELECT count(*) FROM queue_job WHERE state = 'pending' AND eta IS NOT NULL"
            " AND result LIKE '%%already being scanned%%'",
            "postponed job",
        )
        queue.run_scheduled_job()
        assert len(queue.jobs(account)) == 1
        assert queue.subjects(account) == []

    queue.await_jobs()

    # The tries that found it busy don't count.
    assert queue.jobs(account, "state, retry") == [("done", 1)]
    assert queue.subjects(account) == ["Patience"]


def test_two_schedulers_at_once_queue_each_job_once(queue, make_account, sender, addons_path):
    # Both tell of jobs that stand still, too.
    queue.sql("UPDATE ir_cron SET nextcall = now() - interval '2 days'")
    (one, first), (two, second) = make_account(), make_account()
    for mailbox in (one, two):
        mailbox.append("INBOX", email(sender=sender, subject="Once"))
    command = [sys.executable, "-c", SCHEDULER, queue.database, addons_path]
    with (
        queue.read_by_somebody_else(first),  # so that no job ends before the second one could start
        queue.read_by_somebody_else(second),
        contextlib.ExitStack() as schedulers,
    ):
        with queue.lock("member.mail.account.dispatch", 0), LOG.open("ab") as log:
            processes = [
                schedulers.enter_context(subprocess.Popen(command, stderr=log)) for _ in range(2)
            ]
            queue.wait_until(f"SELECT count(*) = 2 {ADVISORY_LOCKS} AND NOT granted",
                             "two schedulers that wait", tick=0.1)  # fmt: skip
        assert [process.wait(at_most(DEADLINE)) for process in processes] == [0, 0]
        assert len(queue.jobs(first)) == len(queue.jobs(second)) == 1

    queue.await_jobs()

    assert queue.subjects(first) == queue.subjects(second) == ["Once"]


def test_a_job_without_time_hands_over_to_the_next(queue, make_account, sender):
    mailbox, account = make_account()
    queue.run_scheduled_job()
    queue.await_jobs()
    others = [email(sender="stranger@else.example", subject=f"{n}") for n in range(1100)]
    mine = [email(sender=sender, subject=subject) for subject in ("First", "Last")]
    mailbox.server.append_many(mailbox.user, "INBOX", [mine[0], *others, mine[1]])
    with seconds_per_job(queue, "0"):
        queue.run_scheduled_job()
        queue.await_jobs()

    results = queue.jobs(account, "result")
    assert len(results) >= 3
    assert set(results[1:-1]) == {"There are more emails. The next job continues."}
    assert results[-1] == "The scan is complete."
    assert queue.subjects(account) == ["First", "Last"]


def test_a_job_whose_process_is_killed_is_done_by_another(queue, make_account, sender):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mailbox, account = make_account(imap_port=silent.getsockname()[1])
        mailbox.append("INBOX", email(sender=sender, subject="Alive"))
        queue.run_scheduled_job()
        silent.settimeout(at_most(DEADLINE))
        connection, _address = silent.accept()  # so now it waits for a greeting
        with connection:
            [(state, process)] = queue.jobs(account, "state, worker_pid")
            assert state == "started"
            os.kill(process, signal.SIGKILL)
    queue.sql(
        "UPDATE member_mail_account SET imap_port = %s WHERE id = %s",
        mailbox.server.tls_port, account,
    )  # fmt: skip
    # PostgreSQL notices a moment later, and the runner takes no job for dead that was handed out a
    # few seconds ago.
    queue.sql("SELECT FROM queue_job_lock FOR NO KEY UPDATE")
    queue.sql("UPDATE queue_job SET date_enqueued = date_enqueued - interval '1 minute'"
              f" WHERE {UNFINISHED}")  # fmt: skip

    queue.await_jobs()

    assert queue.jobs(account) == ["done"]
    assert queue.subjects(account) == ["Alive"]


def test_what_nobody_expected_fails_the_job_and_not_the_next(queue, make_account, sender):
    mailbox, account = make_account()
    mailbox.append("INBOX", email(sender=sender, subject="Late"))
    with seconds_per_job(queue, "a while"):
        queue.run_scheduled_job()
        queue.await_jobs()
    assert queue.jobs(account, "state, exc_name") == [("failed", "ValueError")]

    queue.run_scheduled_job()
    queue.await_jobs()

    assert queue.jobs(account) == ["failed", "done"]
    assert queue.subjects(account) == ["Late"]


@contextlib.contextmanager
def seconds_per_job(queue, seconds):
    """Let each job read for so long."""
    key = "crm_member_mail_queue_job.seconds"
    queue.call("ir.config_parameter", "set_param", key, seconds)
    try:
        yield
    finally:
        queue.call("ir.config_parameter", "set_param", key, False)
