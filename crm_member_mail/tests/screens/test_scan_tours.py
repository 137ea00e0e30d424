from datetime import datetime, timezone
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from ...mailbox.imap.trace import Found, Hit
from ...mailbox.types import Address, AddressHeaders, RemoteFolder, Summary
from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestScanTours(HttpCase, MemberMailCase):
    """What an administrator sees of scans."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.watched = cls.make_account(email="watched@example.com")
        cls.folder = cls.env["member.mail.folder"].create(
            {
                "account_id": cls.watched.id,
                "path": "INBOX",
                "role": "inbox",
                "opened": True,
                "uidvalidity": 1,
                "last_uid": 3,
                "covered_since": "2020-01-01",
                "checked": "2026-01-01",
                "check_result": {
                    "total": 3, "filed": 2, "stranger": 1, "excluded": 0, "deleted": 0, "failed": 0
                },
            }
        )  # fmt: skip
        cls.watched.write({"first_scan": "2026-01-01", "state": "connected"})

    def test_completeness_and_where_is_my_mail(self):
        sender = Address("from", "Somebody", "somebody@else.example")
        moment = datetime(2026, 1, 1, tzinfo=timezone.utc)
        summary = Summary(3, 100, moment, "<1@else.example>", "digest")
        hit = Hit("INBOX", 1, "Is there a waiting list?", AddressHeaders(3, (sender,)), summary)
        trace = self.env.registry["member.mail.trace"]
        found = Found([RemoteFolder("INBOX", "inbox")], [hit], ["INBOX"], is_whole=True)
        # The server is played: tests/trace/test_trace.py asks a real one.
        with patch.object(trace, "_ask_servers", lambda _trace, asked: {asked: found}):
            self.start_tour(
                f"/odoo/email-accounts/{self.watched.id}", "member_mail_trace_tour", login="admin"
            )
        self.assertEqual(self.watched.check_number, 1)

    def test_what_could_not_be_filed(self):
        failure = self.env["member.mail.failure"].create(
            {
                "folder_id": self.folder.id,
                "uidvalidity": 1,
                "uid": 3,
                "error": "ValueError: The parser gave up",
                "attempts": 2,
                "next_attempt": "2030-01-01",
            }
        )
        self.start_tour(
            f"/odoo/email-accounts/{self.watched.id}", "member_mail_failure_tour", login="admin"
        )
        self.assertEqual(failure.state, "ignored")
        self.assertFalse(failure.next_attempt)
