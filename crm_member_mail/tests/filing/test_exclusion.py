from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import BaseCase, Form, HttpCase, tagged
from odoo.tools import mute_logger

from ...models.matching.exclusion_patterns import Exclusions, PatternError, like, normalise
from ..filing_case import FilingCase


class TestPatterns(BaseCase):
    """How patterns are written, and what they match."""

    def test_normalise(self):
        for typed, stored in (
            (" Ana <Ana@Members.example> ", "ana@members.example"),
            ("Members.example", "@members.example"),
            ("@members.example", "@members.example"),
            ("*@members.example", "@members.example"),
            ("BÜCHER.example", "@xn--bcher-kva.example"),
            ("*@*.bücher.example", "*@*.xn--bcher-kva.example"),
            ("*.members.example", "*@*.members.example"),
            ("No-Reply**@*", "no-reply*@*"),
            ("@mail*.example", "*@mail*.example"),
        ):
            self.assertEqual(normalise(typed), stored)
            self.assertEqual(normalise(stored), stored)

    def test_what_is_no_pattern(self):
        for typed, code in (
            ("", "empty"),
            (" ", "empty"),
            (None, "empty"),
            ("ana@", "address"),
            ("ana lima@members.example", "address"),
            ("ana", "domain"),
            ("members example.com", "domain"),
            ("no-reply*", "wildcard"),
            ("no reply*@*", "wildcard"),
            ("*@exa mple.*", "wildcard"),
            ("*@", "wildcard"),
            ("*@*", "everything"),
            ("*.*", "everything"),
            ("**@*.*", "everything"),
        ):
            with self.assertRaises(PatternError, msg=typed) as raised:
                normalise(typed)
            self.assertEqual(raised.exception.code, code, typed)

    def test_hits(self):
        for pattern, hits, misses in (
            ("ana@x.example", ["ana@x.example"], ["banana@x.example", "ana@x.example.com"]),
            ("x.example", ["a@x.example", "b@x.example"], ["a@y.x.example", "a@xx.example"]),
            (
                "*@*.x.example",
                ["a@y.x.example", "a@z.y.x.example"],
                ["a@x.example", "a@yx.example"],
            ),
            (
                "no-reply*@*",
                ["no-reply@x.example", "no-reply-7@y.example"],
                ["x-no-reply@x.example"],
            ),
            ("*bounce*@mail*.example", ["a-bounce+b@mail3.example"], ["bounce@x.example"]),
            ("a?[b]*@x.example", ["a?[b]c@x.example"], ["axbc@x.example", "ab@x.example"]),
            ("a_%*@x.example", ["a_%@x.example"], ["abc@x.example"]),
        ):
            stored = normalise(pattern)
            exclusions = Exclusions([stored])
            for address in hits:
                self.assertEqual(exclusions.hit(address), stored)
            for address in misses:
                self.assertIsNone(exclusions.hit(address), (pattern, address))

    def test_of_many_patterns_the_one_that_hit_is_told(self):
        exclusions = Exclusions(["ana@x.example", "@y.example", "*@*.z.example", "b*@*", "c*@*"])
        for address, pattern in (
            ("ana@x.example", "ana@x.example"),
            ("ana@y.example", "@y.example"),
            ("ana@a.z.example", "*@*.z.example"),
            ("cy@x.example", "c*@*"),
            ("dora@x.example", None),
        ):
            self.assertEqual(exclusions.hit(address), pattern)

    def test_a_hostile_address_takes_linear_time(self):
        exclusions = Exclusions([f"*{'a*' * 20}b@x.example"])
        # With backtracking this would outlast the universe.
        self.assertIsNone(exclusions.hit("a" * 480 + "@x.example"))

    def test_thousands_of_patterns_are_no_more_work_than_a_few(self):
        # Addresses and domains are looked up in a set, so none of them is in the regular expression.
        exclusions = Exclusions(
            [f"a{n}@x.example" for n in range(5000)] + [f"@d{n}.example" for n in range(5000)]
        )
        self.assertFalse(exclusions._wild)
        self.assertEqual(exclusions.hit("q@d4999.example"), "@d4999.example")

    def test_like_is_the_same_in_sql(self):
        self.assertEqual(like("a_%*@x.example"), r"a\_\%%@x.example")
        self.assertEqual(like("@x_y.example"), r"%@x\_y.example")


