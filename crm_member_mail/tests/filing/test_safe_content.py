import logging
import re
from dataclasses import replace
from unittest.mock import patch

from odoo.tests import tagged

from ...mailbox.mime.defects import TOO_COMPLEX
from ...mailbox.types import ParsedAttachment
from ...workers import safe_content
from ..filing_case import FilingCase

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@tagged("post_install", "-at_install")
class TestSafeContent(FilingCase):
    """What is made of an email's content before the writer files it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.contact("Ada", "ada@member.example")

    def test_html_that_takes_too_long_is_left_out(self):
        """The time that counts is that of the thread which reads the email."""
        item = self.written(html="<p><b>Bold</b> words</p>", text="Plain words")
        seconds = iter([0, 1, 6])
        with (
            patch.object(safe_content.time, "thread_time", lambda: next(seconds)),
            self.assertLogs(safe_content._logger, logging.INFO),  # Odoo has another "INFO",
        ):
            message = self.file(item)
        self.assertIn("Plain words", message.body)
        self.assertNotIn("<b>", message.body)
        self.assertEqual(message.defects, TOO_COMPLEX)
        self.assertEqual(message.preview, "Plain words")
        self.assertEqual(message.search([("search_text", "ilike", "plain")]), message)

    def test_pictures_get_the_ids_of_their_attachments(self):
        html = '<img src="cid:b"><img src="cid:a"><img src="/web/image/1"><img src="/web/image/0">'
        files = tuple(ParsedAttachment(f"{id_}.png", "image/png", PNG, id_) for id_ in "ab")
        message = self.file(self.written(html=html, attachments=files))
        first, second = message.attachment_ids.sorted("id")
        self.assertEqual(
            re.findall('src="([^"]*)"', message.body),
            [f"/web/image/{second.id}", f"/web/image/{first.id}", "/web/image/1", "/web/image/0"],
        )

    def test_nobody_can_guess_the_mark(self):
        item = self.written(html="<p>x</p>")
        marks = {safe_content.safe_content(item.message).mark for _number in range(20)}
        self.assertEqual(len(marks), 20)

    def written(self, **values):
        """An email with these values of its ParsedMessage."""
        item = self.parsed("ada@member.example")
        return replace(item, message=replace(item.message, **values))
