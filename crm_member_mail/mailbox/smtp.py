"""The outgoing server, as far as the connection test goes."""

import contextlib
import smtplib
import threading

from . import net
from .errors import MailboxError, from_answer


def check(settings, deadline_seconds=25.0):
    """Connect, secure the connection, log in, hang up.

    :param ServerSettings settings: of the SMTP server
    :param float deadline_seconds: how long it may take in all
    :raises MailboxError: when any step fails
    """
    sock = net.connect(settings)
    if settings.encryption == "ssl":
        sock = net.wrap(sock, settings.host)
    overdue = threading.Event()

    def cut():
        overdue.set()
        with contextlib.suppress(OSError):
            client.sock.shutdown(2)

    client = _Smtp(sock, settings)
    timer = threading.Timer(deadline_seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        _log_in(client, settings)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.quit()
    except MailboxError:
        raise
    except (smtplib.SMTPException, OSError, ValueError) as error:
        if overdue.is_set():
            raise MailboxError("deadline", host=settings.host) from error
        raise _translate(error, settings.host) from error
    finally:
        timer.cancel()
        client.close()


class _Smtp(smtplib.SMTP):
    """smtplib over a socket that is connected already."""

    def __init__(self, sock, settings):
        self._connected = sock
        super().__init__(timeout=settings.timeout)
        # `starttls` verifies the certificate for this name.
        self._host = settings.host

    def _get_socket(self, host, port, timeout):
        return self._connected


def _log_in(client, settings):
    code, answer = client.connect(settings.host, settings.port)
    if code != 220:
        raise from_answer(b"%d %s" % (code, answer), settings.host, default="connection_lost")
    client.ehlo_or_helo_if_needed()
    if settings.encryption == "starttls":
        try:
            code, answer = client.starttls(context=net.tls_context())
        except smtplib.SMTPNotSupportedError as error:
            raise MailboxError("starttls_unavailable", "", settings.host) from error
        if code != 220:
            raise MailboxError("starttls_unavailable", answer, settings.host)
        client.ehlo()
    if not client.has_extn("auth"):
        raise MailboxError("login_unsupported", "AUTH is not offered", settings.host)
    if settings.auth_method == "xoauth2":
        client.user = settings.login
        client.auth("XOAUTH2", lambda _challenge=None: settings.secret)
    else:
        client.login(settings.login, settings.secret)


def _translate(error, host):
    if isinstance(error, smtplib.SMTPAuthenticationError):
        answer = b"%d %s" % (error.smtp_code, error.smtp_error)
        if 400 <= error.smtp_code < 500:
            return from_answer(answer, host, default="unavailable")
        return from_answer(answer, host, default="auth_failed")
    if isinstance(error, smtplib.SMTPResponseException):
        return from_answer(b"%d %s" % (error.smtp_code, error.smtp_error), host)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return MailboxError("login_unsupported", str(error), host)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        if isinstance(error.__context__, OSError):
            # smtplib wraps what the socket says, a time-out mostly.
            return net.translate(error.__context__, host)
        return MailboxError("connection_lost", str(error), host)
    if isinstance(error, smtplib.SMTPException):
        return from_answer(str(error), host)
    if isinstance(error, ValueError):
        # smtplib's CRAM-MD5 and line checks; a password with a line break, for example.
        return MailboxError("auth_failed", "", host)
    return net.translate(error, host)
