"""A web server for tests that publishes settings for mail programs, or what it is told to."""

import contextlib
import http.server
import ssl
import threading
from dataclasses import dataclass, field

from .certificates import make_certificates

#: Where the settings of a domain are.
PATH = "/mail/config-v1.1.xml"
WELL_KNOWN_PATH = "/.well-known/autoconfig/mail/config-v1.1.xml"


def config(imap=(), smtp=(), name="Example Mail"):
    """A file of settings: bytes.

    :param imap: servers, each a dict of `host`, `port`, `socket`, `username`, `ways`; what is left
        out is as usual
    :param smtp: likewise
    """
    servers = [_server("incomingServer", "imap", "imap", 993, server) for server in imap] + [
        _server("outgoingServer", "smtp", "smtp", 465, server) for server in smtp
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="club.example">
    <domain>club.example</domain>
    <displayName>{name}</displayName>
    {"".join(servers)}
  </emailProvider>
</clientConfig>
""".encode()


def _server(tag, kind, host, port, values):
    values = {
        "host": f"{host}.club.example", "port": port, "socket": "SSL",
        "username": "%EMAILADDRESS%", "ways": ("password-cleartext",), **values,
    }  # fmt: skip
    ways = "".join(f"<authentication>{way}</authentication>" for way in values["ways"])
    return f"""<{tag} type="{kind}">
      <hostname>{values["host"]}</hostname>
      <port>{values["port"]}</port>
      <socketType>{values["socket"]}</socketType>
      {ways}
      <username>{values["username"]}</username>
    </{tag}>"""


@dataclass
class Page:
    """What the server answers: ``silent`` says nothing until the test ends, ``endless`` repeats the
    body without an end."""

    body: bytes = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    silent: bool = False
    endless: bool = False


class AutoconfigServer:
    """An HTTPS server on 127.0.0.1 whose certificate is that of the other test servers; a context
    manager.

    ``pages`` are Pages, or bytes, by host and path (without query); what is not there is answered with
    404. ``requests`` are pairs of host and path with query. ``port`` is where it listens.

    :param folder: where the certificates of :mod:`.certificates` are, or are made
    """

    def __init__(self, folder):
        self.pages = {}
        self.requests = []
        self.closing = threading.Event()
        make_certificates(folder)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site, self._server.tls = self, context
        self.port = self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def finish_request(self, request, client_address):
        # Here, in the request's own thread: a client that is slow to shake hands holds up nobody.
        with (
            contextlib.suppress(OSError),
            self.tls.wrap_socket(request, server_side=True) as secured,
        ):
            super().finish_request(secured, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        site = self.server.site
        host = self.headers.get("Host", "")
        site.requests.append((host, self.path))
        page = site.pages.get((host, self.path.partition("?")[0]), Page(status=404))
        if not isinstance(page, Page):
            page = Page(page)
        if page.silent:
            site.closing.wait()
            return
        self.send_response(page.status)
        if not page.endless:
            self.send_header("Content-Length", str(len(page.body)))
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body)
        while page.endless and not site.closing.is_set():
            self.wfile.write(page.body)

    def log_message(self, *_arguments):
        pass
