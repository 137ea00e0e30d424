"""The outgoing server: sign in, hand over emails, and know for certain what became of each."""

import base64
import contextlib
import smtplib
import sys
import threading
from dataclasses import dataclass

from ..errors import MailboxError, clean_detail
from ..machine import trouble
from ..mime.downgrade import downgraded
from ..net import connection, xoauth2
from ..net.answers import conceal, from_answer
from ..net.numbers import number
from ..net.phrase_book import DATA, GREETING, LOGIN, MAIL, RCPT, SMTP, look_up
from ..words import _lt
from .given_id import given_id

#: Seconds that a server may take to answer when it has received the whole email: it may scan for
#: viruses, and a client that gives up too soon sends the email twice (RFC 5321 section 4.5.3.2.6 wants
#: ten minutes, RFC 1047 says why).
CONTENT_SECONDS = 300.0

#: Seconds that a session may take before its first email.
OPENING_SECONDS = 60.0

#: Bytes of the longest answer; a line has no more than 512 (RFC 5321 section 4.5.3.1.5).
MAX_ANSWER = 256 * 1024


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a recipient was refused: ``words`` are what the server said, with its code; ``code`` is that
    of a :class:`~..errors.MailboxError` that says more, or ''."""

    words: str
    is_permanent: bool
    code: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an email: the ``accepted`` addresses, and a Refusal for each refused one.
    ``message_id`` is the one that the server says the email has now, often ''."""

    accepted: tuple[str, ...]
    refused: dict[str, Refusal]
    message_id: str = ""


def check(settings, deadline_seconds=25.0):
    """Connect, secure the connection, sign in, hang up.

    :param ServerSettings settings: of the SMTP server
    :param float deadline_seconds: how long it may take in all
    :return: bytes of the largest email that the server accepts; 0 when it doesn't say
    :raises MailboxError: when any step fails
    """
    with SmtpSession.open(settings, deadline_seconds) as session:
        return session.max_size


def greet(settings, deadline_seconds=25.0):
    """As `check`, but without signing in: the server is told no secret.

    :param ServerSettings settings: their ``secret`` is not used
    :raises MailboxError: when any step fails, or the server can't be signed in to
    """
    with SmtpSession._open(settings, deadline_seconds, _greet) as session:
        return session.max_size


