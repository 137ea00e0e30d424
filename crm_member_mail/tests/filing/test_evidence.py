from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..by_hand import ByHandCase


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
