"""A whole visit to a mailbox: its order, its cost, and servers with few or too many extensions."""

import threading
from collections import Counter

import pytest

from crm_member_mail.mailbox import reader
from crm_member_mail.mailbox.desk import Plan, Window
from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import fetch
from crm_member_mail.mailbox.imap.folders import list_folders
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.types import FolderStatus
from crm_member_mail.mailbox.visit import ByteBudget, Limits, visit

from ..mail import email
from .fake_server import HANG_UP, imap_server
from .imap.test_session import settings


class NotingDesk:
    """Both desks in one: wants everything in the folders that it is told to open, and records the
    order of the calls."""

    def __init__(self, paths=(), plans=None, wanted=True):
        self.paths, self.plans, self.wanted = paths, plans or {}, wanted
        self.notes, self.read, self.stumbled = [], [], []

    def renew_token(self, settings):
        raise AssertionError("no token was refused")

    def known_folders(self):
        return ()

    def agenda(self, folders):
        self.folders = folders
        return [(path, _FolderDesk(self, path)) for path in self.paths]

    def missing(self, path, words):
        self.notes.append(("missing", path))
        self.words = words

    def looked_up(self):
        self.notes.append(("looked up",))


class _FolderDesk:
    def __init__(self, desk, path):
        self.desk, self.path = desk, path

    def open(self, status):
        self.desk.notes.append(("open", self.path))
        return self.desk.plans.get(self.path) or Plan(1, status.uidnext - 1)

    def match(self, headers):
        self.desk.read.append([header.uid for header in headers])
        return {header.uid for header in headers} if self.desk.wanted else set()

    def recognise(self, summaries, any_time):
        return {summary.uid for summary in summaries}

    def sent_ids(self):
        return ()

    def begin(self, uids):
        pass

    def interrupted(self, uids, error):
        pass

    def file(self, outcome):
        self.desk.notes.append((outcome.cursor, self.path, len(outcome.filed)))

    def stumble(self, uids, error):
        self.desk.stumbled.append(list(uids))

    def time_left(self):
        return 60.0


@pytest.fixture
def imap(dovecot, mailbox):
    return settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)


@pytest.fixture
def commands(monkeypatch):
    """The names of the commands that a session sent after it had signed in."""
    given = []
    call = ImapSession.call

    def watch(self, method, *args, **options):
        if self.capabilities:
            given.append(method)
        return call(self, method, *args, **options)

    monkeypatch.setattr(ImapSession, "call", watch)
    return given


def test_new_mail_of_all_folders_comes_before_the_history_of_any(imap, mailbox):
    for folder in ("INBOX", "Sent"):
        for _number in range(2):
            mailbox.append(folder, email())
    plan = Plan(2, 2, history=Window(1))
    desk = NotingDesk(["INBOX", "Sent"], {"INBOX": plan, "Sent": plan})

    assert visit(imap, desk, Limits())

    assert [note[0] for note in desk.notes] == [
        "open", "open", "new", "new", "looked up", "history", "history"
    ]  # fmt: skip
    # Sent mail is first on the agenda, and must be known where its answers are read.
    assert [note[1] for note in desk.notes if note[0] == "history"] == ["INBOX", "Sent"]


def test_a_folder_that_is_gone_does_not_stop_the_others(imap, mailbox):
    mailbox.append("INBOX", email())
    desk = NotingDesk(["Nowhere", "INBOX"])
    assert visit(imap, desk, Limits())
    assert ("missing", "Nowhere") in desk.notes
    assert ("new", "INBOX", 1) in desk.notes


def test_with_list_status_an_idle_visit_opens_nothing(imap, mailbox, commands):
    mailbox.append("INBOX", email())
    desk = NotingDesk()
    assert visit(imap, desk, Limits())
    status = {folder.path: folder.status for folder in desk.folders}
    assert status["INBOX"].uidnext == 2 and status["INBOX"].exists == 1
    after = commands[commands.index("list_with_status") :]
    assert after == ["list_with_status", "logout"]


def test_server_that_offers_next_to_nothing():
    """No LIST-STATUS, no SPECIAL-USE, no UIDPLUS, no ID."""
    answers = {
        "LIST": ['* LIST () "/" INBOX', '* LIST () "/" "Sent Items"', "OK"],
        "UID SEARCH": ["* SEARCH", "OK"],
    }
    desk = NotingDesk(["INBOX"])
    with imap_server(answers) as server:
        assert visit(settings(server.port), desk, Limits())
    assert [(f.path, f.role, f.status) for f in desk.folders] == [
        ("INBOX", "inbox", None), ("Sent Items", "sent", None)
    ]  # fmt: skip


