"""What runs in a process of :mod:`.processes`: calls functions of the addon that need no records.

The addon's models are never imported here, so this starts in a fraction of a second.
"""

import contextlib
import logging
import os
import pickle
import signal
import sys
import types


class _Collector(logging.Handler):
    """Keeps what is logged, for the process that asked."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.records = []

    def emit(self, record):
        self.records.append((record.name, record.levelno, self.format(record)))

    def take(self):
        """What was logged since the last time: tuples of name, level and text."""
        records, self.records = self.records, []
        return records


def main(questions, answers):
    """Answer questions until there are no more.

    :param questions: binary file of pickles: first `sys.path`, the addon's name and its folder; then
        pairs of a function and a list of tuples of arguments
    :param answers: binary file for pickles: first None; then, for each tuple, the result, the text of an
        error, and what was logged
    """
    sys.path[:], package, folder = pickle.load(questions)  # noqa: S301 - from Odoo's own process
    sys.modules[package] = addon = types.ModuleType(package)
    addon.__path__ = [folder]
    collector = _Collector()
    logging.root.addHandler(collector)
    logging.root.setLevel(logging.INFO)

    def answer(what):
        answers.write(pickle.dumps(what, pickle.HIGHEST_PROTOCOL))
        answers.flush()

    answer(None)
    while True:
        function, tasks = pickle.load(questions)  # noqa: S301
        for task in tasks:
            try:
                answer((function(*task), None, collector.take()))
            except (BrokenPipeError, MemoryError):
                raise
            except Exception as raised:
                answer((None, f"{type(raised).__name__}: {raised}", collector.take()))


def _no_limit_of_time():
    """Odoo limits the seconds of computing of its own workers, and a process inherits the limit."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


if __name__ == "__main__":
    # Ctrl-C in a terminal reaches this process, too; who asks decides what becomes of the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _no_limit_of_time()
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not come between the answers
    with contextlib.suppress(EOFError, BrokenPipeError):
        main(sys.stdin.buffer, output)