@tagged("post_install", "-at_install")
class TestExclusion(FilingCase):
    """Addresses whose emails are never filed."""

    def exclude(self, pattern, **values):
        return self.env["member.mail.exclusion"].create({"pattern": pattern, **values})

    def test_mail_of_an_excluded_address_stays_out(self):
        self.exclude("MEMBER.example")
        self.assertFalse(self.receive("ada@member.example"))
        ben = self.contact("Ben", "ben@other.example")
        message = self.send("ada@member.example, ben@other.example")
        self.assertEqual(message.partner_ids, ben)

    def test_what_hit_is_told(self):
        self.exclude("ada*@*")
        rules = self.account._match_rules()
        email = self.parsed("ada@member.example", cc="ben@home.example").message
        self.assertEqual(rules.excluded(email, "inbox"), {"ada@member.example": "ada*@*"})
        self.assertEqual(rules.parties(email, "inbox"), set(), "whoever else is on it")

    def test_an_excluded_recipient_keeps_nobody_out(self):
        self.exclude("ada*@*")
        rules = self.account._match_rules()
        email = self.parsed("ben@member.example", cc="ada@home.example").message
        self.assertEqual(rules.parties(email, "inbox"), {"ben@member.example"})

    def test_where_it_counts(self):
        company = self.env["res.company"].create({"name": "Other Club"})
        accounts = {
            "this": self.account,
            "colleague": self.make_account(),
            "theirs": self.make_account(company_id=company.id),
        }
        for values, excluded in (
            ({}, {"this", "colleague", "theirs"}),
            ({"account_id": self.account.id}, {"this"}),
            ({"company_id": company.id}, {"theirs"}),
            ({"active": False}, set()),
        ):
            exclusion = self.exclude("ada@member.example", **values)
            out = {
                name
                for name, account in accounts.items()
                if not self.filed_now(account, sender="ada@member.example")
            }
            self.assertEqual(out, excluded, values)
            exclusion.unlink()

    def test_clear_messages(self):
        for pattern, message in (
            (" ", "Enter the address or pattern"),
            ("ada@", "ada@ is not an email address"),
            ("ada", "neither an email address nor a domain"),
            ("no-reply*", r"Enter it like no-reply\*@\*"),
            ("*@*", "would exclude every email"),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                self.exclude(pattern)

    def test_the_same_twice_is_refused(self):
        first = self.exclude("member.example")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.exclude("@Member.example")
        self.exclude("member.example", account_id=self.account.id)
        first.active = False
        self.env.flush_all()
        self.exclude("member.example")

    def test_only_administrators_set_them_up(self):
        Exclusion = self.env["member.mail.exclusion"]
        with self.assertRaises(AccessError):
            Exclusion.with_user(self.user).create({"pattern": "x.example"})
        with self.assertRaises(AccessError):
            Exclusion.with_user(self.user).search([])
        self.assertTrue(Exclusion.with_user(self.manager).create({"pattern": "x.example"}))

    def test_what_was_filed_is_removed_on_request(self):
        ben = self.contact("Ben", "ben@other.example")
        received, sent = self.receive("ada@member.example"), self.send("ada@member.example")
        to_both = self.send("ada@member.example, ben@other.example")
        to_stranger = self.send("ada@member.example, somebody@else.example")
        of_ben = self.receive("ben@other.example", cc="ada@member.example")
        files = received.attachment_ids
        self.assertTrue(files)
        exclusion = self.exclude("ada@member.example").with_user(self.manager)
        self.assertEqual(exclusion.filed_count, 3)
        notification = exclusion.action_remove_filed()
        self.assertIn("3", notification["params"]["message"])
        self.assertFalse((received | sent | to_stranger).exists() or files.exists())
        self.assertEqual((to_both | of_ben).exists(), to_both | of_ben)
        self.assertIn(ben, to_both.partner_ids)
        self.assertEqual(exclusion.filed_count, 0)

    def test_it_comes_back_when_the_exclusion_goes(self):
        email = self.parsed("ada@member.example")
        self.file(email)
        exclusion = self.exclude("*@member.example", remove_filed=True)
        self.assertFalse(
            self.env["member.mail.message"].search([("partner_ids", "=", self.member.id)])
        )
        self.assertFalse(self.env["member.mail.tombstone"].search([]))
        self.forget_lookups()
        exclusion.unlink()
        self.assertEqual(self.asked(), {"ada@member.example"})
        self.assertEqual(self.file(email).partner_ids, self.member)

    def test_nothing_is_removed_unasked(self):
        message = self.receive("ada@member.example")
        self.exclude("ada@member.example", remove_filed=False)
        self.exclude("member.example")
        self.assertTrue(message.exists())

    def test_an_exclusion_of_one_mailbox_leaves_what_another_one_holds(self):
        message, of_both = self.receive("ada@member.example"), self.receive("ada@member.example")
        other = self.make_account()
        of_both.account_ids |= other
        self.exclude("ada@member.example", account_id=self.account.id, remove_filed=True)
        self.assertFalse(message.exists())
        self.assertTrue(of_both.exists())
        self.exclude("ada@member.example", account_id=other.id, remove_filed=True)
        self.assertFalse(of_both.exists())

    def test_mail_of_a_lead_and_of_a_company_s_domain_stays_for_its_other_address(self):
        self.lead("lea@new.example")
        self.contact("Acme", "hello@acme.example", is_company=True)
        self.account.match_domains = True
        for_lead = self.send("ada@member.example, lea@new.example")
        for_acme = self.send("ada@member.example, x@acme.example")
        self.exclude("ada@member.example", remove_filed=True)
        self.assertEqual((for_lead | for_acme).exists(), for_lead | for_acme)

    def test_the_count_is_there_before_it_is_saved(self):
        self.receive("ada@member.example")
        form = Form(self.env["member.mail.exclusion"].with_user(self.manager))
        form.pattern = "ada"
        self.assertEqual(form.filed_count, 0)
        form.pattern = "Member.example"
        self.assertEqual(form.filed_count, 1)
        form.remove_filed = True
        form.save()
        self.assertFalse(
            self.env["member.mail.message"].search([("partner_ids", "=", self.member.id)])
        )

    def test_what_asks_when_an_exclusion_gives_way(self):
        self.contact("Jo", "jo@bücher.example", member_mail_addresses="jo@member.example")
        self.lead("lea@member.example")
        exclusion = self.exclude("bücher.example")
        for change, asked in (
            ({"note": "Why"}, set()),
            ({"pattern": "*@member.example"}, {"jo@xn--bcher-kva.example"}),
            (
                {"active": False},
                {"ada@member.example", "jo@member.example", "lea@member.example"},
            ),
            ({"active": True}, set()),
        ):
            self.forget_lookups()
            exclusion.write(change)
            self.assertEqual(self.asked(), asked, change)


@tagged("post_install", "-at_install")
class TestExclusionForm(FilingCase, HttpCase):
    def test_it_is_added_and_what_was_filed_removed(self):
        message = self.receive("ada@member.example")
        self.start_tour(
            "/odoo/contact-messages-never-filed", "member_mail_exclusion_tour", login="admin"
        )
        self.assertEqual(self.env["member.mail.exclusion"].search([]).pattern, "@member.example")
        self.assertFalse(message.exists())
