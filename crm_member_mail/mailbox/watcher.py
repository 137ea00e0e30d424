"""Waits for new mail in many mailboxes at once: one thread for all connections, and some that sign in.

No thread belongs to a mailbox. What was heard is told to the owner (`Watcher.tell`), who decides what to
do about it.
"""

import contextlib
import heapq
import logging
import random
import selectors
import socket
import ssl
import threading
import time
from collections import deque

from .cases import OF_MACHINE
from .errors import MailboxError
from .imap.session import ImapSession
from .imap.watch import Watch
from .machine import trouble
from .sign_in_queue import SignInQueue
from .watched import Arrival, Needed, News

_logger = logging.getLogger(__name__)

#: Seconds that signing in may take.
SIGN_IN_SECONDS = 60
#: First and longest pause of a mailbox after a failure, in seconds: if its host can't be reached (short,
#: so that all are back soon after an outage); and if the server hangs up, or refuses us.
HOST_PAUSES, MAILBOX_PAUSES = (1, 30), (1, 900)
#: Seconds until a refused log-in is tried again, unless the settings change: each one more may lock the
#: mailbox.
AFTER_REFUSAL = 3600
#: A connection that lasted so many seconds was a good one: there is no pause after it.
GOOD = 60
#: Seconds after which a token may not be good for another log-in.
TOKEN_AGE = 300

#: Problems of the host or of the way to it, or of our machine: not of one mailbox.
_OF_HOST = {"refused", "timeout", "unreachable", "host_not_found", *OF_MACHINE}


class _Line:
    """A connection, or the want of one. ``part`` is 0, or 1 for that of the second folder."""

    __slots__ = (
        "began", "error_count", "interest", "mailbox", "part", "sock", "state", "token", "watch"
    )  # fmt: skip

    def __init__(self, mailbox, part):
        self.mailbox, self.part = mailbox, part
        #: spare (until it is known that the first one needs it), waiting (for its turn), signing (in),
        #: on, paused, needs (settings), or gone
        self.state = "spare"
        self.sock = self.watch = None
        self.began = 0.0
        self.error_count = 0
        self.interest = selectors.EVENT_READ
        #: Grows with each plan, so that an outdated one is known.
        self.token = 0


class _Mailbox:
    """A mailbox that was ordered."""

    __slots__ = ("is_stuck", "key", "lines", "order", "refused", "told")

    def __init__(self, key, order):
        self.key, self.order = key, order
        self.lines = []
        self.told = None
        #: Whether the server refused a token; whether nothing will change until somebody acts.
        self.refused = self.is_stuck = False


