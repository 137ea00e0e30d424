"""Who is notified of new emails, and who isn't."""

from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from ...tools import notification_id
from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestNotify(MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.make_account(
            name="Front desk", email="desk@club.example", notify=True, user_id=cls.user.id
        ).sudo()
        cls.folder = cls.env["member.mail.folder"].create(
            {"account_id": cls.account.id, "path": "INBOX", "role": "inbox"}
        )

    def arrive(self, number=1, is_new=True, **values):
        """Messages that a scan has just filed, announced."""
        messages = self.env["member.mail.message"]
        for _i in range(number):
            messages |= self.make_message(account=self.account, **{"is_news": True, **values})
        messages._after_arrival(self.folder, is_new)
        before = self.env["mail.mail"].search([], order="id desc", limit=1).id or 0
        self.account._announce()
        self.assertFalse(self.env["member.mail.notice"].search([]))
        return self.env["mail.mail"].search([("id", ">", before)], order="id")

    def test_one(self):
        mail = self.arrive(
            subject="The new season",
            email_from="Ada Member <ada@member.example>",
            body_text="When does it begin?",
            rfc_message_id="<1@member.example>",
            attachments=[{"name": "plan.pdf", "raw": b"%PDF"}],
        )
        self.assertEqual(mail.email_to, "desk@club.example")
        self.assertEqual(mail.email_from, "Ada Member via Front desk <desk@club.example>")
        self.assertEqual(mail.reply_to, "Ada Member <ada@member.example>")
        self.assertEqual(mail.references, "<1@member.example>")
        self.assertIn("The new season", mail.subject)
        for text in ("When does it begin?", "plan.pdf", "/action-crm_member_mail.action_open"):
            self.assertIn(text, mail.body_html)
        self.assertIn("auto-generated", mail.headers)
        self.assertEqual(mail.mail_server_id, self.account._outgoing_server())
        self.assertTrue(notification_id.is_ours(self.env, mail.message_id))

    def test_another_address(self):
        self.account.notify_email = "boss@club.example"
        self.assertEqual(self.arrive().email_to, "boss@club.example")

    def test_where_answers_go(self):
        """And whether they are filed; the account says so, too."""
        office = self.make_account(email="office@club.example", aliases="boss@club.example")
        for address, is_filed in (
            (False, True), ("desk@club.example", True), ("Boss <BOSS@club.example>", True),
            ("chef@club.example", False),
        ):  # fmt: skip
            with self.subTest(address):
                self.account.notify_email = address
                body = self.arrive().body_html
                self.assertIn("your answer goes to the sender of the email", body)
                self.assertEqual("and Odoo files it" in body, is_filed)
                self.assertEqual("doesn&#39;t file it" in body.replace("'", "&#39;"), not is_filed)
                warning = self.account.notify_warning or ""
                self.assertEqual(str(address) in warning, not is_filed)
        office.active = False
        self.account.notify_email = "boss@club.example"
        self.assertIn("boss@club.example is not", self.account.notify_warning)
        self.account.notify = False
        self.assertFalse(self.account.notify_warning)

    def test_not_these(self):
        for values in (
            {"is_news": False},
            {"is_automatic": True},
            {"direction": "out"},
            {"is_new": False},
        ):
            with self.subTest(values):
                self.assertFalse(self.arrive(**values))
        self.account.notify = False
        self.assertFalse(self.arrive())

    def test_many_at_once(self):
        self.assertEqual(len(self.arrive(10)), 10)
        digest = self.arrive(11, subject="Number")
        self.assertEqual(len(digest), 1)
        self.assertIn("11 new emails", digest.subject)
        self.assertEqual(digest.body_html.count("Number"), 11)

    def test_so_many_in_an_hour(self):
        for _i in range(6):
            self.assertEqual(len(self.arrive(10)), 10)
        self.assertIn("2 new emails", self.arrive(2).subject)
        self.account.notify_since -= timedelta(hours=2)
        self.assertEqual(len(self.arrive(2)), 2)

    def test_once_for_an_address(self):
        message = self.make_message(account=self.account, is_news=True)
        message._after_arrival(self.folder, True)
        self.account._announce()
        message._after_arrival(self.folder, True)
        before = self.env["mail.mail"].search([], order="id desc", limit=1).id or 0
        self.account._announce()
        self.assertFalse(self.env["mail.mail"].search([("id", ">", before)]))

    def test_copies_are_announced_once_for_an_address(self):
        self.account.notify_email = "boss@club.example"
        [message] = self.make_message(account=self.account, is_news=True)
        self.assertEqual(len(self.arrive(copy_of_id=message.id)), 1)
        self.assertFalse(self.arrive(copy_of_id=message.id))
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.make_account(company_id=company.id)
        same = {name: message[name] for name in ("header_digest", "content_digest")}
        self.make_message(account=other, announced_to=["sales@club.example"], **same)
        self.account.notify_email = "sales@club.example"
        self.assertFalse(self.arrive(copy_of_id=message.id))

    def test_a_broken_template_loses_nothing(self):
        template = self.env.ref("crm_member_mail.mail_template_new_message")
        subject = template.subject
        template.subject = "{{ object.nothing }}"
        message = self.make_message(account=self.account, is_news=True)
        message._after_arrival(self.folder, True)
        with self.assertLogs("odoo.addons.crm_member_mail", "ERROR"):
            self.account._announce()
        template.subject = subject
        self.account._announce()
        self.assertFalse(self.env["member.mail.notice"].search([]))

    def followers_told(self, account):
        message = self.make_message(account=account, is_news=True)
        return self.env["res.users"].union(*account.sudo()._hearers(message.sudo()))

    def test_followers_who_may_see_it(self):
        colleague = new_test_user(self.env, "colleague", "sales_team.group_sale_salesman")
        self.assertEqual(self.followers_told(self.account), self.user)
        self.account.message_subscribe(colleague.partner_id.ids)
        self.assertEqual(self.followers_told(self.account), self.user | colleague)
        self.account.visibility = "private"
        self.assertEqual(self.followers_told(self.account), self.user)
        # Who sets up accounts does not see their private mail.
        self.account.message_subscribe(self.manager.partner_id.ids)
        self.assertEqual(self.followers_told(self.account), self.user)

    def test_activity(self):
        self.account.notify_activity = True
        self.arrive(3, subject="Secret")
        self.arrive(1)
        kind = self.env.ref("crm_member_mail.activity_new_mail")
        activity = self.member.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.user)
        self.assertNotIn("Secret", f"{activity.summary} {activity.note}")

    def test_ids(self):
        mine = notification_id.make(self.env, "club.example")
        self.assertTrue(notification_id.is_ours(self.env, mine))
        for forged in (mine.replace(".", "x"), mine.replace("@", "0@", 1), "", "<a@b>"):
            self.assertFalse(notification_id.is_ours(self.env, forged), forged)

    def test_the_day(self):
        self.account.notify_activity = True
        self.arrive()
        self.assertEqual(self.member.activity_ids[:1].date_deadline, fields.Date.today())
