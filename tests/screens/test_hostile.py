"""Hostile mail in a real browser: nothing of it runs, loads, leaves its frame or touches the page."""

import json
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_member_mail.mailbox.desk import Filed
from odoo.addons.crm_member_mail.mailbox.html.pictures import place
from odoo.addons.crm_member_mail.mailbox.html.viewer import Viewer
from odoo.addons.crm_member_mail.mailbox.mime.message import parse
from odoo.addons.crm_member_mail.mailbox.types import RawMessage, Summary
from odoo.addons.crm_member_mail.tests.filing_case import FilingCase

from ..hostile.mails import Hostile, hostile_mails
from ..hostile.trap import Trap
from ..patience import at_most

SHOW = (Path(__file__).parents[1] / "hostile" / "show.js").read_text()
HARMLESS = Hostile("harmless", "<p>marker:harmless;</p><p>Hello</p>")


@tagged("post_install", "-at_install")
class TestHostile(HttpCase, FilingCase):
    """Three walls: what is stored is fenced, what is shown is reduced again, and the browser shows it
    in a sandbox under a policy. Each has to hold by itself, and all of them together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trap = Trap()
        cls.addClassCleanup(cls.trap.close)
        cls.contact("Mallory", "mallory@hostile.example")
        # The first one shows how the page looks when nothing happens.
        cls.mails = [HARMLESS, *hostile_mails(cls.trap.url)]
        cls.ids = {}
        for uid, mail in enumerate(cls.mails, 1000):
            raw = mail.bytes()
            message = parse(raw)
            summary = Summary(uid, len(raw), None, message.message_id, message.header_digest)
            cls.ids[mail.name] = cls.file(Filed(summary, RawMessage(uid, b""), message)).id

    def setUp(self):
        super().setUp()
        self.trap.reset()
        self.outside = set()

    def fetch_proxy(self, url):
        self.outside.add(url)  # called from the browser's thread
        return super().fetch_proxy(url)

    def show(self, mode, mails=None, rounds=None):
        """Show the mails in one way; returns the paths that the trap was asked for.

        :param rounds: for each time that mails are shown: (with images?, which); by default all of them
            once, without
        """
        rounds = rounds or [(False, mails or self.mails)]
        options = {
            "mode": mode,
            "rounds": [
                {
                    "showImages": with_images,
                    "ids": {mail.name: self.ids[mail.name] for mail in some},
                }
                for with_images, some in rounds
            ],
            "trap": self.trap.url,
            "origin": self.base_url(),
            "seconds": at_most(20),
        }
        self.browser_js(
            f"/odoo/action-crm_member_mail.action_message/{self.ids['harmless']}",
            f"({SHOW.strip().rstrip(';')})({json.dumps(options)})",
            "odoo.isReady === true && !!document.querySelector('.o_member_mail_frame')",
            login=self.user.login,
            timeout=240,
            cookies={"tracker": "1"},
        )
        self.assertFalse({url for url in self.outside if "invalid" in url or "evil" in url})
        self.assertEqual(self.trap.count("/end"), len(rounds), "the trap works")
        return [path for path in self.trap.paths() if path != "/end"]

    def viewed(self, mail):
        """What the server makes of a mail when somebody views it."""
        return self.env["member.mail.message"].browse(self.ids[mail.name]).get_viewer_html()

    def with_images(self):
        """The mails with a button that shows their images; shown without, the others are the same."""
        return [mail for mail in self.mails if 'data-blocked-images="0"' not in self.viewed(mail)]

    def different(self):
        """The mails that look different to who views them: of many nothing is left but the same text."""
        by_look = {
            self.viewed(mail).replace(mail.marker, ""): mail for mail in reversed(self.mails)
        }
        return list(reversed(by_look.values()))

    def test_nothing_happens(self):
        self.assertEqual(self.show("form", self.different()), [])
        self.assertEqual(self.trap.connections, 1, "somebody connected without a word")

    def assert_images_only(self, with_cookies=False):
        """The trap was asked for images, and not told who asked."""
        for path, headers in self.trap.requests:
            if path != "/end":
                self.assertEqual(headers["Sec-Fetch-Dest"], "image", path)
                self.assertNotIn("Referer", headers, path)
                if not with_cookies:
                    self.assertNotIn("Cookie", headers, path)

    def test_show_images_loads_images_and_nothing_else(self):
        asked = self.show("images", self.with_images())
        self.assertIn("/images/image.png", asked)
        self.assertEqual([path for path in asked if not path.endswith("/image.png")], [])
        self.assert_images_only()

    def test_sandbox_and_policy_alone(self):
        """The mails as they came, uncleaned."""
        html = {mail.marker: mail.html for mail in self.mails}

        def as_it_came(reader, body):
            return next(html[marker] for marker in html if marker in body)

        with patch.object(Viewer, "clean", as_it_came):
            asked = self.show("form", [mail for mail in self.mails if not mail.only_cleaning])
        self.assertEqual(asked, [])

    def test_cleaning_alone(self):
        """Mails that were stored as they came, without sandbox and policy; then with their images."""
        self.store_as_they_came()
        rounds = [(False, self.different()), (True, self.with_images())]
        asked = self.show("document", rounds=rounds)
        self.assertEqual(self.trap.requests[0][0], "/end", "nothing without images")
        self.assertIn("/images/image.png", asked)
        self.assertEqual([path for path in asked if not path.endswith("/image.png")], [])
        # A frame like this one shares the page's cookies.
        self.assert_images_only(with_cookies=True)

    def store_as_they_came(self):
        for mail in self.mails:
            # PostgreSQL stores no null bytes; some are too much for a parser without our limits.
            html = mail.html.replace("\x00", "")
            html = html if len(html) < 100_000 else place(html, {}.get)
            self.env["member.mail.message"].browse(self.ids[mail.name]).body = html

    def test_what_is_stored(self):
        """The body as it is in the database, in the page itself."""
        asked = self.show("stored")
        self.assertEqual([path for path in asked if not path.endswith("/image.png")], [])
