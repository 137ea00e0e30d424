from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL

from ..filing_case import FilingCase


@tagged("post_install", "-at_install")
class TestAddresses(FilingCase):
    """More than one address per contact."""

    def test_mail_of_an_extra_address_is_filed_under_its_contact(self):
        self.member.member_mail_addresses = "ada@home.example"
        message = self.receive("Ada <Ada@home.example>")
        self.assertEqual(message.partner_ids, self.member)
        self.assertEqual(message.author_id, self.member)
        self.assertEqual(self.send("ada@home.example").partner_ids, self.member)

    def test_an_address_of_two_contacts_is_both_theirs(self):
        other = self.contact("Other Ada", "other@member.example")
        other.member_mail_addresses = "ada@member.example"
        self.assertEqual(self.receive("ada@member.example").partner_ids, self.member | other)

    def test_an_archived_contact_gets_nothing_by_an_extra_address(self):
        self.member.member_mail_addresses = "ada@home.example"
        self.member.active = False
        self.assertFalse(self.receive("ada@home.example"))

    def test_they_are_edited_as_text(self):
        self.member.member_mail_addresses = "ada@home.example, Ada <ADA@bücher.example>"
        addresses = self.member.member_mail_address_ids
        self.assertEqual(
            addresses.mapped("email_normalized"), ["ada@home.example", "ada@xn--bcher-kva.example"]
        )
        self.member.member_mail_addresses = "ADA@home.example; ada@work.example"
        self.assertEqual(
            self.member.member_mail_address_ids.mapped("email_normalized"),
            ["ada@home.example", "ada@work.example"],
        )
        self.assertEqual(addresses.exists(), addresses[0], "the one that stays is the same record")
        self.member.member_mail_addresses = False
        self.assertFalse(self.member.member_mail_address_ids)

    def test_they_come_with_a_new_contact(self):
        ben = self.contact("Ben", False, member_mail_addresses="ben@home.example")
        self.assertEqual(self.receive("ben@home.example").partner_ids, ben)

    def test_what_is_no_address_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "ada at home is not an email address"):
            self.member.member_mail_addresses = "ada at home"

    def test_what_is_no_address_is_refused_as_a_record(self):
        with self.assertRaisesRegex(ValidationError, "nonsense is not an email address"):
            self.env["member.mail.address"].create(
                {"partner_id": self.member.id, "email": "nonsense"}
            )

    def test_only_who_may_change_the_contact_changes_them(self):
        reader = new_test_user(self.env, "mail_reader", "crm_member_mail.group_user")
        Address = self.env["member.mail.address"]
        values = {"partner_id": self.member.id, "email": "ada@home.example"}
        with self.assertRaises(AccessError):
            Address.with_user(reader).create(values)
        address = Address.with_user(self.user).create(values)
        for change in (lambda a: a.unlink(), lambda a: a.write({"email": "x@evil.example"})):
            with self.assertRaises(AccessError):
                change(address.with_user(reader))


