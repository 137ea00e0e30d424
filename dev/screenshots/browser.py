"""Chromium without a window, driven over the Chrome DevTools Protocol by what the shots need of it."""

import base64
import contextlib
import io
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket
from PIL import Image

from dev.project import Trouble

#: Seconds after which something that should have happened counts as missing.
DEADLINE = 40

#: Milliseconds without a change after which a page counts as drawn.
QUIET = 400

#: What every page has before its own code: to wait for elements, and for the page to be drawn.
HELPERS = """
window.shots = {
    find(selector, text) {
        return [...document.querySelectorAll(selector)].find(
            (element) => element.getClientRects().length && !element.disabled
                && element.textContent.includes(text));
    },
    until(look) {
        return new Promise((resolve) => {
            const observer = new MutationObserver(() => {
                const found = look();
                if (found) {
                    observer.disconnect();
                    resolve(found);
                }
            });
            const options = {attributes: true, childList: true, characterData: true, subtree: true};
            observer.observe(document, options);
            const found = look();
            if (found) {
                observer.disconnect();
                resolve(found);
            }
        });
    },
    quiet(milliseconds) {
        return new Promise((resolve) => {
            let timer = setTimeout(resolve, milliseconds);
            new MutationObserver(() => {
                clearTimeout(timer);
                timer = setTimeout(resolve, milliseconds);
            }).observe(document, {attributes: true, childList: true, subtree: true});
        });
    },
    async settle(milliseconds) {
        await document.fonts.ready;
        await Promise.all([...document.images]
            .filter((image) => !image.complete && image.loading !== "lazy")
            .map((image) => new Promise((resolve) => (image.onload = image.onerror = resolve))));
        await Promise.race([window.shots.quiet(milliseconds), new Promise((r) => setTimeout(r, 8000))]);
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    },
};
document.addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style");
    style.textContent =
        "* { caret-color: transparent !important; scroll-margin-top: 56px; }"
        + " .o_loading_indicator, .o_notification_manager { display: none; }";
    document.head.append(style);
});
"""


class Browser:
    """A Chromium of its own with a profile of its own; a context manager.

    :param str url: of Odoo, to which all paths are added
    :param dict environment: variables to add
    """

    def __init__(self, url, environment):
        self.url = url
        self.environment = os.environ | environment

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            process = subprocess.Popen(
                [_executable(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions",
                 "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--no-first-run", "--lang=en-US", "--remote-debugging-port=0",
                 f"--user-data-dir={profile}", "about:blank"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=self.environment,
            )  # fmt: skip
            stack.callback(process.wait)
            stack.callback(process.terminate)
            self._port = _port(Path(profile, "DevToolsActivePort"), process)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error):
        self._stack.close()

    @contextlib.contextmanager
    def page(self):
        """A new Page, which is closed in the end, whatever state it is in then."""
        target = self._command("PUT", "new?about:blank")
        socket = websocket.create_connection(target["webSocketDebuggerUrl"], suppress_origin=True)
        try:
            yield Page(socket, self.url)
        finally:
            socket.close()
            self._command("GET", f"close/{target['id']}")

    def _command(self, method, path):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/json/{path}", method=method
        )
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith("{") else text


