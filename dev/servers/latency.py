"""Makes a server look far away: TCP proxies that hold back what passes, without slowing its flow."""

import asyncio
import contextlib
import socket
import ssl
import threading

CHUNK = 256 * 1024


class FarAway:
    """Proxies on several local addresses, one port, in front of one server; a context manager.

    Each direction takes ``delay`` seconds, so an answer comes after twice that. The flow is not
    limited: what comes in while something waits is on its way, too. Opening a connection costs its
    round trip as well. TLS passes through, unless it ends here.

    :param tuple target: host and port of the server
    :param hosts: addresses to listen on; on Linux all of 127.0.0.0/8 are the machine's own
    :param float delay: seconds for one direction
    :param silent: those of the addresses which accept connections and never answer
    :param watch: called with the number of a connection, whether the client sent it, and the bytes,
        for all that passes, in its order
    :param certificate: folder of a certificate (see :mod:`.certificates`), with which TLS ends here;
        None: it passes through
    :param hide: bytes that are left out of what the server says
    """

    def __init__(
        self, target, hosts=("127.0.0.1",), delay=0.0, silent=(), watch=None, certificate=None,
        hide=(),
    ):  # fmt: skip
        self.target = target
        self.hosts = list(hosts)
        self.delay = delay
        self.silent = frozenset(silent)
        self.watch = watch
        self.certificate, self.hide = certificate, hide
        self.port = None
        self.connections = 0
        self._loop = None
        self._tasks = set()
        self._thread = None

    def __enter__(self):
        listeners = _listeners(self.hosts)
        self.port = listeners[0].getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="latency", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(listeners), self._loop).result(30)
        return self

    def __exit__(self, *_error):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    async def _listen(self, listeners):
        context = None
        if self.certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            files = (self.certificate / name for name in ("server.pem", "server.key"))
            context.load_cert_chain(*files)
        self._servers = [
            await asyncio.start_server(self._serve, sock=listener, limit=CHUNK, ssl=context)
            for listener in listeners
        ]

    async def _end(self):
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        self.connections += 1
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                if writer.get_extra_info("sockname")[0] in self.silent:
                    while await reader.read(CHUNK):
                        pass
                else:
                    await self._connect(self.connections, reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _connect(self, number, reader, writer):
        # The client sees its connection open at once. Far away, that takes SYN and SYN-ACK, and the
        # server hears of it with the third packet.
        await asyncio.sleep(3 * self.delay)
        there, back = await asyncio.open_connection(*self.target, limit=CHUNK)
        try:
            await _both(
                self._carry(number, True, reader, back), self._carry(number, False, there, writer)
            )
        finally:
            back.close()

    async def _carry(self, number, from_client, source, target):
        """Pass on what comes from ``source``, each piece ``delay`` after it came."""
        under_way = asyncio.Queue()

        async def depart():
            while data := await source.read(CHUNK):
                for words in () if from_client else self.hide:
                    data = data.replace(words, b"")
                if self.watch:
                    self.watch(number, from_client, data)
                under_way.put_nowait((self._loop.time() + self.delay, data))
            under_way.put_nowait((self._loop.time() + self.delay, b""))

        await _both(depart(), self._arrive(under_way, target))

    async def _arrive(self, under_way, target):
        while True:
            due, data = await under_way.get()
            if (pause := due - self._loop.time()) > 0:
                await asyncio.sleep(pause)
            if not data:
                # TLS ends both directions at once.
                target.write_eof() if target.can_write_eof() else target.close()
                return
            target.write(data)
            await target.drain()


async def _both(*work):
    """Wait until both are done; none goes on where the other one failed."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _listeners(hosts, tries=20):
    """Listening sockets on one port, free on all hosts."""
    for attempt in range(tries):
        listeners = []
        try:
            for host in hosts:
                port = listeners[0].getsockname()[1] if listeners else 0
                listeners.append(socket.create_server((host, port), backlog=100))
            return listeners
        except OSError:
            for listener in listeners:
                listener.close()
            if attempt + 1 == tries:
                raise
    return []
