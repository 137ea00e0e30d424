"""One Chromium for all browser tests of a process.

Odoo starts one for each test. Here each test gets a context of its own in the same Chromium, as if it
were another profile: cookies, storage and caches begin empty, and are gone with the test.
"""

import contextlib
import json
import shutil
import signal

import websocket

from odoo.tests import common

#: A page is gone before it pays to compile its functions well.
CHEAPLY = "--js-flags=--expose-gc --no-opt --no-maglev"

#: Seconds for an answer of Chromium.
PATIENCE = 60


class _Chromium:
    """A running Chromium: its process, the port at which it takes orders, its folder."""

    def __init__(self, process, port, folder):
        self.process, self.port, self.folder = process, port, folder

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Context:
    """A context with an empty page, whose address is ``page``; closing it ends both."""

    def __init__(self, chromium_url):
        self._socket = websocket.create_connection(
            chromium_url, timeout=PATIENCE, suppress_origin=True
        )
        context = self._ask("Target.createBrowserContext", disposeOnDetach=True)
        target = self._ask("Target.createTarget", url="about:blank", **context)
        base = chromium_url.partition("/devtools/")[0]
        self.page = f"{base}/devtools/page/{target['targetId']}"

    def _ask(self, method, **params):
        self._socket.send(json.dumps({"id": 1, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != 1:
            pass
        return answer["result"]

    def close(self):
        self._socket.close()


@contextlib.contextmanager
def one_for_all(patch):
    """While this lasts, Odoo's ChromeBrowser starts one Chromium for each kind of screen.

    :param patch: a pytest.MonkeyPatch
    """
    running = {}
    start, spawn = common.ChromeBrowser._chrome_start, common.ChromeBrowser._spawn_chrome

    def spawn_chrome(self, command):
        options = [word for word in command[:-1] if not word.startswith("--js-flags=")]
        return spawn(self, [*options, CHEAPLY, command[-1]])

    def chrome_start(self, user_data_dir, **options):
        kind = tuple(sorted(options.items()))
        if kind in running and running[kind].is_running():
            shutil.rmtree(user_data_dir)  # that of the first one serves all
        else:
            started = start(self, user_data_dir=user_data_dir, **options)
            running[kind] = _Chromium(*started, user_data_dir)
        return running[kind].process, running[kind].port

    def open_websocket(self):
        self.context = _Context(self._json_command("version")["webSocketDebuggerUrl"])
        page = websocket.create_connection(
            self.context.page, enable_multithread=True, suppress_origin=True
        )
        page.settimeout(0.01)
        return page

    def stop(self):
        """What Odoo's does, but Chromium goes on."""
        if hasattr(self, "ws"):
            with contextlib.suppress(common.ChromeBrowserException, TimeoutError):
                self.screencaster.stop()
                self._websocket_request("Page.stopLoading")
                common.wait(self._responses.values(), 10)
            self._result.cancel()
            self.ws.close()
        self.context.close()
        if self.sigxcpu_handler:
            signal.signal(signal.SIGXCPU, self.sigxcpu_handler)

    patch.setattr(common.ChromeBrowser, "_spawn_chrome", spawn_chrome)
    patch.setattr(common.ChromeBrowser, "_chrome_start", chrome_start)
    patch.setattr(common.ChromeBrowser, "_open_websocket", open_websocket)
    patch.setattr(common.ChromeBrowser, "stop", stop)
    try:
        yield
    finally:
        for chromium in running.values():
            chromium.stop()
