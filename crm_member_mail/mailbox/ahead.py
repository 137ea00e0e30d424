"""Reads the next batches of messages while the desk files the ones before."""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from .errors import MailboxError


@dataclass
class Batch:
    """What was downloaded: ``parsed`` is a Future, and ``outcome`` is called once that is done; it
    returns an Outcome, or raises MailboxError after the desk has been told."""

    parsed: Future
    outcome: Callable
    uids: tuple[int, ...] = ()
    size: int = 0


def at_once(function, *args):
    """A Future of what a function returns, which is called now."""
    future = Future()
    future.set_result(function(*args))
    return future


class Ahead:
    """A context in which a batch is downloaded while the one before is parsed, and the desk files the
    one before that: of the same slice or of earlier ones.

    A batch is begun before any of those is handed over to be filed: the desk answers in order.
    """

    def __init__(self, desk, budget):
        self._desk, self._budget = desk, budget
        #: The Batch that is parsed; a function that waits for the one that is filed, and its bytes.
        self._parsing, self._filing = None, None
        #: Bytes of the budget that all of them hold.
        self._held = 0
        # One batch at a time: it has all processes.
        self._parser = ThreadPoolExecutor(1)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_exception):
        try:
            # What was read is filed, though the connection may have broken since.
            if not kind or issubclass(kind, MailboxError):
                self._file()
        finally:
            self._parser.shutdown(wait=False, cancel_futures=True)
            self._budget.give_back(self._held)

    def next(self, summaries, download, completed):
        """Download the next batch, and have it parsed and filed.

        :param list summaries: of the batch
        :param download: a function of ``summaries`` and of one that has a function called with its
            arguments and returns a Future; returns a :class:`Batch`
        :param completed: a function of the batch's Outcome that returns what is filed
        """
        uids = [summary.uid for summary in summaries]
        self._take(sum(summary.size for summary in summaries))
        self._desk.begin(uids)
        if self._parsing and self._parsing.parsed.done():
            with self._not_to_blame(uids):
                self._hand_over()
        batch = download(summaries, self._parser.submit)
        self._add(replace(batch, outcome=lambda: completed(batch.outcome())))

    def add(self, outcome):
        """Have an Outcome of no batch filed after all that was read before."""
        self._add(Batch(at_once(bool), lambda: outcome))

    # -- inside ----------------------------------------------------------------------------------

    def _take(self, size):
        if not self._held:
            self._budget.take(size)
        elif not self._budget.take(size, wait=False):
            self._file()
            self._budget.take(size)
        self._held += size

    def _add(self, batch):
        with self._not_to_blame(batch.uids):
            self._hand_over()
        self._parsing = batch

    def _hand_over(self):
        """Have the batch filed that was parsed, after the one before."""
        batch, self._parsing = self._parsing, None
        with self._not_to_blame(batch.uids if batch else ()):
            self._settle()
        if batch:
            self._filing = self._desk.file(batch.outcome()) or _done, batch.size

    def _settle(self):
        """Wait until nothing is being filed."""
        if not self._filing:
            return
        (wait, size), self._filing = self._filing, None
        wait()
        self._budget.give_back(size)
        self._held -= size

    def _file(self):
        """Have all filed that was read, and wait for that."""
        self._hand_over()
        self._settle()

    @contextlib.contextmanager
    def _not_to_blame(self, uids):
        """What breaks here is not to be blamed on these UIDs, which were begun."""
        try:
            yield
        except MailboxError as error:
            if uids:
                self._desk.interrupted(uids, error, True)
            raise


def _done():
    """Wait for what is done."""
