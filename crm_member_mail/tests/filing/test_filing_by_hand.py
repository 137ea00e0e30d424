from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...models.message.bus import NOTIFICATION
from ..by_hand import ByHandCase


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
        """Under whomever it was filed, it stays; that it was no other's takes nothing from him."""
        for first, second in (("take_off", "file_under"), ("file_under", "take_off")):
            for kept in (0, 1):
                with self.subTest(first=first, kept=kept):
                    people = [self.contact(n, f"{n}@mill.example") for n in "ab"]
                    message = self.receive("vera@archive.example")
                    getattr(message, f"action_{first}")([people[0].id])
                    message.filing_ids.date -= timedelta(hours=1)
                    getattr(message, f"action_{second}")([people[1].id])
                    self.merge(people[1 - kept], into=people[kept])
                    self.assertIn(people[kept], self.tabs(message))
                    self.assertEqual(message.filing_ids.mapped("kind"), ["filed"])
                    people[kept].active = False

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
