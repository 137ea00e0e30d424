"""How people write emails, in the browser."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestComposerTours(HttpCase, DraftCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.account
        nobody = cls.member.browse()
        cls.received = cls.make_message(
            account=cls.desk,
            subject="Season",
            date=fields.Datetime.now() - timedelta(days=1),
            body="<p>When does it begin?</p>",
            attachments=[{"name": "plan.txt", "raw": b"plan", "mimetype": "text/plain"}],
            people=[
                ("from", "Ada", "ada@member.example", cls.member),
                ("to", "Desk", "desk@club.example", nobody),
                ("cc", "Bo", "bo@else.example", nobody),
            ],
        )

    def tour(self, name):
        self.start_tour(f"/odoo/contacts/{self.member.id}", name, login=self.user.login)

    def sent(self):
        """The emails that wait to be sent."""
        return self.env["member.mail.message"].search([("state", "=", "outgoing")])

    def recipients(self):
        people = self.sent().participant_ids
        return sorted(f"{p.role} {p.email}" for p in people if p.role != "from")

    def test_reply_and_undo(self):
        self.tour("member_mail_reply_tour")
        self.assertEqual(self.recipients(), ["to ada@member.example"])
        self.assertIn("It begins in May.", self.sent().body)
        self.assertIn("When does it begin?", self.sent().body)
        self.assertEqual(self.sent().conversation_id, self.received.conversation_id)

    def test_text_that_is_pasted(self):
        self.tour("member_mail_paste_text_tour")
        email = self.source(self.sent())
        html = email.get_body(("html",)).get_content()
        pictures = [part for part in email.walk() if part["Content-ID"]]
        self.assertEqual(len(pictures), 1)
        self.assertEqual(html.count(f"cid:{pictures[0]['Content-ID'][1:-1]}"), 2)
        self.assertIn("[if mso]", html)
        for nowhere in ("data:", "/web/image", "file:"):
            self.assertNotIn(nowhere, html)
        size = len(pictures[0].get_content())
        self.assertLess(len(email.as_bytes()), size * 1.4 + 20_000, "the picture's bytes once")

    def test_keyboard(self):
        self.tour("member_mail_keyboard_tour")
        self.assertFalse(self.sent())

    def test_two_answers(self):
        self.tour("member_mail_two_answers_tour")
        self.assertEqual(len(self.sent()), 2)
        self.assertIn("More of mine.", self.sent()[0].body + self.sent()[1].body)

    def test_reply_all(self):
        self.tour("member_mail_reply_all_tour")
        self.assertEqual(self.recipients(), ["cc bo@else.example", "to ada@member.example"])

    def test_forward(self):
        self.tour("member_mail_forward_tour")
        self.assertEqual(self.recipients(), ["to colleague@club.example"])
        self.assertEqual(self.sent().attachment_ids.name, "plan.txt")

    def test_paste(self):
        self.tour("member_mail_paste_tour")
        people = self.sent().participant_ids
        self.assertEqual(
            sorted((p.role, p.name or "", p.email) for p in people if p.role != "from"),
            [
                ("bcc", "Fo Member", "fo@member.example"),
                ("bcc", "Member, Gu", "gu@member.example"),
                ("cc", "", "el@member.example"),
                ("cc", "Di Member", "di@member.example"),
                ("to", "Ada Member", "ada@member.example"),
                ("to", "Cy New", "cy@new.example"),
                ("to", "Else, Bo", "bo@else.example"),
            ],
        )

    def test_template(self):
        self.env["mail.template"].create(
            {
                "name": "Welcome letter",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "Welcome {{ object.name }}",
                "body_html": '<p>Dear <t t-out="object.name"/></p>',
            }
        )
        self.tour("member_mail_template_tour")
        self.assertEqual(self.sent().subject, "Welcome Ada Member")
        self.assertIn("Dear Ada Member", self.sent().body)

    def test_later(self):
        self.tour("member_mail_later_tour")
        self.assertLessEqual(self.sent().scheduled_date, fields.Datetime.now())

    def failed(self):
        """A draft and the email made from it, which was refused."""
        draft = self.env["member.mail.draft"].with_user(self.user)
        action = draft.open_draft("res.partner", self.member.ids, "reply", self.received.id)
        draft = draft.browse(action["res_id"])
        draft.subject = "Offer"
        message = self.env["member.mail.message"].browse(
            draft.action_send()["params"]["message_ids"]
        )
        message.sudo().mail_ids._fail("It was refused.", "550 5.1.1 No such user")
        return draft, message

    def test_failed_and_again(self):
        draft, message = self.failed()
        self.tour("member_mail_retry_tour")
        self.assertFalse(message.exists())
        self.assertEqual(draft.state, "draft")

    def test_failed_in_the_form(self):
        draft, message = self.failed()
        path = f"/odoo/action-crm_member_mail.action_message/{message.id}"
        self.start_tour(path, "member_mail_form_edit_tour", login=self.user.login)
        self.assertFalse(message.exists())
        self.assertEqual(draft.state, "draft")
