from odoo import fields
from odoo.tests import new_test_user, tagged

from ...mailbox.errors import MailboxError
from .test_private_accounts import PrivateAccountCase


@tagged("post_install", "-at_install")
class TestOwnerLeft(PrivateAccountCase):
    """When an owner leaves, the accounts stop until somebody else owns them."""

    def left(self, account):
        """Whether every sign says that the account is stopped for that reason."""
        self.env.invalidate_all()
        due = account.search(account._due_domain())
        try:
            account._server_settings("imap")
        except MailboxError as error:
            usable = error.code != "owner_left"
        else:
            usable = True
        signs = {
            account.error_code == "owner_left",
            account.stopped and account.state == "error",
            not usable,
        }
        self.assertEqual(len(signs), 1, "they say the same")
        self.assertFalse(True in signs and account in due)
        return signs.pop()

    def test_archived_and_back(self):
        team = self.make_account(user_id=self.owner.id, imap_password="s3cret")
        self.private._note_connection(MailboxError("timeout", host="imap.example.com"))
        for account in (self.private, team):
            self.assertFalse(self.left(account))
        self.owner.action_archive()
        for account in (self.private, team):
            self.assertTrue(self.left(account))
            self.assertIn("Choose another owner", account.error_message)
            self.assertFalse(account.error_details)
            activity = account.alert_activity_id
            self.assertTrue(activity.user_id.active)
            self.assertTrue(activity.user_id.has_group("crm_member_mail.group_manager"))
        self.assertFalse(self.left(self.shared))
        self.assertEqual(self.private._scan(), "error")
        self.assertTrue(self.left(self.private), "a scan by hand changes nothing")
        self.private.imap_password = "other"
        self.assertEqual(self.private._scan(), "error")
        self.assertTrue(self.left(self.private), "nor does another password")
        self.owner.action_unarchive()
        for account in (self.private, team):
            self.assertFalse(self.left(account))
            self.assertEqual((account.state, account.error_message), ("draft", False))
            self.assertFalse(account.alert_activity_id)

    def test_deleted(self):
        gone = new_test_user(self.env, "gone", "crm_member_mail.group_user")
        private = self.make_account(visibility="private", user_id=gone.id, imap_password="x")
        shared = self.make_account(user_id=gone.id, imap_password="x")
        gone.unlink()
        for account in (private, shared):
            self.assertFalse(account.user_id)
            self.assertTrue(self.left(account))
            account.with_user(self.manager).user_id = self.other
            self.assertFalse(self.left(account))

    def test_a_manager_names_another_owner(self):
        message = self.make_message(account=self.private)
        account = self.private.with_user(self.manager)
        self.refused(lambda: account.write({"user_id": self.other.id}))
        self.owner.action_archive()
        for values in (
            {"visibility": "shared"},
            {"user_id": self.other.id, "visibility": "shared"},
            {"user_id": self.other.id, "notify_email": "boss@example.com"},
        ):
            self.refused(account.write, values)
        self.assertFalse(message.with_user(self.other).has_access("read"))
        account.user_id = self.other
        self.assertFalse(self.left(self.private))
        self.assertTrue(message.with_user(self.other).has_access("read"))
        self.assertFalse(message.with_user(self.manager).has_access("read"))
        [note] = self.private.message_ids.filtered(lambda m: "new owner" in (m.body or ""))
        self.assertIn(self.manager.name, note.body)
        self.assertIn(self.other.name, note.body)
        self.refused(lambda: account.write({"user_id": self.manager.id}))

    def test_an_archived_owner_is_no_owner(self):
        self.owner.action_archive()
        self.other.action_archive()
        self.private.with_user(self.manager).user_id = self.other
        self.assertTrue(self.left(self.private))

    def test_archived_accounts_stop_as_well(self):
        self.private.active = False
        self.owner.action_archive()
        self.private.active = True
        self.assertTrue(self.left(self.private))

    def test_what_waits_to_be_sent_fails(self):
        message = self.make_message(
            account=self.private,
            direction="out",
            state="outgoing",
            sent_account_id=self.private.id,
            scheduled_date=fields.Datetime.now(),
        )
        self.env["mail.mail"]._queue_member_mail(message, [b"Subject: x\r\n\r\nx"])
        self.owner.action_archive()
        with self.assertRaises(MailboxError) as caught:
            self.private._server_settings("smtp")
        message.mail_ids._note_outage(caught.exception)
        self.assertEqual(message.state, "failed")
        self.assertIn("Tell an administrator", message.failure_reason)
        self.assertFalse(message.failure_details)

    def test_accounts_without_an_owner_go_on(self):
        self.shared.user_id = False
        self.shared.imap_password = "x"
        self.assertFalse(self.left(self.shared))
