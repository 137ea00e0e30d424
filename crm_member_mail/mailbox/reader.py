"""Reads one folder: new messages, retries of single ones, earlier email, and the check for gaps.

The reader knows IMAP and MIME but no database: a desk keeps the records (see :mod:`.desk`).
"""

import contextlib
import logging
import traceback
from dataclasses import dataclass, field, replace

from .ahead import Ahead, Batch, at_once
from .cases import OF_MACHINE
from .desk import SLICE, Failure, Filed, Outcome, Plan, Window
from .errors import MailboxError
from .imap import fetch
from .imap.partial import fetch_partial
from .imap.removal import remove
from .machine import trouble
from .mime.message import parse
from .types import RawMessage, Summary
from .words import _lt

#: With what one needs to be a desk.
__all__ = ["SLICE", "Failure", "Filed", "FolderReader", "Outcome", "Plan", "Window"]

_logger = logging.getLogger(__name__)

#: What is recorded about a message that the server lists but leaves out of its FETCH answers.
UNSERVED = _lt("The server lists this message but doesn't return it.")

#: So few messages are asked for everything at once: a far server takes its time for each question.
FEW = 20

#: Bytes of emails for which no other process is bothered.
LITTLE = 128 * 1024

#: What is recorded about a message on which the process ended that read it.
FATAL = _lt("Odoo ran out of time or memory while reading this email.")

#: Errors that the headers of a single message may cause by crashing the server.
_BREAKDOWNS = {"connection_lost", "deadline", "timeout", "protocol", "too_much"}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why an email can't be parsed: the error in a line, and where it was raised."""

    error: str
    trace: str = field(default="", repr=False)


#: It may be the email, but mostly it is the machine.
NO_MEMORY = Unreadable("MemoryError")


def read_email(data, uid_date, prepare):
    """Parse an email and prepare its content; see :class:`~.visit.Limits`.

    :return: a pair of ParsedMessage and what ``prepare`` makes of it, None without ``prepare``; or
        Unreadable
    """
    try:
        message = parse(data, uid_date=uid_date)
        return message, prepare and prepare(message)
    except MemoryError:
        return NO_MEMORY
    except Exception as error:  # one bad email never blocks the next
        return _unreadable(error)


def prepare_email(message, prepare):
    """The same for an email that is parsed: its content, or Unreadable."""
    try:
        return prepare and prepare(message)
    except MemoryError:
        return NO_MEMORY
    except Exception as error:
        return _unreadable(error)


def _unreadable(error):
    trace = "".join(traceback.format_exception(error)).rstrip()
    return Unreadable(f"{type(error).__name__}: {error}", trace)


