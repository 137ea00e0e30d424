"""Scans several mailboxes at once: threads that read, and one writer that owns the database.

A reader thread runs the engine only (:func:`..mailbox.visit.visit`). Each question to its desk goes
to the writer, which answers one after the other in the thread that called :meth:`SideBySide.run`,
with the one environment there is. So a mail server that is slow, or dead, holds up its own thread
and nobody else, and records never meet threads.
"""

import logging
import queue
import threading
from collections import Counter
from concurrent.futures import Future

from ..mailbox.visit import ByteBudget, Limits, visit
from .account_desk import AccountDesk
from .desk import clock
from .scan_locks import ScanLocks

_logger = logging.getLogger(__name__)

#: Seconds beyond the end of the time for reading, after which a connection is cut.
GRACE = 40


class Stopped(Exception):
    """The writer is gone: a reader that asks it something must end."""


class SideBySide:
    """Scans ``accounts`` (records of the superuser), at most ``readers`` at once, and of one host at
    most ``per_host``.

    :param float seconds: stop at the next opportunity after so long
    :param int message_bytes: attachments of larger messages stay on the server
    """

    #: Bytes of mail that are in flight at once, in all readers together.
    BUDGET = 48 * 1024 * 1024

    def __init__(self, accounts, seconds, readers, per_host, message_bytes):
        self._waiting = list(accounts)
        self._clock = clock(seconds)
        self._readers = readers
        self._per_host = per_host
        self._limits = Limits(
            budget=ByteBudget(self.BUDGET),
            message_bytes=message_bytes,
            seconds=None if seconds == float("inf") else seconds + GRACE,
        )
        self._registry = accounts.env.registry
        self._questions = queue.SimpleQueue()
        self._mutex = threading.Lock()
        self._stopped = self._begun = False
        self._hosts = Counter()
        self._results = {}

    def run(self):
        """Scan them all.

        :return: dict of account to what `member.mail.account._scan` returns; accounts that time was
            too short to begin with are not in it
        """
        with ScanLocks(self._registry) as locks:
            try:
                self._start(locks)
                while self._hosts:
                    self._questions.get()()
                    self._start(locks)
            finally:
                self._stop()
        return self._results

    # -- the writer's side ----------------------------------------------------------------------

    def _start(self, locks):
        """Start as many readers as may run; those whose host is busy wait for the next turn."""
        postponed = []
        while self._waiting and self._hosts.total() < self._readers:
            # However short the time, something is read: the first one is always begun.
            if self._begun and self._clock() <= 0:
                break
            account = self._waiting.pop(0)
            host = (account.imap_host or "").strip().lower()
            if self._hosts[host] >= self._per_host:
                postponed.append(account)
                continue
            if not locks.acquire(account):
                self._results[account] = "busy"
                continue
            desk = AccountDesk(account.with_prefetch(), self._clock)
            try:
                settings = account._begin_scan()
            except (
                Exception
            ) as error:  # a missing password, a broken key file: of this account only
                self._results[account] = account._end_scan(desk, error)
                locks.release(account)
                continue
            self._begun = True
            self._hosts[host] += 1
            threading.Thread(
                target=self._read, args=(settings, desk, host, locks), daemon=True
            ).start()
        self._waiting = postponed + self._waiting
        self._hosts += Counter()  # forgets the hosts that nobody reads from

    def _end(self, desk, host, locks, outcome):
        self._hosts[host] -= 1
        self._hosts += Counter()
        self._results[desk.account] = desk.account._end_scan(desk, outcome)
        locks.release(desk.account)

    def _stop(self):
        """Turn away the readers that are still there; only an error of the writer leaves any."""
        with self._mutex:
            self._stopped = True
        while not self._questions.empty():
            self._questions.get()(Stopped())

    # -- the readers' side ----------------------------------------------------------------------

    def _read(self, settings, desk, host, locks):
        try:
            outcome = visit(settings, _Proxy(desk, self._ask), self._limits)
        except BaseException as error:  # whatever it is, the writer must hear that we are done
            outcome = error

        def finish(stopped=None):
            if not stopped:
                self._end(desk, host, locks, outcome)

        self._questions.put(finish)

    def _ask(self, method, *args):
        """Have the writer call ``method``; returns, or raises, what it does."""
        future = Future()

        def answer(stopped=None):
            try:
                if stopped:
                    raise stopped
                future.set_result(method(*args))
            except BaseException as error:
                future.set_exception(error)

        with self._mutex:
            if self._stopped:
                raise Stopped()
            self._questions.put(answer)
        return future.result()


class _Proxy:
    """A desk as its reader sees it: questions are answered by the writer."""

    def __init__(self, desk, ask):
        self._desk, self._ask = desk, ask

    def __getattr__(self, name):
        method = getattr(self._desk, name)
        return lambda *args: self._ask(method, *args)

    def time_left(self):
        return self._desk.time_left()

    def agenda(self, folders):
        found = self._ask(self._desk.agenda, folders)
        return [(path, _Proxy(desk, self._ask)) for path, desk in found]
