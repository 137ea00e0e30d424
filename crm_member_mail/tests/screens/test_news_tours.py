from odoo.tests import HttpCase, tagged

from ..filing.news_case import NewsCase


@tagged("post_install", "-at_install")
class TestNewsTours(HttpCase, NewsCase):
    """New emails in the notification area."""

    def setUp(self):
        super().setUp()
        ben = self.env["res.partner"].create({"name": "Ben", "email": "ben@member.example"})
        # Asked for nothing else: neither to install Odoo nor to allow notifications.
        self.follow(self.account, self.user)
        self.ada, _told = self.arrive(subject="Hall")
        self.ada |= self.arrive(subject="Season")[0]
        self.ben, _told = self.arrive(subject="Price", partner=ben)

    def test_wide(self):
        self.start_tour("/odoo/contacts", "member_mail_news_tour", login=self.user.login)
        self.assertEqual(self.entries(self.user)["count"], 0)

    def test_link_in_a_notification(self):
        link = self.ben.web_link.removeprefix(self.ben.get_base_url())
        self.start_tour(link, "member_mail_news_link_tour", login=self.user.login)
        self.assertEqual(self.entries(self.user)["count"], 2)

    def test_a_click_on_a_push(self):
        payload = self.env["member.mail.news"]._payload(self.user, self.ben)
        # What mail/static/src/service_worker.js opens.
        link = "/odoo/{model}/{res_id}".format(**payload["options"]["data"])
        self.start_tour(link, "member_mail_news_link_tour", login=self.user.login)
        self.assertEqual(self.entries(self.user)["count"], 2)

    def test_phone(self):
        self.browser_size = "390x844"
        self.touch_enabled = True
        self.start_tour("/odoo/contacts", "member_mail_news_phone_tour", login=self.user.login)
        self.assertEqual(self.entries(self.user)["count"], 2)
