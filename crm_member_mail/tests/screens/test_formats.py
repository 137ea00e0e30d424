"""Numbers, sizes and dates in texts are those of the reader's language, as on the screens."""

from datetime import datetime

from odoo.tests import tagged

from ...tools.formats import format_count, format_megabytes, format_moment
from ..common import MemberMailCase
from .test_translations import load_languages


@tagged("post_install", "-at_install")
class TestFormats(MemberMailCase):
    def test_formats(self):
        load_languages(self.env, "de_DE")
        self.env.user.tz = "Europe/Berlin"
        moment = datetime(2026, 7, 5, 21, 30, 17)
        english, german = (self.env(context={"lang": code}) for code in ("en_US", "de_DE"))
        self.assertEqual(format_count(english, 12345), "12,345")
        self.assertEqual(format_count(german, 12345), "12.345")
        self.assertEqual(format_megabytes(english, 25_500_000), "25.5 MB")
        self.assertEqual(format_megabytes(german, 25_500_000), "25,5 MB")
        self.assertEqual(format_moment(english, moment), "07/05/2026 11:30 PM")
        self.assertEqual(format_moment(german, moment), "05.07.2026 23:30")

    def test_in_sentences(self):
        account = self.make_account(email="numbers@club.example")
        account.history_rate = 10
        self.assertEqual(account._estimate(123456), "123,456 emails left, about 206 minutes")
        account.check_total = 12345
        self.assertEqual(
            account._describe_check(12000, account.folder_ids), "12,000 of 12,345 accounted for"
        )

    def test_printed(self):
        """In the reader's format, without seconds and without the name of a time zone."""
        message = self.make_message(date=datetime(2026, 7, 5, 21, 30, 17))
        self.env.user.tz = "Europe/Berlin"
        html = message.get_print_html()
        self.assertIn("07/05/2026 11:30 PM</p>", html)
        self.assertNotIn("UTC", html)
