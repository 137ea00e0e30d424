from odoo.tests import HttpCase, tagged

from .test_tab_odoo import OdooMailCase


@tagged("post_install", "-at_install")
class TestOdooMailTour(HttpCase, OdooMailCase):
    """Mail of Odoo's own in the browser, from the card to its document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal.name = "The desks"
        cls.post(subject="Our offer", body="Ten desks for you", attachments=[("offer.txt", b"10")])
        cls.at(5)

    def test_to_the_document(self):
        self.start_tour(
            f"/odoo/contacts/{self.member.id}", "member_mail_odoo_mail_tour", login=self.user.login
        )

    def test_write_from_the_action_menu(self):
        self.start_tour(
            f"/odoo/contacts/{self.member.id}",
            "member_mail_write_email_tour",
            login=self.user.login,
        )
        draft = self.env["member.mail.draft"].search([("user_id", "=", self.user.id)])
        self.assertEqual(draft.res_id, self.member.id)


@tagged("post_install", "-at_install")
class TestOdooMailTourNarrow(TestOdooMailTour):
    browser_size = "375x667"
    touch_enabled = True
