"""Connections: the name is resolved once, checked, and connected to; TLS is always verified."""

import contextlib
import errno
import functools
import ipaddress
import os
import socket
import ssl
import threading
import time

from ..errors import MailboxError
from ..machine import trouble

#: The well-known prefix of NAT64 (RFC 6052): an IPv4 address follows, which is what is reached.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

#: Where all public IPv6 addresses are (RFC 4291 section 2.4). Outside it, `is_global` calls some
#: addresses public that lead to any IPv4 address (RFC 2765, RFC 4291 section 2.5.5.1, RFC 8215), to
#: the local site (RFC 3879), or nowhere.
_PUBLIC_6 = ipaddress.ip_network("2000::/3")

#: The blocks of IANA's special-purpose address registries (RFC 6890): also those that are reachable from
#: everywhere, where no mail server is. `is_global` knows them as they were when this Python was made.
#: Without those outside of _PUBLIC_6, and without IPv4 addresses in IPv6 ones, which
#: are judged by what they hold (::ffff:0:0/96, and _NAT64).
_SPECIAL = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # carriers' networks (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122)
        "169.254.0.0/16",  # the link (RFC 3927)
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.31.196.0/24",  # AS112 (RFC 7535)
        "192.52.193.0/24",  # AMT (RFC 7450)
        "192.88.99.0/24",  # 6to4 relays, out of use (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "192.175.48.0/24",  # AS112 (RFC 7534)
        "198.18.0.0/15",  # benchmarking (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "240.0.0.0/4",  # reserved, and broadcast (RFC 1112, RFC 8190)
        "2001::/23",  # IETF protocol assignments (RFC 2928), Teredo among them (RFC 4380)
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4 (RFC 3056), which carries any IPv4 address
        "2620:4f:8000::/48",  # AS112 (RFC 7534)
        "3fff::/20",  # documentation (RFC 9637)
    )
]

#: A public address at which Azure serves each virtual machine its own metadata; other clouds use
#: addresses that are not public.
_CLOUD = {ipaddress.ip_address("168.63.129.16")}


def connect(settings):
    """Open a TCP connection to ``settings`` (ServerSettings).

    The name is resolved once and the connection goes to an address that was checked, so that a name
    that resolves to something else the second time leads nowhere.

    :return: a connected socket with ``settings.timeout``
    :raises MailboxError: host_not_found, private_host, port_not_allowed, refused, timeout,
        unreachable, or what ails our machine
    """
    deadline = time.monotonic() + settings.timeout
    error = None
    addresses = _resolve(settings)
    if settings.allowed_ports is not None and settings.port not in settings.allowed_ports:
        raise MailboxError("port_not_allowed", str(settings.port), settings.host)
    for family, address in addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as failed:
            raise translate(failed, settings.host) from failed
        try:
            sock.settimeout(left)
            sock.connect(address)
            sock.settimeout(settings.timeout)
            # imaplib sends some commands in two pieces; the second must not wait for an answer.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        except OSError as failed:
            # An address without a route, mostly an IPv6 one, must not hide one that works.
            sock.close()
            error = failed
    raise translate(error or TimeoutError(), settings.host)


def wrap(sock, host):
    """Speak TLS over ``sock`` and verify the certificate for ``host``.

    :raises MailboxError: tls_untrusted, tls_wrong_name, tls_expired, tls_failed, timeout, or what ails
        our machine
    """
    try:
        return tls_context().wrap_socket(sock, server_hostname=host)
    except (OSError, MemoryError) as error:
        sock.close()
        raise translate(error, host) from error


def tls_context():
    """The SSLContext that verifies servers. A new one is made only when the file of authorities
    changes, because reading it takes longer than the rest of a connection.

    :raises MailboxError: what ails our machine
    """
    path = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    try:
        changed = os.stat(path).st_mtime_ns if path and os.path.exists(path) else 0
        return _make_context(path, changed)
    except (OSError, MemoryError) as error:
        raise trouble(error) or error from error


@functools.lru_cache(maxsize=2)
def _make_context(path, changed):
    context = ssl.create_default_context()
    if changed and not context.cert_store_stats()["x509_ca"]:
        # OpenSSL says nothing when it could not open the file, and nobody would be trusted for as long
        # as this context is kept.
        with contextlib.suppress(ssl.SSLError):  # the file is no such file
            context.load_verify_locations(path)
    return context


def translate(error, host):
    """The MailboxError for an exception of the socket or ssl module, or for too little memory."""
    if ours := trouble(error, host):
        return ours
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


def is_public(address):
    """Whether an IP address belongs to the public Internet: no loopback, link-local, private or
    multicast address, none of IANA's special-purpose blocks, and none of these wrapped in another one.

    :param str address: as getaddrinfo returns it
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6:
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in _PUBLIC_6:
            return False
    if any(ip in network for network in _SPECIAL):
        return False
    return ip.is_global and not ip.is_multicast and ip not in _CLOUD


def _resolve(settings):
    """The addresses of the host: pairs of family and socket address, checked."""
    answers = _look_up(settings)
    found = list(dict.fromkeys((answer[0], answer[4]) for answer in answers))
    # One private address is enough to refuse: a public name has no business with it.
    if not settings.allow_private and not all(is_public(address[0]) for _family, address in found):
        raise MailboxError("private_host", "", settings.host)
    return found


def _look_up(settings):
    # getaddrinfo has no timeout; a thread that hangs in it is left behind.
    result = []

    def work():
        try:
            result.append(socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM))
        except Exception as error:  # whatever it is, who waits must hear of it
            result.append(error)

    try:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
    except (RuntimeError, MemoryError) as error:
        raise trouble(error, settings.host) or error from error
    thread.join(settings.timeout)
    if not result:
        raise MailboxError("timeout", "", settings.host)
    if isinstance(result[0], Exception):
        raise trouble(result[0], settings.host) or MailboxError("host_not_found", "", settings.host)
    return result[0]
