import json
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from ...models.privacy.erased_person import Person
from ...tools import pseudonym
from ..filing_case import FilingCase


class ErasureCase(FilingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bea = cls.contact("Bea Other", "bea@other.example")
        cls.Erasure = cls.env["member.mail.erasure"]

    def wizard(self, partners=None, user=None, **values):
        partners = self.member if partners is None else partners
        Wizard = self.env["member.mail.erasure.wizard"].with_user(user or self.manager)
        return Wizard.create({"partner_ids": [Command.set(partners.ids)], **values})

    def erase(self, *args, **values):
        """Erase, and return the proof."""
        action = self.wizard(*args, **values).action_erase()
        self.end_transaction()
        self.env.invalidate_all()
        return self.Erasure.browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestErasure(ErasureCase):
    """A person's emails are erased, and there is a proof."""

    def test_what_is_said_before(self):
        private = self.make_account(visibility="private", user_id=self.user.id)
        self.receive("ada@member.example")
        self.send("ada@member.example, bea@other.example")
        self.make_message(account=private)
        elsewhere, others = self.env["res.company"].create([{"name": "Elsewhere"}, {"name": "X"}])
        for company in elsewhere | others:
            self.make_message(account=self.make_account(company_id=company.id))
        here = self.manager.company_ids
        self.manager.company_ids += elsewhere
        wizard = self.env["member.mail.erasure.wizard"].with_user(self.manager)
        wizard = wizard.with_context(allowed_company_ids=here.ids)
        wizard = wizard.create({"partner_ids": [Command.set(self.member.ids)]})
        self.assertEqual(wizard.addresses, "ada@member.example")
        self.assertEqual(wizard.message_count, 3)
        self.assertEqual(wizard.attachment_count, 2)
        self.assertEqual(wizard.shared_count, 1)
        self.assertEqual(wizard.elsewhere_count, 1)
        self.assertEqual(
            wizard.mailboxes,
            "office@club.example: 2\nPrivate mailboxes, and those of sales teams: 1",
        )

    def test_everything_goes_and_is_proved(self):
        messages = self.receive("ada@member.example") | self.send("ada@member.example")
        messages |= self.send("bea@other.example", cc="ada@member.example")
        kept = self.receive("bea@other.example")
        digests = sorted(f"{m.header_digest} {m.content_digest}" for m in messages)
        files = messages.attachment_ids
        proof = self.erase()
        self.assertFalse(messages.exists() or files.exists())
        self.assertTrue(kept.exists())
        self.assertEqual((proof.name, proof.addresses), ("A** M*****", "a**@m*****.example"))
        self.assertEqual(proof.user_id, self.manager)
        self.assertEqual((proof.message_count, proof.attachment_count), (3, 3))
        self.assertEqual(proof.mailboxes, "office@club.example: 3")
        self.assertEqual(proof.message_digests.split("\n"), digests)
        self.assertEqual(proof.remain_count, 0)
        self.assertEqual(
            proof.remains,
            "Records of the person's emails left: 0\nExcluded Address, kept on purpose: 1",
        )
        stones = self.env["member.mail.tombstone"].search([])
        self.assertEqual(set(digests), {f"{s.header_digest} {s.content_digest}" for s in stones})
        self.assertFalse(self.member.with_user(self.user).member_mail_last_date)
        found = self.env["member.mail.exclusion"].search([("pattern", "=", "ada@member.example")])
        self.assertTrue(found)
        self.assertFalse(self.receive("ada@member.example"), "nor is it filed again")

    def test_without_exclusion(self):
        message = self.receive("ada@member.example")
        proof = self.erase(exclude=False)
        self.assertFalse(proof.is_excluded)
        self.assertFalse(message.exists())
        self.assertTrue(self.receive("ada@member.example"), "what comes from now on")

    def test_other_addresses_and_typed_ones(self):
        self.member.member_mail_addresses = "a.member@work.example"
        self.end_transaction()
        self.receive("a.member@work.example")
        # Of an address that the contact does not have any more, filed for somebody else.
        old = self.send("bea@other.example", cc="ada.before@old.example")
        wizard = self.wizard()
        self.assertEqual(wizard.addresses, "a.member@work.example\nada@member.example")
        wizard.addresses += "\nAda.Before@Old.example"
        self.assertEqual(wizard.message_count, 2)
        proof = self.Erasure.browse(wizard.action_erase()["res_id"])
        self.assertFalse(old.exists())
        self.assertEqual(len(proof.address_digests.split("\n")), 3)
        with self.assertRaises(ValidationError):
            self.wizard(addresses="nobody")

    def test_addresses_of_our_mailboxes_are_nobodys(self):
        colleague = self.contact("Colleague", "office@club.example")
        message = self.receive("ada@member.example")
        wizard = self.wizard(colleague)
        self.assertFalse(wizard.addresses)
        wizard.addresses = "office@club.example"
        self.assertEqual(wizard.message_count, 0)
        wizard.action_erase()
        self.assertTrue(message.exists())

    def test_kept_for_the_others(self):
        alone = self.receive("ada@member.example", subject="Alone")
        both = self.send("Ada Member <ada@member.example>, bea@other.example")
        theirs = self.receive("bea@other.example", cc="Ada Member <ADA@member.example>")
        both.write(
            {
                "body_text": "Write to Ada@Member.example",
                "preview": "x",
                "failure_details": "ada@member.example: 550 no",
            }
        )
        lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": self.member.id})
        both.lead_ids = lead
        proof = self.erase(keep_shared="keep")
        self.assertFalse(alone.exists())
        self.assertEqual((proof.message_count, proof.kept_count), (1, 2))
        self.assertEqual(proof.remain_count, 0)
        self.assertEqual(both.partner_ids, self.bea)
        self.assertFalse(both.lead_ids)
        self.assertEqual(both.participant_ids.mapped("email"),
                         ["office@club.example", "bea@other.example"])  # fmt: skip
        self.assertEqual(both.body_text, "Write to (erased)")
        self.assertEqual(both.failure_details, "(erased): 550 no")
        self.assertEqual(both.correspondent, "bea@other.example")
        self.assertEqual(theirs.correspondent, "bea@other.example")
        for message in both | theirs:
            self.assertNotIn("ada", message.headers.lower())
            self.assertIn("Subject: Hello", message.headers)
            self.assertTrue(message.attachment_ids)
        found = self.env["member.mail.message"].search([("search_text", "ilike", "ada@member")])
        self.assertFalse(found, "nor does the search find the person")
        self.assertNotIn(b"ada", both._rebuilt().lower())

    def test_a_sender_who_is_taken_out(self):
        firm = self.contact("Firm", "info@member.example", is_company=True)
        message = self.receive("ada@member.example")
        message.partner_ids += firm
        self.erase(keep_shared="keep")
        self.assertEqual(message.email_from, "(erased)")
        self.assertFalse(message.author_id or message.sender_domain)
        self.assertEqual(message.partner_ids, firm)

    def test_conversations_have_what_is_left(self):
        first = self.receive("ada@member.example", subject="Of Ada")
        second = self.receive("bea@other.example", subject="Of Bea")
        second.conversation_id = first.conversation_id
        conversation = first.conversation_id
        references = self.env["member.mail.reference"]
        self.assertTrue(references.search([("rfc_message_id", "=", first.rfc_message_id)]))
        rfc_id = first.rfc_message_id
        self.erase()
        self.assertEqual(conversation.subject, "Of Bea")
        self.assertEqual(conversation.last_date, second.date)
        self.assertFalse(references.search([("rfc_message_id", "=", rfc_id)]))

    def draft(self, **values):
        return self.env["member.mail.draft"].create(
            {"account_id": self.account.id, "email_from": self.account.email, **values}
        )

    def test_drafts(self):
        message = self.receive("ada@member.example")
        gone = self.draft(answered_id=message.id) | self.draft(
            res_model="res.partner", res_id=self.member.id, email_to="bea@other.example"
        )
        gone |= self.draft(email_to="Ada <ada@member.example>", res_id=self.bea.id)
        shared = self.draft(email_to="bea@other.example, ada@member.example", res_id=self.bea.id)
        each = self.draft(mode="each", recipient_ids=[Command.set((self.member | self.bea).ids)])
        stays = self.draft(email_to="cleo@member.example", res_id=self.bea.id)
        proof = self.erase()
        self.assertFalse(gone.exists())
        self.assertEqual(shared.email_to, "bea@other.example")
        self.assertEqual(each.recipient_ids, self.bea)
        self.assertEqual(stays.email_to, "cleo@member.example")
        self.assertIn("Drafts: 5", proof.others)

    def test_what_waits_in_the_queue(self):
        message = self.send("ada@member.example")
        mail = self.env["mail.mail"].create(
            {
                "member_mail_message_id": message.id,
                "member_mail_source": "c2VjcmV0",
                "state": "outgoing",
            }
        )
        notification = self.env["mail.mail"].create(
            {
                "mail_server_id": self.account._outgoing_server().id,
                "body_html": f'<a href="/odoo/action-crm_member_mail.action_message/{message.id}">x</a>',
            }
        )
        other = self.env["mail.mail"].create(
            {"mail_server_id": self.account._outgoing_server().id, "body_html": "<p>x</p>"}
        )
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "mail.mail"), ("res_id", "=", mail.id), ("res_field", "!=", False)]
        )
        self.assertTrue(files)
        self.erase()
        self.assertFalse(mail.exists() or files.exists() or notification.exists())
        self.assertTrue(other.exists())

    def test_what_waits_to_be_pushed(self):
        """Also of an email that is kept for others: the push names its sender and subject."""
        alone = self.receive("ada@member.example")
        shared = self.receive("ada@member.example", cc="bea@other.example")
        others = self.receive("bea@other.example")
        device = self.env["mail.push.device"].create(
            {"endpoint": "https://push.invalid", "keys": "{}"}
        )
        pushes = self.env["mail.push"].create(
            [
                {
                    "mail_push_device_id": device.id,
                    "payload": '{"title": "Ada Member"}',
                    "member_mail_message_id": message.id,
                }
                for message in (alone, shared, others)
            ]
        )
        self.erase(keep_shared="keep")
        self.assertTrue(shared.exists())
        self.assertEqual(pushes.exists(), pushes[-1])

    def test_not_while_it_is_being_sent(self):
        message = self.send("ada@member.example")
        message.state = "sending"
        with self.assertRaises(UserError):
            self.erase()
        self.assertTrue(message.exists())

    def test_the_rest(self):
        raw = "RnJvbTogQURBQE1lbWJlci5leGFtcGxlCgpzZWNyZXQ="  # From: ADA@Member.example
        values = {"folder_id": self.inbox.id, "uidvalidity": 1}
        failed, others = self.env["member.mail.failure"].create(
            [
                {**values, "uid": 1, "raw": raw, "error": "bad"},
                {**values, "uid": 2, "raw": "eA==", "error": "bad"},
            ]
        )
        self.env["member.mail.lookup"].create(
            {"account_id": self.account.id, "address": "ada@member.example"}
        )
        self.env["member.mail.trusted.sender"].create({"email": "ada@member.example"})
        trace = self.env["member.mail.trace"].create(
            {"account_id": self.account.id, "query": "ada@member.example"}
        )
        export = self.env["member.mail.export"].create({"partner_ids": self.member.ids})
        proof = self.erase()
        self.assertEqual((failed.raw, failed.error, failed.state), (False, False, "ignored"))
        self.assertEqual(others.error, "bad")
        lookups = self.env["member.mail.lookup"]
        self.assertFalse(lookups.search([("address", "=", "ada@member.example")]))
        self.assertFalse(self.env["member.mail.trusted.sender"].search([]))
        self.assertFalse(trace.exists() or export.exists())
        self.assertEqual(proof.remain_count, 0)

    def test_what_is_left_is_named(self):
        """A proof that can't fail is no proof."""
        self.receive("ada@member.example")
        self.make_message(
            partner=self.bea, account=self.account, body_text="Ask ada@member.example"
        )
        eraser = self.env.registry["member.mail.eraser"]
        with patch.object(eraser, "_erase_messages", lambda *_args: []):
            proof = self.erase()
        self.assertGreater(proof.remain_count, 0)
        for text in (
            "Emails of the person: 1",
            "Email Participant (member.mail.participant): 1",
            "Other people's emails that mention the name or an address: 1",
        ):
            self.assertIn(text, proof.remains)

    def test_what_was_made_of_them_is_told(self):
        message = self.receive("ada@member.example")
        message.action_create_lead()
        message.action_log_in_chatter("res.partner", self.member.id)
        wizard = self.wizard()
        self.assertEqual(
            wizard.made_of, "Leads and opportunities with text from them: 1\nChatter notes: 1"
        )

    def test_companies_are_kept_apart(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        there = self.make_message(account=self.make_account(company_id=elsewhere.id))
        here = self.receive("ada@member.example")
        proof = self.erase()
        self.assertFalse(here.exists())
        self.assertTrue(there.exists())
        self.assertEqual(proof.remain_count, 0, "it was searched where it was erased")
        exclusion = self.env["member.mail.exclusion"].search([("note", "!=", False)])
        self.assertEqual(exclusion.company_id, self.account.company_id)
        self.manager.write(
            {"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id}
        )
        self.assertFalse(self.Erasure.with_user(self.manager).search([]))
        wizard = self.wizard()
        wizard.sudo().company_ids = self.account.company_id
        with self.assertRaises(UserError):
            wizard.action_erase()

    def test_a_proof_is_for_ever(self):
        proof = self.erase()
        for user in (self.manager, self.env.ref("base.user_admin"), self.env.user):
            with self.assertRaises(AccessError):
                proof.with_user(user).name = "Nobody"
            with self.assertRaises(AccessError):
                proof.with_user(user).unlink()
            with self.assertRaises(AccessError):
                proof.sudo().unlink()
        with self.assertRaises(AccessError):
            self.Erasure.with_user(self.manager).create({"name": "A", "addresses": "a"})
        with self.assertRaises(AccessError):
            proof.with_user(self.user).read(["name"])
        with self.assertRaises(AccessError):
            self.wizard(user=self.user)

    def test_found_by_the_whole_address(self):
        proof = self.erase()
        proofs = self.Erasure.with_user(self.manager)
        for address, found in (
            ("ada@member.example", proof), ("Ada <ADA@member.example>", proof),
            ("bea@other.example", proofs), ("ada", proofs),
        ):  # fmt: skip
            self.assertEqual(proofs.search([("address", "ilike", address)]).sudo(), found.sudo())
        self.assertNotIn("ada@", json.dumps(proof.read()[0], default=str))

    def test_printed(self):
        self.receive("ada@member.example")
        proof = self.erase()
        report = self.env["ir.actions.report"].with_user(self.manager)
        html, _kind = report._render_qweb_html("crm_member_mail.report_erasure", proof.ids)
        text = html.decode()
        for shown in ("A** M*****", proof.digest, proof.message_digests, "emails left: 0"):
            self.assertIn(shown, text)

    def test_it_is_noted(self):
        whole = self.receive("ada@member.example")
        shared = self.send("ada@member.example, bea@other.example")
        with self.noting_access() as noted:
            self.erase(keep_shared="keep")
        self.assertEqual(noted, [("delete", whole.ids), ("delete", shared.ids)])

    def test_pseudonyms(self):
        self.assertEqual(pseudonym.of_name("Ada M. Lovelace"), "A** M* L*******")
        self.assertEqual(pseudonym.of_name(""), "")
        self.assertEqual(pseudonym.of_address("ada.m@mail.club.example"), "a**.m@m***.c***.example")
        self.assertEqual(pseudonym.of_address("ada@gmail.com"), "a**@gmail.com")

    def test_an_address_is_no_part_of_another(self):
        person = Person(self.member, frozenset(["ada@member.example"]), self.env.company)
        for text, named in (
            ("<ADA@member.example>", True), ("ada@member.example.", True),
            ("mada@member.example", False), ("m.ada@member.example", False),
            ("ada@member.example.org", False), ("", False), (None, False),
        ):  # fmt: skip
            self.assertEqual(person.is_named_in(text), named, text)

    def test_queries_do_not_grow_with_the_number(self):
        def cost(number):
            self.file(*(self.parsed("ada@member.example") for _number in range(number)))
            self.file(
                *(self.parsed("bea@other.example", cc="ada@member.example") for _n in range(number))
            )
            wizard = self.wizard(keep_shared="keep", exclude=False)
            self.end_transaction()
            self.forget()
            before = self.env.cr.sql_log_count
            wizard.action_erase()
            self.end_transaction()
            return self.env.cr.sql_log_count - before

        cost(1)
        few = cost(2)
        self.assertLessEqual(cost(20), few + 3)


@tagged("post_install", "-at_install")
class TestErasureTour(HttpCase, ErasureCase):
    def test_people_find_it(self):
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        message = self.receive("ada@member.example")
        self.send("ada@member.example, bea@other.example")
        path = f"/odoo/contacts/{self.member.id}"
        self.start_tour(path, "member_mail_erasure_tour", login="mail_manager")
        self.assertFalse(message.exists())
        proof = self.Erasure.search([])
        self.assertEqual((proof.message_count, proof.kept_count), (1, 1))
