"""Servers that are restarted in the middle of a scan: what is filed in the end is exact."""

import pytest

from ..conftest import PASSWORD
from ..faults.bench import Bench
from ..faults.cluster import PrivateCluster
from ..faults.letters import KINDS, correspondence, deliver
from ..faults.proxy import FaultProxy
from ..faults.quiet import make_contacts
from ..faults.scanner import Scanner

STEPS = ["login", "open", "search", "both", "bodies", "logout"]


@pytest.fixture(scope="module")
def proxy(dovecot):
    with FaultProxy(dovecot.port) as proxy:
        yield proxy


@pytest.fixture
def bench(env, proxy, dovecot, make_account):
    make_contacts(env)
    yield Bench(env, proxy, dovecot, make_account)
    proxy.calm()


@pytest.mark.parametrize("step", ["login", "headers", "bodies"])
@pytest.mark.parametrize("kill", [False, True], ids=["restart", "kill"])
def test_dovecot_is_restarted_in_mid_scan(bench, dovecot, step, kill):
    bench.deliver(KINDS)

    def restart(exchange):
        if kill:
            dovecot.kill()
            dovecot.start()
        else:
            dovecot.restart()
        exchange.send(exchange.ask().data)

    bench.spoiled_scan(restart, step, timeout=10)
    bench.deliver(6)
    bench.scan_quietly()
    bench.check()


def test_dovecot_is_down_for_a_while(bench, dovecot):
    bench.deliver(KINDS)
    dovecot.stop()
    try:
        assert [bench.account._scan() for _number in range(3)] == ["error"] * 3
        assert bench.account.error_count == 3
        assert bench.account.next_sync and not bench.account.stopped
    finally:
        dovecot.start()
    bench.deliver(6)
    bench.scan_quietly()
    bench.check()


@pytest.fixture(scope="module")
def cluster(scratch_db):
    with PrivateCluster(scratch_db) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def scanner(cluster, pytestconfig, tmp_path_factory):
    """An Odoo process whose database is in a cluster of its own."""
    options = ["--db_host", str(cluster.host), "--data-dir", str(tmp_path_factory.mktemp("data"))]
    addons_path = pytestconfig.getoption("--odoo-addons-path")
    with Scanner(cluster.database, addons_path, *options) as scanner:
        yield scanner


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_is_restarted_in_mid_scan(mailbox, proxy, cluster, scanner, step, mode):
    """The same Odoo process goes on afterwards."""
    module = "tests.faults.elsewhere"
    account = int(scanner.run("call", module, "prepare", mailbox.user, PASSWORD, proxy.port))
    batches = [(KINDS, account * 1000), (6, account * 1000 + 500)]
    deliver(mailbox, correspondence(mailbox.user, *batches[0]))

    def restart(exchange):
        cluster.restart(mode)
        exchange.send(exchange.ask().data)

    strike = proxy.strike(step, restart)
    result = scanner.run("here", account)
    proxy.calm()
    assert strike.struck.is_set(), result
    deliver(mailbox, correspondence(mailbox.user, *batches[1]))

    checked = scanner.run("call", module, "scan_and_check", account, mailbox.user, batches)
    assert checked == "null", f"after {result}: {checked}"
