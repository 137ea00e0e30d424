from odoo.tests import tagged

from ...mailbox.desk import Filed
from ...mailbox.mime.message import parse
from ...mailbox.mime.structure.protection import NOTICE
from ...mailbox.types import RawMessage, Summary
from ..filing_case import FilingCase
from ..screens.test_translations import FrenchCase

SIGNED = b"""Content-Type: multipart/signed; boundary=b

--b
Content-Type: text/plain

Dear front desk
--b
Content-Type: application/pgp-signature

iQ
--b--
"""
ENCRYPTED = b"""Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/encrypted; boundary=b

--b
Content-Type: application/pgp-encrypted

Version: 1
--b
Content-Type: application/octet-stream; name="encrypted.asc"

-----BEGIN PGP MESSAGE-----
--b--
--a
Content-Type: text/plain

The list
--a--
"""
FRENCH = "<Odoo> n'a pas la clé."


@tagged("post_install", "-at_install")
class TestProtection(FrenchCase, FilingCase):
    """Signed and encrypted emails on screen."""

    def message(self, content):
        head = b"From: ada@member.example\nSubject: Hello\n"
        parsed = parse(head + content)
        summary = Summary(7, parsed.size, None, "", parsed.header_digest)
        return self.file(Filed(summary, RawMessage(7, b""), parsed)).with_user(self.user)

    def head(self, message, lang="en_US"):
        tab = self.env(user=self.user, context={"lang": lang})["member.mail.tab"]
        return tab.get_messages(message.ids)[0]

    def test_signed(self):
        message = self.message(SIGNED)
        self.assertEqual((message.protection, message.has_attachments), ("signed", False))
        self.assertEqual(message.body_text, "Dear front desk")
        self.assertEqual(message.attachment_ids.mapped("name"), ["signature.asc"])
        self.assertEqual(self.head(message)["protection"], "signed")

    def test_encrypted(self):
        message = self.message(ENCRYPTED)
        self.assertEqual((message.protection, message.has_attachments), ("encrypted", False))
        self.assertEqual(message.attachment_ids.mapped("name"), ["encrypted.asc"])
        self.assertEqual(message.preview_shown, f"{NOTICE} The list")
        self.assertIn(f'<span class="notice">{NOTICE}</span>', message.get_viewer_html())
        self.assertIn("The list", message.get_viewer_html())
        self.assertIn(NOTICE, message.get_print_html())

    def test_encrypted_in_the_language_of_the_reader(self):
        message = self.message(ENCRYPTED)
        self.speak(notice=(NOTICE, FRENCH))
        french = message.with_context(lang="fr_FR")
        self.assertEqual(french.preview_shown, f"{FRENCH} The list")
        self.assertIn("&lt;Odoo&gt; n&#x27;a pas la clé.", french.get_viewer_html())
        self.assertEqual(self.head(message, "fr_FR")["preview"], f"{FRENCH} The list")
        self.assertNotIn(FRENCH, self.head(message)["preview"])

    def test_what_only_looks_like_it(self):
        message = self.make_message(body_text=NOTICE, body=f"<p>{NOTICE}</p>", preview=NOTICE)
        self.speak(notice=(NOTICE, FRENCH))
        french = message.with_context(lang="fr_FR")
        self.assertEqual(french.preview_shown, NOTICE)
        self.assertNotIn("notice", french.get_viewer_html().partition("<body")[2])
