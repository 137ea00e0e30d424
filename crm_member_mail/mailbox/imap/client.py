"""imaplib and imapclient, held to what an IMAP server may send: neither bounds an answer."""

import contextlib
import imaplib
from dataclasses import dataclass

import imapclient
from imapclient.exceptions import ProtocolError
from imapclient.imap_utf7 import decode as decode_utf7
from imapclient.response_parser import parse_response
from imapclient.util import chunk

from . import fetch_answer, list_answer

#: What imapclient and imaplib raise over an answer that is not IMAP, besides their own errors.
MALFORMED = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
    AssertionError,
)

#: What a server said earlier that still counts when the next command is sent: that it hangs up, and
#: what it can do, which it tells along with the answer to a log-in.
_LASTING = {"BYE", "CAPABILITY"}


#: Only Cyrus offers it. In the MAILBOXID of its STATUS (not of EXAMINE), Cyrus 3.6 sends whatever
#: bytes are in its memory there, which may even end the line.
_OF_CYRUS = "X-REPLICATION"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the answer to one command may have: ``lines``, bytes of ``text`` in them, and bytes of
    ``literals`` (RFC 9051 section 4.3)."""

    text: int
    literals: int
    lines: int

    def plus(self, literals):
        """This, with so many more bytes of literals."""
        return Allowance(self.text, self.literals + literals, self.lines)


_MB = 1024 * 1024

#: All that is said until the connection is secure.
OPENING = Allowance(_MB // 4, _MB // 4, 1000)

#: Any command: SEARCH answers with a line of up to 1 MB, and along with any answer come the changes
#: that others make meanwhile, a line for each message.
COMMAND = Allowance(4 * _MB, _MB, 100_000)

#: The list of folders: two lines for each of 10,000.
LISTING = Allowance(4 * _MB, _MB, 20_000)

#: FETCH of headers or of parts.
FETCH = Allowance(4 * _MB, 32 * _MB, 100_000)


class Meter:
    """Counts what a server sends.

    :ivar bool is_over: it sent more than it may; nothing more is read from it
    """

    def __init__(self):
        self.is_over = False
        self._text = self._literals = self._lines = 0

    def allow(self, allowance):
        """Begin a new phase, in which the server may send the Allowance."""
        self._text, self._literals = allowance.text, allowance.literals
        self._lines = allowance.lines

    def spend(self, text=0, literals=0, lines=0):
        """
        :raises imaplib.IMAP4.abort: that was too much
        """
        self._text -= text
        self._literals -= literals
        self._lines -= lines
        self.is_over |= min(self._text, self._literals, self._lines) < 0
        if self.is_over:
            raise imaplib.IMAP4.abort("the server sends too much")


class _Imap4(imaplib.IMAP4):
    """imaplib over a socket that is already connected."""

    def __init__(self, host, sock, meter, is_secure):
        self._connected = sock
        self._meter = meter
        #: Whether what the server says first comes from the server.
        self._is_secure = is_secure
        #: A folder that the server has been asked to open, and the tag of that command.
        self._ahead = None
        super().__init__(host)  # STARTTLS verifies the certificate for this name

    def _create_socket(self, timeout=None):
        return self._connected

    def examine_ahead(self, mailbox):
        """Ask for a folder to be opened read-only, without waiting for the answer. That is there for a
        `select` of this folder, if that is the next command; any other one throws it away."""
        self._ahead = mailbox, self._command("EXAMINE", mailbox)

    def select(self, mailbox="INBOX", readonly=False):
        if not self._ahead or (mailbox, readonly) != (self._ahead[0], True):
            return super().select(mailbox, readonly)
        self.untagged_responses = {}
        self.is_readonly = True
        kind, data = self._opened()
        return (
            (kind, self.untagged_responses.get("EXISTS", [None])) if kind == "OK" else (kind, data)
        )

    def _opened(self):
        (_mailbox, tag), self._ahead = self._ahead, None
        kind, data = self._get_tagged_response(tag)
        self.state = "SELECTED" if kind == "OK" else "AUTH"
        return kind, data

    def settle(self):
        """Hear how it went with the folder that was asked for ahead and is not wanted."""
        if self._ahead:
            self._opened()
            self.forget()

    def _command(self, name, *args):
        self.settle()
        return super()._command(name, *args)

    def read(self, size):
        # Before a byte is read: the memory for all of them is taken at once.
        self._meter.spend(literals=size)
        return super().read(size)

    def readline(self):
        try:
            line = super().readline()
        except self.abort:
            raise
        except self.error:
            # The line is longer than imaplib accepts, such as the structure of a message with
            # thousands of parts. Its parts would be taken for answers to the next command.
            while (rest := self.file.readline(65536)) and not rest.endswith(b"\n"):
                self._meter.spend(text=len(rest))
            self.untagged_responses.clear()
            raise
        self._meter.spend(text=len(line), lines=1)
        return line

    def _get_response(self, *args, **options):
        try:
            return super()._get_response(*args, **options)
        except MALFORMED as error:
            # Where the next answer begins is not known any more.
            self.sock.close()
            raise self.abort(f"not IMAP ({type(error).__name__})") from None

    def _get_capabilities(self):
        # imaplib asks for them after the greeting, and again after STARTTLS. What was said before TLS
        # could come from anybody (RFC 9051 section 6.2.1): all of it is forgotten.
        said = self.untagged_responses.pop("CAPABILITY", None)
        self.untagged_responses.clear()
        if self._is_secure and said:
            # With the greeting, to save the question; what holds after the log-in is asked for then.
            self.capabilities = tuple(said[-1].decode("ascii", "replace").upper().split())
            return None
        return super()._get_capabilities()

    def forget(self):
        """Drop what the server said besides the answers that were asked for."""
        said = self.untagged_responses
        self.untagged_responses = {name: said[name][-1:] for name in _LASTING & said.keys()}


class Client(imapclient.IMAPClient):
    """IMAPClient over a socket that :mod:`~..net.connection` resolved, checked and connected.

    :param Meter meter: counts what is read
    """

    def __init__(self, settings, sock, meter):
        self._connected = sock
        self._meter = meter
        self._is_secure = settings.encryption == "ssl"
        self._closing = None
        meter.allow(OPENING)
        super().__init__(settings.host, settings.port, ssl=False, timeout=settings.timeout)
        self.ssl = settings.encryption == "ssl"
        # imapclient logs every line, including the one with the password.
        self._imap.debug = 0
        self.normalise_times = False

    def _create_IMAP4(self):
        return _Imap4(self.host, self._connected, self._meter, self._is_secure)

    @property
    def is_preauthenticated(self):
        """Whether the server greeted us as somebody it knows (PREAUTH, RFC 9051 section 7.1.4)."""
        return self._imap.state != "NONAUTH"

    def introduce(self, name, version):
        """Say which program we are (ID, RFC 2971), without waiting for the answer."""
        self._imap._command("ID", f'("name" "{name}" "version" "{version}")')

    def put_down(self):
        """Close the folder that is open read-only, without waiting for the answer. Of a folder that is
        open a server tells what it was like when it last told of it (RFC 9051 section 6.3.11)."""
        self._imap.settle()
        if self._imap.state == "SELECTED":
            # CLOSE expunges nothing from a folder that is open read-only (RFC 9051 section 6.4.1).
            name = "UNSELECT" if self.has_capability("UNSELECT") else "CLOSE"
            self._closing = name, self._imap._command(name)
            self._imap.state = "AUTH"

    def pick_up(self):
        """Hear how it went with the folder that was closed by `put_down`."""
        closing, self._closing = self._closing, None
        if closing:
            name, tag = closing
            self._checkok(name, *self._imap._command_complete(name, tag))

    def leave(self):
        """Say that we hang up, if that can be said at once."""
        self.socket().settimeout(0)
        self._imap._command("LOGOUT")

    def read_ahead(self):
        """The bytes that were read from the socket, which must not block any more, but not used."""
        try:
            return self._imap.file.read1(65536) or b""
        except (OSError, ValueError):
            return b""  # none, and there is nothing to read

    def begin(self, allowance):
        """Get ready for a command, the answer to which may have the Allowance."""
        self._meter.allow(allowance)
        self._imap.forget()

    def fetch(self, uids, items):
        """FETCH items of messages, as in IMAPClient, but faster: see :mod:`~.fetch_answer`."""
        if not uids:
            return {}
        wanted = ",".join(map(str, uids))
        kind, data = self._imap.uid("FETCH", wanted, f"({' '.join(items)})")
        self._checkok("fetch", kind, data)
        found = fetch_answer.read(data)
        # Without what the server says of other messages in between.
        return {uid: found[uid] for uid in uids if uid in found}

    def list_with_status(self, ahead=None):
        """All folders and their status, with one command (LIST-STATUS, RFC 5819).

        :param str ahead: the folder that is likely to be opened next, read-only: the server is asked to
            do that already
        :return: the folders as from ``list_folders``, and a dict of folder name to its status items
        """
        returns = "RETURN (SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY MAILBOXID))"
        if not self.has_capability("SPECIAL-USE"):
            returns = returns.replace("SPECIAL-USE ", "")
        if not self.has_capability("OBJECTID") or self.has_capability(_OF_CYRUS):
            returns = returns.replace(" MAILBOXID", "")
        tag = self._imap._command("LIST", '""', '"*"', returns)
        if ahead:
            self._imap.examine_ahead(self._normalise_folder(ahead))
        kind, data = self._imap._command_complete("LIST", tag)
        self._checkok("LIST", kind, data)
        statuses = self._imap._untagged_response(kind, data, "STATUS")[1]
        folders = self._imap._untagged_response(kind, data, "LIST")[1]
        statuses = [line for line in statuses if line]
        found = list_answer.statuses(statuses)
        if found is None:
            found = _any_statuses(statuses)
        return self._proc_folder_list(folders), {_decoded(name): items for name, items in found}

    def _proc_folder_list(self, folder_data):
        # As in IMAPClient, where one name that can't be decoded spoils the list.
        data = [item for item in folder_data if item not in (b"", None)]
        found = list_answer.folders(data)
        if found is None:
            found = chunk(parse_response(data), size=3)
        return [(flags, delimiter, _decoded(name)) for flags, delimiter, name in found]


def _any_statuses(lines):
    """The status items in the lines of STATUS, in any form; of a line that can't be read, none."""
    with contextlib.suppress(ProtocolError, *MALFORMED):
        answers = chunk(parse_response(lines), size=2)
        return [(name, dict(chunk(items, size=2))) for name, items in answers]
    found = []
    for line in lines:
        with contextlib.suppress(ProtocolError, *MALFORMED):
            name, items = parse_response([line])
            found.append((name, dict(chunk(items, size=2))))
    return found


def _decoded(name):
    """A folder's name as text. What is not in modified UTF-7 (RFC 3501 section 5.1.3) is told by a
    character that no name may have (U+FFFD)."""
    if isinstance(name, int):
        return str(name)  # imapclient takes a name of digits for a number
    try:
        return decode_utf7(name)
    except ValueError:
        return name.decode("latin-1") + "\ufffd"
