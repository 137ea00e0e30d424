"""Templates in a draft: inserted where one writes, and filled in for each of many."""

from markupsafe import Markup

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .draft_case import DraftCase

#: Fails for contacts of one colour.
CHOOSY = '<p>Dear <t t-out="object.name"/>, <t t-out="1 // (object.color - 7)"/></p>'


@tagged("post_install", "-at_install")
class TestTemplates(DraftCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.bo = cls.env["res.partner"].create(
            {"name": "Bo", "email": "bo@else.example", "lang": "de_DE"}
        )
        cls.user.signature = "<p>Udo</p>"

    def welcome(self, **values):
        template = self.template(
            '<p>Dear <t t-out="object.name"/></p>', "Welcome {{ object.name }}", **values
        )
        german = template.with_context(lang="de_DE")
        german.subject = "Willkommen {{ object.name }}"
        german.body_html = '<p>Hallo <t t-out="object.name"/></p>'
        return template

    def emails(self, draft):
        """What each gets, by name: (subject, text)."""
        return {m.partner_ids.name: (m.subject, m.body_text) for m in self.send(draft)}

    def test_nothing_written_is_replaced(self):
        draft = self.open()
        draft.write({"body": "<p>My words</p>", "subject": "Mine"})
        found = draft.insert_template(self.welcome().id)
        self.assertEqual(found["body"], Markup("<p>Dear Ada Member</p>"))
        self.assertFalse(found["subject"])
        self.assertEqual((draft.body, draft.subject), ("<p>My words</p>", "Mine"))

    def test_subject_of_an_answer(self):
        draft = self.open(mode="reply", answered=self.received(subject="Season").id)
        self.assertFalse(draft.insert_template(self.welcome().id)["subject"])
        self.assertEqual(draft.subject, "Re: Season")

    def test_of_another_kind(self):
        lead = self.env["mail.template"].create(
            {"name": "L", "model_id": self.env["ir.model"]._get_id("crm.lead"), "body_html": "x"}
        )
        with self.assertRaises(UserError):
            self.open().insert_template(lead.id)

    def test_what_can_be_inserted(self):
        self.env["mail.canned.response"].with_user(self.user).create(
            {"source": "hours", "substitution": "From nine to five"}
        )
        self.welcome()
        found = self.env["member.mail.draft"].with_user(self.user).get_templates("res.partner")
        self.assertIn("Invitation", [one["name"] for one in found if "id" in one])
        self.assertIn({"name": "hours", "text": "From nine to five"}, found)

    def test_each_in_his_language(self):
        draft = self.open(self.member | self.bo)
        self.insert(draft, self.welcome())
        self.assertIn("Dear Ada Member", draft.body)
        self.assertIn("Udo", draft.body)
        self.assertEqual(
            (draft.subject_filled, draft.shown_for), ("Welcome Ada Member", "Ada Member")
        )
        draft.body = Markup("<p>PS: before</p>") + draft.body
        emails = self.emails(draft)
        self.assertEqual(emails["Ada Member"][0], "Welcome Ada Member")
        self.assertEqual(emails["Bo"][0], "Willkommen Bo")
        for name, word in (("Ada Member", "Dear"), ("Bo", "Hallo")):
            self.assertEqual(
                emails[name][1].split(), ["PS:", "before", word, *name.split(), "--", "Udo"]
            )

    def test_shown_in_the_language_of_the_first(self):
        draft = self.open(self.bo | self.member)
        self.insert(draft, self.welcome())
        first = draft.recipient_ids[0]
        word = {self.bo: "Hallo Bo", self.member: "Dear Ada"}[first]
        self.assertIn(word, draft.body)

    def test_who_may_not_write_templates(self):
        self.env["ir.config_parameter"].set_param("mail.restrict.template.rendering", True)
        user = new_test_user(
            self.env, "plain", "crm_member_mail.group_user,base.group_partner_manager"
        )
        self.assertFalse(user.has_group("mail.group_mail_template_editor"))
        template = self.welcome()
        template.body_html = '<p>Dear <t t-out="object.name.upper()"/></p>'
        draft = self.open(self.member | self.bo, user=user)
        self.insert(draft, template.with_user(user))
        draft.body = Markup("<p>Mine</p>") + draft.body
        emails = self.emails(draft)
        self.assertEqual(emails["Ada Member"][1].split()[:4], ["Mine", "Dear", "ADA", "MEMBER"])

    def test_another_text_for_all(self):
        draft = self.open(self.member | self.bo)
        template = self.welcome()
        self.insert(draft, template)
        draft.body = Markup(draft.get_template_text(template.id).replace("Dear", "Hey"))
        draft.subject = "Hey {{ object.name }}"
        self.assertEqual(self.emails(draft)["Bo"][0], "Hey Bo")

    def test_a_template_that_was_taken_out_again(self):
        draft = self.open(self.member | self.bo)
        self.insert(draft, self.welcome())
        draft.body = Markup("<p>Only mine</p>")
        self.assertEqual({text for _s, text in self.emails(draft).values()}, {"Only mine"})

    def test_one_that_fails(self):
        template = self.template(CHOOSY, "Hello")
        self.member.color = 7
        draft = self.open(self.member | self.bo)
        self.insert(draft, template)
        self.assertIn("Dear Bo, -1", draft.body)
        params = draft.action_send()["params"]
        self.assertEqual(params["count"], 1)
        self.assertEqual(params["left_out"]["failed"], "Ada Member")

    def test_one_that_fails_for_all(self):
        draft = self.open(self.member | self.bo)
        self.insert(draft, self.template(CHOOSY, "Hello"))
        (self.member | self.bo).color = 7
        with self.assertRaisesRegex(UserError, "any of these"):
            draft.action_send()
        self.assertEqual(draft.state, "draft")

    def test_templates_are_named_in_a_body_by_who_may_read_them(self):
        lead = self.env["mail.template"].create(
            {"name": "L", "model_id": self.env["ir.model"]._get_id("crm.lead"), "body_html": "x"}
        )
        draft = self.open(self.member | self.bo)
        draft.body = (
            Markup('<div class="o_member_mail_filled" data-template="%s">x</div>') % lead.id
        )
        with self.assertRaises(UserError):
            draft.action_send()

    def test_who_gets_none_is_named(self):
        cy = self.env["res.partner"].create({"name": "Cy"})
        self.env["mail.blacklist"]._add("bo@else.example")
        draft = self.open(self.member | self.bo | cy)
        names = {"no_address": "Cy", "unsubscribed": "Bo"}
        self.assertEqual(draft.skipped_names, names)
        params = draft.action_send()["params"]
        self.assertEqual((params["count"], params["left_out"]), (1, {**names, "failed": ""}))
