"""Connections: the name is resolved once, checked, and connected to; TLS is always verified."""

import errno
import functools
import ipaddress
import os
import socket
import ssl
import threading
import time

from .errors import MailboxError


def connect(settings):
    """Open a TCP connection to ``settings`` (ServerSettings).

    The name is resolved once and the connection goes to an address that was checked, so that a name
    which resolves to something else the second time leads nowhere.

    :return: a connected socket with ``settings.timeout``
    :raises MailboxError: host_not_found, private_host, refused, timeout, unreachable
    """
    deadline = time.monotonic() + settings.timeout
    error = None
    for family, address in _resolve(settings):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(left)
            sock.connect(address)
            sock.settimeout(settings.timeout)
            # imaplib sends some commands in two pieces: the second one must not wait for an answer.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        except OSError as failed:
            # An address without a route, mostly of IPv6, must not hide one that works.
            sock.close()
            error = failed
    raise translate(error or TimeoutError(), settings.host)


def wrap(sock, host):
    """Speak TLS over ``sock`` and verify the certificate for ``host``.

    :raises MailboxError: tls_untrusted, tls_wrong_name, tls_expired, tls_failed, timeout
    """
    try:
        return tls_context().wrap_socket(sock, server_hostname=host)
    except OSError as error:
        sock.close()
        raise translate(error, host) from error


def tls_context():
    """The SSLContext that verifies servers; made anew only when the authorities' file changes,
    because reading it takes longer than the rest of a connection."""
    path = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    changed = os.stat(path).st_mtime_ns if path and os.path.exists(path) else 0
    return _make_context(path, changed)


@functools.lru_cache(maxsize=2)
def _make_context(_path, _changed):
    return ssl.create_default_context()


def translate(error, host):
    """The MailboxError for an exception of the socket or ssl module."""
    if isinstance(error, ssl.SSLCertVerificationError):
        # OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH
        code = {10: "tls_expired", 62: "tls_wrong_name", 64: "tls_wrong_name"}.get(
            error.verify_code, "tls_untrusted"
        )
        return MailboxError(code, error.verify_message, host)
    if isinstance(error, TimeoutError):
        return MailboxError("timeout", "", host)
    if isinstance(error, ssl.SSLEOFError):
        return MailboxError("connection_lost", "", host)
    if isinstance(error, ssl.SSLError):
        return MailboxError("tls_failed", error.reason or "", host)
    if isinstance(error, socket.gaierror):
        return MailboxError("host_not_found", "", host)
    if isinstance(error, ConnectionRefusedError):
        return MailboxError("refused", "", host)
    if isinstance(error, OSError) and error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return MailboxError("unreachable", error.strerror, host)
    detail = getattr(error, "strerror", None) or type(error).__name__
    return MailboxError("connection_lost", detail, host)


def _resolve(settings):
    """The addresses of the host: pairs of family and socket address, checked."""
    answers = _look_up(settings)
    found = list(dict.fromkeys((answer[0], answer[4]) for answer in answers))
    if not settings.allow_private:
        for _family, address in found:
            if not ipaddress.ip_address(address[0].partition("%")[0]).is_global:
                raise MailboxError("private_host", "", settings.host)
    return found


def _look_up(settings):
    # getaddrinfo knows no time-out of its own; a thread that hangs in it is left behind.
    result = []

    def work():
        try:
            result.append(socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            result.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(settings.timeout)
    if not result:
        raise MailboxError("timeout", "", settings.host)
    if isinstance(result[0], socket.gaierror) and result[0].errno == socket.EAI_AGAIN:
        raise MailboxError("unreachable", "the name service does not answer", settings.host)
    if isinstance(result[0], Exception):
        raise MailboxError("host_not_found", "", settings.host)
    return result[0]
