"""A TCP proxy in front of an IMAP server that knows at which step a session is, and spoils it.

It reads enough of IMAP (RFC 9051) to see commands, answers and literals. Each command and its answer
is an :class:`Exchange`; a *fault* is a function that gets one and does something else than passing
it on. What there is of faults is in :mod:`.faults`.
"""

import contextlib
import re
import select
import socket
import ssl
import struct
import threading
import time
from collections import Counter

from ..patience import at_most

#: Seconds that a stalled answer waits for the client to give up; then the proxy does.
PATIENCE = 30

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n$")

#: Names of steps by command, where the name of the command is not good enough.
_STEPS = {
    "AUTHENTICATE": "login", "XLIST": "list", "LSUB": "list", "EXAMINE": "open", "SELECT": "open",
}  # fmt: skip


def step_of(line):
    """The step that a command line (bytes) belongs to.

    FETCH is ``headers`` (addresses of everything) and ``summaries`` (of what matched), or ``both`` where
    there are few, and ``bodies``; other commands go by their name in lower case.
    """
    words = line.decode("latin-1").upper().split()
    name = words[2] if words[1:2] == ["UID"] else (words[1] if words[1:] else "")
    if name == "FETCH":
        if b"BODY.PEEK[HEADER" not in line:
            return "bodies" if b"BODY" in line else "flags"
        if b"MESSAGE-ID" not in line:
            return "headers"
        return "both" if b"X-ORIGINAL-FROM" in line.upper() else "summaries"
    return _STEPS.get(name, name.lower())


class FaultProxy:
    """Listens on a free ``port`` of 127.0.0.1 and passes on to an IMAP server; a context manager.

    ``seen`` counts the steps that went by.

    :param int server_port: where the server speaks plain IMAP, on 127.0.0.1
    :param certificate: pair of files (certificate, key) to speak TLS towards the client with
    """

    def __init__(self, server_port, certificate=None):
        self.server_port = server_port
        self.seen = Counter()
        self._context = None
        if certificate:
            self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._context.load_cert_chain(*certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._strikes = []
        self._threads = []
        self.calmed = threading.Event()

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_exception):
        self.calm()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def strike(self, step, fault, occurrence=1, times=1):
        """Plan a ``fault`` for a step.

        :param fault: function of an :class:`Exchange`
        :param int occurrence: the first time counts as 1, from now on and over all connections
        :param times: how often from then on; None: always
        :return: a :class:`Strike`
        """
        strike = Strike(step, fault, occurrence, times)
        with self._lock:
            self._strikes.append(strike)
        self.calmed.clear()
        return strike

    def calm(self):
        """Stop all faults, and release stalled connections."""
        with self._lock:
            self._strikes.clear()
        self.calmed.set()

    def _fault_of(self, step):
        with self._lock:
            self.seen[step] += 1
            return next((strike for strike in self._strikes if strike.is_due(step)), None)

    def _start(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _accept(self):
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, client)

    def _serve(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError, EOFError), contextlib.ExitStack() as stack:
            stack.callback(lambda: client.close())
            if self._context:
                client.settimeout(at_most(PATIENCE))
                client = self._context.wrap_socket(client, server_side=True)
            server = stack.enter_context(
                socket.create_connection(("127.0.0.1", self.server_port), at_most(PATIENCE))
            )
            ends = _Wire(client), _Wire(server)
            self._pass_on(Exchange(self, *ends, b""), "greeting")
            while line := self._next_command(*ends):
                self._pass_on(Exchange(self, *ends, line), step_of(line))

    def _pass_on(self, exchange, step):
        strike = self._fault_of(step)
        if not strike:
            exchange.send(exchange.ask().data)
            return
        try:
            strike.fault(exchange)
        except (OSError, EOFError):
            strike.hung_up.set()  # the client left, or the server did
            raise
        finally:
            strike.over.set()

    def _next_command(self, client, server):
        """The next line of the client; what the server says unasked goes on to it meanwhile."""
        while not client.waiting():
            ready, _, _ = select.select([client.sock, server.sock], [], [], 0.2)
            if server.sock in ready:
                client.sock.sendall(server.line())
            if client.sock in ready:
                break
            if self.calmed.is_set() and self._listener.fileno() < 0:
                return b""
        return client.line()


