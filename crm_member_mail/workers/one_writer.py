"""Threads that talk to mail servers, and one writer that owns the database.

A thread runs the engine only. What it has to ask or to tell goes to the writer, which answers one after
the other in the thread that called, with the one environment there is. So a server that is slow, or
dead, holds up its own thread and nobody else, and records never meet threads.
"""

import contextlib
import queue
import threading
from concurrent.futures import Future


class Stopped(Exception):
    """The writer is gone: a thread that asks it something must end."""


class OneWriter:
    """The writer's desk: questions come in from threads, and are answered in order."""

    def __init__(self):
        self._questions = queue.SimpleQueue()
        self._mutex = threading.Lock()
        self._stopped = False

    def start(self, target, *args):
        """Run ``target`` in a thread of its own."""
        threading.Thread(target=target, args=args, daemon=True).start()

    def answer(self, seconds=None):
        """The writer's side: wait for a question, for so many seconds at most, and answer it."""
        try:
            question = self._questions.get(timeout=seconds)
        except queue.Empty:
            return
        question()

    def stop(self):
        """Turn away the threads that are still there; only an error of the writer leaves any."""
        with self._mutex:
            self._stopped = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._questions.get_nowait()(Stopped())

    def ask(self, method, *args):
        """A thread's side: have the writer call ``method``; returns, or raises, what it does."""
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

    def leave(self, method, *args):
        """A thread's last word: have the writer call ``method`` unless it is gone."""

        def finish(stopped=None):
            if not stopped:
                method(*args)

        self._questions.put(finish)
