"""Many mailboxes at once: real sockets, servers that play a script."""

import base64
import queue
import socket
import threading
import time
from types import SimpleNamespace

import pytest

from crm_member_mail.mailbox import watcher as watcher_module
from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import watch
from crm_member_mail.mailbox.imap.watch import Seen
from crm_member_mail.mailbox.sign_in_queue import LOG_INS_A_SECOND, MOST_TO_A_HOST
from crm_member_mail.mailbox.types import ServerSettings
from crm_member_mail.mailbox.watched import Arrival, Needed, News, Order
from crm_member_mail.mailbox.watcher import Watcher

from ..patience import at_most
from .fake_server import Crowd, FakeServer, imap_server


class Owner:
    """Whom a Watcher tells."""

    def __init__(self):
        self.told = queue.SimpleQueue()
        self.watcher = Watcher(self.told.put)

    def wait(self, wanted, seconds=20):
        """What was told until this, and this: a type, or a function of what was told."""
        found, end = [], time.monotonic() + at_most(seconds)
        while True:
            try:
                event = self.told.get(timeout=max(end - time.monotonic(), 0))
            except queue.Empty:
                raise AssertionError(f"never told; told were {found}") from None
            found.append(event)
            if isinstance(event, wanted) if isinstance(wanted, type) else wanted(event):
                return found


@pytest.fixture
def owner(monkeypatch):
    # Pauses as they are in the product would make each test last a minute.
    monkeypatch.setattr(watcher_module, "HOST_PAUSES", (0.01, 0.05))
    monkeypatch.setattr(watcher_module, "MAILBOX_PAUSES", (0.01, 0.05))
    owner = Owner()
    owner.watcher.start()
    yield owner
    owner.watcher.stop()


def settings(port, **values):
    values = {"login": "a", "secret": "s", "allow_private": True, "timeout": 5.0, **values}
    return ServerSettings(host="localhost", port=port, encryption="none", **values)


def order(port, folders=None, **values):
    return Order(settings(port, **values), folders or {"INBOX": Seen(7, 4)})


def is_live(event):
    return isinstance(event, Arrival) and event.is_live


def failed(code):
    return lambda event: isinstance(event, Arrival) and event.error and event.error.code == code


def serve(scene, capabilities="IMAP4rev1 IDLE"):
    """A server on which each client IDLEs; then ``scene(connection, number)`` is played."""
    numbers = iter(range(1000))

    def play(connection):
        number = next(numbers)
        connection.say("* OK ready")
        while line := connection.hear():
            tag, name = line.split(" ")[:2]
            if name == "CAPABILITY":
                connection.say(f"* CAPABILITY {capabilities}")
            elif name == "EXAMINE":
                connection.say("* 3 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 4] .")
            elif name == "IDLE":
                connection.say("+ idling")
                return scene(connection, number)
            connection.say(f"{tag} OK done")
        return None

    return FakeServer(play)


def test_a_server_that_says_bye_is_asked_again(owner):
    def scene(connection, number):
        if number < 3:
            connection.say("* BYE ten minutes are over")
        else:
            connection.say("* 4 EXISTS")
            connection.stall()

    with serve(scene) as server:
        owner.watcher.put(1, order(server.port))
        told = owner.wait(News)
        assert [event for event in told if isinstance(event, News)] == [News(1)]
        assert len([event for event in told if is_live(event)]) == 4
        owner.watcher.drop(1)


def test_a_server_that_says_bye_each_ten_minutes_is_never_left_alone_for_long(owner, monkeypatch):
    """The pauses don't grow: what lasted for ten minutes was no failure."""
    monkeypatch.setattr(watcher_module, "MAILBOX_PAUSES", (0.01, 1000))
    passed = [0]
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed[0])
    monkeypatch.setattr(watcher_module, "time", clock)

    def scene(connection, number):
        if number < 20:
            passed[0] += 600
            connection.say("* BYE ten minutes are over")
        else:
            connection.say("* 4 EXISTS")
            connection.stall()

    with serve(scene) as server:
        owner.watcher.put(1, order(server.port))
        owner.wait(News)
        owner.watcher.drop(1)