@tagged("post_install", "-at_install")
class TestRules(FilingCase):
    """Options of the account."""

    def test_aliases_are_ours(self):
        self.account.aliases = "info@club.example,\nSales <sales@club.example>"
        self.contact("Ourselves", "info@club.example")
        message = self.file(self.parsed("Info@club.example", to="ada@member.example"))
        self.assertEqual(message.direction, "out")
        self.assertEqual(message.partner_ids, self.member)
        rules = self.account._match_rules()
        self.assertLessEqual(
            {"office@club.example", "info@club.example", "sales@club.example"}, rules.own
        )

    def test_aliases_of_a_colleague_s_mailbox_are_ours_too(self):
        self.make_account(aliases="info@club.example", active=False)
        self.assertIn("info@club.example", self.account._match_rules().own)

    def test_aliases_are_checked(self):
        with self.assertRaisesRegex(ValidationError, "info at club is not an email address"):
            self.account.aliases = "sales@club.example\ninfo at club"

    def test_a_company_is_matched_by_its_domain_where_that_is_chosen(self):
        acme = self.contact("Acme", "hello@acme.example", is_company=True)
        ben = self.contact("Ben", "ben@acme.example", parent_id=acme.id)
        self.contact("Person", "ana@person.example")
        self.assertFalse(self.receive("new@acme.example"))
        self.account.match_domains = True
        message = self.receive("new@Acme.example")
        self.assertEqual(message.partner_ids, acme)
        self.assertEqual(self.receive("ben@acme.example").partner_ids, ben, "himself goes first")
        self.assertFalse(self.receive("x@person.example"), "a person has no domain")
        self.assertFalse(self.receive("x@sub.acme.example"))
        new = self.contact("New", "new@acme.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, acme | new)
        self.assertEqual(message.author_id, new, "it is known who it was, now")

    def test_by_the_domain_of_an_extra_address_too(self):
        self.account.match_domains = True
        acme = self.contact(
            "Acme", False, is_company=True, member_mail_addresses="hello@bücher.example"
        )
        self.assertEqual(self.receive("x@xn--bcher-kva.example").partner_ids, acme)

    def test_branches_leave_the_domain_to_their_company(self):
        self.account.match_domains = True
        acme = self.contact("Acme", "hello@acme.example", is_company=True)
        self.contact("Branch", "branch@acme.example", is_company=True, parent_id=acme.id)
        self.assertEqual(self.receive("x@acme.example").partner_ids, acme)

    def test_shared_domains_are_no_company_s(self):
        self.account.match_domains = True
        self.env["member.mail.provider"].create(
            {"name": "Ours", "code": "ours", "domains": "provider.example", "active": False}
        )
        for domain in ("gmail.com", "proton.me", "provider.example", "club.example"):
            self.contact("Acme", f"acme@{domain}", is_company=True)
            self.assertFalse(self.receive(f"somebody@{domain}"), domain)

    def test_odoo_s_own_reading_of_the_mailbox_is_warned_of(self):
        self.assertFalse(self.account.fetchmail_warning)
        server = self.env["fetchmail.server"].create(
            {
                "name": "Catchall", "server_type": "imap", "server": "IMAP.example.com",
                "user": "Office@club.example", "password": "x",
            }
        )  # fmt: skip
        self.account.invalidate_recordset()
        self.assertIn("Catchall", self.account.fetchmail_warning)
        self.assertIn("Catchall", self.account.with_user(self.manager).fetchmail_warning)
        server.active = False
        self.account.invalidate_recordset()
        self.assertFalse(self.account.fetchmail_warning)

    def test_a_match_is_one_query(self):
        self.account.match_domains = True
        self.contact("Acme", "hello@acme.example", is_company=True)
        self.lead("lead@lead.example")
        rules = self.account._match_rules()
        self.env.flush_all()
        addresses = {f"x{number}@strange{number}.example" for number in range(2000)}
        addresses |= {"ada@member.example", "x@acme.example", "lead@lead.example"}
        with self.assertQueryCount(1):
            known = self.env["member.mail.matcher"]._match(addresses, rules)
        self.assertEqual(len(known), 3)

    def test_a_match_looks_into_indexes(self):
        self.account.match_domains = True
        rules = self.account._match_rules()
        queries = []
        execute_query = type(self.env).execute_query
        with patch.object(type(self.env), "execute_query", autospec=True) as spy:
            spy.side_effect = lambda env, query: queries.append(query) or execute_query(env, query)
            self.env["member.mail.matcher"]._match({"x@strange.example"}, rules)
        # Small tables are read whole, whatever indexes they have.
        self.insert_rows(
            self.member, 5000, name="'P'", email_normalized="'p' || n || '@d' || n || '.example'",
            active="TRUE", is_company="mod(n, 2) = 0",
        )  # fmt: skip
        self.insert_rows(
            self.lead("lou@lead.example"), 5000, name="'L'", active="TRUE", type="'lead'",
            email_normalized="'l' || n || '@d' || n || '.example'", won_status="'pending'",
        )  # fmt: skip
        self.env.cr.execute(
            """
            INSERT INTO member_mail_address (partner_id, origin, email, email_normalized)
                 SELECT id, 'other', 'x', 'x' || email_normalized FROM res_partner WHERE name = 'P';
            ANALYZE res_partner; ANALYZE member_mail_address; ANALYZE crm_lead
            """
        )
        [query] = queries
        plan = "\n".join(line for (line,) in self.env.execute_query(SQL("EXPLAIN %s", query)))
        self.assertNotIn("Seq Scan", plan)
        for index in (
            "res_partner__email_normalized_index",
            "res_partner_member_mail_domain_idx",
            "member_mail_address__email_normalized_index",
            "member_mail_address_domain_idx",
            "crm_lead_member_mail_email_idx",
        ):
            self.assertIn(index, plan)

    def test_filing_costs_the_same_for_few_and_many(self):
        def cost(number):
            emails = [self.parsed("ada@member.example") for _number in range(number)]
            rules = self.account._match_rules()
            self.forget()
            before = self.env.cr.sql_log_count
            self.env["member.mail.filer"]._file(self.inbox, emails, (), rules)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.lead("ada@member.example")
        cost(1)
        few, many = cost(5), cost(50)
        self.assertLessEqual(many, few + 2)


@tagged("post_install", "-at_install")
class TestMerge(FilingCase):
    """Merging contacts keeps their mail and their addresses."""

    def test_mail_and_addresses_follow(self):
        ben = self.contact("Ben", "ben@member.example", member_mail_addresses="ben@home.example")
        of_ada, of_ben = self.receive("ada@member.example"), self.receive("ben@member.example")
        to_both = self.send("ada@member.example, ben@member.example")
        self.merge(ben, into=self.member)
        self.assertFalse(ben.exists())
        messages = of_ada | of_ben | to_both
        for message in messages:
            self.assertEqual(message.partner_ids, self.member)
        self.assertEqual(of_ben.author_id, self.member)
        self.assertEqual(to_both.participant_ids.partner_id, self.member)
        self.assertEqual(self.member.email, "ada@member.example")
        self.assertEqual(
            set(self.member.member_mail_address_ids.mapped("email_normalized")),
            {"ben@member.example", "ben@home.example"},
        )
        self.assertEqual(self.receive("ben@member.example").partner_ids, self.member)

    def test_addresses_that_both_have_are_kept_once(self):
        self.member.member_mail_addresses = "shared@home.example, ben@member.example"
        ben = self.contact(
            "Ben", "ben@member.example", member_mail_addresses="shared@home.example, b@home.example"
        )
        cy = self.contact("Cy", "Ada@member.example", member_mail_addresses="b@home.example")
        self.merge(ben, cy, into=self.member)
        self.assertEqual(
            sorted(self.member.member_mail_address_ids.mapped("email_normalized")),
            ["b@home.example", "ben@member.example", "shared@home.example"],
        )

    def test_a_contact_without_address_takes_over_the_main_one(self):
        dora = self.contact("Dora", False, member_mail_addresses="ada@member.example")
        self.merge(self.member, into=dora)
        self.assertEqual(dora.email, "ada@member.example")
        self.assertFalse(dora.member_mail_address_ids)


@tagged("post_install", "-at_install")
class TestContactForm(FilingCase, HttpCase):
    def test_addresses_are_added_on_the_contact(self):
        self.start_tour(
            f"/odoo/contacts/{self.member.id}", "member_mail_address_tour", login=self.user.login
        )
        self.assertEqual(
            self.member.member_mail_address_ids.mapped("email_normalized"),
            ["ada@home.example", "ada@work.example"],
        )
