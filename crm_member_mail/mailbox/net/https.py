"""Questions over HTTPS, in a bounded time and number of bytes, whatever the server does.

Nothing here follows a redirect: a request with secrets in it must not go elsewhere, and who asks for
something public decides by themselves.
"""

import base64
import http.client
import io
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlencode, urlsplit

from ..errors import MailboxError
from ..words import _lt
from .bounded import BoundedConnection

#: Bytes that an answer may have besides its content.
HEAD_BYTES = 64 * 1024

_SAFE = "/%:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: ``data`` is empty unless the whole of it was short enough, ``location``
    where it redirects to."""

    status: int
    data: bytes = field(repr=False)
    location: str = ""


def ask(url, deadline, form=None, headers=None, most=64 * 1024, allow_private=False):
    """Send one request, a POST if there is a ``form``, else a GET.

    The host is resolved once, checked and connected to at that address, and its certificate is verified,
    unless the way leads over the proxy of the environment (HTTPS_PROXY, NO_PROXY), which does that.

    :param str url: https; or http, where private networks are allowed
    :param float deadline: when the whole answer must be there, as of ``time.monotonic``
    :param dict form: values to send
    :param dict headers: more header fields
    :param int most: bytes that the content may have; of a longer one nothing is kept
    :param bool allow_private: whether the server may be on a private network
    :return: Answer
    :raises MailboxError: any code of `connect` and `wrap` in :mod:`.connection`, timeout, protocol
    """
    host, port, is_tls, path = _take_apart(url, allow_private)
    headers = {"User-Agent": "crm_member_mail", "Connection": "close", **(headers or {})}
    body = None
    if form is not None:
        body = urlencode(form).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    with _connected(host, port, is_tls, deadline, allow_private) as line:
        connection = http.client.HTTPConnection(host, port)
        connection.default_port = 443 if is_tls else 80  # is not named in the Host field
        connection.sock = _Socket(line, most + HEAD_BYTES)
        with line.translated(http.client.HTTPException, ValueError, AttributeError):
            connection.request("GET" if form is None else "POST", path, body, headers)
            with connection.getresponse() as response:
                location = response.headers.get("Location", "")
                data = response.read(most + 1)
    return Answer(response.status, data if len(data) <= most else b"", location)


class _Socket:
    """What http.client needs of the socket of a BoundedConnection: it reads so many bytes at most, and
    none after the deadline, when there may be many left in the system's buffer."""

    def __init__(self, line, most):
        self._line, self._most = line, most
        self.sendall = line.sock.sendall

    def makefile(self, _mode):
        return io.BufferedReader(_Reader(self._line, self._most))

    def close(self):
        """The BoundedConnection closes it."""


class _Reader(io.RawIOBase):
    def __init__(self, line, most):
        self._line, self._left = line, most

    def readable(self):
        return True

    def readinto(self, buffer):
        count = self._line.sock.recv_into(buffer)
        self._left -= count
        if self._line.is_late or self._left < 0:
            raise http.client.HTTPException("the answer is too long")
        return count


def _take_apart(url, allow_private):
    """Host, port, whether to speak TLS, and path of a URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme != "https" and not (parts.scheme == "http" and allow_private):
        raise MailboxError("protocol", _lt("not an https address"))
    is_tls = parts.scheme == "https"
    path = quote(parts.path or "/", safe=_SAFE)
    query = quote(parts.query, safe=f"{_SAFE}?")
    return host, port or (443 if is_tls else 80), is_tls, f"{path}?{query}" if query else path


def _connected(host, port, is_tls, deadline, allow_private):
    """A BoundedConnection to the host, over the proxy if there is one."""
    proxy = urllib.request.getproxies().get("https") if is_tls else None
    if not proxy or urllib.request.proxy_bypass(host):
        line = BoundedConnection(host, port, allow_private, deadline)
        proxy = None
    else:
        proxy = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        # The administrator named it; most are on the local network.
        line = BoundedConnection(proxy.hostname or "", proxy.port or 8080, True, deadline)
    try:
        if proxy:
            _tunnel(line, proxy, host, port)
        if is_tls:
            line.start_tls(host)
    except BaseException:
        line.__exit__()
        raise
    return line


def _tunnel(line, proxy, host, port):
    """Have a proxy connect us (CONNECT, RFC 9110 section 9.3.6)."""
    line.say(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}")
    if proxy.username:
        login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        line.say(f"Proxy-Authorization: Basic {base64.b64encode(login.encode()).decode()}")
    line.say("")
    status = line.hear()
    if status.split(b" ")[1:2] != [b"200"]:
        raise MailboxError("unreachable", status, line.host)
    line.hear_until(lambda text: not text)
