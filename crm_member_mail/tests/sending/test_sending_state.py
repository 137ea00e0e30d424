"""What accounts say of sending: noted by tests and attempts, shown where one looks, and told."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ...mailbox.errors import MailboxError
from ...mailbox.smtp.session import Delivery, Refusal
from ...models.account import connection
from ...models.sending import ir_mail_server
from .draft_case import DraftCase

WRONG = MailboxError("auth_failed", "535 5.7.8 No", "smtp.club.example")
SENDER = MailboxError("sender_refused", "550 5.7.60 No", "smtp.club.example")
BUSY = MailboxError("timeout", host="smtp.club.example")


@tagged("post_install", "-at_install")
class TestSendingState(DraftCase):
    def setUp(self):
        super().setUp()
        self.account.write({"state": "connected", "first_scan": fields.Datetime.now()})

    def attempt(self, outcome):
        message = self.write_one()
        message.mail_ids.scheduled_date = fields.Datetime.now()
        message.mail_ids._claim()
        message.mail_ids._note_outcome(outcome)
        return message

    def write_one(self):
        draft = self.open()
        draft.subject = "Offer"
        return self.send(draft).sudo()

    def assert_told(self, told):
        account = self.account.with_user(self.manager)
        self.assertEqual(account.sending_state == "error", told)
        self.assertEqual(account.condition == "unsendable", told)
        self.assertEqual(bool(account.sending_message), told)
        summary = account.get_dashboard_summary([("id", "=", account.id)])
        self.assertEqual(summary["problems"], int(told))
        activities = account.sudo().activity_ids
        self.assertEqual(len(activities), int(told))
        draft = self.open()
        [warning] = {s["warning"] for s in draft.senders if s["account_id"] == account.id}
        self.assertEqual(bool(warning), told)
        if told:
            # Who writes can't mend it, who looks after it can.
            ask = f"Ask {activities.user_id.name}, who may change that."
            self.assertTrue(warning.endswith(ask), warning)
            mine = account.with_user(self.user).sudo()
            self.assertIn("Odoo can't use this mailbox", mine.sending_message)
            self.assertIn(account.sending_message, mine.sending_details)
            self.assertIn(account.sending_message, activities.note)
            self.assertNotIn("Ask", account.sending_message)
        return activities

    def test_an_owner_who_may_not_set_it_up_is_not_asked(self):
        """And is in fewer companies than who asks."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.company_ids += elsewhere
        owner = new_test_user(self.env, "owner", "crm_member_mail.group_user")
        self.account.user_id = owner
        self.account._note_attempt(WRONG)
        account = self.account.with_user(self.user)
        account = account.with_context(allowed_company_ids=self.user.company_ids.ids)
        name = account.sudo()._administrator().name
        for said in (account.sudo().sending_message, self.account.sudo().activity_ids.note):
            self.assertIn(f"Ask {name}, who may change that.", said)
        self.assertEqual(self.account.sudo().activity_ids.user_id, owner)

    def test_a_refused_login_is_told_until_it_works(self):
        self.assertEqual(self.account.sending_state, "untried")
        self.assert_told(False)
        self.account._note_attempt(None)
        self.assertEqual(self.account.sending_state, "works")
        self.assert_told(False)
        self.attempt(WRONG)
        [activity] = self.assert_told(True)
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn(self.account.email, activity.summary)
        self.assertEqual(self.account.with_user(self.manager).sending_details, "535 5.7.8 No")
        self.assertEqual(self.account.with_user(self.manager).remedy, "password")
        self.attempt(WRONG)
        self.assert_told(True)
        self.account._note_attempt(None)
        self.assert_told(False)

    def test_a_refused_sender_is_told_until_an_email_is_taken(self):
        self.attempt(SENDER)
        self.assert_told(True)
        # Signing in works all the time.
        self.account._note_attempt(None)
        self.assert_told(True)
        self.account._note_sending(None)
        self.assert_told(False)

    def test_neither_a_refused_recipient_nor_a_server_that_is_down_is_the_accounts(self):
        gone = Refusal("550 5.1.1 No such user", True)
        for outcome in (
            Delivery((), {"ada@member.example": gone}),
            MailboxError("rejected", "554 Spam"),
            MailboxError("deferred", "451 Later"),
            MailboxError("sending_limit", "550 5.4.5"),
            BUSY,
        ):
            self.attempt(outcome)
            self.assertEqual(self.account.sending_state, "untried", outcome)

    def test_the_connection_test_notes_it(self):
        def probe(error):
            def smtp(_settings):
                if error:
                    raise error
                return 0

            with patch.dict(connection.PROBES, {"imap": lambda _settings: [], "smtp": smtp}):
                self.account.with_user(self.manager).action_test_connection()

        self.account.imap_password = "x"
        probe(BUSY)
        self.assert_told(True)
        probe(None)
        self.assert_told(False)
        self.assertEqual(self.account.sending_state, "works")

    def test_other_settings_are_untried(self):
        self.attempt(WRONG)
        self.account.with_user(self.manager).smtp_port = 587
        self.assertEqual(self.account.sending_state, "untried")
        self.assertFalse(self.account.sending_message)

    def test_notifications_note_it_as_well(self):
        server = self.account._outgoing_server()
        self.account.imap_password = "x"
        self.account.state = "connected"
        with (
            patch.object(ir_mail_server.SmtpSession, "open", side_effect=WRONG),
            patch.object(type(server), "_disable_send", lambda _self: False),
        ):
            # As Odoo does, which goes on with other servers; `assertRaises` would roll back.
            try:
                server._connect__(mail_server_id=server.id, smtp_from=self.account.email)
            except UserError as error:
                refused = error
        self.assertIn("535 5.7.8 No", str(refused))
        self.assert_told(True)

    def test_what_could_not_be_sent_is_counted(self):
        self.attempt(MailboxError("rejected", "554 Spam"))
        self.attempt(MailboxError("uncertain", "gone"))
        self.write_one()
        account = self.account.with_user(self.manager)
        self.assertEqual(account.unsent_count, 2)
        action = account.action_view_unsent()
        self.assertEqual(
            self.env["member.mail.message"].with_user(self.manager).search_count(action["domain"]),
            2,
        )
        self.account.write({"visibility": "private", "user_id": self.user.id})
        account.invalidate_recordset()
        self.assertEqual(account.unsent_count, 0)
