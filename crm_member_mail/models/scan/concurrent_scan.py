"""Scans several mailboxes at once: threads that read (:func:`...mailbox.visit.visit`), and one writer
(:mod:`...workers.one_writer`), which answers their desks' questions.
"""

import logging
import time

from ...mailbox.errors import MailboxError
from ...mailbox.imap.kept import KeptSessions
from ...mailbox.machine import trouble
from ...mailbox.visit import ByteBudget, Limits, visit
from ...workers.host_queues import HostQueues
from ...workers.one_writer import OneWriter
from ...workers.processes import KeptProcesses, Processes
from ...workers.record_locks import RecordLocks
from ...workers.safe_content import safe_content
from ...workers.transactions import Desk
from ...workers.turn import Turn
from ..account.sign_ins import SignIns
from ..filing.held_rules import AT_WORK
from .account_desk import AccountDesk

_logger = logging.getLogger(__name__)

#: The connections to mailboxes from which somebody waits for mail.
KEPT = KeptSessions()
#: The processes that parse, between two scans.
KEPT_PROCESSES = KeptProcesses()

#: Seconds between two looks for accounts that were asked for meanwhile.
LOOK = 0.25

#: How servers refuse a connection that is one too many for them: in so many words; and in ways that
#: may as well mean something else (Courier just hangs up).
CROWDED, MAYBE_CROWDED = "too_many_connections", {"connection_lost", "unavailable"}