class Page:
    """A page of Odoo in a Browser."""

    def __init__(self, socket, url):
        self.url = url
        self._socket = socket
        self._numbers = itertools.count(1)
        self._held = []  # requests to Odoo that wait
        self._hold = None  # a text of those that are to wait
        self.request("Page.enable")
        self.request("Page.bringToFront")  # pages behind are not drawn
        self.request("Page.addScriptToEvaluateOnNewDocument", source=HELPERS)
        self.request("Emulation.setFocusEmulationEnabled", enabled=True)
        # Nothing moves while it is photographed.
        features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        self.request("Emulation.setEmulatedMedia", features=features)

    def request(self, method, **params):
        """Ask Chromium for something; returns its answer.

        :raises Trouble: it refuses, or takes too long
        """
        end = time.monotonic() + DEADLINE
        try:
            number = self._send(method, params)
            while True:
                self._socket.settimeout(max(end - time.monotonic(), 0.1))
                message = json.loads(self._socket.recv())
                if message.get("method") == "Fetch.requestPaused":
                    self._on_paused(message["params"])
                elif message.get("id") == number:
                    break
        except websocket.WebSocketTimeoutException:
            raise Trouble(f"no answer to {method} within {DEADLINE} s") from None
        except websocket.WebSocketException as error:
            raise Trouble(f"Chromium has stopped: {error}") from error
        if "error" in message:
            raise Trouble(f"{method}: {message['error']['message']}")
        return message["result"]

    def _send(self, method, params):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        return number

    def _on_paused(self, params):
        if self._hold and self._hold in params["request"].get("postData", ""):
            self._held.append(params["requestId"])
        else:
            self._send("Fetch.continueRequest", {"requestId": params["requestId"]})

    @contextlib.contextmanager
    def hold(self, path, text):
        """Let requests to ``path`` that have ``text`` in them wait, and fail when the block ends."""
        self._hold = text
        self.request("Fetch.enable", patterns=[{"urlPattern": f"*{path}*"}])
        yield
        self._hold = None
        for request_id in self._held:
            self.request("Fetch.failRequest", requestId=request_id, errorReason="Aborted")
        self._held.clear()
        self.request("Fetch.disable")

    def run(self, code):
        """The value of a JavaScript expression, or of the promise that it is.

        :raises Trouble: it fails
        """
        answer = self.request(
            "Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True,
            userGesture=True,
        )  # fmt: skip
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise Trouble(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def log_in(self, database, user, password):
        """Open a session."""
        request = urllib.request.Request(
            f"{self.url}/web/session/authenticate",
            json.dumps({"params": {"db": database, "login": user, "password": password}}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            cookie = answer.headers["Set-Cookie"]
        self.set_cookie("session_id", cookie.partition("session_id=")[2].partition(";")[0])

    def set_cookie(self, name, value):
        """Set a cookie of Odoo."""
        self.request("Network.setCookie", name=name, value=value, url=self.url)

    def call(self, model, method, *args):
        """What a method of a model answers to the user of the page.

        :raises Trouble: it fails
        """
        params = {"model": model, "method": method, "args": args, "kwargs": {}}
        body = json.dumps(json.dumps({"jsonrpc": "2.0", "params": params}))
        answer = self.run(
            f"fetch('/web/dataset/call_kw', {{method: 'POST', body: {body},"
            " headers: {'Content-Type': 'application/json'}}).then((answer) => answer.json())"
        )
        if "error" in answer:
            raise Trouble(answer["error"]["data"]["message"])
        return answer["result"]

    def resize(self, width, height, scale=1):
        """Give the window a size in CSS pixels.

        :param scale: pixels of the picture for each of these
        """
        self.request(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=scale, mobile=False,
        )  # fmt: skip

    def open(self, path):
        """Go to a page of Odoo, and wait until its web client is there."""
        self.request("Page.navigate", url=f"{self.url}{path}")
        self.wait_for(".o_action_manager > *")

    def darken(self):
        """Show pages in Chromium's own dark mode from now on: Odoo's community edition has none."""
        self.request("Emulation.setAutoDarkModeOverride", enabled=True)

    def wait_for(self, selector, text=""):
        """Wait for a visible element of a CSS selector that has ``text`` in it.

        :raises Trouble: there is none in time
        """
        look = f"window.shots.find({json.dumps(selector)}, {json.dumps(text)})"
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            # A promise dies with the page that it was made in, and navigation makes a new one.
            with contextlib.suppress(Trouble):
                self.run(f"window.shots.until(() => {look}).then(() => true)")
                return
            time.sleep(0.1)
        problem = self.run("document.querySelector('.o_error_dialog')?.innerText || ''")
        raise Trouble(f"nothing matches {selector} {text}. {problem}".strip())

    def click(self, selector, text=""):
        """Click on an element, once it is there."""
        self.wait_for(selector, text)
        self.run(f"window.shots.find({json.dumps(selector)}, {json.dumps(text)}).click()")

    def type(self, selector, text):
        """Type into a field, once it is there, in place of what it holds."""
        self.wait_for(selector)
        self.run(
            f"(() => {{ const field = window.shots.find({json.dumps(selector)}, '');"
            " field.focus(); field.select?.(); })()"
        )
        self.request("Input.insertText", text=text)

    def settle(self, quiet=QUIET):
        """Wait until the page is drawn and nothing changes any more."""
        self.run(f"window.shots.settle({quiet})")

    def scroll_to(self, selector):
        """Scroll until an element is at the top."""
        self.wait_for(selector)
        self.run(f"window.shots.find({json.dumps(selector)}, '').scrollIntoView(true)")

    def photograph(self, file):
        """Write what the window shows into a PNG file.

        :raises Trouble: it shows an error
        """
        self.settle()
        problem = self.run("document.querySelector('.o_error_dialog')?.innerText || ''")
        if problem:
            raise Trouble(problem)
        answer = self.request("Page.captureScreenshot", format="png")
        picture = Image.open(io.BytesIO(base64.b64decode(answer["data"]))).convert("RGB")
        # 256 colours look the same on such screens, for a third of the size.
        picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            file, optimize=True
        )


def _executable():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name, path="/usr/bin:/usr/local/bin"):
            return path
    raise Trouble("Chromium is not installed. Run dev/setup test.")


def _port(port_file, process):
    """The port of the DevTools of a Chromium that has just been started."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, IndexError, ValueError):
            return int(port_file.read_text().split()[0])
        time.sleep(0.1)
    raise Trouble("Chromium doesn't start.")
