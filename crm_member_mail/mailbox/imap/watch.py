"""What is said over one signed-in connection that waits for new mail. No input or output happens here.

There are three ways, the best of which that the server offers is taken:

======  ============================================================================================
notify  NOTIFY (RFC 5465): the server tells of all folders
idle    IDLE (RFC 2177): the server tells of one folder; the others are asked about now and then
poll    neither: all folders are asked about (STATUS) now and then
======  ============================================================================================
"""

import re
from dataclasses import dataclass

from imapclient.imap_utf7 import decode as decode_utf7
from imapclient.imap_utf7 import encode as encode_utf7

from ..errors import MailboxError
from ..net.numbers import number
from .folders import folder_key

#: Seconds after which a connection is tried: one that is dead is noticed that soon, servers and
#: firewalls don't take us for gone (RFC 2177 says 29 minutes; some allow 10), and the other folders are
#: asked about.
PROBE = 85
#: Seconds that an answer may take.
ANSWER = 25
#: A server that ends IDLE within so many seconds does not mean it.
SHORT = 10
#: Bytes that a server may send between two probes: a line for each of some 100,000 new messages.
MOST_BYTES = 4 * 1024 * 1024
#: Bytes of the longest line, with its literals.
MOST_LINE = 16 * 1024
#: Folders that one command tells the server about, or that are asked about at once.
MOST_FOLDERS = 100

_LITERAL = re.compile(rb"\{(\d{1,9})\+?\}$")
_NUMBERED = re.compile(rb"\* (\d{1,10}) (EXISTS|EXPUNGE)\b", re.I)
_STATUS = re.compile(rb'\* STATUS ("(?:[^"\\]|\\.)*"|[^ ]+) \((.*)\)\s*$', re.I)
_ITEM = re.compile(rb"(UIDNEXT|UIDVALIDITY|MESSAGES) (\d{1,20})", re.I)
_CODE = re.compile(rb"\* OK \[(UIDNEXT|UIDVALIDITY) (\d{1,20})\]", re.I)
_TAGGED = re.compile(rb"(M\d+) (OK|NO|BAD)\b *(.*)", re.I)
_OVERFLOW = re.compile(rb"\* OK \[NOTIFICATIONOVERFLOW\]", re.I)


@dataclass(slots=True)
class Seen:
    """How far a folder is known: ``uidvalidity`` and ``uidnext`` as in FolderStatus, 0: not at all."""

    uidvalidity: int = 0
    uidnext: int = 0


