"""How a listener learns how to sign in: it asks a program that has records, the clerk.

The clerk is an Odoo, which takes more memory than a thousand connections. So it is started when there is
something to ask, and ends when nothing has been asked for a while. Questions and answers are lines of
JSON, over pipes: no secret is in an argument or a file.
"""

import contextlib
import json
import logging
import queue
import subprocess
import threading
from dataclasses import dataclass, field

from ...mailbox.errors import MailboxError
from ...mailbox.imap.watch import Seen
from ...mailbox.types import ServerSettings
from ...mailbox.watched import Order

_logger = logging.getLogger(__name__)

#: Seconds after which a clerk that nobody asks is sent home.
IDLE = 20
#: Seconds to wait before another one is started, after one that failed.
PAUSE = 15
#: Accounts in one question.
MANY = 100


@dataclass(frozen=True, slots=True)
class Orders:
    """What a clerk answered.

    :ivar dict orders: id of an account to its Order
    :ivar dict errors: id to the MailboxError because of which there is none
    :ivar list gone: ids of accounts that are not to be watched
    """

    orders: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)
    gone: list = field(default_factory=list)


class Clerk:
    """Asks a clerk, in a thread.

    :param list command: what starts it
    :param tell: called with Orders
    """

    def __init__(self, command, tell):
        self._command, self._tell = command, tell
        self._questions = queue.SimpleQueue()
        self._process = None
        self._stopping = threading.Event()
        threading.Thread(target=self._run, name="clerk", daemon=True).start()

    def ask(self, ids, refused=None):
        """Have it told how these accounts are to be watched.

        :param list ids: of accounts
        :param dict refused: id to the token, a SASL string, that the server refused
        """
        for start in range(0, len(ids), MANY):
            self._questions.put((ids[start : start + MANY], refused or {}))

    def stop(self):
        """Send it home."""
        self._stopping.set()
        self._questions.put(None)
        if process := self._process:
            process.kill()

    def _run(self):
        while not self._stopping.is_set():
            try:
                question = self._questions.get(timeout=IDLE if self._process else None)
            except queue.Empty:
                self._end()
                continue
            if question is None:
                break
            try:
                self._tell(self._answer(*question))
            except (OSError, ValueError, KeyError, TypeError) as error:
                _logger.warning("Can't ask how to sign in (%s); trying again", error)
                self._end()
                self._questions.put(question)
                self._stopping.wait(PAUSE)
        self._end()

    def _answer(self, ids, refused):
        if not self._process:
            self._process = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        question = {"ids": ids, "refused": {str(key): value for key, value in refused.items()}}
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise OSError("the program that reads the accounts has ended")
        return read_answer(json.loads(line))

    def _end(self):
        process, self._process = self._process, None
        if process:
            with contextlib.suppress(OSError):
                process.stdin.close()  # it ends when it can read no more
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
            process.stdout.close()


def read_answer(answer):
    """The Orders in a clerk's answer.

    :param dict answer: as `member.mail.account._listening_orders` returns it
    """
    orders = {}
    for key, order in answer["orders"].items():
        settings = dict(order["settings"])
        if settings["allowed_ports"] is not None:
            settings["allowed_ports"] = frozenset(settings["allowed_ports"])
        folders = {path: Seen(validity, uidnext) for path, validity, uidnext in order["folders"]}
        orders[int(key)] = Order(
            ServerSettings(**settings), folders, float(order["poll"]), order["apart"]
        )
    errors = {int(key): MailboxError(*error) for key, error in answer["errors"].items()}
    return Orders(orders, errors, answer["gone"])