def test_a_server_that_hangs_up_at_once_is_left_alone_for_longer_each_time(owner, monkeypatch):
    monkeypatch.setattr(watcher_module, "MAILBOX_PAUSES", (1, 900))
    pauses = []
    monkeypatch.setattr(watcher_module.Watcher, "_plan", lambda *args: plan(*args))

    def plan(watcher, line, seconds):
        pauses.append(seconds)
        if len(pauses) < 12:
            watcher._queue(line)
        else:
            owner.told.put("enough")

    with FakeServer(lambda connection: connection.say("* OK ready", "* BYE no")) as server:
        owner.watcher.put(1, order(server.port))
        owner.wait(lambda event: event == "enough")
        owner.watcher.drop(1)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_idle_that_is_offered_and_refused_is_told_of_as_it_is(owner):
    with imap_server({"IDLE": ["NO"]}, capabilities="IMAP4rev1 IDLE") as server:
        owner.watcher.put(1, order(server.port))
        told = owner.wait(lambda event: isinstance(event, Arrival) and event.poll)
        assert told == [Arrival(1, is_live=False, poll=90.0)]
        owner.watcher.drop(1)


@pytest.mark.parametrize("refusal", ["NO [LIMIT] too many connections", "BAD one is enough"])
def test_a_server_that_allows_one_connection_keeps_the_first(owner, monkeypatch, refusal):
    """The second one, for the Sent folder, is not tried again soon; the first one asks about it."""
    monkeypatch.setattr(watch, "PROBE", 0.3)
    monkeypatch.setattr(watch, "SHORT", 0.1)
    monkeypatch.setattr(watcher_module, "MAILBOX_PAUSES", (0.01, 900))
    log_ins, asked = [], []

    def play(connection):
        connection.say("* OK ready")
        while line := connection.hear():
            tag, name = line.split(" ")[:2]
            if name == "CAPABILITY":
                connection.say("* CAPABILITY IMAP4rev1 IDLE")
            elif name == "LOGIN":
                log_ins.append(tag)
                if len(log_ins) > 1:
                    connection.say(f"{tag} {refusal}")
                    return
            elif name == "EXAMINE":
                connection.say("* 3 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 4] .")
            elif name == "STATUS":
                asked.append(line)
                uidnext = 5 if len(log_ins) > 1 and len(asked) > 3 else 4
                connection.say(f"* STATUS Sent (UIDNEXT {uidnext} UIDVALIDITY 8)")
            elif name == "IDLE":
                connection.say("+ idling")
                connection.hear()
            connection.say(f"{tag} OK done")

    with Crowd(play) as server:
        folders = {"INBOX": Seen(7, 4), "Sent": Seen(8, 4)}
        owner.watcher.put(1, order(server.port, folders))
        told = owner.wait(News)
        owner.watcher.drop(1)
    assert len(log_ins) == 2
    assert not any(isinstance(event, Arrival) and event.error for event in told)


@pytest.mark.parametrize(("apart", "most"), [(True, 2), (False, 1)])
def test_as_many_connections_as_the_provider_bears(owner, monkeypatch, apart, most):
    now, found, asked, mutex = [0], [0], [], threading.Lock()
    monkeypatch.setattr(watch, "PROBE", 0.3)
    monkeypatch.setattr(watch, "SHORT", 0.1)

    def play(connection):
        with mutex:
            now[0] += 1
            found[0] = max(found[0], now[0])
        try:
            connection.say("* OK ready")
            while line := connection.hear():
                tag, name = line.split(" ")[:2]
                if name == "CAPABILITY":
                    connection.say("* CAPABILITY IMAP4rev1 IDLE")
                elif name == "EXAMINE":
                    connection.say("* 3 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 4] .")
                elif name == "STATUS":
                    # News come once all that may be there have had the time to come.
                    asked.append(line)
                    uidnext = 5 if found[0] >= most and len(asked) > 3 else 4
                    connection.say(f"* STATUS Sent (UIDNEXT {uidnext} UIDVALIDITY 8)")
                elif name == "IDLE":
                    connection.say("+ idling")
                    connection.hear()
                connection.say(f"{tag} OK done")
        finally:
            with mutex:
                now[0] -= 1

    with Crowd(play) as server:
        folders = {"INBOX": Seen(7, 4), "Sent": Seen(8, 4)}
        wanted = order(server.port, folders)
        wanted.apart = apart
        owner.watcher.put(1, wanted)
        owner.wait(News)
        owner.watcher.drop(1)
    assert found[0] == most


