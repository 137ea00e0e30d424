"""What becomes of an email, as the queue notes it."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...mailbox.errors import MailboxError
from ...mailbox.smtp.session import Delivery, Refusal
from .draft_case import DraftCase

LATER = Refusal("450 4.2.0 Greylisted", False)
NEVER = Refusal("550 5.1.1 No such user", True)


@tagged("post_install", "-at_install")
class TestOutcomes(DraftCase):
    def setUp(self):
        super().setUp()
        draft = self.open()
        draft.write({"email_cc": "bo@else.example", "subject": "Offer"})
        self.message = self.send(draft).sudo()
        self.mail = self.message.mail_ids

    def attempt(self, outcome):
        """Claim the email and note the outcome; returns whom it was sent to."""
        self.mail.scheduled_date = fields.Datetime.now()
        job = self.mail._claim()
        self.assertEqual(self.message.state, "sending")
        self.mail._note_outcome(outcome)
        return set(job.recipients)

    def failures(self):
        return {p.email: p.failure for p in self.message.participant_ids if p.failure}

    def test_only_those_are_tried_again_who_have_not_got_it(self):
        both = {"ada@member.example", "bo@else.example"}
        outcome = Delivery(("ada@member.example",), {"bo@else.example": LATER})
        self.assertEqual(self.attempt(outcome), both)
        self.assertEqual(self.message.state, "outgoing")
        self.assertGreater(self.message.scheduled_date, fields.Datetime.now())
        self.assertEqual(self.attempt(Delivery(("bo@else.example",), {})), {"bo@else.example"})
        self.assertEqual(self.message.state, "sent")

    def test_it_came_back_from_one_while_the_other_waited(self):
        self.attempt(Delivery(("ada@member.example",), {"bo@else.example": LATER}))
        to = self.message.participant_ids.filtered(lambda p: p.email == "ada@member.example")
        to.failure = "This mailbox is full."
        self.attempt(Delivery(("bo@else.example",), {}))
        self.assertEqual(self.message.state, "failed")
        self.assertIn("The email bounced.", self.message.failure_reason)
        self.assertEqual(self.message.failure_details, "ada@member.example: This mailbox is full.")

    def test_one_refused_for_good(self):
        self.attempt(Delivery(("ada@member.example",), {"bo@else.example": NEVER}))
        self.assertEqual(self.message.state, "failed")
        self.assertEqual(self.failures(), {"bo@else.example": "550 5.1.1 No such user"})
        self.message.with_user(self.user).action_retry_sending()
        self.assertEqual(self.message.state, "outgoing")
        self.assertEqual(self.attempt(Delivery(("bo@else.example",), {})), {"bo@else.example"})
        self.assertEqual(self.message.state, "sent")
        self.assertFalse(self.failures())

    def test_tried_often_enough(self):
        for _try in range(5):
            self.attempt(MailboxError("deferred", "451 Later"))
            self.assertEqual(self.message.state, "outgoing")
        self.attempt(MailboxError("deferred", "451 Later"))
        self.assertEqual(self.message.state, "failed")
        self.assertNotIn("451 Later", self.message.failure_reason)
        self.assertEqual(self.message.failure_details, "451 Later")

    def test_the_servers_words_stay_apart(self):
        self.attempt(MailboxError("deferred", "451 Later", "mx.example"))
        sentence = self.message.failure_reason
        self.assertIn("doesn't accept the email right now", sentence)
        self.assertNotIn("mx.example", sentence)
        self.assertEqual(self.message.failure_details, "mx.example: 451 Later")
        self.assertEqual(self.mail.failure_reason, f"{sentence} (mx.example: 451 Later)")
        self.attempt(MailboxError("uncertain", "gone"))
        self.assertNotIn("gone", self.message.failure_reason)
        self.assertEqual(self.message.failure_details, "gone")
        self.assertIn("(gone)", self.mail.failure_reason)
        self.message.with_user(self.user).action_retry_sending()
        self.assertFalse(self.message.failure_reason or self.message.failure_details)

    def test_why_recipients_were_refused(self):
        self.attempt(Delivery(("ada@member.example",), {"bo@else.example": LATER}))
        self.assertIn("every recipient", self.message.failure_reason)
        self.assertEqual(self.message.failure_details, "bo@else.example: 450 4.2.0 Greylisted")
        self.attempt(Delivery((), {"bo@else.example": NEVER}))
        self.assertIn("some of the recipients", self.message.failure_reason)
        self.assertEqual(self.message.failure_details, "bo@else.example: 550 5.1.1 No such user")
        [head] = self.env["member.mail.tab"].get_messages(self.message.ids)
        self.assertEqual(head["failure_reason"], self.message.failure_reason)
        self.assertEqual(head["failure_details"], self.message.failure_details)

    def test_all_recipients_were_refused(self):
        refused = dict.fromkeys(("ada@member.example", "bo@else.example"), NEVER)
        self.attempt(Delivery((), refused))
        self.assertIn("does not exist", self.message.failure_reason)
        self.assertNotIn("550", self.message.failure_reason)
        self.assertIn("550 5.1.1 No such user", self.message.failure_details)

    def test_they_were_refused_for_several_reasons(self):
        full = Refusal("552 5.2.2 Full", True, "recipient_full")
        self.attempt(Delivery((), {"ada@member.example": full, "bo@else.example": NEVER}))
        self.assertIn("refused the email", self.message.failure_reason)
        [head] = self.env["member.mail.tab"].get_messages(self.message.ids)
        told = {p["email"]: p["failure_reason"] for p in head["participants"] if p["failure"]}
        self.assertIn("is full", told["ada@member.example"])
        self.assertIn("does not exist", told["bo@else.example"])

    def test_no_copy_in_the_sent_folder(self):
        self.attempt(Delivery(("ada@member.example", "bo@else.example"), {}))
        self.mail.member_mail_attempts = 100
        self.mail._note_copied(MailboxError("no_sent_folder", "NO such"))
        self.assertEqual(self.message.state, "sent")
        self.assertNotIn("NO such", self.message.failure_reason)
        self.assertEqual(self.message.failure_details, "NO such")

    def test_who_sent_it_hears_of_it(self):
        self.attempt(MailboxError("rejected", "554 No"))
        activity = self.message.failure_activity_id
        self.assertEqual((activity.user_id, activity.res_id), (self.user, self.member.id))
        self.assertNotIn("Offer", f"{activity.summary} {activity.note}")
        self.message.with_user(self.user).action_retry_sending()
        self.assertFalse(activity.exists())

    def test_a_limit_pauses_the_account_and_fails_nothing(self):
        limit = MailboxError("sending_limit", "550 5.4.5 Daily limit", retry_after=7200)
        now = fields.Datetime.now()
        for _try in range(10):
            self.attempt(limit)
            self.assertEqual(self.message.state, "outgoing")
        self.assertGreaterEqual(self.account.sending_resumes, now + timedelta(hours=2))
        self.assertGreaterEqual(self.message.scheduled_date, self.account.sending_resumes)
        self.assertIn("send the rest later", self.message.failure_reason)
        self.assertEqual(self.message.failure_details, "550 5.4.5 Daily limit")
        self.assertEqual(self.account._sending_pause().code, "sending_limit")
        self.assertAlmostEqual(self.account._sending_pause().retry_after, 7200, delta=300)
        self.account.sending_resumes = now - timedelta(seconds=1)
        self.assertIsNone(self.account._sending_pause())
        # After days it is no limit that passes.
        self.message.date = now - timedelta(days=4)
        self.attempt(limit)
        self.assertEqual(self.message.state, "failed")

    def test_try_again_forgets_the_limit(self):
        self.attempt(MailboxError("sending_limit", retry_after=7200))
        self.mail._fail("It was too much.")
        self.message.with_user(self.user).action_retry_sending()
        self.assertFalse(self.account.sending_resumes)
        self.assertLessEqual(self.message.scheduled_date, fields.Datetime.now())

    def test_a_refused_sender_is_told_as_that(self):
        self.attempt(MailboxError("sender_refused", "550 5.7.60 No", "smtp.club.example"))
        self.assertEqual(self.message.state, "failed")
        self.assertIn("send from this address", self.message.failure_reason)
        self.assertFalse(self.failures())

    def test_why_some_addresses_can_not_be_written_to(self):
        refusal = Refusal("SMTPUTF8", True, "no_smtputf8")
        self.attempt(Delivery(("ada@member.example",), {"bo@else.example": refusal}))
        self.assertEqual(self.message.state, "failed")
        self.assertIn("some of the recipients", self.message.failure_reason)
        bo = self.message.participant_ids.filtered("failure")
        self.assertIn("special letters before the @", bo.failure_reason)
        self.assertEqual(self.mail.member_mail_recipients, ["bo@else.example"])

    def test_a_full_mailbox_is_told_as_that(self):
        full = Refusal("552 5.2.2 Full", True, "recipient_full")
        self.attempt(Delivery(("ada@member.example",), {"bo@else.example": full}))
        self.assertIn("some of the recipients", self.message.failure_reason)
        bo = self.message.participant_ids.filtered("failure")
        self.assertIn("mailbox is full", bo.failure_reason)
        self.assertEqual(self.failures(), {"bo@else.example": "552 5.2.2 Full"})

    def test_many_are_tried_again_at_once(self):
        others = self.env["member.mail.message"].sudo()
        for outcome in (MailboxError("rejected", "554 No"), MailboxError("uncertain", "gone")):
            draft = self.open()
            draft.subject = "Offer"
            message = self.send(draft).sudo()
            message.mail_ids.scheduled_date = fields.Datetime.now()
            message.mail_ids._claim()
            message.mail_ids._note_outcome(outcome)
            others += message
        self.attempt(MailboxError("rejected", "554 No"))
        bounced = self.make_message(account=self.account, direction="out", state="failed")
        failed, unknown = self.message + others[0], others[1]
        chosen = (failed + unknown + bounced).with_user(self.user)
        params = chosen.action_retry_failed()["params"]
        self.assertEqual(failed.mapped("state"), ["outgoing"] * 2)
        # Nobody is sent anything twice without being asked, and a bounce is another email.
        self.assertEqual((unknown.state, bounced.state), ("uncertain", "failed"))
        for line in ("again: 2.", "already: 1.", "bounced: 1."):
            self.assertIn(line, params["message"])
        self.account.write({"visibility": "private", "user_id": self.manager.id})
        with self.assertRaises(AccessError):
            chosen.action_retry_failed()

    def test_nobody_knows(self):
        self.attempt(MailboxError("uncertain", "gone"))
        self.assertEqual(self.message.state, "uncertain")
        self.assertIsNone(self.mail._claim())
        self.message.with_user(self.user).action_mark_sent()
        self.assertEqual(self.message.state, "sent")

    def test_deleted_meanwhile(self):
        self.mail.scheduled_date = fields.Datetime.now()
        self.mail._claim()
        self.message.unlink()
        self.mail._note_outcome(Delivery(("ada@member.example",), {}))
        self.assertFalse(self.mail.exists())

    def test_an_account_that_is_archived_sends_nothing(self):
        self.account.active = False
        self.mail.scheduled_date = fields.Datetime.now()
        self.assertIsNone(self.mail._claim())
        self.assertEqual(self.message.state, "failed")
