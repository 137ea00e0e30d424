from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import MemberMailCase

NOW = fields.Datetime.to_datetime("2026-02-10 12:00:00")


@tagged("post_install", "-at_install")
class TestTab(MemberMailCase):
    """The data of the Messages tab, for an ordinary user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account(name="Desk")
        cls.other = cls.env["res.partner"].create({"name": "Bo", "email": "bo@member.example"})
        cls.tab = cls.env["member.mail.tab"].with_user(cls.user)

    def at(self, minutes, **values):
        """A message in the shared mailbox, the given minutes after NOW."""
        values.setdefault("account", self.desk)
        return self.make_message(date=NOW + timedelta(minutes=minutes), **values)

    def answer(self, message, minutes, **values):
        return self.at(minutes, conversation_id=message.conversation_id.id, **values)

    def page(self, record=None, **options):
        record = record or self.member
        return self.tab.get_page(record._name, record.id, **options)

    def test_conversations_newest_first(self):
        first = self.at(0, subject="Rooms")
        second = self.at(1, subject="Desks")
        answer = self.answer(first, 2, subject="Re: Rooms", direction="out")
        page = self.page()
        self.assertEqual([card["id"] for card in page["cards"]], [answer.id, second.id])
        self.assertEqual(
            [card["key"] for card in page["cards"]],
            [f"c{first.conversation_id.id}", f"c{second.conversation_id.id}"],
        )
        self.assertEqual([card["count"] for card in page["cards"]], [2, 1])
        self.assertEqual((page["total"], page["messages"]), (2, 3))
        self.assertEqual(page["watch"], {"res.partner": [self.member.id]})

    def test_flat(self):
        first = self.at(0)
        answer = self.answer(first, 2)
        page = self.page(flat=True)
        self.assertEqual(
            [(card["key"], card["count"]) for card in page["cards"]],
            [(f"m{answer.id}", 1), (f"m{first.id}", 1)],
        )
        self.assertEqual((page["total"], page["messages"]), (2, 2))

    def test_pages_do_not_overlap(self):
        messages = [self.at(minute // 2) for minute in range(7)]
        pages = [self.page(offset=offset, limit=3) for offset in (0, 3, 6)]
        shown = [card["id"] for page in pages for card in page["cards"]]
        self.assertEqual(shown, [message.id for message in reversed(messages)])
        self.assertEqual({page["total"] for page in pages}, {7})
        self.assertEqual(self.page(offset=7)["cards"], [])

    def test_card(self):
        self.at(
            0,
            subject="Plan",
            preview="Here it is",
            attachments=[{"name": "plan.pdf", "raw": b"%PDF"}],
            authenticity="failed",
        )
        sent = self.at(1, subject="Offer", direction="out")
        offer, plan = self.page()["cards"]
        self.assertEqual(plan["subject"], "Plan")
        self.assertEqual(plan["preview"], "Here it is")
        self.assertEqual(plan["date"], "2026-02-10 12:00:00")
        self.assertEqual(plan["direction"], "in")
        self.assertEqual(plan["accounts"], [], "who has one mailbox knows which it is")
        self.make_account()
        self.assertEqual(self.page()["cards"][1]["accounts"], [self.desk.email])
        self.assertTrue(plan["has_attachments"])
        self.assertEqual(plan["authenticity"], "failed")
        ada = {"name": "Ada Member", "email": "ada@member.example", "partner_id": self.member.id}
        ada["failure"] = ada["failure_reason"] = ""
        self.assertEqual(plan["who"], {"role": "from", **ada})
        self.assertEqual(plan["sender"], plan["who"])
        self.assertEqual(offer["id"], sent.id)
        self.assertEqual(offer["who"], {"role": "to", **ada})
        self.assertEqual(offer["sender"]["email"], self.desk.email)
        self.assertFalse(offer["has_attachments"])

    def test_one_failed_message_marks_its_conversation(self):
        forged = self.at(0, authenticity="failed")
        self.answer(forged, 1, authenticity="verified")
        self.assertEqual(self.page()["cards"][0]["authenticity"], "failed")

    def test_search_finds_messages_and_counts_them(self):
        first = self.at(0, subject="Rooms")
        self.answer(first, 1, subject="Something else")
        self.at(2, subject="Desks")
        page = self.page(query="rooms")
        self.assertEqual([card["id"] for card in page["cards"]], [first.id])
        self.assertEqual(page["cards"][0]["count"], 1)
        self.assertEqual(page["cards"][0]["found"], [first.id])
        self.assertEqual(page["messages"], 1)
        self.assertEqual(self.page(query="nowhere")["cards"], [])

    def test_only_some(self):
        received = self.at(0, attachments=[{"name": "a.txt", "raw": b"a"}])
        sent = self.at(1, direction="out")

        def shown(only):
            return [card["id"] for card in self.page(only=only)["cards"]]

        self.assertEqual(shown("in"), [received.id])
        self.assertEqual(shown("out"), [sent.id])
        self.assertEqual(shown("attachments"), [received.id])
        self.assertEqual(shown("nonsense"), [sent.id, received.id])

    def test_a_company_shows_the_mail_of_its_people(self):
        company = self.env["res.partner"].create({"name": "Club", "is_company": True})
        self.member.parent_id = company
        message = self.at(0)
        self.assertEqual([card["id"] for card in self.page(company)["cards"]], [message.id])
        self.assertEqual(self.page(self.other)["cards"], [])

    def test_a_lead_shows_its_mail_and_that_of_its_contact(self):
        lead = self.env["crm.lead"].create(
            {"name": "Desk", "partner_id": self.member.id, "user_id": self.user.id}
        )
        of_contact = self.at(0)
        of_lead = self.at(1, partner=self.other, lead_ids=[Command.set(lead.ids)])
        page = self.page(lead)
        self.assertEqual([card["id"] for card in page["cards"]], [of_lead.id, of_contact.id])
        self.assertEqual(page["watch"], {"crm.lead": [lead.id], "res.partner": [self.member.id]})

    def test_mail_of_others_is_neither_shown_nor_counted(self):
        stranger = new_test_user(self.env, "stranger", "sales_team.group_sale_salesman")
        private = self.make_account(name="Private", visibility="private", user_id=stranger.id)
        self.make_account()
        both = self.at(0, account=self.desk | private)
        hidden = self.answer(both, 5, account=private)
        page = self.page()
        self.assertEqual([card["id"] for card in page["cards"]], [both.id])
        self.assertEqual(page["cards"][0]["count"], 1)
        self.assertEqual(
            page["cards"][0]["accounts"], [self.desk.email], "the other mailbox is not named"
        )
        self.assertEqual((page["total"], page["messages"]), (1, 1))
        thread = self.tab.get_thread("res.partner", self.member.id, both.conversation_id.id)
        self.assertEqual([head["id"] for head in thread], [both.id])
        with self.assertRaises(AccessError):
            self.tab.get_messages([hidden.id])
        admin = self.tab.with_user(self.env.ref("base.user_admin"))
        cards = admin.get_page("res.partner", self.member.id)["cards"]
        self.assertEqual(cards[0]["accounts"], [self.desk.email], "nor to administrators")

    def test_who_may_not_read_the_contact_or_has_no_mail(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.at(0)
        self.member.company_id = company
        with self.assertRaises(AccessError):
            self.page()
        with self.assertRaises(AccessError):
            self.tab.get_thread("res.partner", self.member.id, 1)
        outsider = new_test_user(self.env, "outsider", "base.group_user")
        with self.assertRaises(AccessError):
            self.tab.with_user(outsider).get_page("res.partner", self.other.id)
        with self.assertRaisesRegex(UserError, "res.users"):
            self.tab.get_page("res.users", self.user.id)

    def test_names_of_contacts_one_may_not_read_stay_hidden(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        secret = self.env["res.partner"].create({"name": "Secret", "company_id": company.id})
        self.at(0, people=[("from", "", "ada@member.example", secret)])
        [card] = self.page()["cards"]
        self.assertEqual((card["who"]["name"], card["who"]["partner_id"]), ("", False))

    def test_thread_oldest_first(self):
        first = self.at(0)
        last = self.answer(first, 2)
        middle = self.answer(first, 1, direction="out")
        self.answer(first, 3, partner=self.other)
        thread = self.tab.get_thread("res.partner", self.member.id, first.conversation_id.id)
        self.assertEqual([head["id"] for head in thread], [first.id, middle.id, last.id])

    def test_open_message(self):
        message = self.at(
            0,
            attachments=[
                {"name": "logo.png", "raw": b"logo", "mimetype": "image/png"},
                {"name": "plan.pdf", "raw": b"%PDF", "mimetype": "application/pdf"},
            ],
            people=[
                ("from", "Ada", "ada@member.example", self.member),
                ("cc", "", "x@y.example", self.member.browse()),
            ],
            remote_attachment_ids=[
                Command.create({"name": name, "mimetype": kind, "size": 9, "section": "2"} | more)
                for name, kind, more in (
                    ("film.mp4", "video/mp4", {}),
                    # The text can't show it before it is here.
                    ("photo.jpg", "image/jpeg", {"is_inline": True}),
                )
            ],
        )
        logo, plan = message.attachment_ids.sorted("id")
        message.body = f'<p>Hello <img src="/web/image/{logo.id}"></p>'
        [shown] = self.tab.get_messages(message.ids)
        self.assertEqual(
            [(file["id"], file["name"], file["inline"]) for file in shown["attachments"]],
            [(logo.id, "logo.png", True), (plan.id, "plan.pdf", False)],
        )
        self.assertEqual(
            [file["name"] for file in shown["remote_attachments"]], ["film.mp4", "photo.jpg"]
        )
        self.assertEqual(
            [(person["role"], person["email"]) for person in shown["participants"]],
            [("from", "ada@member.example"), ("cc", "x@y.example")],
        )
        self.assertEqual(shown["id"], message.id)

    def test_queries_do_not_grow(self):
        def queries(**options):
            self.forget()
            before = self.env.cr.sql_log_count
            self.page(**options)
            return self.env.cr.sql_log_count - before

        # What is cached for longer than a request.
        queries(query="Message")
        self.at(0)
        queries()
        one = queries(), queries(query="Message")
        for minute in range(1, 25):
            message = self.at(minute)
            self.answer(message, 30 + minute, direction="out")
        self.assertEqual((queries(), queries(query="Message")), one)
        self.assertLess(one[0], 22)
