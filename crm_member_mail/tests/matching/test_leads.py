from odoo.tests import new_test_user, tagged

from ..filing_case import FilingCase


@tagged("post_install", "-at_install")
class TestLeads(FilingCase):
    """Mail of open leads and opportunities."""

    def test_is_filed_without_a_contact(self):
        lead = self.lead("Lea <LEA@new.example>")
        message = self.receive("lea@new.example")
        self.assertEqual(message.lead_ids, lead)
        self.assertFalse(message.partner_ids)
        sent = self.send("lea@new.example, stranger@else.example")
        self.assertEqual(sent.lead_ids, lead)
        self.assertEqual(lead.member_mail_message_ids, sent | message)
        self.assertEqual(lead.member_mail_count, 2)

    def test_is_filed_under_contact_and_lead(self):
        lead = self.lead("ada@member.example")
        message = self.receive("ada@member.example")
        self.assertEqual((message.lead_ids, message.partner_ids), (lead, self.member))

    def test_the_address_of_a_closed_lead_counts_on(self):
        lost, won, archived = (self.lead(f"{n}@new.example") for n in ("lost", "won", "archived"))
        lost.action_set_lost()
        won.action_set_won()
        archived.write({"active": False, "probability": 20})
        self.assertEqual(archived.won_status, "pending")
        for lead in (lost, won):
            self.assertEqual(self.receive(lead.email_from).lead_ids, lead)
        self.assertFalse(self.receive(archived.email_from))

    def test_a_closed_lead_gives_way(self):
        old, last = self.lead("lea@new.example"), self.lead("lea@new.example")
        (old | last).action_set_won()
        self.assertEqual(self.receive("lea@new.example").lead_ids, last, "the latest of them")
        lead = self.lead("lea@new.example")
        self.assertEqual(self.receive("lea@new.example").lead_ids, lead)
        lead.action_set_lost()
        lea = self.contact("Lea", "lea@new.example")
        message = self.receive("lea@new.example")
        self.assertEqual((message.partner_ids, message.lead_ids), (lea, lead.browse()))

    def test_a_lead_of_another_company_gets_nothing(self):
        company = self.env["res.company"].create({"name": "Other Club"})
        self.lead("lea@new.example", company_id=company.id, user_id=False, team_id=False)
        self.assertFalse(self.receive("lea@new.example"))

    def test_a_lead_shows_the_mail_of_its_contact(self):
        acme = self.contact("Acme", "hello@acme.example", is_company=True)
        self.contact("Ben", "ben@acme.example", parent_id=acme.id)
        lead = self.lead("lea@new.example", partner_id=acme.id)
        lead.email_from = "lea@new.example"
        messages = self.receive("ben@acme.example") | self.receive("lea@new.example")
        messages |= self.send("lea@new.example, hello@acme.example")
        self.receive("ada@member.example")
        self.assertEqual(set(lead.member_mail_message_ids), set(messages))
        self.assertEqual(lead.member_mail_count, 3)
        action = lead.action_view_member_mail()
        self.assertEqual(self.env[action["res_model"]].search_count(action["domain"]), 3)

    def test_counting_many_costs_no_more(self):
        leads = self.env["crm.lead"]
        for number in range(10):
            partner = self.contact("Contact", f"contact{number}@member.example")
            leads |= self.lead(f"lead{number}@new.example", partner_id=partner.id)
            self.receive(partner.email)
        leads.invalidate_recordset()
        leads[0].mapped("member_mail_count")  # fills caches that both share
        few, many = self._cost(leads[1]), self._cost(leads)
        self.assertLessEqual(many, few + 2)
        self.assertEqual(leads.mapped("member_mail_count"), [1] * 10)

    def _cost(self, leads):
        self.forget()
        before = self.env.cr.sql_log_count
        leads.mapped("member_mail_count")
        return self.env.cr.sql_log_count - before

    def test_who_may_see_the_mailbox_sees_the_message(self):
        lead = self.lead("lea@new.example", user_id=self.user.id)
        shared = self.receive("lea@new.example")
        private = self.make_account(visibility="private", user_id=self.manager.id)
        folder = self.inbox.copy({"account_id": private.id})
        hidden = self.receive("lea@new.example", folder=folder)
        self.assertEqual((shared | hidden).lead_ids, lead)
        seen = lead.with_user(self.user)
        self.assertEqual(seen.member_mail_message_ids, shared)
        self.assertEqual(seen.member_mail_count, 1)

    def test_reading_messages_needs_no_access_to_leads(self):
        self.lead("lea@new.example")
        message = self.receive("lea@new.example")
        reader = new_test_user(self.env, "mail_reader", "crm_member_mail.group_user")
        form = message.get_view(view_type="form")
        self.assertIn("lead_ids", form["arch"])
        message = message.with_user(reader)
        self.assertNotIn("lead_ids", message.get_view(view_type="form")["arch"])
        self.assertNotIn("lead_ids", message.read()[0])

    def test_a_closed_lead_keeps_its_messages(self):
        lead = self.lead("lea@new.example")
        message = self.receive("lea@new.example")
        lead.action_set_lost()
        self.end_transaction()
        self.assertEqual(message.lead_ids, lead)
        self.assertEqual(lead.member_mail_message_ids, message)
        lead.unlink()
        self.assertTrue(message.exists())
        self.assertFalse(message.lead_ids)


@tagged("post_install", "-at_install")
class TestLaterLeads(FilingCase):
    """A lead that is created after its emails."""

    def test_what_asks(self):
        lead = self.lead("lea@new.example")
        self.assertEqual(self.asked(), {"lea@new.example"})
        for change, asked in (
            (lambda: lead.write({"name": "Other"}), set()),
            (lambda: lead.write({"email_from": "LEA@new.example"}), set()),
            (lambda: lead.write({"email_from": "lea@work.example"}), {"lea@work.example"}),
            (lead.action_set_lost, set()),
            (lambda: lead.write({"email_from": "lea@lost.example"}), set()),
            (lead.action_unarchive, {"lea@lost.example"}),
            (lead.action_set_won, set()),
            (lambda: lead.write({"stage_id": self._open_stage().id}), {"lea@lost.example"}),
        ):
            self.forget_lookups()
            change()
            self.assertEqual(self.asked(), asked, change)

    def _open_stage(self):
        return self.env["crm.stage"].search([("is_won", "=", False)], limit=1)

    def test_filed_mail_is_linked_at_once(self):
        message = self.send("ada@member.example, lea@new.example")
        cc = self.receive("ada@member.example", cc="lea@new.example")
        lead = self.lead("lea@new.example")
        self.end_transaction()
        self.assertEqual((message | cc).lead_ids, lead)

    def test_a_contact_made_of_a_lead_gets_its_mail(self):
        lead = self.lead("lea@new.example", contact_name="Lea", type="lead")
        message = self.receive("lea@new.example")
        lead.convert_opportunity(False)
        lead._handle_partner_assignment(create_missing=True)
        self.end_transaction()
        self.assertTrue(lead.partner_id)
        self.assertEqual(message.partner_ids, lead.partner_id)
        self.assertEqual(message.author_id, lead.partner_id)

    def test_merged_leads_keep_their_messages(self):
        leads = self.lead("lea@new.example") | self.lead("leo@new.example")
        messages = self.receive("lea@new.example") | self.receive("leo@new.example")
        messages |= self.send("lea@new.example, leo@new.example")
        merged = leads.merge_opportunity()
        self.end_transaction()
        self.assertEqual(len(leads.exists()), 1)
        for message in messages:
            self.assertEqual(message.lead_ids, merged)
