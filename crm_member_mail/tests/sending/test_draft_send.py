"""What becomes of a draft that is sent."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestSend(DraftCase):
    def test_the_email(self):
        self.account.write({"reply_to": "Answers <answers@club.example>", "name": "Clüb, the"})
        answered = self.received(
            rfc_message_id="<first@member.example>",
            headers="Subject: x\nReferences: <zero@member.example>\n\t<half@member.example>",
        )
        draft = self.open(mode="reply", answered=answered.id)
        draft.write(
            {
                "subject": "Grüße\r\nBcc: evil@else.example",
                "body": "<p>Hello <b>Ada</b></p>",
                "email_bcc": "boss@club.example",
            }
        )
        message = self.send(draft)
        email = self.source(message)
        self.assertEqual(email["Subject"], "Grüße Bcc: evil@else.example")
        [sender] = email["From"].addresses
        self.assertEqual(
            (sender.display_name, sender.addr_spec), ("Clüb, the", "desk@club.example")
        )
        self.assertEqual(email["Reply-To"], "Answers <answers@club.example>")
        self.assertEqual(email["In-Reply-To"], "<first@member.example>")
        self.assertEqual(
            email["References"],
            "<zero@member.example> <half@member.example> <first@member.example>",
        )
        self.assertIn("Hello Ada", email.get_body(("plain",)).get_content())
        self.assertIn("<b>Ada</b>", email.get_body(("html",)).get_content())
        self.assertIn("Hello there", email.get_body(("html",)).get_content())
        self.assertEqual(message.conversation_id, answered.conversation_id)
        self.assertEqual((message.state, message.direction), ("outgoing", "out"))
        self.assertEqual(message.sender_user_id, self.user)
        roles = {person.email: person.role for person in message.participant_ids}
        self.assertEqual(roles["boss@club.example"], "bcc")
        job = message.sudo().mail_ids
        job.scheduled_date = fields.Datetime.now()
        claimed = job._claim()
        self.assertNotIn(b"boss@club.example", claimed.data)
        self.assertEqual(
            set(claimed.recipients), {"ada@member.example", "boss@club.example"}
        )  # fmt: skip

    def test_twice_is_once(self):
        draft = self.open()
        message = self.send(draft)
        self.assertEqual(self.send(draft), message)
        self.assertEqual(len(message.sudo().mail_ids), 1)

    def test_undo(self):
        draft = self.open()
        draft.body = "<p>Precious</p>"
        message = self.send(draft)
        action = draft.undo_sending(message.ids)
        self.assertEqual(action["res_id"], draft.id)
        self.assertEqual(draft.state, "draft")
        self.assertIn("Precious", draft.body)
        self.assertFalse(message.exists())
        self.assertFalse(self.env["mail.mail"].search([("member_mail_message_id", "!=", False)]))
        self.assertNotEqual(self.send(draft), message)

    def test_undo_too_late(self):
        message = self.send(self.open())
        message.sudo().state = "sending"
        with self.assertRaisesRegex(UserError, "too late"):
            self.env["member.mail.draft"].with_user(self.user).undo_sending(message.ids)

    def test_scheduled(self):
        later = fields.Datetime.now() + timedelta(days=2)
        draft = self.open()
        draft.scheduled_date = later
        message = self.send(draft)
        self.assertEqual(message.sudo().mail_ids.scheduled_date, later)
        self.assertEqual(message.scheduled_date, later)
        self.assertEqual(self.source(message)["Date"].datetime.replace(tzinfo=None), later)
        self.assertIsNone(message.sudo().mail_ids._claim())
        digest = message.header_digest
        message.with_user(self.user).action_send_now()
        self.assertLess(self.source(message)["Date"].datetime.replace(tzinfo=None), later)
        self.assertNotEqual(message.header_digest, digest)
        self.assertTrue(message.sudo().mail_ids._claim())

    def test_deleted_is_not_sent(self):
        message = self.send(self.open())
        queued = message.sudo().mail_ids
        message.with_user(self.user).action_trash()
        queued.scheduled_date = fields.Datetime.now()
        self.assertIsNone(queued._claim())
        message.sudo().unlink()
        self.assertFalse(queued.exists())

    def test_each(self):
        bo = self.env["res.partner"].create({"name": "Bo", "email": "bo@else.example"})
        nobody = self.env["res.partner"].create({"name": "No address"})
        template = self.template(
            '<p>Welcome <t t-out="object.name"/>!</p>', "Dear {{ object.name }}"
        )
        draft = self.open(self.member | bo | nobody)
        self.assertEqual((draft.mode, draft.recipient_count, draft.skipped_count), ("each", 2, 1))
        self.insert(draft, template)
        messages = self.send(draft)
        self.assertEqual(set(messages.mapped("subject")), {"Dear Ada Member", "Dear Bo"})
        for message in messages:
            self.assertIn(f"Welcome {message.partner_ids.name}!", message.body_text)
            self.assertEqual(len(message.participant_ids), 2)

    def test_each_lead(self):
        leads = self.env["crm.lead"].create(
            [
                {"name": "Boat", "email_from": "bo@else.example", "contact_name": "Bo"},
                {"name": "Mooring", "partner_id": self.member.id},
                {"name": "Nobody"},
            ]
        )
        leads.user_id = self.user
        draft = self.open(leads)
        self.assertEqual((draft.recipient_count, draft.skipped_count), (2, 1))
        draft.subject = "The new season"
        messages = self.send(draft)
        self.assertEqual(messages.lead_ids, leads[:2])
        self.assertEqual(messages[1].partner_ids, self.member)
        self.assertCountEqual(
            messages.participant_ids.filtered(lambda p: p.role == "to").mapped("email"),
            ["bo@else.example", "ada@member.example"],
        )

    def test_many_cost_few_queries(self):
        def queries(number):
            partners = self.env["res.partner"].create(
                [{"name": f"P{i}", "email": f"p{number}-{i}@else.example"} for i in range(number)]
            )
            draft = self.open(partners)
            self.forget()
            before = self.env.cr.sql_log_count
            self.send(draft)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertLessEqual(queries(20), queries(3) + 3)

    def test_template(self):
        template = self.template(
            '<p>Welcome <t t-out="object.name"/>!</p>',
            "Dear {{ object.name }}",
            attachment_ids=[Command.create({"name": "plan.txt", "raw": b"plan"})],
        )
        draft = self.open()
        self.insert(draft, template)
        self.assertEqual(draft.subject, "Dear Ada Member")
        self.assertIn("Welcome Ada Member!", draft.body)
        self.assertFalse(draft.template_id)
        self.assertEqual(self.send(draft).attachment_ids.name, "plan.txt")