class SmtpSession:
    """A signed-in connection to an SMTP server; a context manager.

    :ivar client: the `smtplib.SMTP`
    :ivar int max_size: bytes of the largest email that the server accepts (RFC 1870); 0: it doesn't
        say
    """

    def __init__(self, settings, client):
        self.settings = settings
        self.max_size = _max_size(client)
        self.client = client

    @classmethod
    def open(cls, settings, deadline_seconds=OPENING_SECONDS, renew=None):
        """Connect, secure the connection, and sign in.

        :param ServerSettings settings: of the SMTP server
        :param float deadline_seconds: how long that may take in all
        :param renew: returns other settings when the token is refused (:mod:`~..net.xoauth2`)
        :raises MailboxError: when any step fails
        """
        return xoauth2.open_with_token(
            lambda settings: cls._open(settings, deadline_seconds), settings, renew
        )

    @classmethod
    def _open(cls, settings, deadline_seconds, begin=None):
        sock = connection.connect(settings)
        if settings.encryption == "ssl":
            sock = connection.wrap(sock, settings.host)
        client = _Smtp(sock, settings)
        try:
            with _deadline(client, deadline_seconds) as overdue:
                try:
                    (begin or _log_in)(client, settings)
                except (smtplib.SMTPException, OSError, ValueError, MemoryError) as error:
                    if overdue.is_set():
                        raise MailboxError("deadline", host=settings.host) from error
                    # Its text may quote the password, which a traceback would show.
                    raise _translate(error, settings) from None
        except BaseException:
            client.close()
            raise
        return cls(settings, client)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    @property
    def is_open(self):
        """Whether another email can be sent over this connection."""
        return self.client.sock is not None

    def close(self):
        """Say QUIT and hang up."""
        if self.is_open:
            self.client.sock.settimeout(self.settings.timeout)
            with (
                contextlib.suppress(smtplib.SMTPException, OSError),
                _deadline(self.client, self.settings.timeout),
            ):
                self.client.quit()
        self.client.close()

    def send(self, sender, recipients, data, patience=CONTENT_SECONDS):
        """Hand over an email.

        :param str sender: envelope address, to which bounces go
        :param recipients: addresses, at least one
        :param bytes data: the email, with CRLF line ends
        :param float patience: seconds that the server may take until it has received the email, and
            again to answer then
        :return: Delivery; if it accepted nobody, nothing was sent
        :raises MailboxError: nothing was sent; the kind is `rejected` when trying again is pointless.
            The code `uncertain` is the exception: nobody knows whether the email was sent
        """
        client, host = self.client, self.settings.host
        if self.max_size and len(data) > self.max_size:
            raise MailboxError("too_large", f"{self.max_size} bytes", host)
        for address in (sender, *recipients):
            if not address.isprintable():
                raise MailboxError("bad_address", address, host)
        beyond = self._beyond_ascii(sender, recipients)
        if beyond:
            data = downgraded(data)
        options = self._options(sender, [r for r in recipients if r not in beyond], data)
        with _deadline(client, patience) as overdue:
            try:
                self._accept(client.mail(sender, options), MAIL)
                refused = beyond | self._refused([r for r in recipients if r not in beyond])
                accepted = tuple(address for address in recipients if address not in refused)
                if not accepted:
                    self._reset()
                    return Delivery((), refused)
                self._accept(client.docmd("DATA"), DATA, expected=354)
                client.send(_dotted(data))
            except (smtplib.SMTPException, OSError, MemoryError) as error:
                # Without its last line the email is incomplete, and the server discards it.
                client.close()
                if overdue.is_set():
                    raise MailboxError("deadline", host=host) from error
                raise _translate(error, self.settings) from None
        reply = self._finish(patience)
        self._accept(reply, DATA)
        return Delivery(accepted, refused, given_id(reply[1], host, (sender, *recipients)))

    def _beyond_ascii(self, sender, recipients):
        """The recipients whose addresses this server can't write: dict of address to Refusal.

        :raises MailboxError: `no_smtputf8` when nobody is left
        """
        if self.client.has_extn("smtputf8"):
            return {}
        beyond = [address for address in recipients if not address.isascii()]
        if not sender.isascii() or len(beyond) == len(recipients):
            raise MailboxError("no_smtputf8", host=self.settings.host)
        refusal = Refusal("SMTPUTF8", True, "no_smtputf8")
        return dict.fromkeys(beyond, refusal)

    def _options(self, sender, recipients, data):
        client = self.client
        options = [f"size={len(data)}"] if client.has_extn("size") else []
        if not data.isascii() and client.has_extn("8bitmime"):
            options.append("body=8bitmime")
        if not all(address.isascii() for address in (sender, *recipients)):
            client.command_encoding = "utf-8"
            options.append("smtputf8")
        return options

    def _refused(self, recipients):
        refused = {}
        for address in recipients:
            code, answer = self.client.rcpt(address)
            if code in (250, 251):
                continue
            words = _words(code, answer, self.settings)
            phrase = look_up(words, SMTP, RCPT)
            # The server hangs up, or it is not about this recipient: many only look at the sender, and
            # at what he may send, when they hear the first recipient.
            if code == 421 or (phrase and phrase.code in _ABOUT_SENDER):
                self._accept((code, answer), RCPT)
            is_permanent = code >= 500 and not (phrase and phrase.passes)
            refused[address] = Refusal(words, is_permanent, phrase.code if phrase else "")
        return refused

    def _finish(self, patience):
        """Send the last line and read the server's verdict on the email."""
        client = self.client
        try:
            client.sock.settimeout(patience)
            with _deadline(client, patience):
                client.send(b".\r\n")
                code, answer = client.getreply()
        except (smtplib.SMTPException, OSError, MemoryError) as error:
            client.close()
            translated = _translate(error, self.settings)
            raise MailboxError("uncertain", translated.detail, self.settings.host) from None
        except MailboxError:
            client.close()  # nobody watches the time, so the last line was not sent
            raise
        with contextlib.suppress(OSError, AttributeError):
            client.sock.settimeout(self.settings.timeout)
        if not (200 <= code < 300 or 400 <= code < 600):
            client.close()
            raise MailboxError("uncertain", _words(code, answer, self.settings), self.settings.host)
        return code, answer

    def _accept(self, reply, stage, expected=250):
        """
        :param str stage: of the phrase book
        :raises MailboxError: unless the server's ``reply`` (code, answer) is the expected one
        """
        code, answer = reply
        if code == expected or (expected == 250 and 200 <= code < 300):
            return
        if code == 421:
            self.client.close()
        else:
            self._reset()
        raise _answered(code, answer, self.settings, stage)

    def _reset(self):
        """Get ready for another email; hang up if that fails."""
        try:
            with _deadline(self.client, self.settings.timeout):
                code, _answer = self.client.rset()
        except (smtplib.SMTPException, OSError):
            code = 0
        if code != 250:
            self.client.close()