def test_news_that_come_with_the_end_are_told(owner):
    def scene(connection, number):
        if not number:
            connection.say("* 4 EXISTS", "* BYE bye")
        else:
            connection.stall()

    with serve(scene) as server:
        owner.watcher.put(1, order(server.port))
        owner.wait(News)
        owner.watcher.drop(1)


def test_a_flood_is_told_in_few_words_and_ends_nothing(owner):
    def scene(connection, _number):
        for start in range(4, 10_004, 100):
            connection.say(*(f"* {count} EXISTS" for count in range(start, start + 100)))
        connection.say("* 1 FETCH (FLAGS (\\Seen))")
        connection.stall()

    with serve(scene) as server:
        owner.watcher.put(1, order(server.port))
        told = owner.wait(News)
        owner.watcher.drop(1)
        while not owner.told.empty():
            told.append(owner.told.get())
        assert not any(isinstance(event, Arrival) and event.error for event in told)


def test_a_host_that_comes_back_is_found(owner):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        owner.watcher.put(1, order(taken.getsockname()[1]))
        owner.wait(failed("refused"))
        taken.listen()
        taken.settimeout(at_most(20))
        taken.accept()[0].close()
    owner.watcher.drop(1)


def test_a_refused_log_in_is_not_repeated_until_something_changes(owner):
    log_ins = []

    def refuse(arguments):
        log_ins.append(arguments)
        return ["NO [AUTHENTICATIONFAILED] wrong"] if '"s"' in arguments else ["OK"]

    answers = {"LOGIN": refuse, "IDLE": ["NO"]}
    with imap_server(answers) as server:
        owner.watcher.put(1, order(server.port))
        told = owner.wait(News)  # the scan finds out, and stops the account
        assert any(map(failed("auth_failed"), told))
        owner.watcher.put(1, order(server.port, secret="new"))
        owner.wait(lambda event: isinstance(event, Arrival) and event.poll)
        assert len(log_ins) == 2
        owner.watcher.drop(1)


def test_a_refused_token_is_asked_for_once(owner):
    answers = {"AUTHENTICATE": ["NO [AUTHENTICATIONFAILED] expired"]}
    with imap_server(answers, capabilities="IMAP4rev1 AUTH=XOAUTH2 SASL-IR") as server:
        token = order(server.port, auth_method="xoauth2", secret="user=a\1auth=Bearer x\1\1")
        owner.watcher.put(1, token)
        needed = owner.wait(Needed)[-1]
        assert needed.refused.secret == token.settings.secret
        owner.watcher.put(1, token)
        told = owner.wait(News)
        assert not any(isinstance(event, Needed) for event in told)
        owner.watcher.drop(1)


def test_settings_that_are_missing_end_no_connection(owner):
    """The sign-in service may be away for a moment while an account changes: its mailbox stays live."""
    down = MailboxError("unreachable")
    with serve(lambda connection, _number: connection.stall()) as server:
        owner.watcher.put(1, order(server.port))
        owner.wait(is_live)
        owner.watcher.fail(1, down)
        owner.watcher.fail(2, down)
        assert owner.wait(Arrival) == [Arrival(2, is_live=False, error=down)]
        owner.watcher.drop(1)


def test_a_server_that_refuses_notify_gets_a_second_connection(owner):
    idled, mutex = set(), threading.Lock()

    def play(connection):
        opened = None
        connection.say("* OK ready")
        while line := connection.hear():
            tag, name, *rest = line.split(" ")
            answer = "OK"
            if name == "CAPABILITY":
                connection.say("* CAPABILITY IMAP4rev1 IDLE NOTIFY")
            elif name == "NOTIFY":
                answer = "NO [BADEVENT]"
            elif name == "EXAMINE":
                opened = rest[0]
                connection.say("* 3 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 4] .")
            elif name == "STATUS":
                connection.say(f"* STATUS {rest[0]} (UIDNEXT 4 UIDVALIDITY 7)")
            elif name == "IDLE":
                connection.say("+ idling")
                with mutex:
                    idled.add(opened)
                    if len(idled) == 2:
                        connection.say("* 4 EXISTS")
                connection.stall()
                return
            connection.say(f"{tag} {answer} done")

    with Crowd(play) as server:
        owner.watcher.put(1, order(server.port, {"INBOX": Seen(7, 4), "Sent": Seen(7, 4)}))
        owner.wait(News)
        owner.watcher.drop(1)
    assert idled == {'"INBOX"', '"Sent"'}


