"""Calls functions when time is up, all from one thread: a timer of its own for each command on each
connection would be a thread each."""

import contextlib
import math
import os
import threading
import time

from ..machine import trouble


class Deadlines:
    """The deadlines that are watched. Their thread begins with the first one and ends with the last."""

    def __init__(self):
        self._changed = threading.Condition()
        self._ends = {}
        self._thread = None
        #: When the thread looks next, if nobody wakes it.
        self._looks = math.inf

    def watch(self, seconds, cut):
        """Call ``cut`` after so many seconds, unless what is returned is called before. It must not take
        long: others wait for it.

        :return: a function that ends the watch
        :raises MailboxError: there is no room for the thread
        """
        key = object()
        end = time.monotonic() + seconds
        with self._changed:
            self._ends[key] = end, cut
            if not self._thread or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                try:
                    self._thread.start()
                except (RuntimeError, MemoryError) as error:
                    del self._ends[key]
                    raise trouble(error) or error from error
            elif end < self._looks:
                self._changed.notify()
        return lambda: self._forget(key)

    def _forget(self, key):
        with self._changed:
            # The thread is not woken for that: it looks again when this one would have been over.
            self._ends.pop(key, None)

    def _run(self):
        while True:
            with self._changed:
                now = time.monotonic()
                over = [key for key, (end, _cut) in self._ends.items() if end <= now]
                cuts = [self._ends.pop(key)[1] for key in over]
                if not cuts and not self._ends:
                    self._thread = None
                    return
                if not cuts:
                    self._looks = min(end for end, _cut in self._ends.values())
                    self._changed.wait(self._looks - now)
                    self._looks = math.inf
            for cut in cuts:
                with contextlib.suppress(Exception):
                    cut()


_deadlines = Deadlines()


def watch(seconds, cut):
    """As `Deadlines.watch`, of this process."""
    return _deadlines.watch(seconds, cut)


def _start_over():
    # A child process has the memory of its parent, but not its threads.
    global _deadlines
    _deadlines = Deadlines()


os.register_at_fork(after_in_child=_start_over)
