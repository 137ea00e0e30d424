"""A PostgreSQL of our own whose disk is full, and that is restarted while emails are sent."""

import json
import subprocess

import pytest

from dev.servers.faulty_smtp import FaultySmtp

from ..conftest import PASSWORD
from ..faults.cluster import PrivateCluster
from ..faults.letters import KINDS, correspondence, deliver
from ..faults.proxy import FaultProxy
from ..faults.scanner import Scanner
from .small_disk import fill_up, small_disk

HERE, THERE = "tests.faults.database", "tests.faults.elsewhere"


@pytest.fixture(scope="module")
def cluster(scratch_db):
    with PrivateCluster(scratch_db) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def scanner(cluster, pytestconfig, tmp_path_factory):
    """An Odoo process whose database is in that cluster."""
    folder = tmp_path_factory.mktemp("data")
    log = folder / "log"
    options = [
        "--db_host", str(cluster.host), "--data-dir", str(folder), "--logfile", str(log),
        "--log-level", "warn",
    ]  # fmt: skip
    addons_path = pytestconfig.getoption("--odoo-addons-path")
    with Scanner(cluster.database, addons_path, *options) as scanner:
        scanner.log = log
        yield scanner


@pytest.fixture
def smtp(dovecot, mailbox):
    with FaultySmtp({mailbox.user: PASSWORD}, dovecot.root) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(dovecot):
    with FaultProxy(dovecot.port) as proxy:
        yield proxy


def call(scanner, function, *arguments, module=HERE):
    """What a function returns that is called in the process."""
    answer = scanner.run("call", module, function, *arguments)
    return json.loads(answer)


def sql(cluster, statement):
    command = [cluster._bin / "psql", "-h", cluster.host, "-U", "odoo", "-d", cluster.database]
    subprocess.run([*command, "-q", "-c", statement], check=True)


def test_the_disk_of_the_database_is_full(mailbox, proxy, cluster, scanner):
    """That of the messages: what goes to other tables could be stored."""
    account = call(scanner, "prepare", mailbox.user, PASSWORD, proxy.port, module=THERE)
    batches = [(KINDS, account * 1000)]
    deliver(mailbox, correspondence(mailbox.user, *batches[0]))
    disk = cluster._home / "disk"
    cluster._run_command("mkdir", disk)
    with small_disk(disk, 4096):
        try:
            cluster._run_command("mkdir", "-m", "700", disk / "space")
            sql(cluster, f"CREATE TABLESPACE small LOCATION '{disk}/space'")
            call(scanner, "move_messages", "small")
            hog = fill_up(disk)
            said = []
            for _number in range(4):
                assert scanner.run("here", account) == "error"
                said.append(call(scanner, "account_says", account))
            code, words, failures, attempts, files = said[0]
            assert code == "database_full" and "disk of Odoo's database is full" in words
            assert not attempts and not files
            # No more rows than emails that were in flight, however often it is tried.
            assert said[1] == said[-1] and said[-1][2] <= KINDS
            hog.unlink()
            assert (
                call(scanner, "scan_and_check", account, mailbox.user, batches, module=THERE)
                is None
            )
        finally:
            call(scanner, "move_messages", "pg_default")
            sql(cluster, "DROP TABLESPACE small")


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_database_is_restarted_while_emails_are_sent(
    mailbox, proxy, cluster, scanner, smtp, mode, dovecot
):
    """What the server said is noted as soon as the database is back: nothing is sent twice, and nobody
    is asked whether it was."""
    ports = dovecot.port, smtp.tls_port
    account = call(scanner, "prepare_sender", mailbox.user, PASSWORD, *ports, 3)

    came = []

    def restart(sender):
        came.append(sender)
        if len(came) == 2:
            cluster.restart(mode)

    smtp.strike("content", restart)
    scanner.run("call", "tests.faults.sending", "send")
    assert len(came) >= 2, call(scanner, "states", account)
    smtp.calm()
    for _number in range(3):
        call(scanner, "make_due")
        scanner.run("call", "tests.faults.sending", "send")
    assert [state for state, _reason in call(scanner, "states", account)] == ["sent"] * 3
    assert len(smtp.messages) == 3
