"""Reads the next batch of messages while the desk files the one before."""

from .errors import MailboxError


class Ahead:
    """A context in which a batch is downloaded and parsed while the desk files the one before, of the
    same slice or of the one before.

    A batch is begun before the one before it is handed over to be filed: the desk answers in order.
    """

    def __init__(self, desk, budget):
        self._desk, self._budget = desk, budget
        #: What is filed next, and how many bytes of the budget it holds.
        self._outcome, self._held = None, 0

    def __enter__(self):
        return self

    def __exit__(self, kind, *_exception):
        try:
            # What was read is filed, though the connection may have broken since.
            if not kind or issubclass(kind, MailboxError):
                self._hand_over()()
        finally:
            self._budget.give_back(self._held)

    def add(self, outcome):
        """Have an Outcome filed after all that was read before: that of the last batch, or one of no
        batch."""
        if self._outcome:
            self._file()
        self._outcome = outcome

    def next(self, batch, download):
        """Download the next batch; returns its Outcome.

        :param batch: list of Summary
        :param download: function of a batch
        """
        size = sum(summary.size for summary in batch)
        if not self._outcome:
            self._budget.take(size)
        elif not self._budget.take(size, wait=False):
            self._file()
            self._budget.take(size)
        before, self._held = self._held, self._held + size
        uids = [summary.uid for summary in batch]
        self._desk.begin(uids)
        wait = self._hand_over()
        try:
            return download(batch)
        finally:
            try:
                wait()
            except MailboxError as error:
                self._desk.interrupted(uids, error, True)
                raise
            self._budget.give_back(before)
            self._held = size

    def _file(self):
        """Have the last batch filed, and wait for that."""
        self._hand_over()()
        self._budget.give_back(self._held)
        self._held = 0

    def _hand_over(self):
        """Have the last batch filed; returns a function that waits for that."""
        outcome, self._outcome = self._outcome, None
        return (outcome and self._desk.file(outcome)) or _done


def _done():
    """Wait for what is done."""
