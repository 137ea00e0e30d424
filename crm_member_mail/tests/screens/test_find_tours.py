"""How people find emails and files, in the browser."""

from datetime import datetime

from odoo.tests import HttpCase, tagged

from ..common import MemberMailCase

PDF = b"%PDF-1.4\n%%EOF"


@tagged("post_install", "-at_install")
class TestFindTours(HttpCase, MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account(email="desk@club.example")
        cls.message(
            "Season",
            datetime(2026, 10, 5, 12),
            {"name": "plan.pdf", "raw": PDF, "mimetype": "application/pdf"},
            {"name": "notes.txt", "raw": b"Notes", "mimetype": "text/plain"},
            body="<p>When does it begin?</p>",
            body_text="When does it begin?",
        )
        cls.message(
            "Later",
            datetime(2026, 11, 5, 12),
            {"name": "later.pdf", "raw": PDF + b"2", "mimetype": "application/pdf"},
        )

    @classmethod
    def message(cls, subject, date, *files, **values):
        return cls.make_message(
            account=cls.desk,
            subject=subject,
            date=date,
            attachments=files,
            has_attachments=True,
            **values,
        )

    def forwarded(self):
        """The names of the files of the emails that wait to be sent."""
        messages = self.env["member.mail.message"].search([("state", "=", "outgoing")])
        return messages.attachment_ids.mapped("name")

    def tour(self, name):
        self.start_tour(f"/odoo/contacts/{self.member.id}", name, login=self.user.login)

    def test_with_the_mouse(self):
        self.browser_size = "390x844"
        self.tour("member_mail_find_tour")
        self.assertEqual(self.forwarded(), ["plan.pdf"])

    def test_with_the_keyboard(self):
        self.tour("member_mail_find_keys_tour")
        self.assertEqual(self.forwarded(), ["later.pdf"])

    def test_the_form_highlights_what_the_files_were_searched_for(self):
        self.tour("member_mail_find_file_tour")

    def test_the_form_highlights_what_the_list_was_searched_for(self):
        for size in ("1366x768", "390x844"):
            with self.subTest(size=size):
                self.browser_size = size
                self.start_tour(
                    "/odoo/action-crm_member_mail.action_message",
                    "member_mail_find_form_tour",
                    login=self.user.login,
                )
