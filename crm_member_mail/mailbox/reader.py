"""Reads one folder: what is new first, then its history, newest first.

The reader knows IMAP and MIME and no database. Whoever keeps the records is the *desk*: the reader
shows it headers and hears which messages are wanted, hands it parsed messages, and tells it how far
the folder is read. The desk answers each call from one committed transaction, so a reader may be
killed between any two lines here: what the desk has not committed is read again by the next scan.

======================  ===========================================================================
``desk.open``           the folder was EXAMINEd: which UIDs are to be read (a :class:`Plan`)
``desk.match``          address headers of a slice: the UIDs whose mail is wanted
``desk.recognise``      summaries of the wanted: the UIDs that must be downloaded; the others lie in
                        the database already and only their place is noted with the next ``file``
``desk.begin``          these UIDs are about to be downloaded and parsed: remember that, durably
``desk.file``           an :class:`Outcome`: file it and move the cursor, in one transaction
``desk.time_left``      seconds until the reader should stop at the next opportunity
======================  ===========================================================================
"""

import logging
from dataclasses import dataclass, field
from datetime import date

from . import scan
from .errors import MailboxError
from .message import parse
from .types import ParsedMessage, RawMessage, Summary

_logger = logging.getLogger(__name__)

#: Messages whose address headers are read and matched at once.
SLICE = 500

#: What is recorded of a message that the server lists but leaves out of its FETCH answers.
UNSERVED = "The server lists this message but does not hand it out."