class Strike:
    """A fault that is planned for a step. ``struck`` is set when it begins, ``over`` at its end;
    ``hung_up`` when the client was the one to leave; ``outlasted`` when it had to be sent away."""

    def __init__(self, step, fault, occurrence, times):
        self.step, self._left, self._times = step, occurrence, times
        self._fault = fault
        self.struck, self.over = threading.Event(), threading.Event()
        self.hung_up = threading.Event()
        self.outlasted = False

    def is_due(self, step):
        if step != self.step:
            return False
        self._left -= 1
        if self._left > 0:
            return False
        return self._times is None or self._left > -self._times

    def fault(self, exchange):
        self.struck.set()
        exchange.strike = self
        self._fault(exchange)


class Answer:
    """What the server said to one command: ``data``, of which ``tagged`` is the last line.

    ``literals`` are pairs of where the bytes of each literal begin and end in ``data``.
    """

    def __init__(self, data, tagged, literals):
        self.data, self.tagged, self.literals = data, tagged, literals

    @property
    def untagged(self):
        """All but the tagged line."""
        return self.data[: len(self.data) - len(self.tagged)]

    @property
    def middle(self):
        """A place in the middle of a literal, or of the answer when it has none."""
        if not self.literals:
            return len(self.data) // 2
        start, end = self.literals[len(self.literals) // 2]
        return (start + end) // 2


class Exchange:
    """A command (``line``; empty for the greeting) and its answer, for a fault to deal with."""

    def __init__(self, proxy, client, server, line):
        self._proxy, self._client, self._server = proxy, client, server
        self.line = line
        self.tag = line.split(b" ")[0]
        self.strike = None

    def ask(self):
        """Pass the command on to the server; returns its :class:`Answer`."""
        if self.line:
            self._send_command(self.line)
        data, literals = bytearray(), []
        while True:
            line = self._server.line()
            tagged = line.startswith(self.tag + b" ") if self.tag else True
            if line.startswith(b"+"):
                # The server waits for more of the command.
                self.send(line)
                self._send_command(self._client.line())
                continue
            data += line
            if tagged:
                return Answer(bytes(data), line, literals)
            while match := _LITERAL.search(line):
                size = int(match[1])
                literals.append((len(data), len(data) + size))
                line = self._server.exactly(size)
                data += line
                line = self._server.line()
                data += line

    def _send_command(self, line):
        self._server.sock.sendall(line)
        match = re.search(rb"\{(\d+)\+\}\r\n$", line)
        if match:  # a literal that waits for nothing (RFC 7888)
            self._server.sock.sendall(self._client.exactly(int(match[1])))
            self._send_command(self._client.line())

    def send(self, data):
        """Send bytes to the client."""
        self._client.sock.sendall(data)

    def hang_up(self, reset=False):
        """Close both connections; ``reset`` towards the client is not polite (RST)."""
        if reset:
            linger = struct.pack("ii", 1, 0)
            self._client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            with contextlib.suppress(OSError):
                self._client.sock.shutdown(socket.SHUT_RDWR)
        self._client.sock.close()
        raise EOFError

    def stall(self):
        """Say nothing until the client hangs up, or the proxy is calmed; then hang up."""
        end = time.monotonic() + at_most(PATIENCE)
        while not self._proxy.calmed.wait(0.02):
            if self._client.is_closed():
                break
            if time.monotonic() > end:
                self.strike.outlasted = True
                break
        self.hang_up()


class _Wire:
    """One end of a connection, read by lines and literals."""

    def __init__(self, sock):
        self.sock = sock
        self._buffer = bytearray()

    def waiting(self):
        """Whether there is something to read that `select` can't see."""
        return bool(self._buffer) or bool(
            isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
        )

    def line(self):
        while (end := self._buffer.find(b"\n")) < 0:
            self._receive()
        return self._take(end + 1)

    def exactly(self, size):
        while len(self._buffer) < size:
            self._receive()
        return self._take(size)

    def is_closed(self):
        ready, _, _ = select.select([self.sock], [], [], 0)
        if not ready:
            return False
        try:
            self._receive()
        except (OSError, EOFError):
            return True
        return False

    def _receive(self):
        data = self.sock.recv(65536)
        if not data:
            raise EOFError
        self._buffer += data

    def _take(self, size):
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken
