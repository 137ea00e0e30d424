"""New emails appear in an open page: a real Odoo with its websocket, and a real Chromium."""

import contextlib
import json
import logging
import types
import urllib.request
from pathlib import Path

import pytest

from odoo.tests.common import ChromeBrowser

from dev.project import OdooServer

from .. import own
from ..mail import email
from ..patience import at_most

LOG = Path(__file__).resolve().parents[2] / ".dev/logs/test-live.log"

#: Seconds after which something that should have happened counts as missing.
DEADLINE = 60

#: A promise of the first element of a selector that has a text in it, or of a field that somebody wrote
#: it into; resolved as soon as there is one. A button that is not enabled yet is not clicked on.
WAIT = """
new Promise((resolve, reject) => {
    const [selector, text, clicks] = %s;
    const textOf = (element) =>
        element.matches("input, textarea") ? element.value : element.textContent;
    const look = () => {
        const found = [...document.querySelectorAll(selector)].find(
            (element) => textOf(element).includes(text) && !(clicks && element.disabled));
        if (found) {
            observer.disconnect();
            EVENTS.forEach((name) => document.removeEventListener(name, look));
            if (clicks) {
                found.scrollIntoView({block: "nearest"});
                found.click();
            }
            resolve(textOf(found));
        }
    };
    const EVENTS = ["focusin", "input"];
    const observer = new MutationObserver(look);
    observer.observe(
        document, {childList: true, subtree: true, characterData: true, attributes: true});
    EVENTS.forEach((name) => document.addEventListener(name, look));
    look();
})
"""

#: What Chromium wants to know of a key.
KEYS = {
    "Enter": {"windowsVirtualKeyCode": 13, "text": "\r"},
    "Tab": {"windowsVirtualKeyCode": 9},
    "Escape": {"windowsVirtualKeyCode": 27},
    "ArrowDown": {"windowsVirtualKeyCode": 40},
    "/": {"windowsVirtualKeyCode": 191, "text": "/"},
}
#: How Chromium numbers the keys that are held down meanwhile.
HELD = {"alt": 1, "ctrl": 2, "shift": 8}


class Page:
    """A page of Odoo in Chromium."""

    def __init__(self, browser, url, session):
        self.browser, self.url = browser, url
        browser.set_cookie("session_id", session, "/", "127.0.0.1")

    def zoom(self, width, height, scale):
        """Show the page as in a window of so many CSS pixels, each as large as ``scale`` others."""
        self.browser._websocket_request(
            "Emulation.setDeviceMetricsOverride",
            params={
                "width": width, "height": height, "deviceScaleFactor": scale, "mobile": False
            },
        )  # fmt: skip

    def open(self, path):
        self.browser.navigate_to(f"{self.url}{path}", wait_stop=True)

    def wait_for(self, selector, text="", click=False):
        """The text of the first element that matches, once there is one; `click` also clicks it.

        What is written into a field is its text.
        """
        return self.evaluate(WAIT % json.dumps([selector, text, click]), awaitPromise=True)

    def evaluate(self, code, **options):
        """The value of a JavaScript expression."""
        answer = self.browser._websocket_request(
            "Runtime.evaluate",
            params={"expression": code, "returnByValue": True, **options},
            timeout=at_most(DEADLINE),
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key, held=""):
        """Press one of KEYS or a letter, as a keyboard does it; ``held`` is one of HELD, or nothing."""
        for kind in ("keyDown", "keyUp"):
            known = KEYS.get(key) or {"windowsVirtualKeyCode": ord(key.upper()), "text": key}
            params = {"type": kind, "key": key, "code": key, **known}
            if held:
                params |= {"modifiers": HELD[held], "text": ""}
            self.browser._websocket_request("Input.dispatchKeyEvent", params=params)

    def type(self, text):
        """Type a text where the focus is."""
        self.browser._websocket_request("Input.insertText", params={"text": text})


@pytest.fixture
def server(scratch_db):
    with OdooServer(scratch_db, own.port(), LOG, "--max-cron-threads=0") as odoo:
        yield odoo


@contextlib.contextmanager
def browse(server, db, login, size):
    """A Page on which a user is signed in whose password is the login.

    :param str size: of the window, such as "1366x768"
    """
    url = server.url.replace("localhost", "127.0.0.1")
    request = urllib.request.Request(
        f"{url}/web/session/authenticate",
        json.dumps({"params": {"db": db, "login": login, "password": login}}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=at_most(DEADLINE)) as answer:
        cookie = answer.headers["Set-Cookie"]
    session = cookie.partition("session_id=")[2].partition(";")[0]
    case = types.SimpleNamespace(
        _logger=logging.getLogger(__name__), browser_size=size, touch_enabled=False
    )
    browser = ChromeBrowser(case)
    try:
        yield Page(browser, url, session)
    finally:
        browser.stop()


@pytest.fixture
def page(server, scratch_db, request):
    """A Page of the administrator whose window is as large as the test's parameter says."""
    with browse(server, scratch_db, "admin", getattr(request, "param", "1366x768")) as page:
        yield page


def test_mail_appears_in_an_open_tab(env, account, mailbox, contact, page):
    member = contact("Ada", "ada@member.example")
    other = contact("Bo", "bo@member.example")
    env.cr.commit()
    account._scan()
    page.open(f"/odoo/contacts/{member.id}")
    page.wait_for("a[name=member_mail_messages]", click=True)
    page.wait_for(".o_member_mail_nothing")

    mailbox.append("INBOX", email("ada@member.example", mailbox.user, subject="Just now"))
    account._scan()
    page.wait_for(".o_member_mail_row", "Just now")
    page.wait_for(".oe_stat_button:has(.fa-envelope-o) .o_stat_value", "1")

    # What is opened is read, and stays open while the conversation goes on.
    page.wait_for(".o_member_mail_row", "Just now", click=True)
    page.wait_for(".o_member_mail_message_open", "Ada")
    mailbox.append("INBOX", email("bo@member.example", mailbox.user, subject="Somebody else"))
    mailbox.append("INBOX", email("ada@member.example", mailbox.user, subject="And again"))
    account._scan()
    page.wait_for(".o_member_mail_row", "And again")
    page.wait_for(".o_member_mail_message_open", "Ada")
    page.wait_for(".oe_stat_button:has(.fa-envelope-o) .o_stat_value", "2")
    assert env["member.mail.message"].search_count([("partner_ids", "in", other.ids)]) == 1
