"""Batches are downloaded, parsed and filed at the same time; whatever breaks, none is forgotten."""

import threading

import pytest

from crm_member_mail.mailbox import reader
from crm_member_mail.mailbox.desk import Plan, Window
from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import fetch
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.visit import ByteBudget, Limits

from ..mail import email
from .imap.test_session import settings
from .test_visit import NotingDesk, _FolderDesk


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
def three_batches(mailbox, dovecot, monkeypatch):
    """Reads three emails, each a batch of its own, for a desk and with limits."""
    monkeypatch.setattr(fetch, "BATCH_COUNT", 1)
    monkeypatch.setattr(
        fetch.body_batches, "__defaults__", (fetch.BATCH_BYTES, fetch.BATCH_BYTES, 1)
    )
    for _number in range(3):
        mailbox.append("INBOX", email())
    fetch_bodies = fetch.fetch_bodies
    imap = settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)

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
