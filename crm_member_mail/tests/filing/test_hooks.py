from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from ...models.filing.member_mail_hook import GIVE_UP
from ..filing_case import FilingCase

MESSAGE = "member.mail.message"


class TestHooks(FilingCase):
    """Add-ons that work with filed emails. Automation rules are tried in tests/integration."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana = cls.contact("Ana", "ana@members.example")
        cls.hooks = cls.env["member.mail.hook"]

    @contextmanager
    def addon(self, fails=()):
        """As if an add-on extended `email_filed`; yields the subjects of which it was told, and fails
        for some."""
        told, base = [], self.env.registry[MESSAGE].email_filed

        def email_filed(messages):
            base(messages)
            for message in messages:
                self.assertEqual(message.attachment_ids.mapped("name"), ["file.txt"])
                if message.subject in fails:
                    raise ValueError("no")
                told.append(message.subject)

        with patch.object(self.env.registry[MESSAGE], "email_filed", email_filed, create=True):
            yield told

    def call(self):
        self.hooks._cron_call()

    def test_nothing_is_kept_without_others(self):
        self.receive("ana@members.example")
        self.assertFalse(self.hooks.search([]))

    def test_told_once_of_each_with_its_files(self):
        with self.addon() as told:
            self.file(*(self.parsed("ana@members.example", subject=name) for name in "ab"))
            self.assertEqual(told, [])
            self.call()
            self.assertEqual(told, ["a", "b"])
            self.call()
            self.assertEqual(told, ["a", "b"])
        self.assertFalse(self.hooks.search([]))

    def test_one_that_fails_leaves_the_others_alone(self):
        fails = {"b"}
        with self.addon(fails) as told, self.assertLogs("odoo", "WARNING") as logs:
            messages = self.file(
                *(self.parsed("ana@members.example", subject=name) for name in "abc")
            )
            self.call()
            # The call for all of them had got as far as the first one, and was taken back.
            self.assertEqual(told[-2:], ["a", "c"])
            [hook] = self.hooks.search([])
            self.assertEqual((hook.message_id.subject, hook.attempts), ("b", 1))
            self.assertGreater(hook.next_attempt, fields.Datetime.now())
            self.assertIn("email_filed fails for message", logs.output[0])
            self.call()  # not due yet
            self.assertEqual(hook.attempts, 1)
            fails.clear()
            hook.next_attempt = fields.Datetime.now()
            self.call()
            self.assertEqual(told[-1], "b")
        self.assertEqual(len(messages), 3)
        self.assertFalse(self.hooks.search([]))

    def test_the_board_says_so_until_it_works(self):
        fails = {"Hello"}
        accounts = self.env["member.mail.account"]
        with self.addon(fails), self.assertLogs("odoo", "WARNING"):
            self.receive("ana@members.example")
            self.call()
            [found] = accounts.get_dashboard_summary([])["standstill"]
            self.assertIn("Emails it could not deal with: 1.", found["text"])
            self.assertTrue(found["retry"])
            problem = {"problem": "hook_failing", "rule": 0, "count": 1}
            self.assertIn(problem, accounts._monitor()["problems"])
            self.assertIn(
                "An add-on that works with emails fails.", self.account.idle_activity_id.note
            )
            fails.clear()
            self.hooks.action_retry()
            self.call()
            self.assertEqual(accounts.get_dashboard_summary([])["standstill"], [])
            self.assertFalse(self.account.idle_activity_id)

    def test_what_leaves_is_told_of_when_it_has_left(self):
        with self.addon() as told:
            message = self.send("ana@members.example")
            message.state = "outgoing"
            self.call()
            self.assertEqual(told, [])
            message.state = "sent"
            self.call()
            self.assertEqual(told, ["Hello"])

    def test_nobody_is_told_of_deleted_messages(self):
        with self.addon() as told:
            self.receive("ana@members.example").action_trash()
            self.call()
            self.assertEqual(told, [])
        self.assertFalse(self.hooks.search([]))

    def test_given_up_in_the_end(self):
        message = self.receive("ana@members.example")
        hook = self.hooks.create({"message_id": message.id, "rule_id": 0, "attempts": 40})
        self.hooks._gc_given_up()
        self.assertTrue(hook.exists())
        hook.created = fields.Datetime.now() - GIVE_UP - timedelta(hours=1)
        with self.assertLogs("odoo", "WARNING"):
            self.hooks._gc_given_up()
        self.assertFalse(hook.exists())

    def test_overrides_of_create_keep_no_email_out(self):
        """Filing creates emails itself; who wants to work with them extends `email_filed`."""
        with patch.object(
            self.env.registry[MESSAGE], "create", side_effect=ValueError, create=True
        ):
            self.assertTrue(self.receive("ana@members.example"))