#: Codes of what is about the sender, whenever it is said.
_ABOUT_SENDER = {"sender_refused", "sending_limit", "sending_blocked", "auth_failed"}


def _answered(code, answer, settings, stage):
    """The MailboxError of a refusal; where the phrase book doesn't know it, it is permanent or not by
    its code (RFC 5321 section 4.2.1)."""
    default = "deferred" if 400 <= code < 500 else "rejected"
    return from_answer(_words(code, answer, settings), settings.host, default, SMTP, stage)


def _words(code, answer, settings):
    """What the server said, to be shown to people."""
    text = b"%d %s" % (code, answer if isinstance(answer, bytes) else b"")
    return clean_detail(conceal(text, settings))


def _dotted(data):
    """The email as it goes over the line (RFC 5321 section 4.5.2), without its last line."""
    data = smtplib._fix_eols(data.decode("utf-8", "surrogateescape")).encode(
        "utf-8", "surrogateescape"
    )
    data = smtplib._quote_periods(data)
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def _max_size(client):
    # RFC 1870 section 4: up to 20 digits.
    size = client.esmtp_features.get("size", "")
    return number(size, sys.maxsize) or 0


@contextlib.contextmanager
def _deadline(client, seconds):
    """Cut the connection after ``seconds``, because the timeout of a socket begins anew with each byte;
    yields an Event that is set then."""
    overdue = threading.Event()

    def cut():
        overdue.set()
        with contextlib.suppress(OSError, AttributeError):
            client.sock.shutdown(2)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    try:
        timer.start()
    except (RuntimeError, MemoryError) as error:
        raise trouble(error) or error from error
    try:
        yield overdue
    finally:
        timer.cancel()


class _Smtp(smtplib.SMTP):
    """smtplib over a socket that is already connected."""

    def __init__(self, sock, settings):
        self._connected = sock
        # Otherwise smtplib would print what is sent if somebody set this for the whole class.
        self.debuglevel = 0
        super().__init__(timeout=settings.timeout)
        # `starttls` verifies the certificate for this name.
        self._host = settings.host

    def _get_socket(self, host, port, timeout):
        return self._connected

    def getreply(self):
        if self.file is None:
            self.file = _WholeLines(self.sock.makefile("rb"))
        self.file.left = MAX_ANSWER
        return super().getreply()


class _WholeLines:
    """A server's answers. A line that breaks off is no answer, although smtplib would accept its "250";
    nor is one that never ends.

    :ivar int left: bytes that the answer may still have
    """

    def __init__(self, file):
        self._file = file
        self.close = file.close
        self.left = 0

    def readline(self, limit=-1):
        line = self._file.readline(limit)
        self.left -= len(line)
        is_whole = line.endswith(b"\n") or len(line) == limit
        return line if is_whole and self.left >= 0 else b""


