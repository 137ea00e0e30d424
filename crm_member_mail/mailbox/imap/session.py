"""One signed-in IMAP connection."""

import contextlib
import imaplib
import logging
import re
import threading
from importlib.metadata import PackageNotFoundError, version

import imapclient
from imapclient.exceptions import IMAPClientError
from imapclient.imap_utf7 import decode as decode_utf7
from imapclient.response_parser import parse_response
from imapclient.util import chunk

from ..errors import MailboxError
from ..net import connection, xoauth2
from ..net.answers import conceal, from_answer
from ..words import _lt
from . import fetch_answer

_logger = logging.getLogger(__name__)

#: Seconds that one IMAP command may take in all. The timeout of the socket restarts with each byte, so
#: a server that sends a byte now and then would hold us forever.
COMMAND_SECONDS = 300

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class _Imap4(imaplib.IMAP4):
    """imaplib over a socket that is already connected."""

    def __init__(self, host, sock):
        self._connected = sock
        super().__init__(host)  # STARTTLS verifies the certificate for this name

    def _create_socket(self, timeout=None):
        return self._connected

    def readline(self):
        try:
            return super().readline()
        except self.abort:
            raise
        except self.error:
            # The line is longer than imaplib accepts, such as the structure of a message with
            # thousands of parts. Its parts would be taken for answers to the next command.
            while (rest := self.file.readline(65536)) and not rest.endswith(b"\n"):
                pass
            self.untagged_responses.clear()
            raise


class _Client(imapclient.IMAPClient):
    """IMAPClient over a socket that :mod:`~..net.connection` resolved, checked and connected."""

    def __init__(self, settings, sock):
        self._connected = sock
        super().__init__(settings.host, settings.port, ssl=False, timeout=settings.timeout)
        self.ssl = settings.encryption == "ssl"
        # imapclient logs every line, including the one with the password.
        self._imap.debug = 0
        self.normalise_times = False

    def _create_IMAP4(self):
        return _Imap4(self.host, self._connected)

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

    def list_with_status(self):
        """All folders and their status, with one command (LIST-STATUS, RFC 5819).

        :return: the folders as from ``list_folders``, and a dict of folder name to its status items
        """
        returns = "RETURN (SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY MAILBOXID))"
        if not self.has_capability("SPECIAL-USE"):
            returns = returns.replace("SPECIAL-USE ", "")
        if not self.has_capability("OBJECTID"):
            returns = returns.replace(" MAILBOXID", "")
        kind, data = self._imap._simple_command("LIST", '""', '"*"', returns)
        self._checkok("LIST", kind, data)
        statuses = self._imap._untagged_response(kind, data, "STATUS")[1]
        folders = self._imap._untagged_response(kind, data, "LIST")[1]
        answers = parse_response([line for line in statuses if line])
        return self._proc_folder_list(folders), {
            name if isinstance(name, int) else decode_utf7(name): dict(chunk(items, size=2))
            for name, items in chunk(answers, size=2)
        }


