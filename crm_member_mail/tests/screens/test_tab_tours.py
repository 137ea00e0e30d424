from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from ..common import MemberMailCase


class TabTourCase(HttpCase, MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account()
        # Not on the machine of whoever runs the tests: nothing answers there.
        remote = '<img src="https://images.invalid/x.png">'
        cls.newest = cls.make_message(
            account=cls.desk,
            subject="Newest",
            body=f"<p>Hello from the newest</p>{remote}",
            body_text="About the projector",
            headers="X-Mailer: Test\n",
            attachments=[{"name": "plan.txt", "raw": b"plan", "mimetype": "text/plain"}],
        )
        cls.oldest = cls.make_message(
            account=cls.desk,
            subject="Oldest",
            date=fields.Datetime.now() - timedelta(days=400),
        )

    def tour(self, name, record=None):
        record = record or self.member
        path = {"res.partner": "contacts", "crm.lead": "crm"}[record._name]
        self.start_tour(f"/odoo/{path}/{record.id}", name, login=self.user.login)


@tagged("post_install", "-at_install")
class TestTabTours(TabTourCase):
    """How people use the Messages tab."""

    def test_read_print_delete_undo(self):
        self.tour("member_mail_contact_tour")
        self.assertEqual(self.newest.trashed_by, self.user)
        self.assertTrue(self.oldest.exists())

    def test_pages(self):
        start = fields.Datetime.now() - timedelta(days=90)
        for number in range(68):
            self.make_message(
                account=self.desk,
                subject=f"Number {number}",
                date=start + timedelta(days=number),
            )
        self.oldest.date = start + timedelta(days=1)
        self.tour("member_mail_tab_paging_tour")

    def test_search(self):
        self.tour("member_mail_tab_search_tour")

    def test_lead(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Lead",
                "type": "opportunity",
                "email_from": "lea@new.example",
                "user_id": self.user.id,
            }
        )
        message = self.make_message(
            partner=self.member.browse(),
            account=self.desk,
            subject="For the lead",
            lead_ids=lead.ids,
            people=[("from", "Lea", "lea@new.example", self.member.browse())],
        )
        self.tour("member_mail_tab_lead_tour", lead)
        created = message.lead_ids - lead
        self.assertEqual(created.sudo().member_mail_source_id, message)
        self.assertIn("Hello there", created.description)

    def test_file_under_with_the_keyboard(self):
        vera = self.env["res.partner"].create({"name": "Vera Keys"})
        self.tour("member_mail_file_under_tour")
        self.assertEqual(self.newest.partner_ids, vera)

    def test_people_who_are_no_contacts(self):
        none = self.member.browse()
        self.newest.participant_ids = [
            Command.create({"role": "cc", "name": name, "email": email, "partner_id": none.id})
            for name, email in (("Nan New", "nan@new.example"), ("Ada", "ada@new.example"))
        ]
        self.tour("member_mail_stranger_tour")
        nan = self.env["res.partner"].search([("email", "=", "nan@new.example")])
        self.assertEqual(self.newest.partner_ids, self.member | nan)
        self.assertEqual(self.member.member_mail_addresses, "ada@new.example")


@tagged("post_install", "-at_install")
class TestTabNarrow(TabTourCase):
    # A small phone, and what is left of a window of 1280 pixels at 400 %.
    browser_size = "320x640"
    touch_enabled = True

    def test_narrow(self):
        self.tour("member_mail_tab_narrow_tour")

    def test_a_conversation_that_belongs_to_an_opportunity(self):
        lead = self.env["crm.lead"].create({"name": "The mill", "user_id": self.user.id})
        self.tour("member_mail_conversation_lead_tour")
        self.assertEqual(self.newest.conversation_id.lead_id, lead)
