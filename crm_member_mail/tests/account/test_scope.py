from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from ..common import MemberMailCase

#: What decides who sees the mail of an account.
SCOPE = ("company_id", "visibility", "team_id", "user_id")
#: Fields of that kind that are no copy of an account's, by model, with what they are.
OF_THEIR_OWN = {
    ("member.mail.audit", "company_id"): "where something happened, then",
    ("member.mail.audit", "user_id"): "who did something",
    ("member.mail.draft", "user_id"): "who writes it",
    ("member.mail.exclusion", "company_id"): "where it counts",
    ("member.mail.erasure", "user_id"): "who erased",
    ("member.mail.filing", "user_id"): "who decided",
    ("member.mail.news", "user_id"): "who is told",
    ("member.mail.seen", "user_id"): "who has read it",
    ("member.mail.trusted.sender", "user_id"): "who trusts",
}
#: Copies of an account's company, which follow it because it can't be changed any more.
KEPT = {
    "member.mail.conversation", "member.mail.last.date", "member.mail.message", "member.mail.reference",
    "member.mail.tombstone",
}  # fmt: skip


class TestScope(MemberMailCase):
    """Who sees what of a mailbox: no copy of that goes out of step with the account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ours, cls.theirs = cls.env["res.company"].create([{"name": "Ours"}, {"name": "Theirs"}])
        cls.account = cls.make_account(company_id=cls.ours.id, email="office@club.example")

    def test_every_copy_is_known(self):
        copies = set()
        for name, model in self.env.registry.items():
            if (
                not name.startswith("member.mail.")
                or name == "member.mail.account"
                or not model._auto
            ):
                continue
            for field in SCOPE:
                found = model._fields.get(field)
                if found and found.store and not found.related and not model._transient:
                    copies.add((name, field))
        known = OF_THEIR_OWN.keys() | {(name, "company_id") for name in KEPT}
        self.assertEqual(copies, known, "a copy of what an account says? It must follow that")

    def test_without_messages_the_company_can_be_changed(self):
        self.account.company_id = self.theirs
        self.assertEqual(self.account.company_id, self.theirs)

    def test_with_messages_it_stays(self):
        message = self.make_message(account=self.account, company_id=self.ours.id)
        with self.assertRaises(UserError) as refused:
            self.account.company_id = self.theirs
        self.assertIn("belong to Ours, and stay there", str(refused.exception))
        self.account.write({"company_id": self.ours.id, "name": "Same"})
        message.unlink()
        self.account.company_id = self.theirs


class TestElsewhere(MemberMailCase):
    """An empty tab says where there are messages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Other Ltd"})
        cls.person = new_test_user(
            cls.env, "zq-two", groups="sales_team.group_sale_salesman,crm_member_mail.group_user",
            company_id=cls.env.company.id, company_ids=[Command.set([cls.env.company.id, cls.other.id])],
        )  # fmt: skip
        cls.tab = cls.env["member.mail.tab"].with_user(cls.person)

    def page(self, record=None, companies=None):
        record = record or self.member
        companies = companies or self.env.company
        tab = self.tab.with_context(allowed_company_ids=companies.ids)
        return tab.get_page(record._name, record.id)

    def lead(self):
        return self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": self.member.id, "user_id": self.person.id}
        )

    def test_nothing_anywhere(self):
        self.assertEqual(self.page()["elsewhere"], [])

    def test_in_a_company_that_is_not_switched_on(self):
        account = self.make_account(email="other@club.example", company_id=self.other.id)
        self.make_message(account=account, company_id=self.other.id)
        for record in (self.member, self.lead()):
            [line] = self.page(record)["elsewhere"]
            self.assertIn("There are messages in Other Ltd.", line)
        both = self.page(companies=self.env.company | self.other)
        self.assertEqual((both["total"], both["elsewhere"]), (1, []))

    def test_in_the_mailbox_of_a_team(self):
        team = self.env["crm.team"].create({"name": "Harbour"})
        account = self.make_account(email="team@club.example", visibility="team", team_id=team.id)
        self.make_message(account=account)
        [line] = self.page()["elsewhere"]
        self.assertEqual(line, "There are messages that only members of a sales team see: Harbour.")

    def test_private_mailboxes_are_not_spoken_of(self):
        for company in (self.env.company, self.other):
            account = self.make_account(
                email=f"p{company.id}@club.example", visibility="private", company_id=company.id,
                user_id=self.manager.id,
            )  # fmt: skip
            self.make_message(account=account, company_id=company.id)
        self.assertEqual(self.page()["elsewhere"], [])

    def test_nothing_is_said_of_a_company_that_is_not_theirs(self):
        third = self.env["res.company"].create({"name": "Third"})
        account = self.make_account(email="third@club.example", company_id=third.id)
        self.make_message(account=account, company_id=third.id)
        self.assertEqual(self.page()["elsewhere"], [])