class ConcurrentScan:
    """Scans ``accounts`` (records of the superuser), at most ``readers`` at once, and at most
    ``per_host`` on one host.

    :param float seconds: stop at the next opportunity after this time
    :param int message_bytes: attachments of larger messages stay on the server
    :param more: a method that returns accounts that are to be scanned, too, and is called now and then
    """

    #: Bytes of emails that are in flight at once, in all readers together.
    BUDGET = 48 * 1024 * 1024

    def __init__(self, accounts, seconds, readers, per_host, message_bytes, more=None):
        accounts = accounts.with_context(**{AT_WORK: True})
        # Read once: whatever is read in between is forgotten with each commit.
        accounts.fetch(["imap_host", "next_sync"])
        self._waiting = HostQueues(((_host(account), account) for account in accounts), per_host)
        #: The accounts that somebody asked for.
        self._wanted = set(accounts.filtered(lambda account: not account.next_sync).ids)
        self._more, self._looked = more, time.monotonic()
        #: The accounts that wait, or are being read.
        self._inside = set(accounts.ids)
        self._schedule = accounts._schedule()
        self._clock = Turn(accounts.env, seconds)
        self._readers = readers
        self._processes = Processes(kept=KEPT_PROCESSES)
        self._limits = Limits(
            budget=ByteBudget(self.BUDGET),
            message_bytes=message_bytes,
            seconds=None if seconds == float("inf") else seconds + accounts._grace_seconds(),
            prepare=safe_content,
            work=self._processes.work,
        )
        self._env, self._registry = accounts.env, accounts.env.registry
        self._writer = OneWriter()
        self._begun = False
        self._desks = {}
        self._results = {}
        self._sign_ins = SignIns(self._registry, self._writer.ask)

    def run(self):
        """Scan them all.

        :return: dict of account to what `member.mail.account._scan` returns; without the accounts for
            which there was no time
        """
        with RecordLocks(self._registry) as locks, self._sign_ins, self._processes:
            try:
                self._start(locks)
                while self._waiting.connections:
                    self._writer.answer(LOOK if self._more or self._clock.is_shared else None)
                    self._clock.look()
                    self._join()
                    self._start(locks)
            finally:
                self._writer.stop()
        return self._results

    # -- the writer's side ----------------------------------------------------------------------

    def _join(self):
        """Have accounts scanned, too, that were asked for meanwhile."""
        if not self._more or time.monotonic() < self._looked + LOOK:
            return
        # A transaction of its own, which begins now and ends at once.
        found = Desk(self._env, None)._transact(self._more)
        self._looked = time.monotonic()
        for account in found.filtered(lambda account: account.id not in self._inside):
            self._inside.add(account.id)
            self._wanted.add(account.id)
            self._waiting.add(_host(account), account)

    def _start(self, locks):
        """Start as many readers as allowed, in the order of the accounts, as far as hosts have room."""
        while self._waiting.connections < self._readers:
            # However short the time, something is read: the first one is always started.
            if self._begun and self._clock() <= 0:
                break
            if not (turn := self._waiting.take()):
                break
            host, account = turn
            if not locks.acquire(account):
                self._waiting.leave(host)
                self._results[account] = "busy"
                self._inside.discard(account.id)
                continue
            desk = AccountDesk(account.with_prefetch(), self._clock, self._schedule)
            if account.id in self._wanted:
                desk.take_request()
            desk.prepare()
            self._begun = True
            self._desks.setdefault(host, set()).add(desk)
            kept = KEPT if self._is_awaited(account) else None
            # Its first question, for the settings, ends the transaction.
            try:
                self._writer.start(self._read, desk, host, locks, kept)
            except (RuntimeError, MemoryError) as error:
                if not trouble(error):
                    raise
                self._end(desk, host, locks, error)

    def _is_awaited(self, account):
        """Whether the next email of this account is wanted as quickly as this one, and its provider has
        room for a connection that is kept."""
        return self._more and account.id in self._wanted and account._may_have_two()

    def _end(self, desk, host, locks, outcome):
        self._waiting.leave(host)
        self._desks[host].discard(desk)
        if isinstance(outcome, MailboxError) and outcome.code == CROWDED:
            KEPT.leave(host)
        if self._is_crowded(desk, host, outcome):
            # Its turn comes when another one has left. Not an error: only we are too many.
            _logger.debug("Account %s waits for a connection to %s", desk.account.id, host)
            self._waiting.refuse(host, desk.account)
        else:
            self._results[desk.account] = desk.account._end_scan(desk, outcome)
            self._inside.discard(desk.account.id)
        locks.release(desk.account)

    def _is_crowded(self, desk, host, outcome):
        """Whether a visit was refused because of our other connections to the same host."""
        others = self._desks[host]
        if not isinstance(outcome, MailboxError) or not desk.has_settings:
            return False
        if desk.is_inside or not others:
            return False
        return outcome.code == CROWDED or (
            outcome.code in MAYBE_CROWDED and any(other.is_inside for other in others)
        )

    # -- the readers' side ----------------------------------------------------------------------

    def _read(self, desk, host, locks, kept):
        # Whatever goes wrong, such as a missing password or a broken key file, concerns this account
        # only.
        try:
            settings = self._sign_ins.settings(desk.account, "imap")
            desk.has_settings = True
            proxy = _Proxy(desk, self._writer)
            proxy.renew_token = lambda refused: self._sign_ins.settings(
                desk.account, "imap", refused
            )
            outcome = visit(settings, proxy, self._limits, kept)
        except BaseException as error:  # whatever it is, the writer must hear that we are done
            outcome = error
        self._writer.leave(self._end, desk, host, locks, outcome)


def _host(account):
    return (account.imap_host or "").strip().lower()


class _Proxy:
    """A desk as its reader sees it: questions are answered by the writer."""

    def __init__(self, desk, writer):
        self._desk, self._writer = desk, writer

    def __getattr__(self, name):
        method = getattr(self._desk, name)
        return lambda *args: self._writer.ask(method, *args)

    def time_left(self):
        return self._desk.time_left()

    def agenda(self, folders):
        found = self._writer.ask(self._desk.agenda, folders)
        return [(path, _Proxy(desk, self._writer)) for path, desk in found]

    def file(self, outcome):
        return self._writer.later(self._desk.file, outcome).result
