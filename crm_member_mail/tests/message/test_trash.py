from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.message import trash
from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestTrash(MemberMailCase):
    """Deleting messages, and undoing it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account()
        cls.colleague = new_test_user(cls.env, "colleague", "sales_team.group_sale_salesman")
        cls.cron = cls.env.ref("crm_member_mail.ir_cron_trash")

    def trash(self, message, user=None):
        return message.with_user(user or self.user).action_trash()

    def found(self, user):
        return self.env["member.mail.message"].with_user(user).search([])

    def later(self, message, seconds):
        """Pretend that these seconds have passed since the message was deleted."""
        message.trashed -= timedelta(seconds=seconds)

    def test_gone_for_everybody_at_once(self):
        message = self.make_message(account=self.desk, attachments=[{"name": "a", "raw": b"a"}])
        file = message.attachment_ids
        result = self.trash(message)
        self.assertEqual(result, {"ids": message.ids, "seconds": 10, "deletes_on_server": False})
        self.env.invalidate_all()
        for user in (self.user, self.colleague, self.manager, self.env.ref("base.user_admin")):
            self.assertFalse(self.found(user))
            member = self.member.with_user(user)
            self.assertEqual(member.member_mail_count, 0)
            self.assertFalse(member.member_mail_last_date)
            with self.assertRaises(AccessError):
                message.with_user(user).read(["subject"])
            with self.assertRaises(AccessError):
                file.with_user(user).read(["raw"])
        conversations = self.env["member.mail.conversation"].with_user(self.user)
        self.assertFalse(conversations.search([]))

    def test_undo(self):
        message = self.make_message(account=self.desk)
        self.trash(message)
        self.assertEqual(message.with_user(self.user).action_restore(), message.ids)
        self.assertEqual(self.found(self.colleague), message)
        self.assertFalse(message.trashed)
        self.assertEqual(self.member.with_user(self.user).member_mail_last_date, message.date)
        self.later_job()
        self.assertTrue(message.exists())

    def later_job(self):
        self.env["member.mail.message"]._due_trash()._erase_trash()

    def test_many_take_no_more_queries_than_few(self):
        def queries(act):
            self.forget()
            before = self.env.cr.sql_log_count
            act()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        def make(count):
            people = self.env["res.partner"].create([{"name": f"P {n}"} for n in range(count)])
            messages = [self.make_message(one) for one in people]  # each in a mailbox of its own
            return self.env["member.mail.message"].union(*messages).with_user(self.user)

        counted = []
        for count in (2, 2, 12):
            deleted, erased = make(count), make(count)
            counted.append(
                (
                    queries(deleted.get_delete_warning),
                    queries(deleted.action_trash),
                    queries(erased.unlink),
                )
            )
        self.assertEqual(counted[2], counted[1])  # the first time, Odoo learns more

    def test_only_who_deleted_it_takes_it_back(self):
        message = self.make_message(account=self.desk)
        self.trash(message)
        self.assertEqual(message.with_user(self.colleague).action_restore(), [])
        self.assertFalse(self.found(self.colleague))

    def test_erased_a_minute_later_and_never_filed_again(self):
        message = self.make_message(account=self.desk)
        self.trash(message)
        self.later_job()
        self.assertTrue(message.exists(), "there is still time to take it back")
        self.later(message, 61)
        self.later_job()
        self.assertFalse(message.exists())
        self.assertEqual(message.with_user(self.user).action_restore(), [])
        digests = self.env["member.mail.tombstone"].search([]).mapped("header_digest")
        self.assertEqual(len(digests), 1)

    def test_the_job_comes_in_time(self):
        self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]).unlink()
        self.trash(self.make_message(account=self.desk))
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        wait = (trigger.call_at - fields.Datetime.now()).total_seconds()
        self.assertTrue(60 < wait < 120, wait)

    def test_not_what_one_may_not_see(self):
        private = self.make_account(visibility="private", user_id=self.colleague.id)
        message = self.make_message(account=private)
        with self.assertRaises(AccessError):
            self.trash(message)
        self.assertFalse(message.trashed)

    def test_what_happens_on_the_server(self):
        message = self.make_message(account=self.desk)

        def warning(user=self.user):
            return message.with_user(user).get_delete_warning()

        self.assertIn("They stay in the mailbox on the mail server", warning())
        folder = self.env["member.mail.folder"].create(
            {"account_id": self.desk.id, "path": "INBOX", "role": "inbox", "uidvalidity": 1}
        )
        self.env["member.mail.location"].create(
            {
                "message_id": message.id,
                "folder_id": folder.id,
                "uidvalidity": 1,
                "uid": 1,
                "size": 9,
            }
        )
        self.desk.delete_on_server = True
        self.assertIn("from the mail server, in these mailboxes: Front desk", warning())
        self.trash(message)
        message.with_user(self.user).action_restore()
        # The user sees the message through another mailbox, but not this one.
        self.desk.write({"visibility": "private", "user_id": self.colleague.id})
        message.account_ids |= self.make_account()
        self.assertTrue(warning().endswith("from the mail server."))
        self.assertFalse(self.env["member.mail.removal"].search([]))
        self.assertTrue(self.trash(message)["deletes_on_server"])
        self.later(message, 61)
        self.later_job()
        self.assertEqual(self.env["member.mail.removal"].search([]).uid, 1)

    def test_the_job(self):
        messages = self.make_message(account=self.desk) | self.make_message(account=self.desk)
        stays = self.make_message(account=self.desk)
        self.trash(messages | stays)
        self.later(messages[0], 61)
        self.later(messages[1], 3600)
        with patch.object(trash, "BATCH", 1), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.assertEqual((messages | stays).exists(), stays)

    def test_one_that_cannot_be_erased_is_in_nobodys_way(self):
        messages = self.make_message(account=self.desk) | self.make_message(account=self.desk)
        guilty, other = messages
        self.trash(messages)
        for message in messages:
            self.later(message, 61)
        original = type(messages).unlink

        def unlink(records):
            if guilty in records:
                raise ValueError("Something holds it")
            return original(records)

        with patch.object(type(messages), "unlink", unlink), mute_logger(trash.__name__):
            self.later_job()
        self.assertEqual(messages.exists(), guilty)
        self.assertFalse(self.found(self.user))
        self.later_job()
        self.assertFalse(guilty.exists())