class ImapSession:
    """A signed-in connection to an IMAP server (RFC 9051); a context manager that logs out.

    Errors that quote the server are raised without their cause: the server may repeat the password,
    and a traceback would show it.

    ``capabilities`` is a frozenset of upper-case names. ``selected`` is the path of the folder that
    is open, or None, and ``exists`` its number of messages when it was opened. ``message_limit`` is
    how many messages one command may be about (MESSAGELIMIT, RFC 9738), or None. Everything that
    goes wrong is raised as a MailboxError.
    """

    def __init__(self, settings, deadline_seconds=None):
        self.settings = settings
        self.capabilities = frozenset()
        self.selected = None
        self.exists = 0
        self.message_limit = None
        self._client = None
        self._socket = None
        self._overdue = False
        self._timer = None
        if deadline_seconds:
            self._timer = self._watch(deadline_seconds)

    @classmethod
    def open(cls, settings, deadline_seconds=None, renew=None):
        """Connect, secure the connection, sign in.

        :param ServerSettings settings: of the IMAP server
        :param float deadline_seconds: how long the whole session may last; None: no limit
        :param renew: returns other settings when the token is refused (:mod:`~..net.xoauth2`)
        :return: an ImapSession
        :raises MailboxError: any code except those about folders
        """
        return xoauth2.open_with_token(
            lambda settings: cls._open(settings, deadline_seconds), settings, renew
        )

    @classmethod
    def _open(cls, settings, deadline_seconds):
        session = cls(settings, deadline_seconds)
        try:
            session._connect()
            session._log_in()
        except BaseException:
            session.close()
            raise
        return session

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def __repr__(self):
        return f"<ImapSession {self.settings.login} at {self.settings.host}:{self.settings.port}>"

    def close(self):
        """Log out and hang up; never raises."""
        if self._timer:
            self._timer.cancel()
        if self._client and not self._overdue:
            with contextlib.suppress(MailboxError):
                self.call("logout", seconds=self.settings.timeout)
        if self._client:
            with contextlib.suppress(Exception):
                self._client.shutdown()
        elif self._socket:
            self._socket.close()
        self._client = None

    def call(self, method, *args, seconds=COMMAND_SECONDS, default="server_error", **options):
        """Call a method of the IMAPClient and translate what goes wrong.

        :param str method: its name
        :param float seconds: the longest that it may take
        :param str default: code for a refusal (NO, BAD) that says nothing more
        :raises MailboxError:
        """
        host = self.settings.host
        timer = self._watch(seconds)
        try:
            return getattr(self._client, method)(*args, **options)
        except imaplib.IMAP4.abort as error:
            if self._overdue:
                raise MailboxError("deadline", host=host) from error
            words = conceal(error, self.settings)
            raise from_answer(words, host, default="connection_lost") from None
        except IMAPClientError as error:
            if isinstance(error.__context__, imaplib.IMAP4.abort):
                # imapclient also reports a lost connection as a refused login.
                if self._overdue:
                    raise MailboxError("deadline", host=host) from error
                default = "connection_lost"
            raise from_answer(conceal(error, self.settings), host, default) from None
        except OSError as error:
            if self._overdue:
                raise MailboxError("deadline", host=host) from error
            raise connection.translate(error, host) from error
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            # imapclient's parser met an answer that is not IMAP.
            if self._overdue:
                raise MailboxError("deadline", host=host) from error
            raise MailboxError("protocol", type(error).__name__, host) from None
        finally:
            timer.cancel()

    def _watch(self, seconds):
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        return timer

    def _cut(self):
        self._overdue = True
        sock = self._client.socket() if self._client else self._socket
        if sock:
            with contextlib.suppress(OSError):
                # Wakes a thread that waits for an answer; closing the socket would not.
                sock.shutdown(2)

    def _connect(self):
        settings = self.settings
        self._socket = sock = connection.connect(settings)
        if settings.encryption == "ssl":
            self._socket = sock = connection.wrap(sock, settings.host)
        try:
            self._client = _Client(settings, sock)
        except imaplib.IMAP4.error as error:
            code = "deadline" if self._overdue else "connection_lost"
            words = conceal(error, settings)
            answer = from_answer(words, settings.host, default=code)
            if settings.encryption == "none" or answer.code != "connection_lost":
                raise answer from None
            raise MailboxError("connection_lost", words, settings.host) from None
        except OSError as error:
            if self._overdue:
                raise MailboxError("deadline", host=settings.host) from error
            raise connection.translate(error, settings.host) from error
        if settings.encryption == "starttls":
            self._start_tls()
        self._read_capabilities()

    def _start_tls(self):
        # A server that is authenticated before TLS (PREAUTH) could be anybody: RFC 9051 section 11.1.
        # imapclient refuses that, as it refuses a NO, and discards what was said before TLS.
        try:
            self.call("starttls", connection.tls_context(), default="starttls_unavailable")
        except MailboxError as error:
            refused = ("server_error", "protocol", "connection_lost")
            if error.code in refused and not isinstance(error.__cause__, OSError):
                raise MailboxError("starttls_unavailable", error.detail, error.host) from error
            raise

    def _log_in(self):
        settings = self.settings
        host = settings.host
        if settings.auth_method != "xoauth2" and _CONTROL.search(settings.login + settings.secret):
            # Neither LOGIN nor PLAIN can send it, and a line break would begin another command.
            raise MailboxError("auth_failed", _lt("it contains a control character"), host)
        if settings.auth_method == "xoauth2":
            offered = [c.removeprefix("AUTH=") for c in self.capabilities if c.startswith("AUTH=")]
            xoauth2.check_way(settings, offered)
            answer = xoauth2.responder(settings)
            self.call("sasl_login", "XOAUTH2", answer, default="token_refused")
        elif (
            settings.login + settings.secret
        ).isascii() and "LOGINDISABLED" not in self.capabilities:
            self.call("login", settings.login, settings.secret, default="auth_failed")
        elif "AUTH=PLAIN" in self.capabilities or not settings.secret.isascii():
            # LOGIN knows only ASCII (imapclient raises UnicodeEncodeError); PLAIN is UTF-8
            # (RFC 4616).
            self.call("plain_login", settings.login, settings.secret, default="auth_failed")
        else:
            raise MailboxError("login_unsupported", "LOGINDISABLED", host)
        self._read_capabilities()
        if "ID" in self.capabilities:
            # 163.com and others refuse SELECT to clients that don't say who they are (RFC 2971).
            with contextlib.suppress(MailboxError):
                self.call("id_", {"name": "crm_member_mail", "version": _version()})

    def _read_capabilities(self):
        names = self.call("capabilities")
        self.capabilities = frozenset(name.decode("ascii", "replace").upper() for name in names)
        limit = next((c for c in self.capabilities if c.startswith("MESSAGELIMIT=")), "")
        if limit.partition("=")[2].isdigit():
            self.message_limit = int(limit.partition("=")[2])


def _version():
    try:
        return version("imapclient")
    except PackageNotFoundError:
        return "?"
