"""How drafts begin, and whom they go to."""

from datetime import datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..screens.test_translations import load_languages
from .draft_case import PIXEL, DraftCase


@tagged("post_install", "-at_install")
class TestBegin(DraftCase):
    def test_new(self):
        draft = self.open()
        self.assertEqual(draft.email_to, "Ada Member <ada@member.example>")
        self.assertEqual(draft.email_from, "desk@club.example")
        self.assertEqual(draft.partner_ids, self.member)
        self.assertFalse(draft.problem)

    def test_the_list_of_drafts_names_the_recipients(self):
        draft = self.open()
        draft.email_to = '"Bo, Jr." <bo@else.example>, cy@else.example, Di <d@x.org>'
        (found,) = draft.get_drafts("res.partner", self.member.id)
        self.assertEqual(found["to"], "Bo, Jr., cy@else.example, Di")

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


@tagged("post_install", "-at_install")
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

    def test_the_list_of_drafts_takes_no_more_queries_for_many(self):
        Draft = self.env["member.mail.draft"].with_user(self.user)

        def queries(count):
            for _number in range(count):
                draft = self.answer("reply")
                draft.body = "<p>In May</p>"
            self.forget()
            before = self.env.cr.sql_log_count
            self.assertTrue(Draft.get_drafts("res.partner", self.member.id))
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(1), queries(6))

    def test_an_answer_that_was_begun_goes_on(self):
        draft = self.answer("reply")
        message = draft.answered_id
        manager = message.with_user(self.manager)

        def opens(mode, asked=message):
            return asked.action_answer(mode)["res_id"]

        self.assertNotEqual(opens("reply"), draft.id, "nothing was written in it")
        draft.body = "<p>In May</p>"
        self.assertEqual(opens("reply"), draft.id)
        self.assertNotEqual(opens("reply_all"), draft.id)
        self.assertNotEqual(opens("reply", manager), draft.id, "it is the author's own")
        forward = self.env["member.mail.draft"].browse(opens("forward"))
        forward.body = "<p>For you</p>"
        self.assertNotEqual(opens("forward"), forward.id, "it goes to somebody else each time")
        draft.sudo().state = "queued"
        self.assertNotEqual(opens("reply"), draft.id)

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

    def test_the_quote_line_is_in_the_language_of_the_writer(self):
        message = self.received(body="<p>مرحبا</p>", date=datetime(2026, 3, 5, 21, 30, 17))
        message.email_from = '"عايدة" <ada@member.example>'
        who = "<bdi>&#34;عايدة&#34; &lt;ada@member.example&gt;</bdi>"
        lines = {
            "en_US": f"On 03/05/2026 10:30 PM, {who} wrote:",
            "de_DE": f"Am 05.03.2026 22:30 schrieb {who}:",
            "ar_001": f"في 05/03/2026 10:30 م، كتب {who}:",
            "he_IL": f"ב-05.03.2026 22:30, {who} כתב:",
        }
        load_languages(self.env, "de_DE", "ar_001", "he_IL")
        self.user.tz = "Europe/Berlin"
        for lang, line in lines.items():
            with self.subTest(lang):
                reader = message.with_user(self.user).with_context(lang=lang)
                self.assertIn(f'<div dir="auto">{line}</div>', reader._quoted("reply"))
        draft = self.open(mode="reply", answered=message.id).with_context(lang="he_IL")
        sent = self.source(self.send(draft))
        html = sent.get_body(("html",)).get_content()
        self.assertIn('<div dir="auto">ב-', html)
        self.assertIn("<bdi>", html)
        self.assertIn("כתב:", sent.get_body(("plain",)).get_content())

    def test_another_way(self):
        with self.assertRaises(UserError):
            self.answer("shout")


@tagged("post_install", "-at_install")
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
        self.assertIn("with its attachments and pictures", draft.problem)

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
