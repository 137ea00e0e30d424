from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestRetention(MemberMailCase):
    """Emails older than what their mailboxes keep are erased."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account(retention_months=6)
        cls.archive = cls.make_account()
        cls.Message = cls.env["member.mail.message"]

    def old(self, months=7, **values):
        date = fields.Datetime.now() - relativedelta(months=months)
        return self.make_message(date=date, **{"account": self.desk, **values})

    def run_job(self):
        self.env["member.mail.account"]._cron_erase_old()
        self.env.flush_all()
        self.env.invalidate_all()

    def test_what_is_older_goes_for_good(self):
        old = self.old(attachments=[{"name": "a.txt", "raw": b"a"}])
        young = self.old(months=5)
        files, conversation = old.attachment_ids, old.conversation_id
        digests = (old.header_digest, old.content_digest)
        self.run_job()
        self.assertFalse(old.exists() or conversation.exists() or files.exists())
        self.assertTrue(young.exists())
        stone = self.env["member.mail.tombstone"].search([])
        self.assertEqual((stone.header_digest, stone.content_digest), digests)
        self.assertEqual(self.member.with_user(self.user).member_mail_last_date, young.date)

    def test_other_mailboxes_and_what_is_under_way_stay(self):
        kept = self.old(months=100, account=self.archive)
        waiting = self.old(direction="out")
        waiting.state = "outgoing"
        self.run_job()
        self.assertEqual((kept | waiting).exists(), kept | waiting)

    def test_archived_mailboxes_keep_nothing_longer(self):
        old = self.old()
        self.desk.active = False
        self.run_job()
        self.assertFalse(old.exists())

    def test_shared_by_two_mailboxes(self):
        both = self.old(account=self.desk | self.archive, headers="To: ada\nDelivered-To: desk\n")
        folders = self.env["member.mail.folder"].create(
            [{"account_id": a.id, "path": "INBOX"} for a in (self.desk, self.archive)]
        )
        self.env["member.mail.location"].create(
            [
                {"message_id": both.id, "folder_id": f.id, "uidvalidity": 1, "uid": 1}
                for f in folders
            ]
        )
        self.env["member.mail.notice"].create(
            [{"message_id": both.id, "account_id": a.id} for a in (self.desk, self.archive)]
        )
        self.archive.write({"visibility": "private", "user_id": self.manager.id})
        self.assertTrue(both.with_user(self.user).has_access("read"))
        self.run_job()
        self.assertEqual(both.account_ids, self.archive)
        self.assertEqual(both.location_ids.folder_id, folders[1])
        self.assertEqual(self.env["member.mail.notice"].search([]).account_id, self.archive)
        self.assertEqual(both.headers, "To: ada", "nothing names the mailbox that it left")
        self.assertFalse(self.env["member.mail.tombstone"].search([]))
        with self.assertRaises(AccessError):
            both.with_user(self.user).read(["subject"])
        self.assertFalse(self.member.with_user(self.user).member_mail_last_date)
        self.assertEqual(self.member.with_user(self.manager).member_mail_last_date, both.date)

        self.archive.retention_months = 3
        self.run_job()
        self.assertFalse(both.exists())

    def test_two_mailboxes_whose_time_is_over(self):
        other = self.make_account(retention_months=1)
        both = self.old(account=self.desk | other)
        self.run_job()
        self.assertFalse(both.exists())

    def test_the_server_is_left_alone(self):
        self.desk.delete_on_server = True
        old = self.old()
        folder = self.env["member.mail.folder"].create(
            {"account_id": self.desk.id, "path": "INBOX"}
        )
        self.env["member.mail.location"].create(
            {"message_id": old.id, "folder_id": folder.id, "uidvalidity": 1, "uid": 1}
        )
        self.run_job()
        self.assertFalse(old.exists())
        self.assertFalse(self.env["member.mail.removal"].search([]))

    def test_what_could_not_be_filed(self):
        folder = self.env["member.mail.folder"].create(
            {"account_id": self.desk.id, "path": "INBOX"}
        )
        old, young = self.env["member.mail.failure"].create(
            [{"folder_id": folder.id, "uidvalidity": 1, "uid": n, "raw": "YQ=="} for n in (1, 2)]
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE member_mail_failure SET create_date = %s WHERE id = %s",
            (fields.Datetime.now() - timedelta(days=365), old.id),
        )
        kept = [("res_model", "=", "member.mail.failure"), ("res_field", "=", "raw")]
        self.run_job()
        self.assertFalse(old.exists())
        files = self.env["ir.attachment"].search(kept)
        self.assertEqual(files.mapped("res_id"), young.ids, "nor are its bytes there any more")

    def test_queries_do_not_grow_with_the_batch(self):
        def erase(number):
            for _number in range(number):
                self.old()
                self.old(account=self.desk | self.archive)
            ids = self.desk._old_messages()
            self.assertEqual(len(ids), 2 * number)
            self.forget()
            before = self.env.cr.sql_log_count
            self.desk._erase_old_messages(ids)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        erase(1)
        few = erase(2)
        self.assertLessEqual(erase(30), few + 3)

    def test_nothing_earlier_is_read(self):
        self.desk.write({"first_scan": "2026-01-01", "history": "all"})
        self.assertEqual(self.desk._history_since().date(), self.desk._kept_since().date())
        self.desk.history = "30"
        self.assertEqual(self.archive._kept_since(), None)
        self.archive.write({"first_scan": "2026-01-01", "history": "all"})
        self.assertIsNone(self.archive._history_since())

    def test_the_form_says_how_many_that_are(self):
        self.old(months=7)
        self.old(months=4)
        with Form(self.desk.with_user(self.manager)) as form:
            self.assertEqual(form.retention_count, 1)
            form.retention_months = 3
            self.assertEqual(form.retention_count, 2)
            form.retention_months = 0
            self.assertEqual(form.retention_count, 0)

    def test_others_private_mail_is_not_counted(self):
        self.old()
        self.desk.write({"visibility": "private", "user_id": self.user.id})
        self.assertEqual(self.desk.with_user(self.manager).retention_count, 0)
        self.desk.with_user(self.manager).retention_months = 12

    def test_what_is_no_time(self):
        for months in (-1, 1201):
            with self.subTest(months=months), self.assertRaises(ValidationError):
                self.desk.retention_months = months
        with self.assertRaises(UserError):
            self.desk.with_user(self.user).retention_months = 1
