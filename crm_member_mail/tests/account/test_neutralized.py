from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged

from ...mailbox.errors import MailboxError
from ...models.account.secrets import SEALED_FIELDS
from ..common import MemberMailCase

SECRET, OTHER = "hunter2-of-the-club", "another-one"


@tagged("post_install", "-at_install")
class TestNeutralized(MemberMailCase):
    def test_a_copy_reads_nothing_sends_nothing_and_deletes_nothing(self):
        account = self.make_account(
            imap_password=SECRET,
            smtp_password=OTHER,
            notify=True,
            notify_activity=True,
            notify_email="boss@club.example",
            deletion_policy="copied",
            delete_on_server=True,
        )
        waiting, sending, done = (
            self.make_message(account=account, direction="out", state=state)
            for state in ("outgoing", "sending", "sent")
        )
        (waiting | sending).write(
            {"sent_account_id": account.id, "scheduled_date": "2040-01-01 00:00:00"}
        )
        self.env["mail.mail"]._queue_member_mail(
            waiting | sending, [b"To: a@b.example\r\n\r\n"] * 2
        )
        mails = self.env["mail.mail"].search([("member_mail_message_id", "!=", False)])
        mails[0].member_mail_copy_due = True
        self.env["member.mail.notice"].create({"message_id": done.id, "account_id": account.id})
        self.env["member.mail.hook"].create({"message_id": done.id, "rule_id": 0})
        folder = self.env["member.mail.folder"].create({"account_id": account.id, "path": "INBOX"})
        self.env["member.mail.removal"].create(
            {"folder_id": folder.id, "uidvalidity": 1, "uid": 1, "header_digest": "x", "size": 1}
        )
        server = account._outgoing_server()
        self.env.flush_all()

        neutralize_database(self.env.cr)
        self.env.invalidate_all()

        self.assertFalse(account.active or server.active)
        self.assertFalse(account.imap_secret or account.smtp_secret)
        self.assertFalse(account.notify or account.notify_activity or account.delete_on_server)
        self.assertEqual(account.deletion_policy, "keep")
        self.assertEqual((waiting | sending).mapped("state"), ["failed"] * 2)
        self.assertEqual(done.state, "sent")
        self.assertFalse(self.env["member.mail.removal"].search([]))
        self.assertFalse(self.env["member.mail.notice"].search([]))
        self.assertFalse(self.env["member.mail.hook"].search([]))
        for cron in ("ir_cron_fetch", "ir_cron_send"):
            self.assertFalse(self.env.ref(f"crm_member_mail.{cron}").active)
        # Even if somebody takes the account into use there.
        account.write({"active": True})
        self.assertFalse(self.env["mail.mail"]._member_mail_due())
        self.assertFalse(self.env["mail.mail"]._being_sent())
        self.env.cr.cache.clear()
        self.assertEqual(self.env["member.mail.home"]._standing(), "copy")
        self.assertEqual(account._scan(), "error")
        self.assertFalse(account.error_code)
        # Nor if somebody says that it is the original.
        with self.assertRaises(MailboxError) as caught:
            account._bare_settings("imap")
        self.assertEqual(caught.exception.code, "no_password")

    def test_every_sealed_column_is_emptied(self):
        account = self.make_account()
        account.write(dict.fromkeys(SEALED_FIELDS, "v2:sealed"))
        self.env.flush_all()
        neutralize_database(self.env.cr)
        account.invalidate_recordset()
        self.assertEqual([account[name] for name in SEALED_FIELDS], [False] * len(SEALED_FIELDS))
