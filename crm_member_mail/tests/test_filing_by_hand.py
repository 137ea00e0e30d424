from dataclasses import replace
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..models.message.bus import NOTIFICATION
from .filing import FilingCase


class ByHandCase(FilingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.otto = cls.contact("Otto", "otto@mill.example")
        cls.vera = cls.contact("Vera", "vera@archive.example")
        cls.end_transaction()

    @classmethod
    def answer(cls, sender, *answered, subject="Re: Hello", **values):
        """File an email that answers messages."""
        item = cls.parsed(sender, subject=subject)
        ids = tuple(one.rfc_message_id for one in answered)
        message = replace(item.message, in_reply_to=ids[:1], references=ids, answers=ids, **values)
        return cls.file(replace(item, message=message))

    @classmethod
    def again(cls, item, folder=None):
        """File an email again that lies at another place now."""
        uid = cls.parsed("nobody@else.example").summary.uid
        return cls.file(replace(item, summary=replace(item.summary, uid=uid)), folder=folder)

    def as_user(self, record):
        return record.with_user(self.user)

    def tabs(self, message):
        """The contacts that a message is filed under, read anew."""
        self.end_transaction()
        self.env.invalidate_all()
        return message.partner_ids


@tagged("post_install", "-at_install")
class TestFilingByHand(ByHandCase):
    """What people file or take off, and that nothing undoes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.item = cls.parsed("otto@mill.example", subject="The wheel")
        cls.message = cls.file(cls.item)
        cls.end_transaction()

    def take_off_otto(self):
        self.as_user(self.message).action_take_off([self.otto.id])
        self.assertFalse(self.message.partner_ids)

    def test_file_and_take_off(self):
        lead = self.lead("someone@else.example", user_id=self.user.id)
        self.as_user(self.message).action_file_under([self.vera.id], [lead.id])
        self.assertEqual(self.message.partner_ids, self.otto | self.vera)
        self.assertEqual(self.message.lead_ids, lead)
        self.assertIn(self.message, self.vera.member_mail_message_ids)
        self.as_user(self.message).action_take_off([self.otto.id, self.vera.id], lead.ids)
        self.assertFalse(self.message.partner_ids | self.message.lead_ids.partner_id)
        self.assertFalse(self.message.lead_ids)
        rows = self.message.filing_ids
        self.assertEqual(set(rows.mapped("kind")), {"taken_off"})
        self.assertEqual(rows.user_id, self.user)

    def test_without_ids_it_asks(self):
        action = self.as_user(self.message).action_file_under()
        self.assertEqual(action["res_model"], "member.mail.file.under")
        wizard = self.env[action["res_model"]].with_user(self.user)
        wizard = wizard.with_context(**action["context"]).create({"partner_ids": self.vera.ids})
        done = wizard.action_file()
        self.assertIn("Vera", done["params"]["message"])
        self.assertEqual(self.message.partner_ids, self.otto | self.vera)
        with self.assertRaises(UserError):
            self.as_user(wizard).create({"message_ids": self.message.ids}).action_file()

    def test_reading_again_leaves_it(self):
        self.take_off_otto()
        self.as_user(self.message).action_file_under([self.vera.id])
        self.again(self.item)
        self.inbox.uidvalidity = 2
        self.again(self.item)
        other = self.make_account(email="shop@club.example")
        self.again(self.item, folder=self.inbox.copy({"account_id": other.id}))
        self.assertEqual(self.message.account_ids, self.account | other)
        self.assertEqual(self.tabs(self.message), self.vera)

    def test_linking_leaves_it(self):
        self.take_off_otto()
        for change in (
            {"email": "otto@new.example"},
            {"member_mail_addresses": "otto@mill.example"},
            {"email": "otto@mill.example"},
            {"active": False},
            {"active": True},
        ):
            self.otto.write(change)
            self.assertFalse(self.tabs(self.message), change)
        later = self.contact("Otto's son", "otto@mill.example")
        self.assertEqual(self.tabs(self.message), later, "another contact may have it")

    def test_a_lead_that_it_was_taken_off(self):
        lead = self.lead("otto@mill.example")
        self.end_transaction()
        self.env.invalidate_all()
        self.assertEqual(self.message.lead_ids, lead)
        self.message.action_take_off(lead_ids=lead.ids)
        self.again(self.item)
        lead.email_from = "otto@new.example"
        lead.email_from = "otto@mill.example"
        self.tabs(self.message)
        self.assertFalse(self.message.lead_ids)
        lead.partner_id = self.otto
        self.assertNotIn(self.message, lead.member_mail_message_ids, "nor by its contact")
        self.assertEqual(lead.member_mail_count, len(lead.member_mail_message_ids))
        self.message.action_file_under(lead_ids=lead.ids)
        self.assertIn(self.message, lead.member_mail_message_ids)
        self.assertEqual(lead.member_mail_count, len(lead.member_mail_message_ids))

    def test_merged_contacts(self):
        for kept, gone in ((0, 1), (1, 0)):
            with self.subTest(kept=kept):
                people = self.contact("A", "a@mill.example"), self.contact("B", "b@mill.example")
                message = self.receive("a@mill.example", to="office@club.example")
                also = self.receive("vera@archive.example")
                message.action_take_off([people[0].id])
                also.action_file_under([people[0].id])
                self.merge(people[gone], into=people[kept])
                self.assertFalse(self.tabs(message) & people[kept])
                self.assertIn(people[kept], self.tabs(also))
                self.assertEqual(also.filing_ids.partner_id, people[kept])

    def test_a_duplicate_s_decision_takes_nothing_from_the_contact(self):
        for kept in (0, 1):
            with self.subTest(kept=kept):
                people = [self.contact(n, "twin@mill.example") for n in "AB"]
                message = self.receive("twin@mill.example")
                message.action_take_off([people[1].id])
                self.assertEqual(message.partner_ids, people[0])
                self.merge(people[1 - kept], into=people[kept])
                self.assertIn(people[kept], self.tabs(message))
                people[kept].active = False

    def test_a_duplicate_lead_s_decision_takes_nothing_from_the_lead(self):
        leads = self.lead("twin@new.example") | self.lead("twin@new.example")
        message = self.receive("twin@new.example")
        message.action_take_off(lead_ids=leads[1].ids)
        merged = leads.merge_opportunity()
        self.env.invalidate_all()
        self.assertIn(merged, message.lead_ids)

    def test_merged_contacts_on_both_of_which_somebody_decided(self):
        for last, expected in (("filed", True), ("taken_off", False)):
            with self.subTest(last=last):
                a, b = self.contact("A", "a@mill.example"), self.contact("B", "b@mill.example")
                message = self.receive("vera@archive.example")
                first, second = (
                    ("take_off", "file_under") if expected else ("file_under", "take_off")
                )
                getattr(message, f"action_{first}")([a.id])
                message.filing_ids.date -= timedelta(hours=1)
                getattr(message, f"action_{second}")([b.id])
                self.merge(b, into=a)
                self.assertEqual(a in self.tabs(message), expected)

    def test_merged_leads(self):
        for which in (0, 1):
            with self.subTest(which=which):
                leads = self.lead("one@new.example") | self.lead("two@new.example")
                message = self.receive("one@new.example, two@new.example")
                hand = self.receive("vera@archive.example")
                message.action_take_off(lead_ids=leads.ids)
                hand.action_file_under(lead_ids=leads[which].ids)
                merged = leads.merge_opportunity()
                self.end_transaction()
                self.env.invalidate_all()
                self.assertNotIn(merged, message.lead_ids)
                self.assertIn(merged, hand.lead_ids)

    def test_excluding_somebody_leaves_what_was_filed_by_hand(self):
        plain = self.receive("otto@mill.example")
        self.message.action_file_under([self.vera.id])
        self.env["member.mail.exclusion"].create(
            {"pattern": "otto@mill.example", "remove_filed": True}
        )
        self.assertFalse(plain.exists())
        self.assertTrue(self.message.exists())

    def test_new_emails_are_filed_by_their_parties(self):
        self.take_off_otto()
        self.as_user(self.message).action_file_under([self.vera.id])
        answer = self.answer("otto@mill.example", self.message, subject="Re: The wheel")
        self.assertEqual(answer.conversation_id, self.message.conversation_id)
        self.assertEqual(answer.partner_ids, self.otto)

    def test_an_answer_follows_the_parties_of_our_message(self):
        sent = self.send("otto@mill.example")
        sent.action_file_under([self.vera.id])
        sent.action_take_off([self.otto.id])
        answer = self.answer("otto@private.example", sent)
        self.assertEqual(answer.partner_ids, self.otto)

    def test_undo(self):
        mine = self.as_user(self.message)
        mine.action_file_under([self.vera.id])
        mine.action_take_off([self.otto.id])
        mine.action_undo_filing([self.otto.id])
        self.assertEqual(self.message.partner_ids, self.otto | self.vera)
        mine.action_take_off([self.vera.id])
        mine.action_undo_filing([self.vera.id])
        self.assertEqual(self.message.partner_ids, self.otto | self.vera)
        self.assertEqual(self.message.filing_ids.mapped("kind"), ["filed"], "as it was before")
        self.message.action_take_off([self.vera.id])
        mine.action_undo_filing([self.vera.id])
        self.assertEqual(self.message.partner_ids, self.otto, "not what others did")

    def test_undo_leaves_what_was_so_before(self):
        answer = self.answer("otto@mill.example", self.message, subject="Re: The wheel")
        mine = self.as_user(self.message)
        mine.action_file_under([self.vera.id])
        mine.conversation_id.action_file_under([self.vera.id])
        (mine | self.as_user(answer)).action_undo_filing([self.vera.id])
        self.assertIn(self.vera, self.message.partner_ids)
        self.assertNotIn(self.vera, answer.partner_ids)

    def test_a_whole_conversation(self):
        both = self.message | self.answer(
            "otto@mill.example", self.message, subject="Re: The wheel"
        )
        conversation = self.as_user(self.message.conversation_id)
        conversation.action_file_under([self.vera.id])
        self.assertEqual([m.partner_ids for m in both], [self.otto | self.vera] * 2)
        conversation.action_take_off([self.vera.id])
        self.assertEqual([m.partner_ids for m in both], [self.otto] * 2)

    def test_dates_follow(self):
        self.assertFalse(self.vera.member_mail_last_in_date)
        self.message.action_file_under([self.vera.id])
        self.assertEqual(self.vera.member_mail_last_in_date, self.message.date)
        self.message.action_take_off([self.vera.id])
        self.vera.invalidate_recordset()
        self.assertFalse(self.vera.member_mail_last_in_date)

    def test_open_pages_are_told(self):
        for act in (self.message.action_file_under, self.message.action_take_off):
            self.end_transaction()
            sent = []
            self.patch(
                self.env.registry["bus.bus"], "_sendone",
                lambda _bus, target, kind, payload, sent=sent: sent.append((target, kind, payload)),
            )  # fmt: skip
            act([self.vera.id])
            told = [p for target, kind, p in sent if (target, kind) == (self.account, NOTIFICATION)]
            self.assertTrue(any(self.vera.id in payload["partner_ids"] for payload in told))


@tagged("post_install", "-at_install")
class TestWhoFilesByHand(ByHandCase):
    """Who may file what, and what is noted of it."""

    def test_only_messages_that_one_sees(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        hidden = self.make_message(account=private)
        conversation = hidden.conversation_id
        shown = self.make_message(conversation_id=conversation.id)
        for act in ("action_file_under", "action_take_off", "action_undo_filing"):
            with self.assertRaises(AccessError):
                getattr(self.as_user(hidden), act)([self.vera.id])
        with self.assertRaises(AccessError):
            self.as_user(hidden).action_file_under()
        with self.assertRaises(AccessError):
            self.as_user(hidden).get_evidence()
        self.as_user(conversation).action_file_under([self.vera.id])
        self.assertIn(self.vera, shown.partner_ids)
        self.assertNotIn(self.vera, hidden.partner_ids)
        self.assertFalse(hidden.filing_ids)

    def test_only_contacts_and_leads_that_one_may_read(self):
        message = self.receive("otto@mill.example")
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.contact("Foreign", "f@else.example", company_id=other.id)
        own = new_test_user(self.env, "own_leads", "sales_team.group_sale_salesman")
        lead = self.lead("lea@new.example", user_id=self.user.id)
        for ids in ((foreign.ids, None), (None, lead.ids)):
            for act in ("action_file_under", "action_take_off"):
                with self.assertRaises(AccessError):
                    getattr(message.with_user(own), act)(*ids)
        with self.assertRaises(AccessError):
            message.conversation_id.with_user(own).action_set_lead(lead.id)
        with self.assertRaises(UserError):
            message.action_file_under(foreign.ids)
        reader = new_test_user(self.env, "no_leads", "crm_member_mail.group_user")
        with self.assertRaises(AccessError):
            message.with_user(reader).action_file_under(lead_ids=lead.ids)
        message.with_user(reader).action_file_under(self.vera.ids)
        self.assertIn(self.vera, message.partner_ids)

    def test_it_is_noted(self):
        message = self.make_message(
            account=self.make_account(visibility="private", user_id=self.user.id)
        )
        mine = self.as_user(message)
        mine.action_file_under(self.vera.ids)
        mine.action_take_off(self.vera.ids)
        mine.action_undo_filing(self.vera.ids)
        entries = self.env["member.mail.audit"].search([("user_id", "=", self.user.id)], order="id")
        self.assertEqual(entries.mapped("action"), ["file", "take_off", "file"])

    def test_nobody_reads_decisions_directly(self):
        message = self.receive("otto@mill.example")
        message.action_file_under(self.vera.ids)
        with self.assertRaises(AccessError):
            self.env["member.mail.filing"].with_user(self.manager).search([])
        self.assertNotIn("filing_ids", self.as_user(message).fields_get())


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


@tagged("post_install", "-at_install")
class TestEvidence(ByHandCase):
    """Why a message is filed where it is."""

    def reasons(self, message, user=None):
        evidence = message.with_user(user or self.user).get_evidence()
        return {record["name"]: " ".join(record["reasons"]) for record in evidence["records"]}

    def test_roles(self):
        message = self.receive(
            "Otto <otto@mill.example>", to="office@club.example", cc="Vera <vera@archive.example>"
        )
        self.assertEqual(
            self.reasons(message), {"Otto": "Otto wrote it.", "Vera": "Vera is in Cc."}
        )
        sent = self.send("vera@archive.example")
        self.assertEqual(self.reasons(sent), {"Vera": "Vera is in To."})

    def test_addresses(self):
        message = self.receive("otto+shop@mill.example")
        self.assertEqual(
            self.reasons(message)["Otto"],
            "Otto wrote it. otto+shop@mill.example is taken for otto@mill.example.",
        )
        self.vera.email = "vera@home.example"
        message = self.receive("vera@archive.example")
        self.assertEqual(
            self.reasons(message)["Vera"],
            "Vera wrote it. Vera had the address vera@archive.example before.",
        )
        self.account.match_domains = True
        self.contact("Loom Ltd", "info@loom.example", is_company=True)
        message = self.receive("Gus <gus@loom.example>")
        self.assertEqual(
            self.reasons(message)["Loom Ltd"],
            "Gus wrote it. Loom Ltd has the domain of gus@loom.example.",
        )

    def test_sent_for_somebody(self):
        none = self.env["res.partner"]
        message = self.make_message(
            self.otto, self.account,
            people=[
                ("from", "Otto", "otto@mill.example", self.otto),
                ("sender", "Sue", "sue@mill.example", none),
            ],
        )  # fmt: skip
        self.assertEqual(self.reasons(message), {"Otto": "Sent for Otto by Sue."})

    def test_an_answer_from_a_new_address(self):
        sent = self.send("otto@mill.example")
        message = self.answer("Otto <otto@private.example>", sent)
        self.assertEqual(self.reasons(message), {"Otto": "It answers a message to Otto."})
        [stranger] = message.with_user(self.user).get_evidence()["strangers"]
        self.assertEqual(stranger["email"], "otto@private.example")
        self.assertEqual(stranger["contact"]["id"], self.otto.id)

    def test_by_hand(self):
        message = self.receive("otto@mill.example")
        self.as_user(message).action_file_under(self.vera.ids)
        self.as_user(message).action_take_off(self.otto.ids)
        message.filing_ids.date = fields.Datetime.to_datetime("2026-03-03 12:00:00")
        self.user.tz = "UTC"
        evidence = self.as_user(message).get_evidence()
        name = self.user.name
        self.assertEqual(
            [(r["name"], r["reasons"]) for r in evidence["records"]],
            [("Vera", [f"Filed by {name} on March 3, 2026."])],
        )
        self.assertEqual(
            [(r["name"], r["reasons"]) for r in evidence["taken_off"]],
            [("Otto", [f"Taken off by {name} on March 3, 2026."])],
        )

    def test_a_conversation_of_an_opportunity(self):
        message = self.receive("otto@mill.example")
        lead = self.lead("x@new.example", user_id=self.user.id)
        message.conversation_id.with_user(self.user).action_set_lead(lead.id)
        self.assertIn("this conversation belongs here", self.reasons(message)[lead.name])

    def test_leads(self):
        lead = self.lead("lea@new.example", user_id=self.user.id)
        message = self.receive("Lea <lea@new.example>")
        self.assertEqual(self.reasons(message), {lead.name: "Lea wrote it."})
        reader = new_test_user(self.env, "evidence_reader", "crm_member_mail.group_user")
        self.assertEqual(self.reasons(message, reader), {})

    def test_a_lead_that_shows_its_contacts_emails(self):
        message = self.receive("otto@mill.example")
        lead = self.lead("x@new.example", user_id=self.user.id, partner_id=self.otto.id)
        lead.email_from = "x@new.example"
        self.assertNotIn(lead, message.lead_ids)
        mine = self.as_user(message)
        [_otto, shown] = mine.get_evidence(lead.id)["records"]
        self.assertEqual(shown["id"], lead.id)
        self.assertEqual(shown["reasons"], ["It shows the emails of its contact."])
        mine.action_take_off(lead_ids=lead.ids)
        self.assertNotIn(message, lead.member_mail_message_ids)
        evidence = mine.get_evidence(lead.id)
        self.assertEqual([r["name"] for r in evidence["records"]], ["Otto"])
        self.assertEqual([r["id"] for r in evidence["taken_off"]], lead.ids)

    def test_contacts_that_one_may_not_read(self):
        company = self.env["res.company"].create({"name": "Other"})
        message = self.receive("otto@mill.example", cc="vera@archive.example")
        message.action_take_off(self.vera.ids)
        (self.otto | self.vera).company_id = company
        evidence = self.as_user(message).get_evidence()
        self.assertEqual((evidence["records"], evidence["taken_off"]), ([], []))

    def test_strangers(self):
        message = self.receive(
            "otto@mill.example", to="office@club.example, Nan <nan@new.example>",
            cc=self.user.email,
        )  # fmt: skip
        [stranger] = self.as_user(message).get_evidence()["strangers"]
        self.assertEqual(stranger, {"name": "Nan", "email": "nan@new.example", "contact": False})

    def test_another_address_of_a_contact(self):
        message = self.receive("otto@mill.example", cc="vera@new.example")
        Wizard = self.env["member.mail.add.address"].with_user(self.user)
        values = {"email": "vera@new.example", "partner_id": self.vera.id}
        Wizard.create(values).action_add()
        self.assertEqual(self.tabs(message), self.otto | self.vera)
        self.assertIn("vera@new.example", self.asked())
        self.assertIn("Vera is in Cc.", self.reasons(message)["Vera"])
        with self.assertRaises(UserError):
            Wizard.create(values).action_add()
        reader = new_test_user(self.env, "address_reader", "crm_member_mail.group_user")
        with self.assertRaises(AccessError):
            Wizard.with_user(reader).create({**values, "email": "v@new.example"}).action_add()
        blank = self.env["res.partner"].create({"name": "Blank"})
        Wizard.create({"email": "b@new.example", "partner_id": blank.id}).action_add()
        self.assertEqual(blank.email, "b@new.example")
