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


class _LateDesk(_FolderDesk):
    """Files when it is waited for; ``notes`` says what happened when."""

    def __init__(self, path="INBOX", error=None, breaks_at=None):
        super().__init__(NotingDesk(), path)
        self.notes, self.error, self.broken = [], error, []
        self.breaks_at = breaks_at

    def match(self, headers):
        self.notes.append(("match", *(header.uid for header in headers)))
        if self.breaks_at in self.notes[-1]:
            raise MailboxError("connection_lost")
        return super().match(headers)

    def begin(self, uids):
        self.notes.append(("begin", *uids))

    def interrupted(self, uids, error, is_blameless=False):
        self.broken.append((uids, is_blameless))

    def file(self, outcome):
        uids = [filed.raw.uid for filed in outcome.filed]
        self.notes.append(("file", *uids))

        def wait():
            self.notes.append(("filed", *uids))
            if self.error in uids:
                raise MailboxError("unexpected")

        return wait


@pytest.fixture
def three_batches(mailbox, imap, monkeypatch):
    """Reads three emails, each a batch of its own, for a desk and with limits."""
    monkeypatch.setattr(fetch, "BATCH_COUNT", 1)
    monkeypatch.setattr(
        fetch.body_batches, "__defaults__", (fetch.BATCH_BYTES, fetch.BATCH_BYTES, 1)
    )
    for _number in range(3):
        mailbox.append("INBOX", email())
    fetch_bodies = fetch.fetch_bodies

    def read(desk, limits=None, download=None, slice_size=None):
        with ImapSession.open(imap) as session:
            folder = reader.FolderReader(session, "INBOX", desk, limits or Limits())

            def noted(session, uids, told):
                desk.notes.append(("download", *uids))
                if download:
                    download(uids)
                return fetch_bodies(session, uids, told)

            monkeypatch.setattr(fetch, "fetch_bodies", noted)
            if slice_size:  # earlier emails, newest first
                desk.desk.plans["INBOX"] = Plan(4, 3, history=Window(3), slice=slice_size)
            folder.open()
            folder._largest = slice_size or folder._largest
            folder.read_new()
            folder.read_history()

    return read


def test_a_batch_is_read_while_the_one_before_is_filed(three_batches):
    desk = _LateDesk()
    three_batches(desk)
    assert desk.notes == [
        ("match", 1, 2, 3),
        ("begin", 1), ("download", 1),
        # Begun, durably, before its bytes are parsed, and asked before what takes long.
        ("begin", 2), ("file", 1), ("download", 2), ("filed", 1),
        ("begin", 3), ("file", 2), ("download", 3), ("filed", 2),
        ("file", 3), ("filed", 3),
    ]  # fmt: skip


def test_new_emails_are_filed_before_the_next_slice_is_matched(three_batches, monkeypatch):
    """What answers our own emails is known by them."""
    monkeypatch.setattr(_LateDesk, "open", lambda self, status: Plan(1, 3, slice=1))
    desk = _LateDesk()
    three_batches(desk)
    order = [note[0] for note in desk.notes if note[0] in ("match", "filed")]
    # The next slices are twice as large.
    assert order == ["match", "filed", "match", "filed", "filed"]


def test_the_last_batch_of_a_slice_is_filed_while_the_next_slice_is_read(three_batches):
    desk = _LateDesk()
    three_batches(desk, slice_size=1)
    assert [note[0] for note in desk.notes if note[0] in ("match", "file", "download")] == (
        ["match", "download", "match", "file", "download", "match", "file", "download", "file"]
    )


@pytest.mark.parametrize("number", [1, 2, 3])
def test_what_was_read_is_filed_when_the_next_slice_breaks_off(three_batches, number):
    budget = ByteBudget(10**9)
    desk = _LateDesk(breaks_at=number)
    with pytest.raises(MailboxError):
        three_batches(desk, Limits(budget=budget), slice_size=1)
    assert [note for note in desk.notes if note[0] == "filed"] == [
        ("filed", uid) for uid in range(3, number, -1)
    ]
    assert desk.broken == []
    assert budget.take(10**9, wait=False)


def test_without_room_for_two_batches_one_is_filed_first(three_batches):
    budget = ByteBudget(1)
    desk = _LateDesk()
    three_batches(desk, Limits(budget=budget))
    assert [note[0] for note in desk.notes[1:]] == ["begin", "download", "file", "filed"] * 3
    assert budget.take(1, wait=False), "all was given back"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_batch_that_cannot_be_filed_ends_the_reading(three_batches, number):
    budget = ByteBudget(10**9)
    desk = _LateDesk(error=number)
    with pytest.raises(MailboxError):
        three_batches(desk, Limits(budget=budget))
    assert desk.notes[-1] == ("filed", number)
    # What was begun meanwhile is tried again, soon and alone; it is not to blame.
    assert desk.broken == ([([number + 1], True)] if number < 3 else [])
    assert budget.take(10**9, wait=False)


