from dataclasses import replace

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..by_hand import ByHandCase


@tagged("post_install", "-at_install")
class TestConversationLead(ByHandCase):
    """Conversations that belong to an opportunity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mill, cls.shed = cls.env["crm.lead"].create(
            [
                {"name": name, "type": "opportunity", "partner_id": cls.otto.id,
                 "user_id": cls.user.id}
                for name in ("The mill", "The shed")
            ]
        )  # fmt: skip
        cls.message = cls.receive("otto@mill.example", subject="About the mill")
        cls.other = cls.receive("otto@mill.example", subject="Anything else")
        cls.talk = cls.message.conversation_id
        cls.end_transaction()
        cls.env.invalidate_all()

    def later(self):
        return self.answer("otto@mill.example", self.message, subject="Re: About the mill")

    def shown(self, lead):
        self.end_transaction()
        self.env.invalidate_all()
        found = lead.member_mail_message_ids
        self.assertEqual(lead.member_mail_count, len(found))
        page = self.env["member.mail.tab"].get_page("crm.lead", lead.id, flat=True)
        self.assertEqual({card["id"] for card in page["cards"]}, set(found.ids))
        page = self.env["member.mail.tab"].get_page("crm.lead", lead.id)
        talks = [card["conversation_id"] for card in page["cards"]]
        self.assertEqual(set(talks), set(found.conversation_id.ids))
        for talk in talks:
            thread = self.env["member.mail.tab"].get_thread("crm.lead", lead.id, talk)
            self.assertLessEqual({head["id"] for head in thread}, set(found.ids))
        action = lead.action_view_member_mail()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), found)
        return found

    def test_each_shows_its_own_and_the_unassigned(self):
        both = self.message | self.other
        self.assertEqual(self.shown(self.mill), both)
        self.assertEqual(self.shown(self.shed), both)
        self.as_user(self.talk).action_set_lead(self.mill.id)
        self.assertEqual(self.shown(self.mill), both)
        self.assertEqual(self.shown(self.shed), self.other)
        self.assertIn(self.message, self.otto.member_mail_message_ids)
        self.talk.lead_id = self.shed
        self.assertEqual(self.shown(self.mill), self.other)
        self.assertEqual(self.shown(self.shed), both)
        self.talk.lead_id = False
        self.assertEqual(self.shown(self.mill), both)
        self.assertEqual(self.shown(self.shed), both)

    def test_what_comes_later_belongs_there(self):
        far = self.lead("far@away.example")
        self.talk.lead_id = far
        self.assertIn(far, self.message.lead_ids)
        answer = self.later()
        self.assertIn(far, answer.lead_ids)
        self.assertEqual(answer.partner_ids, self.otto)
        self.assertEqual(self.shown(far), self.message | answer)
        self.talk.lead_id = self.mill
        self.assertFalse(answer.lead_ids & far)
        self.assertIn(self.mill, answer.lead_ids)

    def test_leads_with_the_address_itself(self):
        one, two = self.lead("lea@new.example"), self.lead("lea@new.example")
        message = self.receive("lea@new.example")
        message.conversation_id.lead_id = one
        self.assertEqual((self.shown(one), self.shown(two)), (message, message.browse()))
        message.conversation_id.lead_id = False
        self.assertEqual((self.shown(one), self.shown(two)), (message, message))

    def test_filed_by_hand_under_another(self):
        self.talk.lead_id = self.mill
        self.message.action_file_under(lead_ids=self.shed.ids)
        self.assertIn(self.message, self.shown(self.shed))
        self.message.action_take_off(lead_ids=self.mill.ids)
        self.assertNotIn(self.message, self.shown(self.mill))
        self.assertIn(self.later(), self.shown(self.mill))

    def undo(self, action):
        """What *Undo* does with this action."""
        params = action["params"]
        self.env["member.mail.message"].browse(params["ids"]).with_user(
            self.user
        ).action_undo_filing(params["partner_ids"], params["lead_ids"])
        for talk_id, lead_id in params.get("conversations") or []:
            talk = self.env["member.mail.conversation"].browse(talk_id)
            self.as_user(talk).action_set_lead(lead_id)

    def test_taken_off_as_a_whole(self):
        answer = self.later()
        for lead in (self.mill, self.shed):
            with self.subTest(lead=lead.name):
                self.talk.lead_id = self.mill
                shown = self.shown(lead)
                action = self.as_user(self.talk).action_take_off_here("crm.lead", lead.id)
                self.assertEqual(self.shown(lead), self.other)
                self.assertEqual(
                    self.talk.lead_id, self.mill if lead == self.shed else self.shed.browse()
                )
                self.assertIn(lead.name, action["params"]["message"])
                self.undo(action)
                self.assertEqual(self.talk.lead_id, self.mill)
                self.assertEqual(self.shown(lead), shown)
        action = self.as_user(self.talk).action_take_off_here("res.partner", self.otto.id)
        self.env.invalidate_all()
        self.assertEqual(self.otto.member_mail_message_ids, self.other)
        self.undo(action)
        self.env.invalidate_all()
        self.assertEqual(self.otto.member_mail_message_ids, self.other | self.message | answer)

    def test_taken_off_a_company_with_its_people(self):
        self.otto.parent_id = firm = self.env["res.partner"].create(
            {"name": "Mills", "is_company": True}
        )
        self.message.action_file_under([firm.id, self.vera.id])
        tab = self.env["member.mail.tab"]
        action = self.as_user(self.talk).action_take_off_here("res.partner", firm.id)
        self.assertEqual(self.message.partner_ids, self.vera)
        cards = tab.get_page("res.partner", firm.id)["cards"]
        self.assertEqual(
            [card["conversation_id"] for card in cards], self.other.conversation_id.ids
        )
        self.undo(action)
        self.assertEqual(self.message.partner_ids, self.vera | self.otto | firm)

    def test_a_deleted_lead(self):
        self.talk.lead_id = self.mill
        self.mill.unlink()
        self.assertFalse(self.talk.lead_id)
        self.assertIn(self.message, self.shown(self.shed))

    def test_merged_leads(self):
        for own, other in ((self.mill, self.shed), (self.shed, self.mill)):
            with self.subTest(own=own.name):
                self.talk.lead_id = own
                leads = own.copy() | other.copy()
                self.talk.lead_id = leads[0]
                merged = leads.merge_opportunity()
                self.assertEqual(self.talk.lead_id, merged)
                self.assertIn(self.message, self.shown(merged))

    def test_joined_conversations(self):
        self.other.conversation_id.lead_id = self.shed
        message = self.answer("otto@mill.example", self.message, self.other)
        talk = message.conversation_id
        self.assertEqual(talk.message_ids, self.message | self.other | message)
        self.assertEqual(talk.lead_id, self.shed)
        self.assertEqual(self.shown(self.shed), talk.message_ids)
        self.assertFalse(self.shown(self.mill))

    def test_joined_conversations_of_two_opportunities(self):
        self.talk.lead_id = self.mill
        self.other.conversation_id.lead_id = self.shed
        message = self.answer("otto@mill.example", self.message, self.other)
        self.assertEqual(message.conversation_id.lead_id, self.mill)
        self.assertEqual(self.shown(self.shed), self.other, "neither loses what it had")
        self.assertLessEqual(self.message | message, self.shown(self.mill))

    def test_the_tab_names_the_opportunity(self):
        self.talk.lead_id = self.mill
        other = new_test_user(self.env, "tab_leads", "sales_team.group_sale_salesman")
        reader = new_test_user(self.env, "tab_reader", "crm_member_mail.group_user")
        for user, expected in ((self.user, "The mill"), (other, None), (reader, None)):
            tab = self.env["member.mail.tab"].with_user(user)
            cards = tab.get_page("res.partner", self.otto.id)["cards"]
            leads = {card["conversation_id"]: card["lead"] for card in cards}
            self.assertEqual((leads[self.talk.id] or {}).get("name"), expected)
            self.assertFalse(leads[self.other.conversation_id.id])

    def test_a_message_that_is_moved_to_another_conversation(self):
        far, away = self.lead("far@away.example"), self.lead("x@away.example")
        self.talk.lead_id = far
        later = self.later()
        self.other.conversation_id.lead_id = away
        later.conversation_id = self.other.conversation_id
        self.assertEqual(self.shown(far), self.message)
        self.assertEqual(self.shown(away), self.other | later)
        later.action_file_under(lead_ids=away.ids)
        later.conversation_id = self.talk
        self.assertEqual(self.shown(far), self.message | later)
        self.assertEqual(self.shown(away), self.other | later, "what was filed by hand stays")

    def test_a_lead_that_one_may_not_see(self):
        self.talk.lead_id = self.mill
        other = new_test_user(self.env, "other_leads", "sales_team.group_sale_salesman")
        theirs = self.talk.with_user(other)
        self.assertFalse(theirs.lead_id)
        self.assertFalse(theirs.read(["lead_id"])[0]["lead_id"])
        self.assertFalse(theirs.search([("lead_id", "=", self.mill.id)]))
        self.assertNotIn("assigned_lead_id", theirs.fields_get())
        lead = self.lead("x@new.example", user_id=other.id)
        with self.assertRaises(UserError):
            theirs.action_set_lead(lead.id)
        evidence = self.message.with_user(other).get_evidence()
        self.assertNotIn("The mill", str(evidence))
        self.assertEqual(self.as_user(self.talk).lead_id, self.mill)
        self.assertEqual(
            self.as_user(self.talk).search([("lead_id", "=", self.mill.id)]), self.talk
        )

    def test_an_opportunity_made_of_a_message(self):
        action = self.as_user(self.message).action_create_lead()
        first = self.env["crm.lead"].browse(action["res_id"])
        self.assertEqual(self.talk.lead_id, first)
        action = self.as_user(self.message).action_create_lead()
        second = self.env["crm.lead"].browse(action["res_id"])
        self.assertEqual(self.talk.lead_id, first)
        self.assertLessEqual(first | second, self.message.lead_ids)
        self.assertIn(self.message, self.shown(second))

    def test_the_dialog(self):
        Wizard = self.env["member.mail.file.under"].with_user(self.user)
        wizard = Wizard.with_context(default_message_ids=self.message.ids).create({})
        self.assertFalse(wizard.lead_id)
        wizard.lead_id = self.mill
        done = wizard.action_file()
        self.assertEqual(self.talk.lead_id, self.mill)
        self.assertEqual(done["params"]["conversations"], [[self.talk.id, False]])
        answer = self.later()
        wizard = Wizard.with_context(default_message_ids=self.message.ids).create(
            {"partner_ids": self.vera.ids, "whole_conversation": True}
        )
        self.assertEqual((wizard.lead_id, wizard.other_count), (self.mill, 1))
        wizard.action_file()
        self.assertIn(self.vera, self.message.partner_ids & answer.partner_ids)
        self.assertEqual(self.talk.lead_id, self.mill)

    def test_what_a_colleague_forwards(self):
        colleague = new_test_user(
            self.env, "colleague", "base.group_user", email="kim@club.example"
        )
        item = self.parsed("kim@club.example", to="vera@archive.example")
        text = "From: Otto <otto@mill.example>\n\nThe wheel is broken."
        message = self.file(replace(item, message=replace(item.message, text=text)))
        self.assertEqual(message.partner_ids, self.vera)
        Wizard = self.env["member.mail.file.under"].with_user(self.user)
        wizard = Wizard.with_context(default_message_ids=message.ids).create({})
        self.assertEqual(wizard.partner_ids, self.otto)
        self.assertTrue(colleague.active)