class Watch:
    """Waits for new mail in some folders of a mailbox.

    Whoever owns it gives it what comes in (`feed`) and the time (`tick`), and sends what is in ``out``.

    :param capabilities: names in upper case
    :param folders: dict of path to Seen; the first one is the one to IDLE in. The Seen are updated.
    :param float poll: seconds between two looks where the server tells nothing by itself
    :param float now: as from `time.monotonic`

    :ivar str way: notify, idle or poll
    :ivar bool is_settled: whether it waits for news now, so that nothing can be missed from here on
    :ivar bytearray out: what is to be sent
    :ivar news: the paths with new mail since the owner last cleared this set
    """

    def __init__(self, capabilities, folders, poll, now):
        self.folders = dict(list(folders.items())[:MOST_FOLDERS])
        self.out = bytearray()
        self.news = set()
        self.is_settled = False
        self._by_key = {folder_key(path): path for path in self.folders}
        self._main = next(iter(self.folders))
        self._capabilities = capabilities
        self._poll = poll
        self._exists = None
        self._is_opened = False
        self._tags = 0
        #: What waits for its tagged answer: dict of tag to a method of the answer.
        self._waiting = {}
        #: When an answer is due, by the clock of the owner; None: no answer is due.
        self._due = None
        self._is_idling, self._idling_since = False, now
        self._line, self._missing = bytearray(), 0
        self._allowance = MOST_BYTES
        self._next = now
        self._now = now
        if "NOTIFY" in capabilities:
            self._choose("notify")
        else:
            self._choose("idle" if "IDLE" in capabilities else "poll")

    @property
    def is_live(self):
        """Whether the server tells of new mail by itself now."""
        return self.is_settled and self.way != "poll"

    @property
    def _others(self):
        """The paths of all folders but the one to IDLE in."""
        return [path for path in self.folders if path != self._main]

    def feed(self, data, now):
        """Take what the server sent.

        :param bytes data: some of it, from anywhere to anywhere; b'' when it hung up
        :raises MailboxError: connection_lost, protocol or too_much: the connection is of no more use
        """
        self._now = now
        if not data:
            raise MailboxError("connection_lost")
        self._allowance -= len(data)
        if self._allowance < 0:
            raise MailboxError("too_much")
        while data:
            if self._missing:
                # Of a literal: its bytes may be line breaks.
                part, data = data[: self._missing], data[self._missing :]
                self._missing -= len(part)
                self._line += part
                if not self._missing:
                    self._line += b'"'
                continue
            part, end, data = data.partition(b"\n")
            self._line += part
            if len(self._line) > MOST_LINE:
                raise MailboxError("protocol")
            if end:
                self._end_line()

    def tick(self, now):
        """Do what is due.

        :raises MailboxError: timeout: no answer came
        """
        self._now = now
        if self._due is not None:
            if now >= self._due:
                raise MailboxError("timeout")
            return
        if self.is_settled and now >= self._next:
            self._probe()

    def leave(self):
        """Say goodbye, without waiting for an answer."""
        if self._is_idling:
            self.out += b"DONE\r\n"
        self.out += b"M LOGOUT\r\n"

    # -- what is said ------------------------------------------------------------------------------

    def _choose(self, way):
        self.way = way
        if way == "notify":
            names = b" ".join(map(_quoted, self.folders))
            events = b"(MessageNew MessageExpunge)"
            # With STATUS the server begins with how far all these folders are.
            command = b"NOTIFY SET STATUS (MAILBOXES (" + names + b") " + events + b")"
            self._ask(command, self._after_notify)
        elif way == "idle":
            self._ask(b"EXAMINE " + _quoted(self._main), self._after_examine)
        else:
            self._look(list(self.folders))

    def _after_notify(self, kind, _text):
        if kind == b"OK" and "NOTIFY" in self._capabilities:
            self._settle(PROBE)
        else:
            # NO with BADEVENT, or a list of folders that the server does not take; or an overflow.
            self.is_settled = False
            self._choose("idle" if "IDLE" in self._capabilities else "poll")

    def _after_examine(self, kind, text):
        if kind != b"OK":
            raise MailboxError("server_error", text)
        self._is_opened = True
        if not self.folders[self._main].uidnext:
            # The server did not say it, and nobody knows what came before.
            self.news.add(self._main)
        self._look(self._others)

    def _look(self, paths):
        """Ask how far folders are, and go on waiting."""
        if not paths:
            self._wait()
        for path in paths:
            is_last = path == paths[-1]
            # One that does not exist any more is the scan's business.
            self._ask(
                b"STATUS " + _quoted(path) + b" (UIDNEXT UIDVALIDITY)",
                (lambda _kind, _text: self._wait()) if is_last else (lambda _kind, _text: None),
            )

    def _wait(self):
        if self.way == "idle":
            self._is_idling, self._idling_since = True, self._now
            self._ask(b"IDLE", self._after_idle)
        elif self.way == "poll":
            self._settle(self._poll)
        else:
            self._settle(PROBE)

    def _after_idle(self, kind, _text):
        self._is_idling, self.is_settled = False, False
        if kind != b"OK" or self._now < self._idling_since + SHORT:
            # Some servers announce IDLE and refuse it, or end it at once.
            self._choose_poll()
        else:
            self._look(self._others)

    def _choose_poll(self):
        self.way = "poll"
        self._look(self._others)

    def _probe(self):
        """Find out whether anybody is there, and how far the other folders are."""
        self._allowance = MOST_BYTES
        self.is_settled = False
        if self.way == "notify":
            self._ask(b"NOOP", self._after_notify)
        elif self.way == "idle":
            self.out += b"DONE\r\n"
            self._due = self._now + ANSWER
        elif self._is_opened:
            # About a folder that is open one does not ask by STATUS (RFC 9051 section 6.3.11).
            others = self._others
            self._ask(b"NOOP", lambda _kind, _text: None if others else self._wait())
            if others:
                self._look(others)
        else:
            self._look(list(self.folders))

    def _settle(self, seconds):
        self.is_settled = True
        self._due = None
        self._next = self._now + seconds

    def _ask(self, command, then):
        self._tags += 1
        tag = b"M%d" % self._tags
        self._waiting[tag] = then
        self.out += tag + b" " + command + b"\r\n"
        self._due = self._now + ANSWER

    # -- what is heard -----------------------------------------------------------------------------

    def _end_line(self):
        line = bytes(self._line).rstrip(b"\r")
        if found := _LITERAL.search(line):
            # As a quoted string, in which our patterns find it again.
            self._missing = int(found[1])
            if self._missing > MOST_LINE:
                raise MailboxError("protocol")
            self._line = bytearray(line[: found.start()] + b'"')
            if not self._missing:
                self._line += b'"'
            return
        self._line = bytearray()
        self._hear(line)

    def _hear(self, line):
        if line.startswith(b"* "):
            self._hear_untagged(line)
        elif line.startswith(b"+"):
            if self._is_idling:
                self._settle(PROBE)
        elif found := _TAGGED.match(line):
            tag, kind, text = found.groups()
            then = self._waiting.pop(tag, None)
            if then is None:
                raise MailboxError("protocol")
            if not self._waiting:
                self._due = None
            then(kind.upper(), text.decode("utf-8", "replace"))

    def _hear_untagged(self, line):
        if found := _NUMBERED.match(line):
            self._hear_number(int(found[1]), found[2].upper())
        elif found := _STATUS.match(line):
            items = {name.upper(): number(value) for name, value in _ITEM.findall(found[2])}
            if path := self._by_key.get(folder_key(_path(found[1]))):
                self._compare(path, items)
        elif _OVERFLOW.match(line):
            # From now on the server tells of nothing (RFC 5465 section 5.8).
            self._capabilities = self._capabilities - {"NOTIFY"}
            if self.way == "notify" and not self._waiting:
                self._after_notify(b"NO", "")
        elif found := _CODE.match(line):
            if not self._is_opened:
                self._compare(self._main, {found[1].upper(): number(found[2])})
        elif line[:5].upper() == b"* BYE":
            raise MailboxError("connection_lost", line[5:].decode("utf-8", "replace").strip())

    def _hear_number(self, count, what):
        if self.way == "notify":
            return  # of no folder
        if what == b"EXPUNGE":
            if self._exists:
                self._exists -= 1
            return
        if self._is_opened and (more := count - (self._exists or 0)) > 0:
            self.news.add(self._main)
            self.folders[self._main].uidnext += more  # at least
        self._exists = count

    def _compare(self, path, items):
        """Compare how far a folder is with how far it is known to be."""
        seen = self.folders[path]
        validity, uidnext = items.get(b"UIDVALIDITY"), items.get(b"UIDNEXT")
        if validity and validity != seen.uidvalidity:
            seen.uidvalidity, seen.uidnext = validity, 0
            self.news.add(path)
        if uidnext and uidnext > seen.uidnext:
            seen.uidnext = uidnext
            self.news.add(path)


def _quoted(path):
    """The name of a folder as a quoted string (RFC 9051 section 5.1)."""
    return b'"' + encode_utf7(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _path(name):
    """The path in a name as the server sends it, '' when it can't be read."""
    if name.startswith(b'"'):
        name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
    try:
        return decode_utf7(name)
    except ValueError:
        return ""
