"""A TCP proxy that spoils its first connection at some point, and passes the others on."""

import contextlib
import socket
import struct
import threading


class RoughProxy:
    """Listens on a free ``port`` of 127.0.0.1; a context manager.

    :param int server_port: where to pass on to, on 127.0.0.1
    :param str mode: ``cut``, ``reset``, or ``stall`` (nothing passes any more, and nobody hangs up)
    :param int after: which piece from the server is the one that does not arrive any more, the first
        one counts as 1

    :ivar Event spoiled: set when that has happened
    """

    def __init__(self, server_port, mode, after):
        self.server_port, self.mode, self.after = server_port, mode, after
        self.spoiled = threading.Event()
        #: Pieces that the server has sent over the first connection.
        self.passed = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def spoil_next(self):
        """Let the next piece from the server be the one."""
        self.after = self.passed + 1

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server_port))
                self._sockets += [client, server]
                is_first = len(self._sockets) == 2
                for work in ((client, server, False), (server, client, is_first)):
                    threading.Thread(target=self._pass_on, args=work, daemon=True).start()

    def _pass_on(self, source, target, is_rough):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if is_rough:
                    self.passed += 1
                    if self.passed == self.after:
                        self._spoil(source, target, data)
                        return
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)

    def _spoil(self, source, target, data):
        # Half of it arrives.
        with contextlib.suppress(OSError):
            target.sendall(data[: len(data) // 2])
            if self.mode == "reset":
                linger = struct.pack("ii", 1, 0)
                target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            if self.mode != "stall":
                for sock in (source, target):
                    sock.shutdown(socket.SHUT_RDWR) if self.mode == "cut" else sock.close()
        self.spoiled.set()
