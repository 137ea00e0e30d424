from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .filing import FilingCase


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
class TestLookups(FilingCase):
    """A contact who comes later: which addresses are searched for, where, and when."""

    def test_a_new_contact_is_searched_for_in_all_active_accounts(self):
        other = self.make_account()
        archived = self.make_account(active=False)
        self.contact("Ben", "Ben <BEN@bücher.example>")
        address = "ben@xn--bcher-kva.example"
        lookups = self.lookups()
        self.assertLessEqual({(self.account, address), (other, address)}, lookups)
        self.assertNotIn((archived, address), lookups)

    def test_a_contact_of_a_company_only_in_its_accounts(self):
        company = self.env["res.company"].create({"name": "Other Club"})
        theirs = self.make_account(company_id=company.id)
        self.forget_lookups()
        self.contact("Ben", "ben@member.example", company_id=company.id)
        self.assertEqual(self.lookups(), {(theirs, "ben@member.example")})

    def test_what_else_asks(self):
        ben = self.contact("Ben", "ben@member.example", member_mail_addresses="ben@home.example")
        self.assertEqual(self.asked(), {"ben@member.example", "ben@home.example"})
        for change, asked in (
            ({"email": "Ben Lima <BEN@member.example>"}, set()),
            ({"name": "Ben Lima", "phone": "12"}, set()),
            ({"email": "ben@new.example"}, {"ben@new.example"}),
            ({"active": False}, set()),
            ({"email": "ben@archived.example"}, set()),
            ({"active": True}, {"ben@archived.example", "ben@home.example"}),
            ({"member_mail_addresses": "ben@work.example"}, {"ben@work.example"}),
            ({"member_mail_addresses": False}, set()),
            ({"email": False}, set()),
        ):
            self.forget_lookups()
            ben.write(change)
            self.assertEqual(self.asked(), asked, change)

    def test_asking_twice_leaves_one_search(self):
        self.contact("Ben", "ben@member.example")
        self.contact("Benjamin", "ben@member.example")
        self.assertEqual(self.asked(), {"ben@member.example"})
        self.env["member.mail.lookup"]._ask({"ben@member.example"})
        self.assertEqual(self.asked(), {"ben@member.example"})

    def test_the_job_is_triggered_once_in_a_transaction(self):
        self.env.cr.postcommit.clear()
        triggers = self.env["ir.cron.trigger"].search([])
        for number in range(3):
            self.contact("Ben", f"ben{number}@member.example")
            self.end_transaction()
        triggers = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertEqual(triggers.cron_id, self.env.ref("crm_member_mail.ir_cron_fetch"))
        self.assertEqual(len(triggers), 1)

    def test_an_import_costs_as_many_queries_as_one_contact(self):
        def cost(number):
            self.contact("Warm", f"warm{number}@member.example")
            self.end_transaction()
            for each in range(number):
                self.contact("Ben", f"ben{each}of{number}@member.example")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env.cr.precommit.run()
            return self.env.cr.sql_log_count - before

        self.env.cr.sql_log_count = 0
        few, many = cost(2), cost(200)
        self.assertLessEqual(many, few)
        self.assertLess(many, 15)


