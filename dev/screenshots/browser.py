"""The system's Chromium without a window, and what the shots do in it beyond what Playwright offers."""

import contextlib
import os

from PIL import Image
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import sync_playwright

from dev.project import Trouble

#: dev/setup sees to it that it is there.
CHROMIUM = "/usr/bin/chromium"

#: Milliseconds after which something that should have happened counts as missing.
DEADLINE = 40_000

#: Milliseconds without a change after which a page counts as drawn.
QUIET = 400

#: A promise that images are loaded and nothing changed for so many milliseconds; kept after 8 s anyway.
SETTLED = """(milliseconds) => {
    const images = [...document.images]
        .filter((image) => !image.complete && image.loading !== "lazy")
        .map((image) => new Promise((resolve) => (image.onload = image.onerror = resolve)));
    const quiet = () => new Promise((resolve) => {
        let timer = setTimeout(resolve, milliseconds);
        new MutationObserver(() => {
            clearTimeout(timer);
            timer = setTimeout(resolve, milliseconds);
        }).observe(document, {attributes: true, childList: true, subtree: true});
    });
    const late = new Promise((resolve) => setTimeout(resolve, 8000));
    return Promise.race([Promise.all(images).then(quiet), late]);
}"""

#: What comes and goes by itself.
UNSEEN = ".o_loading_indicator, .o_notification_manager { display: none !important; }"

#: Pixels of what stands fixed above a page that is scrolled.
HEADER = 56


class Browser:
    """A Chromium of its own with one session of Odoo; a context manager.

    :param str url: of Odoo, to which all paths are added
    :param dict environment: variables to add
    """

    def __init__(self, url, environment):
        self.url = url
        self.environment = os.environ | environment

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            # Playwright would look for a Chromium of its own, which nobody downloaded.
            chromium = stack.enter_context(sync_playwright()).chromium.launch(
                executable_path=CHROMIUM, env=self.environment
            )
            stack.callback(chromium.close)
            # Nothing moves while it is photographed.
            self._context = chromium.new_context(base_url=self.url, reduced_motion="reduce")
            self._context.set_default_timeout(DEADLINE)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error):
        self._stack.close()

    def log_in(self, database, user, password):
        """Open a session for all pages.

        :raises Trouble: Odoo refuses
        """
        credentials = {"db": database, "login": user, "password": password}
        _answer(self._context, "/web/session/authenticate", credentials)

    @contextlib.contextmanager
    def page(self, width, height):
        """A new Page whose window has a size in pixels; it is closed in the end."""
        page = self._context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        try:
            yield Page(page)
        finally:
            page.close()


class Page:
    """A page of Odoo in a Browser; `driver` is Playwright's.

    What waits in vain raises Playwright's error, or Trouble where Odoo's page says what is wrong.
    """

    def __init__(self, driver):
        self.driver = driver

    def call(self, model, method, *args):
        """What a method of a model answers to the user of the page.

        :raises Trouble: it fails
        """
        params = {"model": model, "method": method, "args": args, "kwargs": {}}
        return _answer(self.driver.context, "/web/dataset/call_kw", params)

    @contextlib.contextmanager
    def hold(self, path, text):
        """Let requests to ``path`` that have ``text`` in them wait, and fail when the block ends."""
        held = []

        def handle(route):
            if text in (route.request.post_data or ""):
                held.append(route)
            else:
                route.continue_()

        self.driver.route(lambda url: path in url, handle)
        yield
        for route in held:
            route.abort()
        self.driver.unroute_all()

    def open(self, path):
        """Go to a page of Odoo, and wait until its web client is there."""
        self.driver.goto(path, wait_until="commit")
        self.wait_for(".o_action_manager > *")

    def darken(self):
        """Show the page in Chromium's own dark mode from now on: Odoo's community edition has none."""
        session = self.driver.context.new_cdp_session(self.driver)
        session.send("Emulation.setAutoDarkModeOverride", {"enabled": True})

    def wait_for(self, selector, text=""):
        """The locator of the first visible element of a CSS selector that has ``text`` in it and can be
        used, once it is there."""
        usable = f":is({selector}):not(:disabled) >> visible=true"
        found = self.driver.locator(usable).filter(has_text=text)
        try:
            found.first.wait_for()
        except PlaywrightTimeout as error:
            self._complain(f"{selector} {text}: ")
            raise Trouble(f"nothing matches {selector} {text}".strip()) from error
        return found.first

    def click(self, selector, text=""):
        """Click on an element, once it is there; no mouse hovers over it afterwards."""
        self.wait_for(selector, text).evaluate("(element) => element.click()")

    def type(self, selector, text):
        """Type into a field, once it is there, in place of what it holds."""
        self.wait_for(selector).fill(text)

    def blur(self):
        """Leave the field in which one types."""
        self.driver.evaluate("document.activeElement.blur()")

    def settle(self, quiet=QUIET):
        """Wait until the page is drawn and nothing changes any more."""
        self.driver.evaluate(SETTLED, quiet)

    def scroll_to(self, selector):
        """Scroll until an element is at the top."""
        self.wait_for(selector).evaluate(
            f"(element) => {{ element.style.scrollMarginTop = '{HEADER}px';"
            " element.scrollIntoView(true); }"
        )

    def photograph(self, file):
        """Write what the window shows into a PNG file.

        :raises Trouble: it shows an error
        """
        self.settle()
        self._complain()
        self.driver.screenshot(path=file, style=UNSEEN)
        # 256 colours look the same on such screens, for a third of the size.
        picture = Image.open(file).convert("RGB")
        picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            file, optimize=True
        )

    def _complain(self, about=""):
        """Raise Trouble if the page shows Odoo's dialog of errors."""
        for problem in self.driver.locator(".o_error_dialog").all_inner_texts():
            raise Trouble(about + problem)


def _answer(context, path, params):
    """What Odoo answers to a JSON-RPC request with the session of a context.

    :raises Trouble: it answers with an error
    """
    answer = context.request.post(path, data={"jsonrpc": "2.0", "params": params}).json()
    if "error" in answer:
        raise Trouble(answer["error"]["data"]["message"])
    return answer["result"]
