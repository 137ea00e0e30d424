"""Connections that are kept after a visit, for the next one."""

import dataclasses
import imaplib
import os

import pytest

from crm_member_mail.mailbox import visit as visits
from crm_member_mail.mailbox.desk import Plan
from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import fetch
from crm_member_mail.mailbox.imap.client import Client
from crm_member_mail.mailbox.imap.folders import list_folders
from crm_member_mail.mailbox.imap.kept import KeptSessions
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.net import deadlines
from crm_member_mail.mailbox.visit import Limits, visit

from ...conftest import PASSWORD
from ...mail import email
from ..rough_proxy import RoughProxy
from ..test_visit import NotingDesk
from .test_session import settings


@pytest.fixture
def imap(dovecot, mailbox):
    return settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)


@pytest.fixture
def kept():
    kept = KeptSessions()
    yield kept
    kept.leave("localhost")


@pytest.fixture
def opened(monkeypatch):
    """The sessions that were opened."""
    sessions = []
    connect = ImapSession._connect

    def note(self):
        sessions.append(self)
        connect(self)

    monkeypatch.setattr(ImapSession, "_connect", note)
    return sessions


@pytest.fixture(params=["UNSELECT", "CLOSE"])
def closing(request, monkeypatch):
    """How a folder can be closed that is open read-only."""
    has_capability = Client.has_capability

    def has(self, name):
        return (name != "UNSELECT" or request.param == name) and has_capability(self, name)

    monkeypatch.setattr(Client, "has_capability", has)


@pytest.fixture
def expiries(monkeypatch):
    """What would be called when the time of a connection is up, in place of the clock: a list that
    grows."""
    waiting = []

    def watch(seconds, cut):
        entry = seconds, cut
        waiting.append(entry)
        return lambda: waiting.remove(entry)

    monkeypatch.setattr(deadlines, "watch", watch)
    return waiting


class Reading(NotingDesk):
    """Reads what is new in the INBOX, as often as it is visited."""

    def __init__(self, low=1):
        super().__init__(["INBOX"])
        self.low = low

    def agenda(self, folders):
        status = next(folder.status for folder in folders if folder.path == "INBOX")
        if status:
            self.plans = {"INBOX": Plan(self.low, status.uidnext - 1)}
        return super().agenda(folders)

    @property
    def filed(self):
        return sum(note[2] for note in self.notes if note[0] == "new")


@pytest.mark.usefixtures("closing")
def test_the_next_visit_signs_in_no_more(imap, mailbox, kept, opened):
    for number in range(1, 4):
        mailbox.append("INBOX", email())
        desk = Reading(number)
        assert visit(imap, desk, Limits(), kept)
        # What the list says of the folder that was open is true, too.
        assert desk.filed == 1
    assert len(opened) == 1


def test_a_visit_that_finds_nothing_leaves_no_folder_open(imap, mailbox, kept, opened):
    for number in (1, 2):
        mailbox.append("INBOX", email())
        desk = Reading(number)
        assert visit(imap, desk, Limits(), kept)
        assert desk.filed == 1
        assert visit(imap, NotingDesk(), Limits(), kept)
    assert len(opened) == 1


def test_a_folder_that_can_not_be_closed(imap, mailbox, kept, opened, monkeypatch):
    """What a server says of an open folder may be old."""
    mailbox.append("INBOX", email())
    put_down = Client.put_down

    def refused(self):
        put_down(self)
        self._closing = "XCLOSE", self._imap._command("XCLOSE")

    with monkeypatch.context() as patch:
        patch.setitem(imaplib.Commands, "XCLOSE", ("AUTH",))
        patch.setattr(Client, "put_down", refused)
        assert visit(imap, Reading(), Limits(), kept)
    assert visit(imap, Reading(), Limits(), kept)
    assert len(opened) == 2


def test_without_kept_sessions_it_logs_out(imap, opened):
    assert visit(imap, Reading(), Limits())
    assert opened[0]._client is None


