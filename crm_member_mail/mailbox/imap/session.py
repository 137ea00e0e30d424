"""One signed-in IMAP connection."""

import contextlib
import functools
import imaplib
import logging
import re
from importlib.metadata import PackageNotFoundError, version

from imapclient.exceptions import IMAPClientError

from ..errors import MailboxError
from ..net import connection, deadlines, xoauth2
from ..net.answers import conceal, from_answer
from ..net.numbers import number
from ..net.phrase_book import APPEND, GREETING, IMAP, LOGIN, READ, SELECT
from ..words import _lt
from .client import COMMAND, MALFORMED, Client, Meter

_logger = logging.getLogger(__name__)

#: Seconds that one IMAP command may take in all. The timeout of the socket restarts with each byte, so
#: a server that sends a byte now and then would hold us forever.
COMMAND_SECONDS = 300

#: At which stage of the phrase book the commands are that have one of their own.
STAGES = {
    "login": LOGIN, "plain_login": LOGIN, "sasl_login": LOGIN,
    "select_folder": SELECT, "append": APPEND,
}  # fmt: skip

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ImapSession:
    """A signed-in connection to an IMAP server (RFC 9051); a context manager that logs out.

    Errors that quote the server are raised without their cause: the server may repeat the password,
    and a traceback would show it.

    ``capabilities`` is a frozenset of upper-case names. ``selected`` is the path of the folder that
    is open, or None, and ``exists`` its number of messages when it was opened; ``is_changing`` tells
    whether a folder is open for changing it. ``message_limit`` is
    how many messages one command may be about (MESSAGELIMIT, RFC 9738), or None. Everything that
    goes wrong is raised as a MailboxError.
    """

    def __init__(self, settings, deadline_seconds=None):
        self.settings = settings
        self.capabilities = frozenset()
        self.selected = None
        self.exists = 0
        self.is_changing = False
        self.message_limit = None
        self._client = None
        self._socket = None
        self._overdue = False
        self._meter = Meter()
        self._unwatch = None
        self._limit(deadline_seconds)

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
        self._end_deadline()
        if self._is_fit():
            with contextlib.suppress(MailboxError):
                self.call("logout", seconds=self.settings.timeout)
        self._shut()

    def hang_up(self):
        """Hang up, without waiting for the server; never raises."""
        self._end_deadline()
        if self._is_fit():
            with contextlib.suppress(Exception):
                self._client.leave()
        self._shut()

    def rest(self):
        """End the deadline of a session that nobody uses for now, and close its folder.

        :return: whether it can be used again; not where a folder is open for changing it, in which new
            mail would not be recent any more for others (RFC 9051 section 6.3.2)
        """
        self._end_deadline()
        if not self._is_fit() or self.is_changing:
            return False
        self.selected = None
        with contextlib.suppress(MailboxError):
            self.call("put_down")
            return True
        return False

    def resume(self, deadline_seconds, seconds):
        """Use again what has rested, for so many seconds at most; None: no limit.

        :param float seconds: how long the server may take for its first answer
        :raises MailboxError: it is of no use any more
        """
        self._limit(deadline_seconds)
        self.call("pick_up", seconds=seconds)

    def _limit(self, deadline_seconds):
        if deadline_seconds:
            self._unwatch = deadlines.watch(deadline_seconds, self._cut)

    def _end_deadline(self):
        if self._unwatch:
            self._unwatch()

    def _is_fit(self):
        return bool(self._client) and not self._overdue and not self._meter.is_over

    def _shut(self):
        if self._client:
            with contextlib.suppress(Exception):
                self._client.shutdown()
        elif self._socket:
            self._socket.close()
        self._client = None

    def hand_over(self):
        """Give the connection away; this session is of no more use.

        :return: the socket, which does not block from now on; ``capabilities``; and the bytes that were
            read from it already, of lines that nobody asked for
        """
        self._end_deadline()
        sock, client = self._client.socket(), self._client
        self._client = self._socket = None
        sock.setblocking(False)
        return sock, self.capabilities, client.read_ahead()

    def call(
        self,
        method,
        *args,
        seconds=COMMAND_SECONDS,
        default="server_error",
        allowance=COMMAND,
        **options,
    ):
        """Call a method of the IMAPClient and translate what goes wrong.

        :param str method: its name
        :param float seconds: the longest that it may take
        :param str default: code for a refusal (NO, BAD) that says nothing more
        :param Allowance allowance: what the answer may have
        :raises MailboxError:
        """
        host, stage = self.settings.host, STAGES.get(method, READ)
        unwatch = deadlines.watch(seconds, self._cut)
        try:
            self._client.begin(allowance)
            return getattr(self._client, method)(*args, **options)
        except imaplib.IMAP4.abort as error:
            self._raise_if_cut(error)
            words = conceal(error, self.settings)
            raise from_answer(words, host, "connection_lost", IMAP, stage) from None
        except IMAPClientError as error:
            if isinstance(error.__context__, imaplib.IMAP4.abort):
                # imapclient also reports a lost connection as a refused login.
                self._raise_if_cut(error)
                default = "connection_lost"
            raise from_answer(conceal(error, self.settings), host, default, IMAP, stage) from None
        except (OSError, MemoryError) as error:
            self._raise_if_cut(error)
            raise connection.translate(error, host) from error
        except MALFORMED as error:
            # imapclient's parser met an answer that is not IMAP.
            self._raise_if_cut(error)
            raise MailboxError("protocol", type(error).__name__, host) from None
        finally:
            unwatch()

    def _raise_if_cut(self, error):
        """
        :raises MailboxError: ``error`` comes from our end of the connection: time, or the Allowance,
            is used up
        """
        if self._meter.is_over:
            raise MailboxError("too_much", host=self.settings.host) from None
        if self._overdue:
            raise MailboxError("deadline", host=self.settings.host) from error

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
            self._client = Client(settings, sock, self._meter)
        except imaplib.IMAP4.error as error:
            if self._meter.is_over:
                raise MailboxError("too_much", host=settings.host) from None
            code = "deadline" if self._overdue else "connection_lost"
            words = conceal(error, settings)
            answer = from_answer(words, settings.host, code, IMAP, GREETING)
            if settings.encryption == "none" or answer.code != "connection_lost":
                raise answer from None
            raise MailboxError("connection_lost", words, settings.host) from None
        except (OSError, MemoryError) as error:
            self._raise_if_cut(error)
            raise connection.translate(error, settings.host) from error
        except MALFORMED as error:
            self._raise_if_cut(error)
            raise MailboxError("protocol", type(error).__name__, settings.host) from None
        if self._client.is_preauthenticated:
            # Whose mailbox this is nobody knows; before TLS it could be anybody's (RFC 9051 section
            # 11.1).
            raise MailboxError("preauth", host=settings.host)
        if settings.encryption == "starttls":
            self._start_tls()
        self._read_capabilities()

    def _start_tls(self):
        # imapclient refuses a NO, and :mod:`.client` forgets what was said before TLS.
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
                self.call("introduce", "crm_member_mail", _version())

    def _read_capabilities(self):
        names = self.call("capabilities")
        self.capabilities = frozenset(name.decode("ascii", "replace").upper() for name in names)
        limit = next((c for c in self.capabilities if c.startswith("MESSAGELIMIT=")), "")
        self.message_limit = number(limit.partition("=")[2], least=1)


@functools.cache
def _version():
    try:
        return version("imapclient")
    except PackageNotFoundError:
        return "?"
