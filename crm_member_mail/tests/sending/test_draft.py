"""Drafts: how they start, whom they go to, and what becomes of them."""

import base64
from datetime import timedelta
from email import message_from_bytes, policy

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..common import MemberMailCase

PIXEL = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class DraftCase(MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.make_account(
            email="desk@club.example", aliases="hello@club.example", user_id=cls.manager.id
        )

    def open(self, records=None, mode="new", answered=False, user=None):
        records = self.member if records is None else records
        Draft = self.env["member.mail.draft"].with_user(user or self.user)
        action = Draft.open_draft(records._name, records.ids, mode, answered)
        return Draft.browse(action["res_id"])

    def send(self, draft):
        action = draft.action_send()
        return self.env["member.mail.message"].browse(action["params"]["message_ids"])

    def source(self, message):
        """The email as it waits in the queue, parsed as another program would."""
        return message_from_bytes(
            base64.b64decode(message.sudo().mail_ids.member_mail_source), policy=policy.strict
        )

    def received(self, **values):
        return self.make_message(account=self.account, **values)


class TestBegin(DraftCase):
    def test_new(self):
        draft = self.open()
        self.assertEqual(draft.email_to, "Ada Member <ada@member.example>")
        self.assertEqual(draft.email_from, "desk@club.example")
        self.assertEqual(draft.partner_ids, self.member)
        self.assertFalse(draft.problem)

    def test_no_account(self):
        self.account.active = False
        with self.assertRaisesRegex(UserError, "don't have an email account"):
            self.open()

    def test_reply_leaves_from_the_address_that_was_written_to(self):
        message = self.received(
            people=[
                ("from", "Ada", "ada@member.example", self.member),
                ("to", "Club", "hello@club.example", self.member.browse()),
            ]
        )
        draft = self.open(mode="reply", answered=message.id)
        self.assertEqual(draft.email_from, "hello@club.example")
        self.assertEqual(draft.email_to, "Ada <ada@member.example>")
        self.assertEqual(draft.subject, f"Re: {message.subject}")

    def test_reply_to(self):
        nobody = self.member.browse()
        message = self.received(
            subject="RE: Hello",
            people=[
                ("from", "Ada", "ada@member.example", self.member),
                ("reply_to", "Office", "office@member.example", nobody),
                ("to", "Club", "desk@club.example", nobody),
                ("to", "Bo", "bo@else.example", nobody),
                ("cc", "Club, too", "hello@club.example", nobody),
                ("cc", "", "cy@else.example", nobody),
            ],
        )
        draft = self.open(mode="reply", answered=message.id)
        self.assertEqual((draft.email_to, draft.email_cc), ("Office <office@member.example>", ""))
        self.assertEqual(draft.subject, "RE: Hello")
        draft = self.open(mode="reply_all", answered=message.id)
        self.assertEqual(draft.email_to, "Office <office@member.example>")
        self.assertEqual(draft.email_cc, "Bo <bo@else.example>, cy@else.example")

    def test_forward_takes_the_files_along(self):
        message = self.received(
            body="<p>See</p>", attachments=[{"name": "offer.pdf", "raw": b"%PDF-1.4"}]
        )
        image = self.env["ir.attachment"].create(
            {"name": "x.png", "raw": PIXEL, "res_model": message._name, "res_id": message.id}
        )
        message.sudo().body = f'<p>See <img src="/web/image/{image.id}"></p>'
        draft = self.open(mode="forward", answered=message.id)
        self.assertEqual(draft.attachment_ids.mapped("name"), ["offer.pdf"])
        self.assertEqual(draft.subject, f"Fwd: {message.subject}")
        draft.email_to = "bo@else.example"
        sent = self.send(draft)
        self.assertCountEqual(sent.attachment_ids.mapped("name"), ["x.png", "offer.pdf"])
        parts = {part.get_content_type(): part for part in self.source(sent).walk()}
        html = parts["text/html"].get_content()
        self.assertIn(f'src="cid:{parts["image/png"]["Content-ID"][1:-1]}"', html)
        self.assertNotIn("blockquote", html)
        self.assertIn(sent, self.member.member_mail_message_ids)

    def test_forward_wants_all_files(self):
        message = self.received(is_partial=True)
        self.env["member.mail.remote.attachment"].create(
            {"message_id": message.id, "name": "film.mp4", "section": "2", "mimetype": "video/mp4"}
        )
        with self.assertRaisesRegex(UserError, "Download them first"):
            self.open(mode="forward", answered=message.id)
        self.assertTrue(self.open(mode="reply", answered=message.id))

    def test_signature(self):
        self.account.signature = "<p>The Club</p>"
        draft = self.open()
        self.assertIn("The Club", draft.body)
        other = self.make_account(signature="<p>The Bar</p>")
        draft.body = "<p>Mine</p>" + draft.body
        draft.write({"account_id": other.id, "email_from": other.email})
        draft._onchange_account_id()
        self.assertIn("Mine", draft.body)
        self.assertIn("The Bar", draft.body)
        self.assertNotIn("The Club", draft.body)

    def test_everybody_his_own(self):
        draft = self.open()
        self.assertFalse(self.env["member.mail.draft"].with_user(self.manager).search([]))
        with self.assertRaises(AccessError):
            draft.with_user(self.manager).subject  # noqa: B018


class TestAnswer(DraftCase):
    """Whom an answer goes to, and its subject."""

    def answer(self, mode, **values):
        """The draft that opens."""
        nobody = self.member.browse()
        people = [(role, "", email, nobody) for role, email in values.pop("people", ())]
        message = self.received(
            people=people or [("from", "", "ada@member.example", nobody)], **values
        )
        action = message.with_user(self.user).action_answer(mode)
        return self.env["member.mail.draft"].with_user(self.user).browse(action["res_id"])

    def test_reply_all_leaves_us_out(self):
        draft = self.answer(
            "reply_all",
            people=[
                ("from", "ada@member.example"),
                ("to", "desk@club.example"),
                ("to", "bo@member.example"),
                ("cc", "hello@club.example"),
                ("cc", "ada@member.example"),
            ],
        )
        self.assertEqual(
            (draft.email_to, draft.email_cc), ("ada@member.example", "bo@member.example")
        )

    def test_answer_to_what_we_sent(self):
        people = [("from", "desk@club.example"), ("to", "ada@member.example")]
        draft = self.answer("reply", people=people, direction="out")
        self.assertEqual(draft.email_to, "ada@member.example")
        self.assertEqual(draft.email_from, "desk@club.example")

    def test_answer_to_what_we_sent_to_ourselves_and_others(self):
        people = [
            ("from", "desk@club.example"),
            ("to", "hello@club.example"),
            ("to", "ada@member.example"),
            ("cc", "bo@member.example"),
        ]
        draft = self.answer("reply_all", people=people, direction="out")
        self.assertEqual(
            (draft.email_to, draft.email_cc), ("ada@member.example", "bo@member.example")
        )
        people = [("from", "desk@club.example"), ("bcc", "ada@member.example")]
        draft = self.answer("reply", people=people, direction="out")
        self.assertEqual(draft.email_to, "ada@member.example")

    def test_prefixes_are_not_doubled(self):
        for subject in ("Re: Hi", "AW: Hi", "RE : Hi", "SV: Hi", "Re[2]: Hi"):
            self.assertEqual(self.answer("reply", subject=subject).subject, subject)
        for subject in ("Fwd: Hi", "WG: Hi", "TR: Hi"):
            self.assertEqual(self.answer("forward", subject=subject).subject, subject)
        self.assertEqual(self.answer("forward", subject="Re: Hi").subject, "Fwd: Re: Hi")

    def test_forward_to_nobody_yet(self):
        draft = self.answer("forward", rfc_message_id="<1@b.example>")
        self.assertEqual(draft.email_to, "")
        draft.email_to = "bo@else.example"
        email = self.source(self.send(draft))
        self.assertIsNone(email["In-Reply-To"])
        self.assertEqual(email["References"], "<1@b.example>")

    def test_headers_cannot_be_smuggled_in(self):
        draft = self.answer(
            "reply",
            people=[("from", '"spy@evil.example,a"@b.example')],
            subject="Hi\r\nBcc: spy@evil.example",
            rfc_message_id="1@b.example>\r\nBcc: <spy@evil.example",
        )
        message = self.send(draft)
        email = self.source(message)
        self.assertEqual(message.sudo().mail_ids.member_mail_recipients,
                         ['"spy@evil.example,a"@b.example'])  # fmt: skip
        self.assertEqual(email["Subject"], "Re: Hi Bcc: spy@evil.example")
        self.assertIsNone(email["Bcc"])
        self.assertEqual(email["In-Reply-To"], "<1@b.exampleBcc:spy@evil.example>")

    def test_quote(self):
        message = self.received(
            body='<p>Hello <img src="https://spy.invalid/1.png"> <script>x</script></p>'
        )
        draft = self.open(mode="reply", answered=message.id)
        self.assertNotIn("spy.invalid", draft.quote_html)
        draft.action_edit_quote()
        self.assertIn("<blockquote", draft.body)
        self.assertNotIn("spy.invalid", draft.body)
        self.assertFalse(draft.with_quote)

    def test_another_way(self):
        with self.assertRaises(UserError):
            self.answer("shout")


class TestRecipients(DraftCase):
    def check(self, text):
        found = self.env["member.mail.draft"].check_recipients(text)
        return [(person["name"], person["email"], person["valid"]) for person in found]

    def test_texts(self):
        self.assertEqual(
            self.check(
                "Member, Ada <ADA@member.example>; bo@else.example\nnobody; "
                "Ada <ada@member.example>"
            ),
            [
                ("Member, Ada", "ada@member.example", True),
                ("", "bo@else.example", True),
                ("", "nobody", False),
            ],
        )  # fmt: skip

    def test_who_is_shown_is_written_to(self):
        draft = self.open()
        draft.email_to = "Member, Ada <ada@member.example>, bo@else.example (Bo)"
        addresses = draft._addresses("to")
        self.assertEqual(
            [{"name": a.name, "email": a.email, "valid": True} for a in addresses],
            draft.check_recipients(draft.email_to),
        )
        self.assertEqual([a.display_name for a in self.source(self.send(draft))["To"].addresses],
                         ["Member, Ada", "Bo"])  # fmt: skip

    def test_problems(self):
        draft = self.open()
        draft.email_to = ""
        self.assertIn("Add at least one recipient", draft.problem)
        draft.email_to = "nobody"
        self.assertIn("nobody", draft.problem)
        with self.assertRaisesRegex(UserError, "nobody is not an email address"):
            draft.action_send()
        draft.email_to = "ada@member.example"
        self.account.smtp_max_size = 1000
        files = self.env["ir.attachment"].with_user(self.user)
        draft.attachment_ids = files.create({"name": "x", "raw": b"x" * 2000})
        self.assertIn("The attachments are", draft.problem)

    def test_suggestions(self):
        nobody = self.member.browse()
        self.received(people=[("from", "Bo", "bo@member.example", nobody)])
        self.received(people=[("from", "Bo", "bo@evil.example", nobody)], authenticity="failed")
        private = self.make_account(visibility="private", user_id=self.manager.id)
        self.make_message(account=private, people=[("from", "Cy", "cy@member.example", nobody)])
        Draft = self.env["member.mail.draft"].with_user(self.user)
        self.assertEqual(
            Draft.get_recipient_suggestions("ada mem"),
            [
                {
                    "name": "Ada Member",
                    "email": "ada@member.example",
                    "partner_id": self.member.id,
                }
            ],
        )
        self.assertEqual([p["email"] for p in Draft.get_recipient_suggestions("bo@")],
                         ["bo@member.example"])  # fmt: skip
        self.assertFalse(Draft.get_recipient_suggestions("cy@"))


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
        template = self.env["mail.template"].create(
            {
                "name": "Invitation",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "Dear {{ object.name }}",
                "body_html": '<p>Welcome <t t-out="object.name"/>!</p>',
            }
        )
        draft = self.open(self.member | bo | nobody)
        self.assertEqual((draft.mode, draft.recipient_count, draft.skipped_count), ("each", 2, 1))
        draft.template_id = template
        draft._onchange_template_id()
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
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.send(draft)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertLessEqual(queries(20), queries(3) + 3)

    def test_template(self):
        template = self.env["mail.template"].create(
            {
                "name": "Invitation",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "Dear {{ object.name }}",
                "body_html": '<p>Welcome <t t-out="object.name"/>!</p>',
                "attachment_ids": [Command.create({"name": "plan.txt", "raw": b"plan"})],
            }
        )
        draft = self.open()
        draft.template_id = template
        draft._onchange_template_id()
        self.assertEqual(draft.subject, "Dear Ada Member")
        self.assertIn("Welcome Ada Member!", draft.body)
        self.assertFalse(draft.template_id)
        self.assertEqual(self.send(draft).attachment_ids.name, "plan.txt")


class TestWall(DraftCase):
    """What nobody must be able to do by writing emails."""

    def test_another_address(self):
        draft = self.open()
        with self.assertRaises(ValidationError):
            draft.email_from = "boss@club.example"

    def test_somebody_elses_account(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        draft = self.open()
        with self.assertRaises(UserError):
            draft.write({"account_id": private.id, "email_from": private.email})
            draft.action_send()
        self.assertFalse(self.env["mail.mail"].search([("member_mail_message_id", "!=", False)]))

    def test_administrators_do_not_send_from_private_accounts(self):
        private = self.make_account(visibility="private", user_id=self.user.id)
        draft = self.open(user=self.manager)
        draft.write({"account_id": private.id, "email_from": private.email})
        with self.assertRaisesRegex(UserError, "can no longer send"):
            draft.action_send()

    def test_images_of_others(self):
        secret = self.env["ir.attachment"].create({"name": "secret.png", "raw": PIXEL})
        url = f"/web/image/{secret.id}"
        message = self.received(
            body=f'<p>Hi <img src="{url}"><img src="https://odoo.example{url}"></p>'
        )
        draft = self.open(mode="reply", answered=message.id, user=self.manager)
        email = self.source(self.send(draft))
        self.assertFalse([part for part in email.walk() if part.get_content_maintype() == "image"])

    def test_files_of_others(self):
        files = self.env["ir.attachment"].with_user(self.manager)
        secret = files.create({"name": "secret", "raw": b"secret"})
        private = self.make_account(visibility="private", user_id=self.manager.id)
        message = self.make_message(account=private, attachments=[{"name": "x", "raw": b"x"}])
        for file in secret | message.attachment_ids:
            draft = self.open()
            with self.assertRaises(AccessError):
                draft.attachment_ids = file.with_user(self.user)

    def test_contacts_of_others(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.env["res.partner"].create({"name": "S", "company_id": other.id})
        draft = self.open()
        for name in ("partner_ids", "recipient_ids"):
            with self.assertRaises(AccessError):
                draft.write({name: [Command.set(stranger.ids)]})
        template = self.env["mail.template"].create(
            {"name": "T", "model_id": self.env["ir.model"]._get_id("res.partner"), "subject": "x"}
        )
        draft.res_id = stranger.id
        draft.template_id = template
        with self.assertRaises(AccessError):
            draft._onchange_template_id()

    def test_messages_of_others(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        message = self.make_message(account=private)
        with self.assertRaises(AccessError):
            self.open(mode="reply", answered=message.id)
        draft = self.open()
        with self.assertRaises(AccessError):
            draft.answered_id = message.id

    def test_other_odoo_mail_never_leaves_over_the_account(self):
        server = self.account._outgoing_server()
        Server = self.env["ir.mail_server"]
        found, _sender = Server._find_mail_server("desk@club.example")
        self.assertNotEqual(found, server)
        found, _sender = Server._find_mail_server("desk@club.example", Server.search([]))
        self.assertNotEqual(found, server)
