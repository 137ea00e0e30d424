"""Accounts side by side: reader threads that run the engine only, and one writer."""

import threading
from collections import Counter

import pytest

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.models.scan import concurrent_scan
from odoo.addons.crm_member_mail.workers.transactions import Desk

from ..engine.fake_server import FakeServer
from ..mail import email
from .test_scan import filed, run_job

#: Seconds after which a test gives up; nothing here takes that long.
LONG = 30


@pytest.fixture
def ended(monkeypatch, env):
    """The accounts whose scan has ended, in order, and an event that is set after the first."""
    accounts = type(env["member.mail.account"])
    end_scan = accounts._end_scan
    order, first = [], threading.Event()

    def watch(self, desk, outcome):
        result = end_scan(self, desk, outcome)
        order.append((self.name, result))
        first.set()
        return result

    monkeypatch.setattr(accounts, "_end_scan", watch)
    return order, first


def test_a_server_that_says_nothing_holds_up_nobody(env, mailbox, contact, make_account, ended):
    order, first = ended
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example"))

    def silent(_connection):
        first.wait(LONG)

    with FakeServer(silent) as server:
        for number in range(3):
            make_account(
                name=f"Silent {number}", imap_port=server.port, imap_encryption="none",
                last_sync="2020-01-01",
            )  # fmt: skip
        make_account(name="Live", last_sync="2026-01-01")
        run_job(env)

    assert order[0] == ("Live", "done")
    assert sorted(order[1:]) == [(f"Silent {number}", "error") for number in range(3)]
    assert len(filed(env)) == 1


def test_readers_never_meet_the_database(env, mailbox, account, contact, monkeypatch):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example"))
    transact, visit = Desk._transact, concurrent_scan.visit
    writers, readers = set(), set()

    def watch_writer(self, action):
        writers.add(threading.current_thread())
        return transact(self, action)

    def watch_reader(*args):
        readers.add(threading.current_thread())
        return visit(*args)

    monkeypatch.setattr(Desk, "_transact", watch_writer)
    monkeypatch.setattr(concurrent_scan, "visit", watch_reader)
    run_job(env)

    assert writers == {threading.current_thread()}
    assert readers.isdisjoint(writers) and len(readers) == 1
    assert len(filed(env)) == 1


@pytest.mark.parametrize(
    ("readers", "per_host", "together"), [(4, 2, 2), (3, 10, 3), (1, 10, 1), (10, 1, 1)]
)
def test_so_many_at_once(env, make_account, monkeypatch, readers, per_host, together):
    """Six accounts of one host: as many as may be read together are, and never more."""
    barrier = threading.Barrier(together)
    mutex, current, most = threading.Lock(), 0, 0

    def visit(_settings, _desk, _limits, _kept):
        nonlocal current, most
        with mutex:
            current += 1
            most = max(most, current)
        barrier.wait(LONG)
        with mutex:
            current -= 1
        barrier.wait(LONG)
        return True

    monkeypatch.setattr(concurrent_scan, "visit", visit)
    for name, value in (("readers", readers), ("connections_per_host", per_host)):
        env["ir.config_parameter"].set_param(f"crm_member_mail.{name}", value)
    for number in range(6):
        make_account(name=f"Account {number}")
    run_job(env)
    for name in ("readers", "connections_per_host"):
        env["ir.config_parameter"].set_param(f"crm_member_mail.{name}", False)
    env.cr.commit()

    assert most == together
    assert set(env["member.mail.account"].search([]).mapped("state")) == {"connected"}