class FolderReader:
    """Reads the folder at ``path`` over ``session`` for ``desk``, within ``limits`` (see
    :class:`~.visit.Limits`)."""

    def __init__(self, session, path, desk, limits):
        self.session = session
        self.path = path
        self.desk = desk
        self.limits = limits
        self.plan = None
        self._uidvalidity = None
        self._skip = set()
        self._headers = {}
        self._slice = self._largest = min(SLICE, session.message_limit or SLICE)

    def open(self, status=None):
        """EXAMINE the folder and ask the desk for the plan. Raises MailboxError.

        :param FolderStatus status: what EXAMINE said earlier in this visit
        """
        status = status or fetch.examine(self.session, self.path)
        self._uidvalidity = status.uidvalidity
        self.plan = self.desk.open(status)
        self._slice = min(self.plan.slice, self._largest)
        self._skip = set(self.plan.skip)
        return self.plan

    def _enter(self):
        """Select the folder again if the connection has been in another one meanwhile."""
        if self.session.selected == self.path:
            return
        if fetch.examine(self.session, self.path).uidvalidity != self._uidvalidity:
            raise MailboxError("folder_changed", self.path)

    def read_new(self):
        """Read what arrived since the last scan, oldest first. True when all of it was read."""
        low, high = self.plan.new_low, self.plan.new_high
        if low > high:
            return True
        self._enter()
        if high - low < min(FEW, self._largest):
            uids = list(range(low, high + 1))
        else:
            uids = fetch.uids_between(self.session, low, high)
        for part, left in self._slices(uids):
            # Filed before the next one is matched: what answers our own emails is known by them.
            with self._ahead() as ahead:
                self._read_slice(part, ahead, "new", part[-1] if left else high, left)
            if left and self.desk.time_left() <= 0:
                return False
        if not uids:
            # UIDNEXT may run far ahead of the last message (Yahoo, Gmail after relabelling):
            # a tagged OK without results means that the range holds no messages.
            self._file(Outcome(cursor="new", read_to=high))
        return True

    def read_history(self):
        """Read earlier email, newest first. True when the beginning of the window is reached."""
        window = self.plan.history
        if not window:
            return True
        uids = self._uids_of(window)
        if not uids:
            self._file(Outcome(cursor="history", read_to=1))
        with self._ahead() as ahead:
            for part, left in self._slices(uids):
                self._read_slice(part, ahead, "history", part[-1] if left else 1, left)
                # Checked after a slice, never before the first: each visit makes some progress.
                if left and self.desk.time_left() <= 0:
                    return False
        return True

    def check(self):
        """Compare the folder with the records, newest first, and read what was missed. True when
        the beginning of the window is reached."""
        window = self.plan.check
        if not window:
            return True
        self._enter()
        uids = self._uids_of(window)
        listed, unlisted = self._listed()
        self.desk.vanished([uid for uid in listed if uid <= window.high], window.high, unlisted)
        if not uids:
            self.desk.checked((), 0)
        for part, left in self._slices(uids):
            with self._ahead() as ahead:
                self._read_slice(part, ahead)
            self.desk.checked(tuple(part), part[-1] - 1 if left else 0)
            if left and self.desk.time_left() <= 0:
                return False
        return True

    def look_up(self):
        """Read earlier email from or to the addresses of ``plan.lookups``, and answers to what we sent
        them, whoever wrote those. False when time is up."""
        if not self.plan.lookups:
            return True
        self._enter()
        uids = fetch.uids_with_addresses(
            self.session, self.plan.lookups, self.plan.since, self.plan.new_high
        )
        if sent := self.desk.sent_ids():
            answers = fetch.uids_answering(self.session, sent, self.plan.since, self.plan.new_high)
            uids = sorted({*uids, *answers})
        with self._ahead() as ahead:
            for part, left in self._slices(uids[::-1]):
                self._read_slice(part, ahead)
                if left and self.desk.time_left() <= 0:
                    return False
        return True

    def retry(self):
        """Try each message of ``plan.kept`` and ``plan.retries`` again, alone."""
        for uid in self.plan.kept:
            if self.desk.time_left() <= 0:
                return
            self._retry_kept(uid)
        for uid in self.plan.retries:
            if self.desk.time_left() <= 0:
                return
            self._enter()
            self._retry_one(uid)

    def remove(self, trash):
        """Delete the messages that the desk names from the server.

        :param str trash: the path of the mailbox's trash folder, or None
        """
        removals = self.desk.removals() if self.plan.removes else ()
        if not removals:
            return
        try:
            if not self.plan.to_trash and "UIDPLUS" in self.session.capabilities:
                trash = None
            elif not trash:
                raise MailboxError("cannot_delete", host=self.session.settings.host)
            results = remove(self.session, self.path, self._uidvalidity, removals, trash)
        except MailboxError as error:
            if error.code != "cannot_delete":
                raise
            self.desk.cannot_remove(error)
        else:
            self.desk.removed(results)

    # -- inside -------------------------------------------------------------------------------------

    def _uids_of(self, window):
        """The UIDs of a window, newest first."""
        self._enter()
        if window.since or window.before:
            uids = fetch.uids_arrived(self.session, window.since, window.before, 1, window.high)
        else:
            uids = fetch.uids_between(self.session, 1, window.high)
        return uids[::-1]

    def _listed(self):
        """All UIDs of the folder, and how many messages more the server counts (EXISTS)."""
        listed = fetch.uids_between(self.session, 1, fetch.LAST_UID)
        unlisted = self.session.exists - len(listed)
        if unlisted > 0:
            # Some may have been deleted since the folder was opened.
            self.session.selected = None
            self._enter()
            listed = fetch.uids_between(self.session, 1, fetch.LAST_UID)
            unlisted = self.session.exists - len(listed)
        return listed, max(unlisted, 0)

    def _slices(self, uids):
        """Cut ``uids`` into slices: pairs of a list and how many are left after it."""
        start = 0
        while start < len(uids):
            part = uids[start : start + self._slice]
            start += len(part)
            yield part, len(uids) - start
            # That worked, so the next slice may be larger again after a breakdown.
            self._slice = min(self._slice * 2, self._largest)

    def _ahead(self):
        return Ahead(self.desk, self.limits.budget)

    def _read_slice(self, uids, ahead, cursor=None, read_to=None, left=0):
        """Match a slice, have filed what is wanted of it, and have the cursor moved to ``read_to``."""
        uids = [uid for uid in uids if uid not in self._skip]
        wanted, failures, gone = self._select(uids, any_time=cursor == "new")
        batches = list(fetch.body_batches(wanted, alone_over=self.limits.message_bytes))
        for number, batch in enumerate(batches, start=1):
            last = number == len(batches)
            end = read_to if last or not cursor else batch[-1].uid
            # What no batch is to blame for goes along with the first one.
            found, failures, gone = Outcome((), failures, gone, cursor, end, left), {}, ()
            ahead.next(
                batch, self._download, lambda outcome, found=found: self._whole(outcome, found)
            )
        if not batches:
            ahead.add(Outcome((), failures, gone, cursor, read_to, left))

    def _select(self, uids, any_time):
        """The summaries of the messages to download, in reading order, and what is missing."""
        try:
            headers, summaries = self._fetch_headers(uids)
            failures, gone = self._explain_missing(uids, {header.uid for header in headers})
            matched = self.desk.match(headers) if headers else ()
            self._headers = {header.uid: header for header in headers if header.uid in matched}
            if not matched:
                return [], failures, gone
            order = [uid for uid in uids if uid in matched]
            if summaries is None:
                summaries = {s.uid: s for s in fetch.fetch_summaries(self.session, order)}
            more_failures, more_gone = self._explain_missing(order, summaries)
        except MailboxError as error:
            if error.code in _BREAKDOWNS:
                self.desk.stumble(uids, error)
            raise
        ordered = [summaries[uid] for uid in order if uid in summaries]
        fresh = self.desk.recognise(ordered, any_time)
        wanted = [summary for summary in ordered if summary.uid in fresh]
        return wanted, failures | more_failures, gone + more_gone

    def _fetch_headers(self, uids):
        """The AddressHeaders of messages, and dict of UID to Summary: None where they are many, so that
        it is cheaper to ask for those of the wanted ones alone."""
        if not uids:
            return [], {}
        if len(uids) > FEW:
            return fetch.fetch_addresses(self.session, uids), None
        both = fetch.fetch_both(self.session, uids)
        return [headers for headers, _summary in both], {one.uid: one for _headers, one in both}

    def _whole(self, outcome, found):
        """The Outcome of a batch, with the cursor of ``found``, and what that has besides."""
        # Later passes of the same visit don't try again what has just failed.
        self._skip.update(outcome.failures)
        failures, gone = found.failures | outcome.failures, found.gone + outcome.gone
        return replace(found, filed=outcome.filed, failures=failures, gone=gone)

    def _download(self, summaries, start=at_once):
        """Download a batch that was begun, and have it parsed: a Batch whose Outcome has no cursor.

        :param start: has a function called with its arguments, and returns a Future
        """
        uids, size = [summary.uid for summary in summaries], sum(s.size for s in summaries)
        with self._told(uids):
            if len(summaries) == 1 and size > self.limits.message_bytes:
                outcome = self._download_partly(summaries[0])
                return Batch(at_once(bool), lambda: outcome, uids, size)
            raws = fetch.fetch_bodies(self.session, uids, size)
            missing = self._explain_missing(uids, {raw.uid for raw in raws})
            if sum(len(raw.data) for raw in raws) < LITTLE:
                start = at_once
            parsed = start(self._read, raws)
        summaries, headers = {summary.uid: summary for summary in summaries}, self._headers

        def outcome():
            with self._told(uids):
                return self._outcome(raws, parsed.result(), summaries, headers, *missing)

        return Batch(parsed, outcome, uids, size)

    @contextlib.contextmanager
    def _told(self, uids):
        """Tell the desk what breaks while these are downloaded and parsed. Raises MailboxError."""
        try:
            yield
        except Exception as error:
            is_ours = not isinstance(error, MailboxError)
            if not (known := trouble(error) if is_ours else error):
                raise
            # An email may need more memory than there ever is.
            is_blameless = known.code in OF_MACHINE and known.code != "no_memory"
            self.desk.interrupted(uids, known, is_blameless)
            raise known from (error if is_ours else None)

    def _outcome(self, raws, parsed, summaries, headers, failures, gone):
        """The Outcome of a batch.

        :param raws: list of the RawMessages that the server has of it
        :param parsed: what `_read` makes of them
        :param dict summaries: of all UIDs of the batch
        :param dict headers: of UID to AddressHeaders
        """
        filed = []
        for raw, found in zip(raws, parsed, strict=True):
            if isinstance(found, Unreadable):
                failures[raw.uid] = self._failure(raw.uid, found, raw.data)
            else:
                message, content = found
                filed.append(
                    Filed(
                        summaries[raw.uid],
                        raw,
                        message,
                        headers=headers.get(raw.uid),
                        content=content,
                    )
                )
        return Outcome(tuple(filed), failures, gone)

    def _read(self, raws):
        """What `read_email` makes of each RawMessage."""
        prepare = self.limits.prepare
        return self._work(
            read_email,
            [(raw.data, raw.internal_date, prepare) for raw in raws],
            sum(len(raw.data) for raw in raws),
        )

    def _work(self, function, tasks, size):
        """What ``function`` returns for each of the ``tasks``, which have so many bytes."""
        if size < LITTLE:
            results = [function(*task) for task in tasks]
        else:
            results = self.limits.work(function, tasks)
        if NO_MEMORY in results:
            # Each is tried alone: one that needs more than there ever is will be set aside.
            raise MailboxError("no_memory")
        return [Unreadable(FATAL) if found is None else found for found in results]

    def _download_partly(self, summary):
        """Download the text of a large message; its attachments stay on the server."""
        found = error = None
        try:
            found = fetch_partial(self.session, summary)
        except MailboxError as refusal:
            if refusal.code in _BREAKDOWNS | OF_MACHINE or refusal.kind != "transient":
                raise
        except MemoryError:
            raise
        except Exception as failed:  # one bad email never blocks the next
            error = _unreadable(failed)
        if found:
            message = found.message
            [content] = self._work(
                prepare_email,
                [(message, self.limits.prepare)],
                len(message.text) + len(message.html),
            )
            error = content if isinstance(content, Unreadable) else None
        if error:
            return Outcome(failures={summary.uid: self._failure(summary.uid, error)})
        if not found:
            failures, gone = self._explain_missing([summary.uid], ())
            return Outcome(failures=failures, gone=gone)
        raw = RawMessage(summary.uid, b"", summary.internal_date)
        headers = self._headers.get(summary.uid)
        item = Filed(summary, raw, found.message, found.parts, True, headers, content)
        return Outcome((item,))

    def _failure(self, uid, error, data=None):
        _logger.info("Can't parse UID %s in folder %s: %s", uid, self.path, error.trace)
        return Failure(error.error, data)

    def _retry_one(self, uid):
        wanted, failures, gone = self._select([uid], any_time=True)
        if wanted:
            with self.limits.budget.hold(wanted[0].size):
                self.desk.begin([uid])
                self._file(self._download(wanted).outcome())
        else:
            # No longer wanted (the contact is gone, or it has been filed): forget the failure.
            self._file(Outcome(failures=failures, gone=() if failures else (gone or (uid,))))

    def _retry_kept(self, uid):
        self.desk.begin([uid])
        raw = RawMessage(uid, self.desk.kept(uid))
        [found] = self._read([raw])
        if isinstance(found, Unreadable):
            self._file(Outcome(failures={uid: self._failure(uid, found)}))
            return
        message, content = found
        size, digest = len(raw.data), message.header_digest
        summary = Summary(uid, size, None, message.message_id, digest)
        self._file(Outcome((Filed(summary, raw, message, content=content),)))

    def _file(self, outcome):
        """File an Outcome, and wait for that."""
        if wait := self.desk.file(outcome):
            wait()

    def _explain_missing(self, asked, got):
        """Why the server left out some UIDs: expunged meanwhile, or it can't return them."""
        missing = [uid for uid in asked if uid not in got]
        if not missing:
            return {}, ()
        there = set(fetch.uids_between(self.session, min(missing), max(missing)))
        failures = {uid: Failure(UNSERVED) for uid in missing if uid in there}
        return failures, tuple(uid for uid in missing if uid not in there)