def test_a_token_that_is_renewed_signs_in(owner):
    def play(connection):
        connection.say("* OK ready")
        while line := connection.hear():
            tag, name = line.split(" ")[:2]
            answer = "OK"
            if name == "CAPABILITY":
                connection.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2")
            elif name == "AUTHENTICATE":
                connection.say("+ ")
                if b"new" not in base64.b64decode(connection.hear()):
                    answer = "NO [AUTHENTICATIONFAILED]"
            connection.say(f"{tag} {answer} done")

    with FakeServer(play) as server:
        values = {"auth_method": "xoauth2", "secret": "user=a\1auth=Bearer old\1\1"}
        owner.watcher.put(1, order(server.port, **values))
        told = owner.wait(Needed)
        values["secret"] = values["secret"].replace("old", "new")
        owner.watcher.put(1, order(server.port, **values))
        told += owner.wait(lambda event: isinstance(event, Arrival) and event.poll)
        # Nobody was troubled.
        assert not any(isinstance(event, Arrival) and event.error for event in told)
        owner.watcher.drop(1)


def test_settings_that_there_are_not_are_a_problem_of_their_own(owner):
    with imap_server({}) as server:
        token = order(server.port, auth_method="xoauth2")
        token.made -= 1000
        owner.watcher.put(1, token)
        owner.wait(Needed)
        owner.watcher.fail(1, MailboxError("not_signed_in"))
        owner.wait(failed("not_signed_in"))
        owner.watcher.drop(1)


def test_many_mailboxes_of_a_host_do_not_come_at_once(owner, monkeypatch):
    """Nor does one that can't be reached keep all threads busy."""
    begun, now, most, mutex = [], set(), [0], threading.Lock()
    go_on = threading.Event()

    def open_session(settings, _seconds):
        with mutex:
            begun.append((settings.host, time.monotonic()))
            if settings.host == "busy":
                now.add(settings.login)
                most[0] = max(most[0], len(now))
        if settings.host == "dead":
            go_on.wait(at_most(20))
        with mutex:
            now.discard(settings.login)
        raise MailboxError("auth_failed", host=settings.host)

    monkeypatch.setattr(watcher_module, "ImapSession", SimpleNamespace(open=open_session))
    for number in range(50):
        for host in ("dead", "busy"):
            values = ServerSettings(host, 1, "none", f"{host}{number}", "s")
            owner.watcher.put((host, number), Order(values, {"INBOX": Seen()}))
    refused = 0
    while refused < 50:
        event = owner.wait(failed("auth_failed"))[-1]
        refused += event.key[0] == "busy"
    go_on.set()
    moments = [moment for host, moment in begun if host == "busy"]
    assert len(moments) == 50
    for first, last in zip(moments, moments[LOG_INS_A_SECOND + 4 :], strict=False):
        assert last - first > 0.9
    assert most[0] <= MOST_TO_A_HOST
    assert len([1 for host, _moment in begun if host == "dead"]) <= MOST_TO_A_HOST


def test_one_mailbox_that_is_unavailable_does_not_hold_up_its_host(owner):
    """It says so of one mailbox: the others sign in as if nothing were."""
    busy = {
        "LOGIN": lambda args: ["NO [UNAVAILABLE] later"] if "bad" in args else ["OK"],
        "IDLE": ["NO"],
    }
    with imap_server(busy) as server:
        owner.watcher.put("bad", order(server.port, login="bad"))
        owner.wait(failed("unavailable"))
        assert not owner.watcher._waiting._hosts["localhost"].is_away
        owner.watcher.put("good", order(server.port, login="good"))
        owner.wait(lambda event: event.key == "good" and isinstance(event, Arrival) and event.poll)
        owner.watcher.drop("bad")
        owner.watcher.drop("good")
