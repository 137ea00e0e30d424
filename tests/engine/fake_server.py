"""A server that plays a script, for answers that no real server here gives."""

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass


class FakeServer:
    """Listens on a free port of 127.0.0.1 and plays ``play(connection)`` for each client.

    ``play`` gets a :class:`Connection`. Use as a context manager; ``port`` is where it listens.
    """

    def __init__(self, play):
        self._play = play
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._closing.set()
        # Closing a socket does not wake the thread that waits in accept; a visitor does.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._thread.join(10)
        self._listener.close()

    def _serve(self):
        while True:
            sock, _address = self._listener.accept()
            with sock:
                if self._closing.is_set():
                    return
                with contextlib.suppress(OSError):
                    self._play(Connection(sock, self._closing))


class Crowd(FakeServer):
    """The same for several clients at the same time."""

    def _serve(self):
        while True:
            sock, _address = self._listener.accept()
            if self._closing.is_set():
                sock.close()
                return
            threading.Thread(target=self._serve_one, args=(sock,), daemon=True).start()

    def _serve_one(self, sock):
        with sock, contextlib.suppress(OSError):
            self._play(Connection(sock, self._closing))


class Connection:
    """The server's end of one connection."""

    def __init__(self, sock, closing):
        self.sock = sock
        self._closing = closing
        self._lines = sock.makefile("rb")

    def say(self, *lines):
        """Send lines (str), each with its line end."""
        for line in lines:
            self.sock.sendall(line.encode() + b"\r\n")

    def send(self, data):
        """Send bytes as they are."""
        self.sock.sendall(data)

    def flood(self, data):
        """Send the same bytes until the test ends or the client hangs up (OSError)."""
        data *= 65536 // len(data) + 1
        while not self._closing.is_set():
            self.sock.sendall(data)

    def start_tls(self, folder):
        """Speak TLS from now on, with the certificate in ``folder`` (see `dev.servers.certificates`)."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self._lines = self.sock.makefile("rb")

    def hear(self):
        """The next line from the client without its line end, or '' when it has hung up."""
        return self._lines.readline().decode("utf-8", "replace").rstrip("\r\n")

    def stall(self):
        """Say nothing until the test ends or the client hangs up."""
        self.sock.settimeout(0.1)
        while not self._closing.is_set():
            try:
                if not self.sock.recv(100):
                    return
            except TimeoutError:
                continue


def imap_server(answers, greeting="* OK ready", capabilities="IMAP4rev1"):
    """A FakeServer that speaks IMAP.

    :param dict answers: of command name (upper case, ``UID FETCH`` for that) to the untagged lines
        and, last, the tagged answer without its tag, as a list of str or a function of the command's
        arguments that returns such a list. CAPABILITY and LOGIN are answered without. ``Flood`` sends
        its bytes without end.
    """

    def play(connection):
        connection.say(greeting)
        while line := connection.hear():
            tag, _space, command = line.partition(" ")
            name, _space, arguments = command.partition(" ")
            if name.upper() == "UID":
                second, _space, arguments = arguments.partition(" ")
                name = f"UID {second}"
            answer = {
                "CAPABILITY": [f"* CAPABILITY {capabilities}", "OK"],
                "LOGIN": ["OK"],
                "LOGOUT": ["* BYE", "OK"],
                "EXAMINE": [
                    "* 3 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 4] .", "OK [READ-ONLY]"
                ],
                **answers,
            }.get(name.upper(), ["BAD what?"])  # fmt: skip
            if callable(answer):
                answer = answer(arguments)
            if answer is STALL:
                return connection.stall()
            if answer is HANG_UP:
                return None
            if isinstance(answer, Flood):
                return connection.flood(answer.data)
            *untagged, last = answer
            connection.say(*untagged, f"{tag} {last} done")
        return None

    return FakeServer(play)


#: Answers that are none.
STALL, HANG_UP = object(), object()


@dataclass(frozen=True)
class Flood:
    """An answer that never ends: these bytes, again and again."""

    data: bytes