def test_a_batch_that_cannot_be_read_leaves_the_one_before_filed(three_batches):
    def fail(uids):
        if uids == [2]:
            raise MailboxError("connection_lost")

    budget = ByteBudget(10**9)
    desk = _LateDesk()
    with pytest.raises(MailboxError):
        three_batches(desk, Limits(budget=budget), fail)
    assert ("filed", 1) in desk.notes
    assert desk.broken == [([2], False)]
    assert budget.take(10**9, wait=False)


class _Parser:
    """Parses, in other threads, when it may; ``limits`` are those of a reader that uses it."""

    def __init__(self, desk, error=None):
        self.desk, self.error, self.count = desk, error, 0
        self.may = threading.Semaphore(0)
        self.limits = Limits(budget=ByteBudget(10**9), work=self.work)

    def work(self, function, tasks):
        assert self.may.acquire(timeout=60)
        self.count += 1
        self.desk.notes.append(("parse", self.count))
        if self.count == self.error:
            raise MailboxError("no_memory")
        return [function(*task) for task in tasks]


@pytest.fixture
def large(monkeypatch):
    """All batches are parsed by others."""
    monkeypatch.setattr(reader, "LITTLE", 0)


def test_a_batch_is_downloaded_while_the_one_before_is_parsed(three_batches, large):
    desk = _LateDesk()
    parser = _Parser(desk)
    three_batches(desk, parser.limits, lambda uids: uids == [1] or parser.may.release(uids[0] - 1))
    order = [note[:2] for note in desk.notes]
    for uid in (1, 2):
        assert order.index(("download", uid + 1)) < order.index(("parse", uid))
        assert order.index(("begin", uid + 1)) < order.index(("file", uid))
    for uid in (1, 2, 3):
        assert order.index(("begin", uid)) < order.index(("parse", uid))
        assert order.index(("parse", uid)) < order.index(("file", uid))
    assert [note for note in order if note[0] == "filed"] == [("filed", uid) for uid in (1, 2, 3)]
    assert parser.limits.budget.take(10**9, wait=False)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_batch_that_cannot_be_parsed_ends_the_reading(three_batches, large, number):
    """What was read before is filed; what was begun after it is not to blame."""
    desk = _LateDesk()
    parser = _Parser(desk, number)
    parser.may.release(3)
    with pytest.raises(MailboxError):
        three_batches(desk, parser.limits)
    assert [note for note in desk.notes if note[0] == "filed"] == [
        ("filed", uid) for uid in range(1, number)
    ]
    # For want of memory: it may be any of its emails.
    assert ([number], False) in desk.broken
    assert all(blameless for uids, blameless in desk.broken if uids != [number])
    begun = [note[1] for note in desk.notes if note[0] == "begin"]
    assert sorted(uid for uids, _blameless in desk.broken for uid in uids) == begun[number - 1 :]
    assert parser.limits.budget.take(10**9, wait=False)


@pytest.mark.parametrize("number", [1, 2])
def test_what_cannot_be_filed_blames_none_that_is_parsed(three_batches, large, number):
    desk = _LateDesk(error=number)
    parser = _Parser(desk)
    parser.may.release(3)
    with pytest.raises(MailboxError):
        three_batches(desk, parser.limits)
    begun = [note[1] for note in desk.notes if note[0] == "begin"]
    assert sorted(uid for uids, _blameless in desk.broken for uid in uids) == begun[number:]
    assert all(blameless for _uids, blameless in desk.broken)
    assert parser.limits.budget.take(10**9, wait=False)


def test_what_is_parsed_when_the_connection_breaks_is_filed(three_batches, large):
    def fail(uids):
        if uids == [2]:
            parser.may.release()
            raise MailboxError("connection_lost")

    desk = _LateDesk()
    parser = _Parser(desk)
    with pytest.raises(MailboxError):
        three_batches(desk, parser.limits, fail)
    assert desk.notes[-1] == ("filed", 1)
    assert desk.broken == [([2], False)]
    assert parser.limits.budget.take(10**9, wait=False)


def test_body_batches_keep_large_ones_apart():
    def summary(uid, size):
        return fetch.Summary(uid, size, None, "", "")

    summaries = [summary(1, 10), summary(2, 900), summary(3, 10), summary(4, 10)]
    batches = fetch.body_batches(summaries, alone_over=500)
    assert [[s.uid for s in batch] for batch in batches] == [[1], [2], [3, 4]]
