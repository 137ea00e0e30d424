"""A connection to an unknown server: whatever the server does, it ends after some seconds."""

import contextlib
import threading
import time

from ..errors import MailboxError
from ..types import ServerSettings
from . import connection

#: Bytes of one line, and lines of one answer, that are read.
_MAX_LINE, _MAX_LINES = 2000, 50


class BoundedConnection:
    """A connection with a deadline; a context manager.

    :param str host: name of the server
    :param int port: where it listens
    :param bool allow_private: whether it may be on a private network
    :param float deadline: when to cut the connection, by `time.monotonic`
    :raises MailboxError: any code of `connect` in :mod:`.connection`; the methods, too, raise
        nothing but MailboxError
    """

    def __init__(self, host, port, allow_private, deadline):
        self.host = host
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            raise MailboxError("timeout", host=host)
        settings = ServerSettings(
            host=host,
            port=port,
            encryption="none",
            login="",
            secret="",
            timeout=seconds,
            allow_private=allow_private,
        )
        self.sock = connection.connect(settings)
        # TLS replaces the socket under the thread that would cut it; a second handle stays valid.
        self._handle = self.sock.dup()
        self._overdue = threading.Event()
        self._timer = threading.Timer(max(deadline - time.monotonic(), 0), self._cut)
        self._timer.daemon = True
        self._timer.start()
        self._read = b""

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self._timer.cancel()
        for sock in (self.sock, self._handle):
            with contextlib.suppress(OSError):
                sock.close()

    @contextlib.contextmanager
    def translated(self, *others):
        """Turn what the socket raises, and the exceptions ``others``, into a MailboxError."""
        try:
            yield
        except OSError as error:
            raise self._late() or connection.translate(error, self.host) from error
        except others as error:
            late = self._late()
            raise late or MailboxError("protocol", type(error).__name__, self.host) from error
        if late := self._late():
            raise late  # what looks like the end of the answer was the cut

    def start_tls(self, host=""):
        """Speak TLS from now on, and verify the certificate for the host.

        :param str host: another one, to which the server has connected us
        """
        if self._read:
            # Sent before TLS, to be taken for part of it: somebody on the way is interfering.
            raise MailboxError("protocol", "", self.host)
        try:
            self.sock = connection.wrap(self.sock, host or self.host)
        except MailboxError as error:
            raise self._late() or error from error

    def say(self, text):
        """Send a line."""
        with self.translated():
            self.sock.sendall(text.encode() + b"\r\n")

    def hear(self):
        """The next line from the server: bytes without the line end."""
        with self.translated():
            while b"\n" not in self._read:
                data = self.sock.recv(_MAX_LINE) if len(self._read) < _MAX_LINE else b""
                if not data:
                    late = self._late()
                    raise late or MailboxError("protocol", self._read[:100], self.host)
                self._read += data
        line, _end, self._read = self._read.partition(b"\n")
        return line.rstrip(b"\r")

    def hear_until(self, is_last):
        """The last line of an answer: the first one for which ``is_last(line)`` is true."""
        for _number in range(_MAX_LINES):
            line = self.hear()
            if is_last(line):
                return line
        raise MailboxError("protocol", "", self.host)

    @property
    def is_late(self):
        """Whether the deadline is over."""
        return self._overdue.is_set()

    def _late(self):
        return MailboxError("timeout", host=self.host) if self.is_late else None

    def _cut(self):
        self._overdue.set()
        with contextlib.suppress(OSError):
            # Wakes a thread that waits for an answer; closing the socket would not.
            self._handle.shutdown(2)
