from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestMessageActions(MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account(email="desk@club.example", aliases="sales@club.example")
        cls.message = cls.make_message(
            account=cls.desk,
            subject="Three desks",
            body_text="We need\nthree desks.",
            attachments=[
                {"name": "logo.png", "raw": b"logo", "mimetype": "image/png"},
                {"name": "plan.pdf", "raw": b"%PDF", "mimetype": "application/pdf"},
            ],
        )
        cls.logo, cls.plan = cls.message.attachment_ids.sorted("id")
        cls.message.body = (
            f'<p>We need <b>three</b> <img src="/web/image/{cls.logo.id}">'
            '<img src="https://spy.invalid/1.png"></p>'
        )
        cls.mine = cls.message.with_user(cls.user)

    # -- leads ---------------------------------------------------------------------------------

    def create_lead(self, message=None, **options):
        action = (message or self.mine).action_create_lead(**options)
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_opportunity(self):
        answer = self.make_message(
            account=self.desk, conversation_id=self.message.conversation_id.id, direction="out"
        )
        lead = self.create_lead()
        self.assertEqual(lead.name, "Three desks")
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.partner_id, self.member)
        self.assertEqual(lead.user_id, self.user)
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "crm.lead"), ("res_id", "=", lead.id)], order="id"
        )
        self.assertEqual(files.mapped("name"), ["logo.png", "plan.pdf"])
        self.assertEqual(files.mapped("raw"), [b"logo", b"%PDF"])
        self.assertIn("<b>three</b>", lead.description)
        self.assertIn("ada@member.example", lead.description)
        self.assertIn(f"/web/image/{files[0].id}", lead.description)
        self.assertNotIn("spy.invalid", lead.description, "nothing is loaded from elsewhere")
        self.assertLessEqual(
            self.message | answer, lead.with_user(self.user).member_mail_message_ids
        )
        self.assertEqual(self.message.lead_ids, lead)
        self.assertEqual(answer.lead_ids, lead, "the conversation comes along")

    def test_where_more_is_needed_the_user_fills_it_in(self):
        """A field that a customer made mandatory is no error."""
        self.env.cr.execute(
            "ALTER TABLE crm_lead ADD CONSTRAINT zq CHECK (referred IS NOT NULL) NOT VALID"
        )
        action = self.mine.action_create_lead()
        self.assertNotIn("res_id", action)
        leads = self.env["crm.lead"].with_user(self.user).with_context(**action["context"])
        form = Form(leads)
        self.assertEqual((form.name, form.partner_id), ("Three desks", self.member))
        form.referred = "Bo"
        lead = form.save()
        self.assertEqual(lead.sudo().member_mail_source_id, self.message)
        self.assertIn("<b>three</b>", lead.description)
        self.assertEqual(self.message.lead_ids, self.env["crm.lead"].browse(lead.id))
        other = leads.create({"name": "Another", "referred": "Bo"})
        self.assertFalse(other.sudo().member_mail_source_id or other.description)

    def test_lead_of_somebody_who_is_no_contact(self):
        people = [("from", "Lea", "lea@new.example", self.member.browse())]
        message = self.make_message(account=self.desk, people=people, partner=self.member.browse())
        lead = self.create_lead(message.with_user(self.user), as_type="lead")
        self.assertEqual(lead.type, "lead")
        self.assertEqual((lead.email_from, lead.contact_name), ("lea@new.example", "Lea"))

    def test_the_lead_links_back_for_who_may_see_the_message(self):
        lead = self.create_lead()
        self.assertTrue(lead.with_user(self.user).member_mail_has_source)
        action = lead.with_user(self.user).action_view_member_mail_source()
        self.assertEqual(action["res_id"], self.message.id)
        other = new_test_user(self.env, "other", "sales_team.group_sale_salesman_all_leads")
        self.desk.write({"visibility": "private", "user_id": self.user.id})
        seen = lead.with_user(other)
        self.assertFalse(seen.member_mail_has_source)
        with self.assertRaises(AccessError):
            seen.read(["member_mail_source_id"])
        with self.assertRaises(AccessError):
            seen.action_view_member_mail_source()
        form = seen.get_view(view_type="form")
        self.assertIn("member_mail_has_source", form["arch"])
        self.assertTrue(seen.web_read({"member_mail_has_source": {}}))
        self.message.unlink()
        self.assertTrue(lead.exists())
        self.assertFalse(lead.with_user(self.user).member_mail_has_source)

    def test_hostile_mail_in_a_lead_and_in_the_chatter(self):
        """Neither is shown in a frame: nothing may run, load, cover or reach the page around it."""
        self.message.body = (
            '<div id="x" class="o_web_client" style="position:fixed;top:0;background:'
            'url(https://spy.invalid/2.png)">Hi<script>alert(1)</script><form action="/web/login">'
            '<input name="password"></form><a href="javascript:alert(1)">a</a>'
            '<a href="/web/session/logout">b</a><img src="x" onerror="alert(1)"></div>'
        )
        self.message.participant_ids[0].name = "<img src=x onerror=alert(1)>"
        lead = self.create_lead()
        note = self.env["mail.message"].browse(
            self.mine.action_log_in_chatter("res.partner", self.member.id)
        )
        for html in (lead.description, note.body):
            self.assertIn("Hi", html)
            self.assertIn("&lt;img src=x", html)
            for evil in ("script", "spy.invalid", "<form", "<input", "/web/session", "<img",
                         "o_web_client", 'id="x"', "position"):  # fmt: skip
                self.assertNotIn(evil, html, evil)

    def test_a_conversation_comes_along_as_far_as_one_sees_it(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        hidden = self.make_message(
            account=private, conversation_id=self.message.conversation_id.id, subject="Hidden"
        )
        lead = self.create_lead()
        self.assertFalse(hidden.lead_ids)
        self.assertEqual(self.message.lead_ids, lead)

    def test_nobody_is_written_to(self):
        mails = self.env["mail.mail"].search_count([])
        self.create_lead()
        self.mine.action_log_in_chatter("res.partner", self.member.id)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_no_lead_without_the_right(self):
        reader = new_test_user(self.env, "reader", "crm_member_mail.group_user")
        with self.assertRaisesRegex(AccessError, "permission to create leads"):
            self.message.with_user(reader).action_create_lead()

    # -- the chatter -----------------------------------------------------------------------------

    def test_log_in_chatter(self):
        note_subtype = self.env.ref("mail.mt_note")
        self.member.message_subscribe(self.manager.partner_id.ids, note_subtype.ids)
        note_id = self.mine.action_log_in_chatter("res.partner", self.member.id)
        note = self.env["mail.message"].browse(note_id)
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertEqual(note.author_id, self.user.partner_id)
        self.assertFalse(note.notification_ids, "nobody is notified")
        self.assertIn("<b>three</b>", note.body)
        self.assertIn("Three desks", note.body)
        self.assertNotIn("spy.invalid", note.body)
        self.assertEqual(set(note.attachment_ids.mapped("name")), {"logo.png", "plan.pdf"})
        self.assertEqual(set(note.attachment_ids.mapped("res_model")), {"res.partner"})
        with self.assertRaisesRegex(UserError, "already"):
            self.mine.action_log_in_chatter("res.partner", self.member.id)

    def test_log_elsewhere(self):
        with self.assertRaises(UserError):
            self.mine.action_log_in_chatter("res.users", self.user.id)
        reader = new_test_user(self.env, "reader", "crm_member_mail.group_user")
        with self.assertRaises(AccessError):
            self.message.with_user(reader).action_log_in_chatter("res.partner", self.member.id)

    # -- exclusions ------------------------------------------------------------------------------

    def test_exclude_sender(self):
        action = self.message.with_user(self.manager).action_exclude_sender()
        self.assertEqual(action["res_model"], "member.mail.exclusion")
        self.assertEqual(action["context"]["default_pattern"], "ada@member.example")
        with self.assertRaisesRegex(AccessError, "administrators"):
            self.mine.action_exclude_sender()

    def test_nothing_with_what_one_may_not_see(self):
        self.desk.write({"visibility": "private", "user_id": self.manager.id})
        for call in (
            lambda: self.mine.action_create_lead(),
            lambda: self.mine.action_log_in_chatter("res.partner", self.member.id),
            lambda: self.mine.action_answer("reply"),
            lambda: self.mine.action_exclude_sender(),
        ):
            with self.assertRaises(AccessError):
                call()