def test_with_other_settings_it_signs_in_anew(imap, dovecot, kept, opened):
    assert visit(imap, Reading(), Limits(), kept)
    other = dataclasses.replace(imap, secret="another")
    assert kept.take(other) is None
    dovecot.add_user("kept@club.example", "another")
    assert visit(
        dataclasses.replace(imap, login="kept@club.example", secret="another"),
        Reading(),
        Limits(),
        kept,
    )
    assert len(opened) == 2


@pytest.mark.parametrize("mode", ["cut", "reset", "stall"])
def test_a_connection_that_died_meanwhile_is_replaced(
    imap, mailbox, kept, opened, monkeypatch, mode
):
    monkeypatch.setattr(visits, "ANSWER_SECONDS", 0.5)
    plain = dataclasses.replace(imap, encryption="none")
    with RoughProxy(mailbox.server.port, mode, 10_000) as proxy:
        there = dataclasses.replace(plain, port=proxy.port)
        assert visit(there, Reading(), Limits(), kept)
        proxy.spoil_next()
        mailbox.append("INBOX", email())
        desk = Reading()
        assert visit(there, desk, Limits(), kept)
        assert desk.filed == 1
    assert len(opened) == 2


def test_what_is_asked_ahead_is_the_folder_as_it_is_now(imap, mailbox, kept):
    """The INBOX is opened with the question for the folders: another one may be read first, or none."""
    assert visit(imap, Reading(), Limits(), kept)
    for folder in ("INBOX", "Sent", "INBOX"):
        mailbox.append(folder, email())
        desk = NotingDesk(["Sent", "INBOX"])
        assert visit(imap, desk, Limits(), kept)
    assert [note[1:] for note in desk.notes if note[0] == "new"] == [("Sent", 1), ("INBOX", 2)]


def test_a_folder_that_was_asked_for_ahead_and_is_not_there(imap):
    with ImapSession.open(imap) as session:
        list_folders(session, "Nowhere")
        assert fetch.examine(session, "INBOX").uidvalidity
        list_folders(session, "Nowhere")
        with pytest.raises(MailboxError) as caught:
            fetch.examine(session, "Nowhere")
        assert caught.value.code == "folder_missing"
        list_folders(session, "INBOX")
        assert fetch.select(session, "INBOX").uidvalidity
        assert session.call("noop")


def test_one_that_changed_a_folder_is_not_kept(imap, mailbox, kept, opened):
    mailbox.append("INBOX", email())
    session = ImapSession.open(imap)
    fetch.select(session, "INBOX")
    kept.keep(session)
    assert kept.take(imap) is None
    assert session._client is None


def test_one_is_kept_for_a_while_and_so_many_at_most(dovecot, expiries):
    kept = KeptSessions(seconds=100, most=2)
    sessions = []
    for name in "abc":
        login = f"{name}.kept@club.example"
        dovecot.add_user(login, PASSWORD)
        sessions.append(ImapSession.open(settings(dovecot.port, login=login)))
        kept.keep(sessions[-1])
    assert [session._client is None for session in sessions] == [True, False, False]
    [seconds, _cut], [_seconds, cut] = (entry for entry in expiries if entry[0] == 100)
    cut()
    assert [session._client is None for session in sessions] == [True, False, True]
    assert kept.take(sessions[1].settings) is sessions[1]
    assert kept.take(sessions[1].settings) is None
    assert kept.take(sessions[2].settings) is None
    # Too late: somebody uses it.
    kept.keep(sessions[1])
    cut = expiries[-1][1]
    assert kept.take(sessions[1].settings)
    cut()
    assert sessions[1]._client
    kept.keep(sessions[1])
    kept.leave("LOCALHOST")
    assert sessions[1]._client is None


def test_a_child_process_keeps_none_of_its_parent(imap, kept):
    assert visit(imap, Reading(), Limits(), kept)
    child = os.fork()
    if not child:
        os._exit(0 if kept.take(imap) is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert list_folders(kept.take(imap))
