"""An SMTP server that misbehaves on purpose, at a chosen step."""

import base64
import contextlib
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field

from .certificates import make_certificates

#: Steps at which a fault may strike, in their order. `content` is when the whole email has come in,
#: `sent` when its "250" has gone out.
STEPS = ("connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "content", "sent", "rset")


# -- faults: what the server does at a step instead of the right thing ----------------------------


@dataclass(frozen=True)
class Answer:
    """Says this line (several with line ends in it); unless it is a 2xx or 3xx nothing else happens."""

    line: str


@dataclass(frozen=True)
class Cut:
    """Hangs up without an answer; at `content` the email is kept if ``keeps``."""

    keeps: bool = False
    line: bytes = b""  # what is said yet: half an answer, say


@dataclass(frozen=True)
class Stall:
    """Says nothing until `release`; then what it would have said. At `content` the email is kept
    before that if ``keeps``."""

    keeps: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    _go_on: threading.Event = field(default_factory=threading.Event)

    def release(self):
        self._go_on.set()

    def wait(self):
        self.reached.set()
        self._go_on.wait()


class Greylist:
    """Refuses each recipient at first, and takes him at any later attempt."""

    line = "451 4.7.1 Greylisted, please come again"

    def __init__(self):
        self.seen = set()

    def __call__(self, argument):
        if argument in self.seen:
            return None
        self.seen.add(argument)
        return Answer(self.line)


@dataclass
class _Strike:
    step: str
    fault: object
    times: float
    only: str
    struck: threading.Event = field(default_factory=threading.Event)


class FaultySmtp:
    """An SMTP server on 127.0.0.1; a context manager.

    ``tls_port`` speaks TLS at once, ``port`` plain and STARTTLS. ``messages`` are triples of the
    envelope's sender, its recipients and the bytes, ``commands`` all lines that it heard, those with
    passwords without them, ``logins`` how often somebody tried to log in.

    :param dict users: password by user name; empty: AUTH is not offered
    :param folder: where the certificates of :mod:`.certificates` are, or are made
    :param extensions: what EHLO offers, beside STARTTLS and AUTH
    :ivar int max_size: bytes of the largest email that it takes, offered as SIZE; None: not offered
    :ivar bool auth_in_clear: whether AUTH is offered without TLS
    """

    def __init__(self, users, folder, extensions=("8BITMIME", "SMTPUTF8")):
        self.users, self.extensions = dict(users), list(extensions)
        self.max_size, self.auth_in_clear = None, True
        self.messages, self.commands, self.logins = [], [], 0
        self._strikes, self._lock = [], threading.Lock()
        self._connections, self._threads, self._closing = set(), [], False
        self._folder, self._context = folder, None
        self._listeners = [socket.create_server(("127.0.0.1", 0)) for _number in range(2)]
        self.port, self.tls_port = (x.getsockname()[1] for x in self._listeners)

    def __enter__(self):
        self._folder.mkdir(parents=True, exist_ok=True)
        make_certificates(self._folder)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(self._folder / "server.pem", self._folder / "server.key")
        for listener, is_tls in zip(self._listeners, (False, True), strict=True):
            self._thread(self._listen, listener, is_tls)
        return self

    def __exit__(self, *_exception):
        self._closing = True
        self.calm()
        for listener in self._listeners:
            # Closing does not wake who waits in accept, a visitor does.
            with contextlib.suppress(OSError):
                socket.create_connection(listener.getsockname(), 1).close()
            listener.close()
        self.hang_up()
        for thread in list(self._threads):
            thread.join(10)

    def strike(self, step, fault, times=float("inf"), only=""):
        """Misbehave at a step from now on.

        :param fault: Answer, Cut, Stall, or a function of the command's argument that returns one of
            these or None
        :param times: how often
        :param str only: a text that the command's argument must have in it
        :return: an object with the Event `struck`
        """
        assert step in STEPS, step
        strike = _Strike(step, fault, times, only)
        with self._lock:
            self._strikes.append(strike)
        return strike

    def calm(self):
        """Behave from now on; let go of all who are stalled."""
        with self._lock:
            strikes, self._strikes = self._strikes, []
        for strike in strikes:
            if isinstance(strike.fault, Stall):
                strike.fault.release()

    def hang_up(self):
        """Cut all connections."""
        with self._lock:
            connections = list(self._connections)
        for talk in connections:
            with contextlib.suppress(OSError):
                talk.sock.shutdown(socket.SHUT_RDWR)

    def fault_at(self, step, argument):
        """The fault that strikes now, or None."""
        with self._lock:
            for strike in self._strikes:
                if strike.step != step or strike.only not in argument or strike.times <= 0:
                    continue
                fault = strike.fault
                if callable(fault):
                    fault = fault(argument)
                if fault is not None:
                    strike.times -= 1
                    strike.struck.set()
                    return fault
        return None

    def _listen(self, listener, is_tls):
        while True:
            try:
                sock, _address = listener.accept()
            except OSError:
                return
            if self._closing:
                sock.close()
                return
            self._thread(self._serve, sock, is_tls)

    def _serve(self, sock, is_tls):
        talk = _Talk(self, sock)
        with self._lock:
            self._connections.add(talk)
        try:
            with contextlib.suppress(OSError, _HungUp):
                talk.run(self._context, is_tls)
        finally:
            with self._lock:
                self._connections.discard(talk)
            talk.close()

    def _thread(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


class _HungUp(Exception):
    """One end of a connection hung up."""


class _Talk:
    """One connection."""

    def __init__(self, server, sock):
        self.server, self.raw, self.sock = server, sock, sock
        self.lines = sock.makefile("rb")
        self.is_tls = self.is_authenticated = False
        self.sender, self.recipients = None, []

    def run(self, context, is_tls):
        if is_tls:
            self._secure(context)
        if not self._step("connect", "", "220 127.0.0.1 ESMTP"):
            return
        while True:
            name, _space, argument = self._hear().partition(" ")
            name = name.upper()
            if name == "QUIT":
                return self._say("221 2.0.0 Bye")
            if name == "STARTTLS":
                if self._step("starttls", "", "220 2.0.0 Go ahead"):
                    self._secure(context)
                continue
            handler = getattr(self, f"_on_{name.lower()}", None)
            if handler is None:
                self._say("502 5.5.2 What?")
            else:
                handler(argument)

    def close(self):
        for thing in (self.lines, self.sock, self.raw):
            with contextlib.suppress(OSError):
                thing.close()

    # -- commands --------------------------------------------------------------------------------

    def _on_ehlo(self, _argument):
        server = self.server
        lines = ["127.0.0.1", *server.extensions]
        if server.max_size is not None:
            lines.append(f"SIZE {server.max_size}")
        if not self.is_tls:
            lines.append("STARTTLS")
        if server.users and (self.is_tls or server.auth_in_clear):
            lines.append("AUTH PLAIN")
        answer = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
        self._step("ehlo", "", "\r\n".join(answer))

    def _on_helo(self, _argument):
        self._say("250 127.0.0.1")

    def _on_auth(self, argument):
        self.server.logins += 1
        _authority, login, password = base64.b64decode(argument.split()[1]).decode().split("\0")
        good = self.server.users.get(login) == password
        answer = "235 2.7.0 Welcome" if good else "535 5.7.8 Wrong login or password"
        self.is_authenticated = self._step("auth", login, answer) and good

    def _on_mail(self, argument):
        if self.server.users and not self.is_authenticated:
            return self._say("530 5.7.0 Authentication required")
        size = re.search(r"SIZE=(\d+)", argument, re.I)
        if size and self.server.max_size and int(size[1]) > self.server.max_size:
            return self._say("552 5.3.4 Too large")
        if "SMTPUTF8" in argument.upper() and "SMTPUTF8" not in self.server.extensions:
            return self._say("555 5.5.4 No such parameter")
        self.sender, self.recipients = None, []
        if self._step("mail", argument, "250 2.1.0 OK"):
            self.sender = _path(argument)
        return None

    def _on_rcpt(self, argument):
        if self.sender is None:
            return self._say("503 5.5.1 MAIL first")
        if self._step("rcpt", _path(argument), "250 2.1.5 OK"):
            self.recipients.append(_path(argument))
        return None

    def _on_data(self, _argument):
        if not self.recipients:
            return self._say("503 5.5.1 RCPT first")
        if not self._step("data", self.sender, "354 Go on"):
            return None
        data = b"".join(iter(self._content_line, None))
        envelope = (self.sender, tuple(self.recipients), data)
        self.sender, self.recipients = None, []
        if self._step("content", envelope[0], "250 2.0.0 Accepted", envelope):
            self._step("sent", envelope[0], "")
        return None

    def _on_rset(self, _argument):
        self.sender, self.recipients = None, []
        self._step("rset", "", "250 2.0.0 OK")

    def _on_noop(self, _argument):
        self._say("250 2.0.0 OK")

    # -- the line --------------------------------------------------------------------------------

    def _step(self, step, argument, answer, envelope=None):
        """Answer, or do what a fault wants; returns whether the step succeeded."""
        fault = self.server.fault_at(step, argument)
        keep = self.server.messages.append
        if isinstance(fault, Answer):
            answer = fault.line
        elif isinstance(fault, Cut):
            if envelope and fault.keeps:
                keep(envelope)
            if fault.line:
                self.sock.sendall(fault.line)
            raise _HungUp
        elif isinstance(fault, Stall):
            if envelope and fault.keeps:
                keep(envelope)
                envelope = None
            fault.wait()
        succeeded = not answer or answer[0] in "23"
        if envelope and succeeded:
            keep(envelope)
        if answer:
            self._say(answer)
        return succeeded

    def _content_line(self):
        line = self.lines.readline()
        if not line:
            raise _HungUp
        if line == b".\r\n":
            return None
        return line[1:] if line.startswith(b".") else line

    def _hear(self):
        line = self.lines.readline()
        if not line:
            raise _HungUp
        text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        self.server.commands.append(
            text if not text.upper().startswith("AUTH") else text.rpartition(" ")[0]
        )
        return text

    def _say(self, text):
        self.sock.sendall(text.encode() + b"\r\n")

    def _secure(self, context):
        self.sock = context.wrap_socket(self.raw, server_side=True)
        self.lines = self.sock.makefile("rb")
        self.is_tls = True


def _path(argument):
    """The address of MAIL or RCPT."""
    return re.search(r"<([^>]*)>", argument)[1]