def test_list_status_of_all_shapes():
    answers = {
        "LIST": [
            '* LIST (\\HasNoChildren) "/" INBOX',
            "* STATUS INBOX (MESSAGES 3 UIDNEXT 7 UIDVALIDITY 11)",
            '* LIST (\\Sent) "/" "Gesendet &APw-"',
            '* STATUS "Gesendet &APw-" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 12)',
            '* LIST (\\NonExistent) "/" Gone',
            '* LIST () "/" "a \\"quoted\\" one"',
            '* STATUS "a \\"quoted\\" one" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 13)',
            '* LIST () "/" Half',
            "* STATUS Half (MESSAGES 5)",
            '* LIST () "/" 2024',
            "* STATUS 2024 (MESSAGES 5 UIDNEXT 6 UIDVALIDITY 14)",
            "OK",
        ]
    }
    with (
        imap_server(answers, capabilities="IMAP4rev1 LIST-STATUS SPECIAL-USE") as server,
        ImapSession.open(settings(server.port)) as session,
    ):
        found = {folder.path: folder for folder in list_folders(session)}
    assert found["INBOX"].status == FolderStatus(11, 7, 3)
    assert found["Gesendet ü"].status == FolderStatus(12, 2, 1)
    assert found["Gesendet ü"].role == "sent"
    assert found['a "quoted" one'].status == FolderStatus(13, 1, 0)
    assert found["2024"].status == FolderStatus(14, 6, 5)
    assert not found["Half"].status and not found["Gone"].selectable


def test_message_limit_bounds_what_a_command_is_about():
    """MESSAGELIMIT (RFC 9738) bounds searches and slices."""
    searched, fetched = [], []

    def search(arguments):
        searched.append(arguments)
        numbers = range(*(int(n) + i for i, n in enumerate(arguments.split()[0].split(":"))))
        return [f"* SEARCH {' '.join(map(str, numbers))}", "OK"]

    def fetch(arguments):
        uids = arguments.split()[0].split(",")
        fetched.append(len(uids))
        return [
            *(f"* {uid} FETCH (UID {uid} BODY[HEADER.FIELDS (FROM TO CC BCC)] \"\")" for uid in uids),
            "OK",
        ]  # fmt: skip

    answers = {
        "LIST": ['* LIST () "/" INBOX', "OK"],
        "EXAMINE": ["* 5 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 6] .", "OK"],
        "UID SEARCH": search,
        "UID FETCH": fetch,
    }
    desk = NotingDesk(["INBOX"], wanted=False)
    with imap_server(answers, capabilities="IMAP4rev1 MESSAGELIMIT=2") as server:
        assert visit(settings(server.port), desk, Limits())
    assert [arguments.split()[0] for arguments in searched] == ["4:5", "2:3", "1:1"]
    assert [len(uids) for uids in desk.read] == [2, 2, 1]
    assert max(fetched) <= 2


def test_breakdown_over_headers_is_told_to_the_desk():
    answers = {
        "LIST": ['* LIST () "/" INBOX', "OK"],
        "UID SEARCH": ["* SEARCH 1 2 3", "OK"],
        "UID FETCH": HANG_UP,
    }
    desk = NotingDesk(["INBOX"])
    with imap_server(answers) as server, pytest.raises(MailboxError) as caught:
        visit(settings(server.port), desk, Limits())
    assert caught.value.code == "connection_lost"
    assert desk.stumbled == [[1, 2, 3]]


def test_a_connection_does_not_outlast_its_time():
    def stall(_arguments):
        released.wait(30)
        return ["OK"]

    released = threading.Event()
    with imap_server({"LIST": stall}) as server:
        try:
            with pytest.raises(MailboxError) as caught:
                visit(settings(server.port), NotingDesk(), Limits(seconds=0.2))
        finally:
            released.set()
    assert caught.value.code == "deadline"


def test_slices_grow_again_after_a_breakdown(imap, mailbox, monkeypatch):
    monkeypatch.setattr(reader, "SLICE", 4)
    for _number in range(9):
        mailbox.append("INBOX", email())
    desk = NotingDesk(["INBOX"], {"INBOX": Plan(1, 9, slice=1)}, wanted=False)
    assert visit(imap, desk, Limits())
    assert [len(uids) for uids in desk.read] == [1, 2, 4, 2]


def test_bytes_in_flight_are_bounded():
    budget = ByteBudget(100)
    inside, most, mutex = Counter(), [0], threading.Lock()

    def work(number, size):
        with budget.hold(size):
            with mutex:
                inside[number] = min(size, 100)
                most[0] = max(most[0], inside.total())
            with mutex:
                del inside[number]

    sizes = [10, 60, 90, 30, 500, 100] * 20
    threads = [threading.Thread(target=work, args=item) for item in enumerate(sizes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert 0 < most[0] <= 100
    with budget.hold(100):
        assert budget._free == 0
    assert budget._free == 100


def test_body_batches_keep_large_ones_apart():
    def summary(uid, size):
        return fetch.Summary(uid, size, None, "", "")

    summaries = [summary(1, 10), summary(2, 900), summary(3, 10), summary(4, 10)]
    batches = fetch.body_batches(summaries, alone_over=500)
    assert [[s.uid for s in batch] for batch in batches] == [[1], [2], [3, 4]]