def test_refused_because_of_our_own_connections(env, make_account, monkeypatch):
    """A server that takes two connections: the others wait for their turn, in the same run."""
    mutex, inside, refused, full = threading.Lock(), 0, 0, threading.Event()

    def visit(_settings, _desk, _limits, _kept):
        nonlocal inside, refused
        with mutex:
            if inside == 2:
                refused += 1
                if refused == 4:
                    full.set()
                raise MailboxError("too_many_connections")
            inside += 1
        assert full.wait(LONG)
        with mutex:
            inside -= 1
        return True

    monkeypatch.setattr(concurrent_scan, "visit", visit)
    for number in range(6):
        make_account(name=f"Account {number}")
    run_job(env)

    accounts = env["member.mail.account"].search([])
    assert set(accounts.mapped("state")) == {"connected"} and not any(
        accounts.mapped("error_count")
    )
    assert refused == 4  # none of them came again before there was room


@pytest.mark.parametrize("code", ["connection_lost", "unavailable", "too_many_connections"])
def test_refused_in_unclear_words(env, make_account, monkeypatch, code):
    """It may be our other connection, so it is tried once more when that has ended; then it counts."""
    signed_in, judged, tries = threading.Event(), threading.Event(), Counter()
    is_crowded = concurrent_scan.ConcurrentScan._is_crowded

    def visit(_settings, desk, _limits, _kept):
        name = names[desk._desk.account.id]  # a reader never touches a record's fields
        tries[name] += 1
        if name == "First":
            desk.known_folders()
            signed_in.set()
            assert judged.wait(LONG)
            return True
        assert signed_in.wait(LONG)
        raise MailboxError(code)

    def judge(self, *arguments):
        answer = is_crowded(self, *arguments)
        judged.set()
        return answer

    monkeypatch.setattr(concurrent_scan, "visit", visit)
    monkeypatch.setattr(concurrent_scan.ConcurrentScan, "_is_crowded", judge)
    first, second = make_account(name="First"), make_account(name="Second")
    names = {first.id: "First", second.id: "Second"}
    run_job(env)

    assert tries == {"First": 1, "Second": 2}
    assert second.state == "error" and second.error_code == code and second.error_count == 1


@pytest.mark.parametrize("code", ["too_many_connections", "connection_lost"])
def test_refused_though_we_have_no_other_connection(env, make_account, monkeypatch, code):
    tries = []

    def visit(_settings, desk, _limits, _kept):
        tries.append(desk._desk.account.id)
        raise MailboxError(code)

    monkeypatch.setattr(concurrent_scan, "visit", visit)
    account = make_account()
    run_job(env)

    assert account.error_code == code and tries == [account.id]


def test_an_error_of_ours_costs_its_account_only(
    env, mailbox, contact, make_account, monkeypatch, ended
):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example"))
    make_account(name="Live")
    broken = make_account(name="Broken")
    visit = concurrent_scan.visit

    def stumble(settings, desk, limits, kept):
        if desk._desk.account.id == broken.id:
            raise ZeroDivisionError
        return visit(settings, desk, limits, kept)

    monkeypatch.setattr(concurrent_scan, "visit", stumble)
    run_job(env)

    assert sorted(ended[0]) == [("Broken", "error"), ("Live", "done")]
    assert "ZeroDivisionError" in broken.error_details and broken.next_sync
    assert len(filed(env)) == 1


def test_a_writer_that_fails_turns_its_readers_away(env, make_account, monkeypatch):
    """If PostgreSQL goes away, no reader waits forever for an answer."""
    asked, turned_away = threading.Event(), []

    def visit(_settings, desk, _limits, _kept):
        if not asked.is_set():
            asked.set()
            raise MailboxError("timeout")
        try:
            while True:
                desk.missing("nowhere")
        except BaseException as error:
            turned_away.append(type(error).__name__)
            done.set()
            raise

    done = threading.Event()
    monkeypatch.setattr(concurrent_scan, "visit", visit)
    accounts = make_account(name="One") | make_account(name="Two")
    monkeypatch.setattr(
        type(accounts), "_end_scan", lambda *_args: (_ for _ in ()).throw(OSError("gone"))
    )
    with pytest.raises(OSError, match="gone"):
        accounts._scan_all(LONG)
    assert done.wait(LONG)
    assert turned_away == ["Stopped"]
