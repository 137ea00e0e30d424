"""What becomes of an email, as the queue notes it."""

from odoo import fields
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
        sentence = "mx.example doesn't accept the email right now."
        self.assertEqual(self.message.failure_reason, sentence)
        self.assertEqual(self.message.failure_details, "451 Later")
        self.assertEqual(self.mail.failure_reason, f"{sentence} (451 Later)")
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
        self.assertIn("refused the email", self.message.failure_reason)
        self.assertNotIn("550", self.message.failure_reason)

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
