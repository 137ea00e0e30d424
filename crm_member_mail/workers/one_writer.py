"""Threads that talk to mail servers, and one writer that owns the database.

A thread only runs the engine. Its questions go to the writer, which answers one after the other in its
own thread, with the only environment. So a server that is slow or dead holds up only its own thread,
and records are never used in several threads.
"""

import contextlib
import queue
import threading
from concurrent.futures import Future


class Stopped(Exception):
    """The writer is gone: the thread that asked must end."""


class OneWriter:
    """The writer: threads ask questions, which are answered in order."""

    def __init__(self):
        self._questions = queue.SimpleQueue()
        self._mutex = threading.Lock()
        self._stopped = False

    def start(self, target, *args):
        """Run ``target`` in a thread of its own."""
        threading.Thread(target=target, args=args, daemon=True).start()

    def answer(self, seconds=None):
        """For the writer: wait for a question, at most this long, and answer it."""
        try:
            question = self._questions.get(timeout=seconds)
        except queue.Empty:
            return
        question()

    def stop(self):
        """Turn away threads that still ask; there are some only after an error in the writer."""
        with self._mutex:
            self._stopped = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._questions.get_nowait()(Stopped())

    def ask(self, method, *args):
        """For threads: have the writer call ``method``; returns, or raises, what it does.

        :raises Stopped: the writer is gone
        """
        return self.later(method, *args).result()

    def later(self, method, *args):
        """The same without waiting: returns the Future. What is asked next is answered after it.

        :raises Stopped: the writer is gone
        """
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
        return future

    def leave(self, method, *args):
        """For threads that end: have the writer call ``method``, unless the writer is gone."""

        def finish(stopped=None):
            if not stopped:
                method(*args)

        self._questions.put(finish)