class Watcher:
    """Waits for new mail.

    :param tell: called with News, Arrival and Needed, in any of the threads here; must not block
    """

    def __init__(self, tell):
        self.tell = tell
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()
        for end in (self._bell, self._ringer):
            end.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._tasks = deque()
        self._mailboxes = {}
        self._waiting = SignInQueue()
        #: Plans: a heap of the moment, a number, the line and its token.
        self._plans, self._count = [], 0
        self._stopping = False
        self._thread = None

    # -- for the owner, in any thread --------------------------------------------------------------

    def start(self):
        """Begin to wait, in a thread."""
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._thread.start()

    def stop(self, seconds=5):
        """Say goodbye to all servers, and end."""
        self._call(self._stop)
        if self._thread:
            self._thread.join(seconds)

    def put(self, key, order):
        """Wait for the mailbox of this Order. One with the same key is replaced; if it has the same
        servers and folders, its connections stay.

        :param key: what it is called in what is told
        """
        self._call(self._put, key, order)

    def drop(self, key):
        """Wait no longer for the mailbox with this key."""
        self._call(self._drop, key)

    def fail(self, key, error):
        """There are no settings for the mailbox with this key, as an answer to Needed or to begin with.
        Connections that it has stay, and so does what was told of them.

        :param MailboxError error: why
        """
        self._call(self._fail, key, error)

    def share(self, part):
        """Other watchers sign in to the same servers: do so as seldom as leaves them room.

        :param float part: of the work that is ours, more than 0, at most 1
        """
        self._call(setattr, self._waiting, "share", part)

    def _call(self, task, *args):
        self._tasks.append((task, args))
        with contextlib.suppress(BlockingIOError, OSError):
            self._ringer.send(b"!")

    # -- the thread --------------------------------------------------------------------------------

    def _run(self):
        swept = time.monotonic()
        while not self._stopping:
            now = time.monotonic()
            for selected, events in self._selector.select(self._idle_seconds(now, swept)):
                if selected.data is None:
                    with contextlib.suppress(BlockingIOError):
                        self._bell.recv(4096)
                else:
                    self._serve(selected.data, events)
            while self._tasks:
                task, args = self._tasks.popleft()
                try:
                    task(*args)
                except Exception:
                    # A bug of ours with this mailbox must not hold up the others.
                    _logger.exception("Can't watch a mailbox")
            now = time.monotonic()
            if now >= swept + 1:
                swept = now
                self._sweep(now)
            self._carry_out_plans(now)
            self._sign_in_next(now)

    def _idle_seconds(self, now, swept):
        moments = [swept + 1]
        if self._plans:
            moments.append(self._plans[0][0])
        if (moment := self._waiting.next_moment()) is not None:
            moments.append(moment)
        return max(0.0, min(moments) - now)

    def _sweep(self, now):
        """Let all connections do what is due."""
        for mailbox in list(self._mailboxes.values()):
            for line in mailbox.lines:
                if line.state == "on":
                    self._step(line, line.watch.tick, now)

    def _serve(self, line, events):
        if line.state != "on":
            return
        if events & selectors.EVENT_READ or line.interest & selectors.EVENT_WRITE:
            self._step(line, self._receive, line)
        else:
            self._step(line, lambda: None)

    def _receive(self, line):
        """Read what there is; for TLS until there is no more, because OpenSSL may hold some back."""
        for _number in range(64):
            try:
                data = line.sock.recv(65536)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                return
            line.watch.feed(data, time.monotonic())
            if not isinstance(line.sock, ssl.SSLSocket):
                return

    def _step(self, line, method, *args):
        """Call a method of a connection, send what it has to say, and tell what it has heard."""
        end = None
        try:
            method(*args)
            self._send(line)
        except MailboxError as error:
            end = error
        except (OSError, ValueError) as error:
            end = trouble(error) or MailboxError("connection_lost", type(error).__name__)
        except Exception as error:
            end = trouble(error)
            if not end:
                _logger.exception("Can't watch a mailbox")
                end = MailboxError("unexpected", type(error).__name__)
        self._tell(line.mailbox)
        if end:
            self._lose(line, end)

    def _send(self, line):
        out = line.watch.out
        while out:
            try:
                del out[: line.sock.send(out)]
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                break
        interest = selectors.EVENT_READ | (selectors.EVENT_WRITE if out else 0)
        if interest != line.interest:
            line.interest = interest
            self._selector.modify(line.sock, interest, line)

    def _tell(self, mailbox):
        """Tell what the owner does not know yet."""
        heard = False
        for line in mailbox.lines:
            if line.watch and line.watch.news:
                line.watch.news.clear()
                heard = True
        if heard:
            self.tell(News(mailbox.key))
        main = mailbox.lines[0] if mailbox.lines else None
        if main and main.state == "on" and main.watch.is_settled:
            main.error_count = 0
            is_live = main.watch.is_live
            self._tell_arrival(mailbox, is_live, None if is_live else mailbox.order.poll)
            self._open_second(main)

    def _tell_arrival(self, mailbox, is_live, poll=None, error=None):
        told = is_live, poll, error and error.code
        if told != mailbox.told:
            mailbox.told = told
            self.tell(Arrival(mailbox.key, is_live, poll, error))

    # -- orders ------------------------------------------------------------------------------------

    def _put(self, key, order):
        known = self._mailboxes.get(key)
        if known and _is_same(known.order, order):
            known.order.settings, known.order.made = order.settings, order.made
            for line in known.lines:
                if line.state == "needs" or (line.state == "paused" and known.is_stuck):
                    self._queue(line)
            known.is_stuck = False
            return
        self._drop(key)
        mailbox = self._mailboxes[key] = _Mailbox(key, order)
        for part in range(1 + (order.apart and len(order.folders) > 1)):
            line = _Line(mailbox, part)
            mailbox.lines.append(line)
            if not part:
                self._queue(line)

    def _drop(self, key):
        mailbox = self._mailboxes.pop(key, None)
        for line in mailbox.lines if mailbox else ():
            self._close(line, "gone")

    def _fail(self, key, error):
        mailbox = self._mailboxes.get(key)
        if not mailbox:
            self.tell(Arrival(key, is_live=False, error=error))
            return
        for line in mailbox.lines:
            if line.state == "needs":
                self._refuse(line, error)

    def _stop(self):
        for key in list(self._mailboxes):
            for line in self._mailboxes[key].lines:
                if line.state == "on":
                    line.watch.leave()
                    with contextlib.suppress(OSError):
                        line.sock.send(line.watch.out)
            self._drop(key)
        self._stopping = True

    # -- connections -------------------------------------------------------------------------------

    def _queue(self, line):
        """Have a connection made, when it is its turn."""
        line.state = "waiting"
        self._waiting.add(_host(line), line)

    def _plan(self, line, seconds):
        line.state = "paused"
        line.token += 1
        self._count += 1
        # So that they don't all come at once.
        moment = time.monotonic() + seconds * random.uniform(0.8, 1.2)  # noqa: S311
        heapq.heappush(self._plans, (moment, self._count, line, line.token))

    def _carry_out_plans(self, now):
        while self._plans and self._plans[0][0] <= now:
            _moment, _count, line, token = heapq.heappop(self._plans)
            if line.state == "paused" and line.token == token:
                self._queue(line)

    def _sign_in_next(self, now):
        for line in self._waiting.take(now):
            order, name = line.mailbox.order, _host(line)
            if line.state != "waiting":
                self._waiting.leave(name)
            elif order.settings.auth_method == "xoauth2" and now > order.made + TOKEN_AGE:
                self._waiting.leave(name)
                line.state = "needs"
                self.tell(Needed(line.mailbox.key, None))
            else:
                line.state = "signing"
                work = threading.Thread(
                    target=self._sign_in, args=(line, name, order.settings), daemon=True
                )
                try:
                    work.start()
                except (RuntimeError, MemoryError) as error:
                    if not (outcome := trouble(error)):
                        raise
                    self._signed_in(line, name, order.settings, outcome)

    def _sign_in(self, line, name, settings):
        """In a thread: connect and sign in."""
        try:
            outcome = ImapSession.open(settings, SIGN_IN_SECONDS).hand_over()
        except MailboxError as error:
            outcome = error
        except Exception as error:  # whatever it is, the line must hear of it
            outcome = trouble(error)
            if not outcome:
                _logger.exception("Can't sign in to watch a mailbox")
                outcome = MailboxError("unexpected", type(error).__name__)
        self._call(self._signed_in, line, name, settings, outcome)

    def _signed_in(self, line, name, settings, outcome):
        failed = isinstance(outcome, MailboxError)
        self._waiting.leave(name, is_away=failed and outcome.code in _OF_HOST)
        if line.state != "signing":
            if not failed:
                outcome[0].close()
            return
        if failed:
            self._fail_to_sign_in(line, settings, outcome)
            return
        line.sock, capabilities, data = outcome
        order, now = line.mailbox.order, time.monotonic()
        line.mailbox.refused = False
        line.watch = Watch(capabilities, self._folders(line), order.poll, now)
        line.state, line.began, line.interest = "on", now, selectors.EVENT_READ
        self._selector.register(line.sock, selectors.EVENT_READ, line)
        self._step(line, lambda: data and line.watch.feed(data, now))
        if line.state == "on":
            # TLS may hold back what came along with the end of the log-in.
            self._step(line, self._receive, line)

    def _folders(self, line):
        """The folders that a connection is for: all, the inbox first; or the second one alone."""
        folders = line.mailbox.order.folders
        if not line.part:
            return folders
        second = list(folders)[1]
        return {second: folders[second]}

    def _open_second(self, line):
        """Where the server tells of one folder only, another connection waits for the second one."""
        if line.watch.way != "idle":
            return
        for other in line.mailbox.lines[1:]:
            if other.state == "spare":
                self._queue(other)

    def _fail_to_sign_in(self, line, settings, error):
        if line.part:
            # One connection too many, perhaps: the first one asks about this folder now and then.
            self._plan(line, MAILBOX_PAUSES[1])
            return
        if error.code == "token_refused" and not line.mailbox.refused:
            line.mailbox.refused = True
            line.state = "needs"
            self.tell(Needed(line.mailbox.key, settings))
        elif error.code in _OF_HOST:
            line.error_count += 1
            self._tell_arrival(line.mailbox, is_live=False, error=error)
            self._plan(line, _pause(HOST_PAUSES, line.error_count))
        elif error.kind in ("auth", "config"):
            self._refuse(line, error)
        else:
            self._lose(line, error)

    def _refuse(self, line, error):
        """Nothing will change until somebody acts: the scan finds that out, too, and says so."""
        self._tell_arrival(line.mailbox, is_live=False, error=error)
        self.tell(News(line.mailbox.key))
        line.mailbox.is_stuck = True
        self._plan(line, AFTER_REFUSAL)

    def _lose(self, line, error):
        """A connection has ended, or could not be made."""
        if line.state not in ("on", "signing"):
            return
        lasted = time.monotonic() - line.began if line.state == "on" else 0
        self._close(line, "paused")
        line.error_count = 1 if lasted > GOOD else line.error_count + 1
        if not line.part:
            _logger.info("Connection to %s lost: %s", _host(line), error.code)
            self._tell_arrival(line.mailbox, is_live=False, error=error)
        self._plan(line, _pause(MAILBOX_PAUSES, line.error_count))

    def _close(self, line, state):
        line.state = state
        line.watch = None
        if line.sock:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(line.sock)
            with contextlib.suppress(OSError):
                line.sock.close()
            line.sock = None


def _pause(pauses, count):
    first, longest = pauses
    return min(first * 2 ** min(count - 1, 20), longest)


def _host(line):
    return line.mailbox.order.settings.host


def _is_same(order, other):
    """Whether two orders differ in nothing but the secret, and how far folders are known."""
    ours, theirs = order.settings, other.settings
    names = ("host", "port", "encryption", "login", "auth_method")
    if ours.auth_method == "password":
        names = (*names, "secret")
    return (
        all(getattr(ours, name) == getattr(theirs, name) for name in names)
        and list(order.folders) == list(other.folders)
        and (order.poll, order.apart) == (other.poll, other.apart)
    )
