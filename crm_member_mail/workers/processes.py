"""Processes of their own for work that keeps a processor busy.

Python runs one thread at a time. An email that takes a second to parse would hold up the writer, and so
all mailboxes, if a thread of the writer's process did it.
"""

import logging
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from ..mailbox.errors import MailboxError
from ..mailbox.net import deadlines
from . import process_main
from .one_writer import Stopped

_logger = logging.getLogger(__name__)

#: What runs in each process.
PROGRAM = process_main.__file__
#: The addon, as it is imported here, and where it lies.
PACKAGE, FOLDER = __name__.partition(".workers")[0], Path(__file__).parent.parent

#: Seconds that one task may take where nothing else is said.
PATIENCE = 120
#: Seconds to wait for a process that is about to be free, before another is started.
PAUSE = 0.1
#: How many processes there are at most: one more than processors, as a long task may keep one.
MOST = (os.cpu_count() or 1) + 1
#: Into how many shares work is cut, and how many tasks a share has at least.
SHARES, SHARE = os.cpu_count() or 1, 16
#: How many processes are kept for who comes next, for how many seconds, and up to how many bytes.
KEPT, KEPT_SECONDS, KEPT_BYTES = 2, 240, 100 * 1024 * 1024
#: What is raised when a process is gone, or can't be started.
LOST = (OSError, EOFError, pickle.UnpicklingError)


class Processes:
    """A context manager that starts processes as they are needed, and ends them all.

    :param patience: seconds that one task may take, then its process is killed; None for PATIENCE
    :param KeptProcesses kept: where processes come from, if there are some, and where they go
    """

    def __init__(self, patience=None, kept=None):
        self._patience, self._kept = patience, kept
        #: All processes; those that nobody uses; how many are being started.
        self._all, self._idle, self._coming = set(), [], 0
        self._changed = threading.Condition()
        self._closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            idle, busy = self._idle, self._all.difference(self._idle)
        for process in idle:
            if self._kept:
                self._kept.keep(process)
            else:
                process.end()
        for process in busy:
            process.kill()  # the thread that waits for it does the rest

    def work(self, function, tasks):
        """Call a function with each tuple of arguments, in other processes. For threads.

        :param function: of a module that needs no records; arguments and results can be pickled
        :return: list of the results; None where there is none: the process died of it or had to be
            killed, ``function`` raised something, or its result can't be pickled
        :raises Stopped: all processes have ended meanwhile
        """
        shares = min(SHARES, len(tasks) // SHARE)
        if shares < 2:
            return self._work(function, tasks)
        # Neighbours in a mailbox are alike, so each share has some of all.
        parts = [tasks[number::shares] for number in range(shares)]
        with ThreadPoolExecutor(shares) as threads:
            found = list(threads.map(lambda part: self._work(function, part), parts))
        return [found[number % shares][number // shares] for number in range(len(tasks))]

    def _work(self, function, tasks):
        """The same in one other process."""
        results = []
        while len(results) < len(tasks):
            process = self._take()
            if not process:
                return results + [function(*task) for task in tasks[len(results) :]]
            try:
                process.work(function, tasks[len(results) :], results)
            except LOST:
                self._drop(process)
                _logger.warning("A process died of %s", function.__name__)
                results.append(None)
            except BaseException:
                self._drop(process)  # it still answers what nobody asks any more
                raise
            else:
                self._give_back(process)
        return results

    def _take(self):
        """A process that is idle, or a new one; None when none can be started."""
        with self._changed:
            if self._all:
                self._changed.wait_for(lambda: self._idle or self._closed, PAUSE)
            self._changed.wait_for(
                lambda: self._idle or self._closed or len(self._all) + self._coming < MOST
            )
            if self._closed:
                raise Stopped()
            if self._idle:
                return self._idle.pop()
            self._coming += 1
        process = None
        try:
            process = (self._kept and self._kept.take()) or _Process(self._patience)
        except (*LOST, MailboxError, MemoryError) as error:
            _logger.warning("Can't start a process, so this one does all the work: %s", error)
        with self._changed:
            self._coming -= 1
            if process:
                self._all.add(process)
            if process and self._closed:
                process.end()
                raise Stopped()
        return process

    def _give_back(self, process):
        with self._changed:
            self._idle.append(process)
            self._changed.notify()

    def _drop(self, process):
        process.end()
        with self._changed:
            self._all.discard(process)
            self._changed.notify()
            if self._closed:
                raise Stopped()


class KeptProcesses:
    """Processes that wait for a while for the next to need some: to start one takes half a second of
    computing, as long as a hundred emails."""

    def __init__(self):
        self._start_over()
        os.register_at_fork(after_in_child=self._start_over)

    def _start_over(self):
        # The processes of a parent are not its child's to use.
        self._lock = threading.Lock()
        self._waiting = {}

    def take(self):
        """A process that nobody uses, or None."""
        while True:
            with self._lock:
                if not self._waiting:
                    return None
                process, unwatch = self._waiting.popitem()
            unwatch()
            if process.size:
                return process
            process.end()

    def keep(self, process):
        """Keep a process that nobody uses; one that is not fit for that is ended."""
        try:
            if not 0 < process.size <= KEPT_BYTES:
                raise MemoryError
            unwatch = deadlines.watch(KEPT_SECONDS, lambda: self._expire(process))
        except (MailboxError, MemoryError):
            process.end()
            return
        with self._lock:
            if is_one_too_many := len(self._waiting) >= KEPT:
                unwatch()
            else:
                self._waiting[process] = unwatch
        if is_one_too_many:
            process.end()

    def _expire(self, process):
        with self._lock:
            found = self._waiting.pop(process, None)
        if found:
            process.end()


class _Process:
    """One process; one thread at a time speaks with it, over its standard input and output."""

    def __init__(self, patience):
        self._patience = patience
        self._process = subprocess.Popen(  # noqa: S603 - our own program, in our own interpreter
            [sys.executable, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            # It ends by itself when this process does, as its standard input ends.
            self._tell((sys.path, PACKAGE, str(FOLDER)))
            self._hear()
        except BaseException:
            self.end()
            raise

    def work(self, function, tasks, results):
        """Add the result of each task to ``results``. Raises one of LOST when the process died of the
        next one."""
        self._tell((function, tasks))
        for _task in tasks:
            result, error, records = self._hear()
            for name, level, text in records:
                logging.getLogger(name).log(level, "%s", text)
            if error:
                _logger.error("Can't do %s: %s", function.__name__, error)
            results.append(result)

    @property
    def size(self):
        """Bytes of memory that it has, 0 when it is gone."""
        try:
            return psutil.Process(self._process.pid).memory_info().rss
        except psutil.Error:
            return 0

    def kill(self):
        """End the process, whatever it does, while another thread may speak with it."""
        self._process.kill()

    def end(self):
        """The same when no other thread does."""
        self._process.kill()
        self._process.communicate()

    def _tell(self, what):
        pickle.dump(what, self._process.stdin, pickle.HIGHEST_PROTOCOL)
        self._process.stdin.flush()

    def _hear(self):
        unwatch = deadlines.watch(self._patience or PATIENCE, self._process.kill)
        try:
            return pickle.load(self._process.stdout)  # noqa: S301 - written by our own program
        finally:
            unwatch()