@tagged("post_install", "-at_install")
class TestFiledMail(FilingCase):
    """A contact who comes later: mail that is filed already, through somebody else."""

    def test_is_linked_at_once(self):
        message = self.send("ada@member.example, Ben <ben@member.example>")
        self.assertEqual(message.partner_ids, self.member)
        ben = self.contact("Ben", "ben@member.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member | ben)
        participant = message.participant_ids.filtered(lambda p: p.email == "ben@member.example")
        self.assertEqual(participant.partner_id, ben)
        self.assertEqual(ben.member_mail_count, 1)

    def test_only_by_the_direction_of_the_email(self):
        message = self.receive("ada@member.example", cc="ben@member.example")
        ben = self.contact("Ben", "ben@member.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member)
        participant = message.participant_ids.filtered(lambda p: p.email == "ben@member.example")
        self.assertEqual(participant.partner_id, ben, "it is still known who that is")

    def test_our_own_address_is_nobody_s(self):
        message = self.send("ada@member.example, other@club.example")
        self.account.aliases = "other@club.example"
        self.contact("Ourselves", "other@club.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member)

    def test_an_excluded_address_stays_out(self):
        message = self.send("ada@member.example, ben@member.example")
        self.env["member.mail.exclusion"].create({"pattern": "ben@member.example"})
        ben = self.contact("Ben", "ben@member.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member)
        self.env["member.mail.exclusion"].search([]).unlink()
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member | ben)

    def test_an_address_excluded_in_one_of_its_mailboxes_counts_in_the_other(self):
        message = self.send("ada@member.example, ben@member.example")
        message.account_ids |= self.make_account()
        self.env["member.mail.exclusion"].create(
            {"pattern": "ben@member.example", "account_id": self.account.id}
        )
        ben = self.contact("Ben", "ben@member.example")
        self.end_transaction()
        self.assertIn(ben, message.partner_ids)

    def test_a_contact_of_another_company_gets_nothing(self):
        message = self.send("ada@member.example, ben@member.example")
        company = self.env["res.company"].create({"name": "Other Club"})
        self.contact("Ben", "ben@member.example", company_id=company.id)
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member)

    def test_what_a_scan_filed_meanwhile_is_linked_when_the_search_is_worked_off(self):
        message = self.send("ada@member.example, lea@new.example")
        lead = self.lead("lea@new.example")
        self.end_transaction()
        message.write({"partner_ids": [Command.clear()], "lead_ids": [Command.clear()]})
        self.env["member.mail.linker"]._link({"ada@member.example", "lea@new.example", "x@y.z"})
        self.assertEqual((message.partner_ids, message.lead_ids), (self.member, lead))

    def test_a_second_mailbox_files_for_whom_the_first_one_may_not(self):
        ben, lead = self.contact("Ben", "ben@member.example"), self.lead("lea@new.example")
        for pattern in ("ben@member.example", "new.example"):
            self.env["member.mail.exclusion"].create(
                {"pattern": pattern, "account_id": self.account.id}
            )
        other = self.make_account()
        email = self.parsed(
            "office@club.example", to="ada@member.example, ben@member.example, lea@new.example"
        )
        message = self.file(email)
        self.assertEqual((message.partner_ids, len(message.lead_ids)), (self.member, 0))
        self.assertFalse(self.file(email, folder=self.inbox.copy({"account_id": other.id})))
        self.assertEqual((message.partner_ids, message.lead_ids), (self.member | ben, lead))

    def test_a_contact_that_returns(self):
        message = self.receive("ada@member.example")
        without_contact = [("partner_ids", "=", False)]
        self.member.active = False
        self.assertNotIn(message, message.search(without_contact))
        self.member.unlink()
        self.end_transaction()
        self.assertTrue(message.exists())
        self.assertFalse(message.partner_ids | message.author_id)
        self.assertIn(message, message.search(without_contact))
        ada = self.contact("Ada", "ada@member.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, ada)
        self.assertEqual(message.author_id, ada)

    def test_a_deleted_contact_leaves_its_mail_to_those_with_the_same_address(self):
        twin = self.contact("Ada, the same", "ada@member.example")
        message = self.receive("ada@member.example")
        self.assertEqual(message.author_id, self.member)
        self.member.unlink()
        self.end_transaction()
        self.assertEqual(message.partner_ids, twin)
        self.assertEqual(message.author_id, twin)
        self.assertEqual(message.participant_ids[0].partner_id, twin)


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
        self.env.cr.execute(
            """
            INSERT INTO res_partner (name, email_normalized, active, is_company)
                 SELECT 'P', 'p' || n || '@d' || n || '.example', TRUE, n % 2 = 0
                   FROM generate_series(1, 5000) AS n;
            INSERT INTO member_mail_address (partner_id, email, email_normalized)
                 SELECT id, 'x', 'x' || email_normalized FROM res_partner WHERE name = 'P';
            INSERT INTO crm_lead (name, email_normalized, active, won_status, type)
                 SELECT 'L', 'l' || n || '@d' || n || '.example', TRUE, 'pending', 'lead'
                   FROM generate_series(1, 5000) AS n;
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
            self.env.flush_all()
            self.env.invalidate_all()
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
