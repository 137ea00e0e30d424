"""An HTTP server that nobody should ever talk to."""

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class Trap:
    """Counts connections and keeps the requests.

    :ivar url: where it listens
    :ivar requests: list of (path, headers)
    :ivar connections: how many there were, with a request or without
    """

    def __init__(self):
        trap = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self):
                super().setup()
                with trap.changed:
                    trap.connections += 1

            def do_GET(self):
                # What is on its way is answered before anybody is told.
                self.send_response(200)
                self.send_header("Content-Type", "image/png")
                self.send_header("Content-Length", str(len(PIXEL)))
                self.send_header("Set-Cookie", "trap=caught")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                self.wfile.write(PIXEL)
                with trap.changed:
                    trap.requests.append((self.path, dict(self.headers)))
                    trap.changed.notify_all()

            do_POST = do_PUT = do_HEAD = do_OPTIONS = do_GET

            def log_message(self, *args):
                pass

        self.changed = threading.Condition()
        self.requests, self.connections = [], 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def reset(self):
        with self.changed:
            self.requests, self.connections = [], 0

    def paths(self):
        """What was asked for, each path once."""
        with self.changed:
            return sorted({path for path, _headers in self.requests})

    def count(self, path):
        """How often a path was asked for."""
        with self.changed:
            return sum(asked == path for asked, _headers in self.requests)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
