import doctest

from odoo import Command
from odoo.tests import HttpCase, tagged

from ...tools import search_words
from ..common import MemberMailCase
from ..filing_case import FilingCase


@tagged("post_install", "-at_install")
class TestSearch(FilingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.budget = cls.make_message(
            subject="Zentralbudget 2027",
            body_text="The projector costs\na fortune, says Zoë. 東京都で会議",
            attachments=[{"name": "Kostenplan_final.pdf", "raw": b"x"}],
            people=[("from", "Grace Hopper", "grace@navy.example", cls.member)],
        )
        cls.other = cls.make_message(subject="Zeppelin", body_text="A fortune of projectors")

    def found(self, query, user=None, operator="ilike"):
        """Which of the two messages a salesperson finds, or which of all if there are others."""
        Message = self.env["member.mail.message"].with_user(user or self.user)
        return Message.search([("search_text", operator, query)])

    def assertFinds(self, query, *messages, **options):
        both = self.budget + self.other
        with self.subTest(query=query):
            self.assertEqual(self.found(query, **options) & both, both.browse().union(*messages))

    def test_words(self):
        self.assertFalse(doctest.testmod(search_words).failed)

    def test_what_is_found(self):
        for query in (
            "zentralbudget", "ZENTRAL", "2027", "Zoe", "zoë", "grace", "hopper navy",
            "grace@navy.example", "kostenplan", "Kostenplan_final.pdf", "pdf costs", "東京", "会議",
            "都", '"projector costs a fortune"', 'zentral "a fortune"', '"costs a for',
        ):  # fmt: skip
            self.assertFinds(query, self.budget)
        self.assertFinds("projector", self.budget, self.other)
        self.assertFinds("fortune a", self.budget, self.other)
        self.assertFinds("projector ze", self.budget, self.other)
        self.assertFinds("", self.budget, self.other)
        for query in (
            "entralbudget", "zentralbudget zeppelin", "...", "z", "o", '"fortune projector"',
            '"a_fortune"', '"100%', "' | 'q", "q:* | b", "\\", "京会",
        ):  # fmt: skip
            self.assertFinds(query)

    def test_operators(self):
        self.assertFinds("zeppelin", self.other, operator="=")
        self.assertFinds(["zeppelin", "zentral"], self.budget, self.other, operator="in")
        self.assertFinds("%zeppelin%", self.other, operator="=ilike")
        self.assertFinds("zeppelin", self.budget, operator="not ilike")
        self.assertFinds("zeppelin", self.budget, operator="!=")

    def test_later_changes(self):
        Attachment = self.env["ir.attachment"]
        file = Attachment.create(
            {
                "name": "xylophone.txt",
                "raw": b"x",
                "res_model": "member.mail.message",
                "res_id": self.other.id,
            }
        )
        self.assertFinds("xylophone", self.other)
        file.name = "yodel.txt"
        self.assertFinds("xylophone")
        self.assertFinds("yodel", self.other)
        file.res_id = self.budget.id
        self.assertFinds("yodel", self.budget)
        file.unlink()
        self.assertFinds("yodel")
        person = self.other.participant_ids.create(
            {"message_id": self.other.id, "role": "cc", "name": "Quentin"}
        )
        self.assertFinds("quentin", self.other)
        person.name = "Rudolf"
        self.assertFinds("quentin")
        self.assertFinds("rudolf", self.other)
        person.unlink()
        self.assertFinds("rudolf")
        self.other.sudo().write({"subject": "Balloon"})
        self.assertFinds("balloon", self.other)
        self.assertFinds("zeppelin")

    def test_what_was_there_before_the_index(self):
        self.end_transaction()
        self.env.cr.execute("DELETE FROM member_mail_search")
        self.assertFinds("projector")
        self.env["member.mail.search"]._fill()
        self.assertFinds("projector", self.budget, self.other)

    def test_deleted_messages_leave_nothing(self):
        self.assertFinds("zeppelin", self.other)
        gone = self.other.id
        self.other.unlink()
        self.end_transaction()
        self.env.cr.execute("SELECT 1 FROM member_mail_search WHERE message_id = %s", [gone])
        self.assertFalse(self.env.cr.fetchone())

    def test_rolled_back_work_is_forgotten(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.other.sudo().write({"subject": "Balloon"})
            self.assertFinds("balloon", self.other)
            raise ZeroDivisionError
        self.env.invalidate_all()
        self.assertFinds("balloon")
        self.assertFinds("zeppelin", self.other)

    def test_filed_mail_costs_a_constant_number_of_queries(self):
        def queries(count):
            emails = [
                self.parsed(self.member.email, subject=f"Kangaroo {count}") for _n in range(count)
            ]
            self.end_transaction()
            self.env["member.mail.search"]._touch(self.file(*emails).ids)
            self.forget()
            start = self.cr.sql_log_count
            self.env["member.mail.search"]._work_off()
            return self.cr.sql_log_count - start

        self.assertEqual([queries(2), queries(12)], [2, 2])
        found = self.found("kangaroo file txt", self.env.user)
        self.assertEqual(len(found), 14, "with the names of their attachments")

    def test_what_one_may_not_see_is_not_found(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        hidden = self.make_message(account=private, subject="Submarine") + self.make_message(
            account=self.make_account(company_id=elsewhere.id), subject="Submarine"
        )
        seen = self.make_message(subject="Submarine")
        Message = self.env["member.mail.message"]
        for user, expected in ((self.user, seen), (self.manager, seen + hidden[0])):
            domain = [("search_text", "ilike", "submar")]
            mine = Message.with_user(user)
            self.assertEqual(mine.search(domain), expected.sorted())
            self.assertEqual(mine.search_count(domain), len(expected))
            result = mine.web_search_read(domain, {"subject": {}}, limit=40, count_limit=10001)
            self.assertEqual(result["length"], len(expected))
            self.assertEqual(
                mine._read_group(domain, [], ["__count"]), [(len(expected),)], "nor counted"
            )
            self.assertFalse(hidden[1] & mine.search([("search_text", "not ilike", "zzz")]))
            people = self.env["member.mail.participant"].with_user(user)
            found = people.search([("message_id.search_text", "ilike", "submarine")])
            self.assertEqual(found.message_id, expected.sorted())

    def test_created_with_commands(self):
        made = self.make_message(
            participant_ids=[
                Command.create({"role": "to", "name": "Tintin", "email": "t@moulinsart.example"})
            ]
        )
        self.assertEqual(self.found("tintin moulinsart"), made)


@tagged("post_install", "-at_install")
class TestSearchTour(HttpCase, MemberMailCase):
    def test_as_one_types(self):
        self.make_message(subject="Newest", body_text="About the projector")
        self.make_message(subject="Oldest")
        self.start_tour("/odoo", "member_mail_typing_tour", login=self.user.login)