def _greet(client, settings):
    """Everything that comes before signing in."""
    code, answer = client.connect(settings.host, settings.port)
    if code != 220:
        words = _words(code, answer, settings)
        raise from_answer(words, settings.host, "connection_lost", SMTP, GREETING)
    _introduce(client, settings)
    if settings.encryption == "starttls":
        try:
            code, answer = client.starttls(context=connection.tls_context())
        except smtplib.SMTPNotSupportedError as error:
            raise MailboxError("starttls_unavailable", str(error), settings.host) from error
        except smtplib.SMTPResponseException as error:
            words = _words(error.smtp_code, error.smtp_error, settings)
            is_for_now = 400 <= error.smtp_code < 500
            code = "unavailable" if is_for_now else "starttls_unavailable"
            raise MailboxError(code, words, settings.host) from error
        if code != 220:
            words = _words(code, answer, settings)
            raise MailboxError("starttls_unavailable", words, settings.host)
        client.ehlo()
    if not client.has_extn("auth"):
        raise MailboxError("login_unsupported", _lt("the server doesn't offer AUTH"), settings.host)


def _introduce(client, settings):
    """Say EHLO, with the address in place of a name that the server doesn't accept (RFC 5321 section
    4.1.4); HELO where it doesn't know EHLO."""
    code, answer = client.ehlo()
    if 200 <= code < 300 or code in _NO_COMMAND:
        return client.ehlo_or_helo_if_needed()
    words = _words(code, answer, settings)
    error = from_answer(words, settings.host, "connection_lost", SMTP, GREETING)
    if code < 500 and error.code != "name_refused":
        raise error
    address = client.sock.getsockname()[0]
    client.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"
    code, _answer = client.ehlo()
    if not 200 <= code < 300:
        raise MailboxError("name_refused", words, settings.host)
    return None


#: Replies to a command that a server doesn't know (RFC 5321 section 4.2.4).
_NO_COMMAND = (500, 502)


def _log_in(client, settings):
    _greet(client, settings)
    if settings.auth_method == "xoauth2":
        xoauth2.check_way(settings, client.esmtp_features["auth"].upper().split())
        client.auth("XOAUTH2", xoauth2.responder(settings))
    elif (settings.login + settings.secret).isascii():
        client.login(settings.login, settings.secret)
    else:
        _log_in_utf8(client, settings)


def _log_in_utf8(client, settings):
    """Sign in with a login or password that is not ASCII, which smtplib can't do (RFC 4616)."""
    plain = base64.b64encode(f"\0{settings.login}\0{settings.secret}".encode()).decode()
    code, answer = client.docmd("AUTH", f"PLAIN {plain}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _translate(error, settings):
    host = settings.host
    if isinstance(error, smtplib.SMTPAuthenticationError):
        answer = _words(error.smtp_code, error.smtp_error, settings)
        if 400 <= error.smtp_code < 500:
            return from_answer(answer, host, "unavailable", SMTP, LOGIN)
        by_token = settings.auth_method == "xoauth2"
        default = "token_refused" if by_token else "auth_failed"
        return from_answer(answer, host, default, SMTP, LOGIN)
    if isinstance(error, smtplib.SMTPResponseException):
        words = _words(error.smtp_code, error.smtp_error, settings)
        return from_answer(words, host, protocol=SMTP)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return MailboxError("login_unsupported", str(error), host)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        if isinstance(error.__context__, OSError):
            # smtplib wraps what the socket raises, mostly a timeout.
            return connection.translate(error.__context__, host)
        return MailboxError("connection_lost", str(error), host)
    if isinstance(error, smtplib.SMTPException):
        return from_answer(conceal(error, settings), host, protocol=SMTP)
    if isinstance(error, ValueError):
        # smtplib's CRAM-MD5 and line checks; a password with a line break, for example.
        return MailboxError("auth_failed", "", host)
    return connection.translate(error, host)
