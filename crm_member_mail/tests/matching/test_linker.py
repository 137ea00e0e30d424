from odoo import Command
from odoo.tests import tagged

from ..filing_case import FilingCase


@tagged("post_install", "-at_install")
class TestLookups(FilingCase):
    """A contact who is added later: which addresses are looked up, where, and when."""

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
            self.forget()
            before = self.env.cr.sql_log_count
            self.env.cr.precommit.run()
            return self.env.cr.sql_log_count - before

        self.env.cr.sql_log_count = 0
        few, many = cost(2), cost(200)
        self.assertLessEqual(many, few)
        self.assertLess(many, 15)


@tagged("post_install", "-at_install")
class TestFiledMail(FilingCase):
    """A contact who is added later: emails that are already filed, under somebody else."""

    def test_is_linked_at_once(self):
        message = self.send("ada@member.example, Ben <ben@member.example>")
        self.assertEqual(message.partner_ids, self.member)
        ben = self.contact("Ben", "ben@member.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member | ben)
        participant = message.participant_ids.filtered(lambda p: p.email == "ben@member.example")
        self.assertEqual(participant.partner_id, ben)
        self.assertEqual(ben.member_mail_count, 1)

    def test_everyone_on_a_received_email(self):
        message = self.receive("ada@member.example", cc="ben@member.example")
        ben = self.contact("Ben", "ben@member.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member | ben)

    def test_the_sender_only_where_that_is_chosen(self):
        self.account.received_under = "sender"
        message = self.receive("ada@member.example", cc="ben@member.example")
        ben = self.contact("Ben", "ben@member.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member)
        participant = message.participant_ids.filtered(lambda p: p.email == "ben@member.example")
        self.assertEqual(participant.partner_id, ben, "it is still known who that is")

    def test_a_sender_of_a_sent_email_gets_nothing(self):
        message = self.file(
            self.parsed("old@club.example", to="ada@member.example"), folder=self.sent
        )
        self.contact("Old", "old@club.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member)

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
