"""What a listener makes of much news: few scans; the clock is the test's. And how many log-ins."""

from functools import partial
from types import SimpleNamespace

import pytest

from odoo import sql_db

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.mailbox.watched import Arrival, News
from odoo.addons.crm_member_mail.workers.listening import keeper as keeper_module
from odoo.addons.crm_member_mail.workers.listening import program, statements
from odoo.addons.crm_member_mail.workers.listening.keeper import PAUSE, Keeper
from odoo.addons.crm_member_mail.workers.listening.shards import FILED


class Database:
    """Notes which mailboxes are woken.

    :ivar trouble: the mailboxes that are in trouble
    :ivar forgotten: those of which what the board says is forgotten
    """

    def __init__(self):
        self.woken, self.revived, self.trouble, self.forgotten = [], [], set(), []

    def execute(self, statement, values=None):
        if statement == statements.WAKE:
            self.woken += values["ids"]
        elif statement == statements.REVIVE:
            self.found = self.trouble.intersection(values["ids"])
            self.revived += self.found
        elif statement == statements.UNNOTE:
            self.forgotten.append(values["id"])

    def fetchall(self):
        return [(id_,) for id_ in self.found]


@pytest.fixture
def keeper(monkeypatch):
    """A Keeper of the mailboxes 1 and 2, which is not running."""
    monkeypatch.setattr(keeper_module, "Clerk", lambda *_args: None)
    keeper = Keeper("none", {}, {}, [], {"path": "/nowhere"})
    monkeypatch.setattr(keeper, "_watcher", SimpleNamespace(drop=lambda _key: None))
    keeper._cr = Database()
    keeper._ours = {1, 2}
    monkeypatch.setattr(keeper, "_notify_jobs", lambda: None)
    yield keeper
    for end in (keeper._bell, keeper._ringer):
        end.close()


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(keeper_module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def said(monkeypatch):
    """What the listener writes to its log: a list that grows."""
    lines = []
    monkeypatch.setattr(
        keeper_module._logger, "info", lambda text, *args: lines.append(text % args)
    )
    return lines


def pass_on(keeper, clock, news, seconds):
    """So many News of a mailbox, within so many seconds."""
    for _number in range(news):
        keeper._take(News(1))
        keeper._wake(clock.now)
        clock.now += seconds / news


def test_a_flood_of_strangers_mail_wakes_a_scan_each_five_seconds(keeper, clock):
    pass_on(keeper, clock, 10_000, 60)
    assert PAUSE == 5
    assert len(keeper._cr.woken) == 12
    # What came last is read, too.
    assert keeper._idle_seconds(clock.now) <= PAUSE
    clock.now += PAUSE
    keeper._wake(clock.now)
    assert len(keeper._cr.woken) == 13
    clock.now += 3600
    keeper._wake(clock.now)
    assert len(keeper._cr.woken) == 13


def test_a_flood_in_one_mailbox_keeps_no_other_one_waiting(keeper, clock):
    pass_on(keeper, clock, 100, 1)
    keeper._take(News(2))
    keeper._wake(clock.now)
    assert keeper._cr.woken == [1, 2]


def test_what_follows_a_filed_email_is_no_flood(keeper, clock):
    pass_on(keeper, clock, 2, 1)
    assert keeper._cr.woken == [1]
    keeper._hear_of_changes(f"{FILED}1")
    keeper._wake(clock.now)
    assert keeper._cr.woken == [1, 1]


LIVE = Arrival(1, is_live=True)
AWAY = Arrival(1, is_live=False, error=MailboxError("refused"))


def revive(keeper, *events):
    """Take these events, and do what is due: those that are revived."""
    for event in events:
        keeper._hear_of_changes(event) if isinstance(event, str) else keeper._take(event)
    keeper._cr.revived.clear()
    if keeper._doubted:
        keeper._revive()
    return keeper._cr.revived


def test_a_mailbox_in_trouble_is_scanned_as_soon_as_its_server_is_back(keeper):
    keeper._cr.trouble = {1, 2}
    assert revive(keeper, AWAY) == []
    assert revive(keeper, LIVE) == [1]
    # It fails again: now it has its pause, as long as this connection lasts.
    assert revive(keeper, "1") == []
    assert revive(keeper, AWAY, LIVE) == [1]


def test_trouble_that_is_noted_after_the_server_is_back(keeper):
    """A scan that met the server while it was away may end after somebody else has reached it."""
    assert revive(keeper, AWAY, LIVE) == []
    keeper._cr.trouble = {1}
    assert revive(keeper, "1") == [1]
    assert revive(keeper, "1") == []


def test_where_the_server_is_asked_its_answer_counts_too(keeper):
    keeper._cr.trouble = {1}
    assert revive(keeper, Arrival(1, is_live=False, poll=90.0)) == [1]


def test_one_that_is_forgotten_is_revived_no_more(keeper):
    keeper._cr.trouble = {1}
    keeper._take(LIVE)
    keeper._forget(1)
    assert revive(keeper) == []


def test_the_board_forgets_one_that_is_no_longer_watched(keeper):
    """Or it would say live when the account comes back, long before anybody listens."""
    keeper._shards = {1}
    keeper._forget(1)
    keeper._forget(1)
    keeper._forget(2)  # its shard is another listener's by now, which may have noted something
    assert keeper._cr.forgotten == [1]


def test_only_what_was_watched_is_watched_no_longer(keeper, said):
    keeper._take(LIVE)
    keeper._forget(1)
    keeper._forget(2)  # as an account that was never tested
    assert said == ["Database none: account 1: no longer watched"]


def test_the_log_says_of_which_database_an_account_is(keeper, said):
    keeper._take(LIVE)
    keeper._take(Arrival(2, is_live=False, error=MailboxError("refused")))
    keeper._note(0.0)
    assert said == [
        "Database none: account 1: live",
        "Database none: account 2: not live (refused)",
    ]


def test_a_database_without_the_addon_is_named_once(keeper, monkeypatch):
    said = []
    monkeypatch.setattr(keeper_module._logger, "info", lambda text, *args: said.append(args))
    keeper._say_not_here()
    keeper._say_not_here()
    assert said == [("none",)]


def test_a_server_that_is_reloaded_leaves_no_listener_behind(monkeypatch):
    """It starts again under its own number, so that a listener would not notice."""
    done = []

    class Server:
        def process_spawn(self):
            done.append("spawned")

        def fork_and_reload(self):
            done.append("reloaded")

    process = SimpleNamespace(poll=lambda: None, terminate=lambda: done.append("terminated"))
    monkeypatch.setattr(program.subprocess, "Popen", lambda _command: process)
    program._beside_workers(Server)
    server = Server()
    server.process_spawn()
    server.fork_and_reload()
    assert done == ["spawned", "terminated", "reloaded"]


def test_listeners_sign_in_as_seldom_as_leaves_the_others_room(scratch_db):
    """A server hears of all of them together, and of all databases of a process."""
    connection = sql_db.connection_info_for(scratch_db)[1]
    parts = {}
    keepers = []
    for number in range(2):
        keeper = Keeper(scratch_db, connection, {}, [], {"path": "/nowhere"}, databases=2)
        keeper._watcher.share = partial(parts.__setitem__, number)
        keepers.append(keeper)
        keeper._connect()
        keeper._balance()
        if not number:
            assert parts == {0: 1 / 2}
    for keeper in keepers:
        keeper._balance()
    assert parts == {0: 1 / 4, 1: 1 / 4}
    for keeper in keepers:
        keeper._disconnect()