@dataclass(frozen=True, slots=True)
class Plan:
    """Which UIDs to read, both ends included.

    ``new_low``..``new_high`` is read upwards. ``history_high`` and below is read downwards, as far
    as ``history_since`` (None: to the beginning); 0 means that there is no history to read.
    ``retries`` are single messages to try again, each alone; slices leave them out.
    """

    new_low: int
    new_high: int
    history_high: int = 0
    history_since: date | None = None
    retries: tuple[int, ...] = ()
    skip: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Filed:
    """A message that was downloaded and parsed."""

    summary: Summary
    raw: RawMessage
    message: ParsedMessage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch came to. ``read_to`` moves the cursor: every UID on its near side is dealt with.

    ``read_to`` is None for a retry, which moves no cursor. ``gone`` lists UIDs which the server no
    longer has; ``failures`` maps a UID to what went wrong.
    """

    filed: tuple[Filed, ...] = ()
    failures: dict[int, str] = field(default_factory=dict)
    gone: tuple[int, ...] = ()
    read_to: int | None = None
    history: bool = False


class FolderReader:
    """Reads the folder at ``path`` over ``session`` for ``desk``."""

    def __init__(self, session, path, desk):
        self.session = session
        self.path = path
        self.desk = desk
        self.plan = None
        self._uidvalidity = None

    def open(self):
        """EXAMINE the folder and ask the desk for the plan. Raises MailboxError."""
        status = scan.examine(self.session, self.path)
        self._uidvalidity = status.uidvalidity
        self.plan = self.desk.open(status)
        return self.plan

    def _enter(self):
        """Select the folder again if the connection was in another one meanwhile."""
        if self.session.selected == self.path:
            return
        if scan.examine(self.session, self.path).uidvalidity != self._uidvalidity:
            raise MailboxError("folder_changed", self.path)

    def read_new(self):
        """Read what came since the last scan, oldest first. True when all of it was read."""
        plan = self.plan
        low = plan.new_low
        if low > plan.new_high:
            return True
        self._enter()
        uids = scan.uids_between(self.session, low, plan.new_high)
        if not uids:
            # UIDNEXT may run far ahead of the last message (Yahoo, Gmail after relabelling):
            # a tagged OK with nothing in it says that the range holds no mail.
            self.desk.file(Outcome(read_to=plan.new_high))
            return True
        for part, last in _slices(uids):
            self._read_slice(part, read_to=plan.new_high if last else part[-1])
            if not last and self.desk.time_left() <= 0:
                return False
        return True

    def read_history(self):
        """Read earlier mail, newest first. True when the beginning of the window is reached."""
        plan = self.plan
        if not plan.history_high:
            return True
        self._enter()
        if plan.history_since:
            uids = scan.uids_since(self.session, plan.history_since, 1, plan.history_high)
        else:
            uids = scan.uids_between(self.session, 1, plan.history_high)
        uids.reverse()
        if not uids:
            self.desk.file(Outcome(read_to=1, history=True))
            return True
        for part, last in _slices(uids):
            if self.desk.time_left() <= 0:
                return False
            self._read_slice(part, read_to=1 if last else part[-1], history=True)
        return True

    def retry(self):
        """Try each message of ``plan.retries`` again, alone."""
        for uid in self.plan.retries:
            if self.desk.time_left() <= 0:
                return
            self._enter()
            self._retry_one(uid)

    def _read_slice(self, uids, read_to, history=False):
        """Match a slice, file what is wanted of it, and move the cursor to ``read_to``."""
        uids = [uid for uid in uids if uid not in self.plan.skip]
        wanted, failures, gone = self._select(uids, history)
        batches = list(scan.body_batches(wanted))
        for number, batch in enumerate(batches, start=1):
            outcome = self._download(batch)
            failures |= outcome.failures
            gone += outcome.gone
            if number < len(batches):
                self.desk.file(
                    Outcome(outcome.filed, failures, gone, read_to=batch[-1].uid, history=history)
                )
                failures, gone = {}, ()
            else:
                self.desk.file(Outcome(outcome.filed, failures, gone, read_to, history))
        if not batches:
            self.desk.file(Outcome((), failures, gone, read_to, history))

    def _select(self, uids, history):
        """The summaries of what must be downloaded, in reading order, and what is missing."""
        headers = scan.fetch_addresses(self.session, uids) if uids else []
        failures, gone = self._explain_missing(uids, {header.uid for header in headers})
        matched = self.desk.match(headers) if headers else ()
        if not matched:
            return [], failures, gone
        order = [uid for uid in uids if uid in matched]
        summaries = {s.uid: s for s in scan.fetch_summaries(self.session, order)}
        more_failures, more_gone = self._explain_missing(order, summaries)
        ordered = [summaries[uid] for uid in order if uid in summaries]
        fresh = self.desk.recognise(ordered, history)
        wanted = [summary for summary in ordered if summary.uid in fresh]
        return wanted, failures | more_failures, gone + more_gone

    def _download(self, summaries):
        """Download and parse a batch: an Outcome without a cursor."""
        summary_of = {summary.uid: summary for summary in summaries}
        uids = list(summary_of)
        self.desk.begin(uids)
        bodies = scan.fetch_bodies(self.session, uids)
        failures, gone = self._explain_missing(uids, {raw.uid for raw in bodies})
        filed = []
        for raw in bodies:
            try:
                message = parse(raw.data, uid_date=raw.internal_date)
            except Exception as error:  # one bad email never blocks the next
                _logger.warning("UID %s of %s can't be parsed", raw.uid, self.path, exc_info=True)
                failures[raw.uid] = f"{type(error).__name__}: {error}"
            else:
                filed.append(Filed(summary_of[raw.uid], raw, message))
        return Outcome(tuple(filed), failures, gone)

    def _retry_one(self, uid):
        wanted, failures, gone = self._select([uid], history=False)
        if wanted:
            self.desk.file(self._download(wanted))
        else:
            # Not wanted any more (its contact is gone, or it is filed by now): forget the failure.
            self.desk.file(Outcome(failures=failures, gone=() if failures else (gone or (uid,))))

    def _explain_missing(self, asked, got):
        """Why the server left out some UIDs: expunged meanwhile, or it can't hand them out."""
        missing = [uid for uid in asked if uid not in got]
        if not missing:
            return {}, ()
        there = set(scan.uids_between(self.session, min(missing), max(missing)))
        failures = {uid: UNSERVED for uid in missing if uid in there}
        return failures, tuple(uid for uid in missing if uid not in there)


def _slices(uids):
    """Cut ``uids`` into slices: pairs of a list and whether it is the last one."""
    for start in range(0, len(uids), SLICE):
        yield uids[start : start + SLICE], start + SLICE >= len(uids)
