"""Cyrus, which differs from Dovecot in what providers differ in: the engine waits for its mail, and
reads it."""

import os
import queue
import select
import tempfile
import time
from contextlib import contextmanager

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import watch
from crm_member_mail.mailbox.imap.folders import list_folders
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.imap.watch import Seen, Watch
from crm_member_mail.mailbox.visit import Limits, visit
from crm_member_mail.mailbox.watched import Arrival, News, Order
from crm_member_mail.mailbox.watcher import Watcher
from dev.post import mailbox as open_mailbox
from dev.servers.cyrus import Cyrus

from ..mail import email
from ..patience import at_most
from .imap.test_session import settings
from .test_visit import NotingDesk


@pytest.fixture
def imap(cyrus, cyrus_user):
    return settings(cyrus.tls_port, encryption="ssl", login=cyrus_user)


@pytest.fixture
def client(cyrus, cyrus_user):
    """The user's own mail program."""
    with open_mailbox(cyrus, cyrus_user) as client:
        yield client


class Line:
    """A Watch over a real connection."""

    def __init__(self, imap, folders, way):
        hidden = {"idle": {"NOTIFY"}, "poll": {"NOTIFY", "IDLE"}}[way]
        self.sock, capabilities, data = ImapSession.open(imap).hand_over()
        self.heard = data
        self.watch = Watch(capabilities - hidden, folders, 0.2, time.monotonic())
        if data:
            self.watch.feed(data, time.monotonic())

    def until(self, is_there):
        """Talk until this is so."""
        end = time.monotonic() + at_most(30)
        while not is_there():
            assert time.monotonic() < end, self.heard
            self.watch.tick(time.monotonic())
            if self.watch.out:
                self.sock.send(self.watch.out)
                self.watch.out.clear()
            if not getattr(self.sock, "pending", int)():
                select.select([self.sock], [], [], 0.1)
            try:
                data = self.sock.recv(65536)
            except OSError:
                continue
            self.heard += data
            self.watch.feed(data, time.monotonic())

    def news(self):
        found = set(self.watch.news)
        self.watch.news.clear()
        return found


@contextmanager
def waiting(cyrus, imap, way):
    """A Line that waits for news of INBOX and Sent, of which nobody knows anything."""
    line = Line(imap, {"INBOX": Seen(), cyrus.path("Sent"): Seen()}, way)
    line.until(lambda: line.watch.is_settled)
    assert line.watch.way == way
    line.news()
    yield line
    line.sock.close()


def test_folders_and_what_they_are_for(cyrus, imap):
    with ImapSession.open(imap) as session:
        folders = {folder.path: folder for folder in list_folders(session)}
    assert {path: folder.role for path, folder in folders.items()} == {
        "INBOX": "inbox",
        cyrus.path("Sent"): "sent",
        cyrus.path("Drafts"): "drafts",
        cyrus.path("Trash"): "trash",
    }
    assert all(folder.status.uidnext == 1 for folder in folders.values())


@pytest.mark.parametrize("way", ["idle", "poll"])
def test_new_mail_is_news_and_nothing_else_is(cyrus, cyrus_user, imap, client, way, monkeypatch):
    monkeypatch.setattr(watch, "PROBE", 0.5)
    client.append("INBOX", email())
    client.append("INBOX", email())
    with waiting(cyrus, imap, way) as line:
        client.select_folder("INBOX")
        client.add_flags([1], [b"\\Seen"])
        client.delete_messages([2])
        client.expunge()
        client.create_folder(cyrus.path("Clients"))
        client.move([1], cyrus.path("Clients"))
        heard = len(line.heard)
        # Whatever it is told of that, and one more look.
        line.until(lambda: line.heard.count(b"* STATUS", heard) > 1 and line.watch.is_settled)
        assert line.news() == set()

        cyrus.deliver(cyrus_user, email())
        line.until(lambda: line.watch.news)
        assert line.news() == {"INBOX"}
        client.append(cyrus.path("Sent"), email())
        line.until(lambda: line.watch.news)
        assert line.news() == {cyrus.path("Sent")}


def test_idle_tells_at_once(cyrus, cyrus_user, imap):
    """Long before the connection is tried, and the others are asked about."""
    with waiting(cyrus, imap, "idle") as line:
        for _number in range(3):
            cyrus.deliver(cyrus_user, email())
            line.until(lambda: line.watch.news)
            assert line.news() == {"INBOX"}
            assert line.watch.is_live


def test_without_idled_the_server_looks_itself():
    with tempfile.TemporaryDirectory(prefix="cyrus") as folder:
        os.chmod(folder, 0o755)
        with Cyrus(folder, poll=1) as server:
            imap = settings(server.port)
            with waiting(server, imap, "idle") as line:
                server.deliver(imap.login, email())
                line.until(lambda: line.watch.news)
                assert line.news() == {"INBOX"}


@pytest.mark.parametrize("way", ["idle", "poll"])
def test_a_folder_that_is_renamed_or_deleted_ends_nothing(
    cyrus, cyrus_user, imap, client, way, monkeypatch
):
    monkeypatch.setattr(watch, "PROBE", 0.5)
    with waiting(cyrus, imap, way) as line:
        client.rename_folder(cyrus.path("Sent"), cyrus.path("Elsewhere"))
        heard = len(line.heard)
        line.until(lambda: b" NO " in line.heard[heard:] and line.watch.is_settled)
        client.create_folder(cyrus.path("Sent"))
        line.until(lambda: line.watch.news)
        # Another one, of this name.
        assert line.news() == {cyrus.path("Sent")}
        client.delete_folder(cyrus.path("Sent"))
        cyrus.deliver(cyrus_user, email())
        line.until(lambda: line.watch.news)
        assert line.news() == {"INBOX"}


def test_sent_is_waited_for_by_a_second_connection(cyrus, imap, client):
    told = queue.SimpleQueue()

    def wait(wanted):
        end = time.monotonic() + at_most(30)
        while not wanted(told.get(timeout=max(end - time.monotonic(), 0))):
            pass

    watcher = Watcher(told.put)
    watcher.start()
    try:
        watcher.put(1, Order(imap, {"INBOX": Seen(), cyrus.path("Sent"): Seen()}))
        wait(lambda event: isinstance(event, Arrival) and event.is_live)
        for _number in range(3):
            client.append(cyrus.path("Sent"), email())
            wait(lambda event: event == News(1))
    finally:
        watcher.stop()


def test_a_server_that_restarts_is_found_again(cyrus, cyrus_user, imap):
    with waiting(cyrus, imap, "idle") as line:
        cyrus.stop()
        try:
            with pytest.raises(MailboxError):
                line.until(lambda: False)
        finally:
            cyrus.start()
    with waiting(cyrus, imap, "idle") as line:
        cyrus.deliver(cyrus_user, email())
        line.until(lambda: line.watch.news)
        assert line.news() == {"INBOX"}


def test_a_visit_reads_all_folders(cyrus, cyrus_user, imap, client):
    client.create_folder(cyrus.path("Clients & Co"))
    cyrus.deliver(cyrus_user, email())
    client.append(cyrus.path("Sent"), email())
    client.append(cyrus.path("Clients & Co"), email())
    paths = ["INBOX", cyrus.path("Sent"), cyrus.path("Clients & Co")]
    desk = NotingDesk(paths)
    assert visit(imap, desk, Limits())
    assert [note for note in desk.notes if note[0] == "new"] == [("new", path, 1) for path in paths]
