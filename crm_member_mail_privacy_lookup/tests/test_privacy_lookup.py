from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.crm_member_mail.tests.access_matrix import SEES, MatrixCase
from odoo.addons.crm_member_mail.tests.common import MemberMailCase


class LookupCase(MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account()
        cls.system = new_test_user(
            cls.env, "lookup_system", "base.group_system,base.group_partner_manager"
        )
        cls.other = cls.env["res.partner"].create({"name": "Bea", "email": "bea@other.example"})

    def lookup(self, user=None, **values):
        values = {"name": self.member.name, "email": self.member.email, **values}
        wizard = self.env["privacy.lookup.wizard"].with_user(user or self.system).create(values)
        wizard.action_lookup()
        return wizard

    def emails(self, wizard):
        lines = wizard.line_ids.filtered(lambda line: line.res_model == "member.mail.message")
        return lines, self.env["member.mail.message"].browse(lines.mapped("res_id"))


@tagged("post_install", "-at_install")
class TestPrivacyLookup(LookupCase):
    """Odoo's privacy lookup and emails."""

    def test_emails_are_found_by_their_people(self):
        theirs = self.make_message(account=self.desk)
        copied = self.make_message(
            account=self.desk, partner=self.other,
            people=[
                ("from", "Bea", "bea@other.example", self.other),
                ("cc", "", "ada@member.example", self.member.browse()),
            ],
        )  # fmt: skip
        self.make_message(account=self.desk, partner=self.other)
        _lines, found = self.emails(self.lookup())
        self.assertEqual(found, theirs | copied)
        self.assertEqual(len(_lines), 2, "each is listed once")
        _lines, found = self.emails(self.lookup(name="Nobody at all"))
        self.assertEqual(found, theirs | copied, "by the address alone")

    def test_nothing_technical_is_listed(self):
        message = self.make_message(account=self.desk)
        self.env["member.mail.trusted.sender"].create({"email": "ada@member.example"})
        # The address is searched for on the servers, too.
        self.env.cr.flush()
        self.assertTrue(self.env["member.mail.lookup"].search([]))
        wizard = self.lookup()
        listed = {name for name in wizard.line_ids.mapped("res_model") if "member.mail" in name}
        self.assertEqual(listed, {"member.mail.message"})
        self.assertEqual(wizard.member_mail_count, 1)
        self.assertTrue(message)

    def test_a_line_is_erased_for_good(self):
        message = self.make_message(account=self.desk, attachments=[{"name": "a", "raw": b"a"}])
        file, digest = message.attachment_ids, message.header_digest
        lines, _found = self.emails(self.lookup())
        lines.action_unlink()
        self.assertFalse(message.exists() or file.exists())
        self.assertTrue(self.env["member.mail.tombstone"].search([("header_digest", "=", digest)]))
        self.assertTrue(lines.is_unlinked)

    def test_subjects_of_private_mail_stay_private(self):
        private = self.make_account(visibility="private", user_id=self.user.id)
        message = self.make_message(account=private, subject="Secret plan")
        lines, found = self.emails(self.lookup())
        self.assertEqual(found, message)
        self.assertNotIn("Secret", lines.res_name)
        self.assertFalse(lines.resource_ref)

    def test_all_emails(self):
        messages = self.make_message(account=self.desk) | self.make_message(account=self.desk)
        former = self.make_message(
            account=self.desk, partner=self.other,
            people=[("from", "", "ada.before@old.example", self.member.browse())],
        )  # fmt: skip
        wizard = self.lookup(email="ada.before@old.example")
        self.assertEqual(wizard.member_mail_count, 3)
        action = wizard.action_erase_member_mail()
        eraser = self.env["member.mail.erasure.wizard"].with_user(self.system)
        eraser = eraser.with_context(**action["context"]).create({})
        self.assertEqual(eraser.partner_ids, self.member)
        self.assertEqual(eraser.addresses, "ada.before@old.example\nada@member.example")
        self.assertEqual(eraser.message_count, 3)
        action = eraser.action_erase()
        self.env.flush_all()
        proof = self.env["member.mail.erasure"].browse(action["res_id"])
        self.assertFalse((messages | former).exists())
        self.assertEqual(wizard.member_mail_count, 0)
        details = f"Erased emails: 3. Proof of erasure: #{proof.id}"
        self.assertEqual(wizard.log_id.execution_details, details)
        self.assertEqual(wizard.execution_details, details)

    def test_what_is_kept_for_others_stays_listed(self):
        both = self.make_message(
            account=self.desk, partner=self.member | self.other, direction="out",
            people=[
                ("from", "", self.desk.email, self.member.browse()),
                ("to", "", "ada@member.example", self.member),
                ("to", "", "bea@other.example", self.other),
            ],
        )  # fmt: skip
        wizard = self.lookup()
        context = wizard.action_erase_member_mail()["context"]
        eraser = self.env["member.mail.erasure.wizard"].with_user(self.system)
        eraser.with_context(**context).create({"keep_shared": "keep"}).action_erase()
        self.assertEqual(both.exists().partner_ids, self.other)
        self.assertIn("Erased emails: 0", wizard.execution_details)
        _lines, found = self.emails(self.lookup())
        self.assertFalse(found, "nor is it found again")

    def test_who_may_not(self):
        wizard = self.lookup()
        with self.assertRaises(AccessError):
            wizard.with_user(self.user).action_erase_member_mail()
        with self.assertRaises(AccessError):
            self.env["member.mail.erasure.wizard"].with_user(self.user).create(
                {"partner_ids": [Command.set(self.member.ids)]}
            )


@tagged("post_install", "-at_install")
class TestAccess(MatrixCase):
    """The lookup obeys the rules of who sees what."""

    def test_nothing_of_hidden_mail_is_told(self):
        lookups = self.env["privacy.lookup.wizard"].with_user(self.users["system"])
        wizard = lookups.create({"name": self.member.name, "email": self.member.email})
        wizard.action_lookup()
        lines = wizard.line_ids.filtered(lambda line: line.res_model == "member.mail.message")
        self.assertEqual(len(lines), len(self.records["member.mail.message"]), "all are counted")
        self.env.invalidate_all()
        text = repr([lines.read(), wizard.read(), wizard.log_id.read()])
        for mark in self.hidden_marks("system", SEES):
            self.assertNotIn(mark, text)
        for line in lines:
            message = self.env["member.mail.message"].browse(line.res_id)
            may = bool(message.with_user(self.users["system"])._filtered_access("read"))
            self.assertLessEqual(bool(line.resource_ref), may)

    def test_the_outcome_is_not_written_into_others_lookups(self):
        wizard = self.env["privacy.lookup.wizard"].with_user(self.users["system"]).create(
            {"name": self.member.name, "email": self.member.email}
        )  # fmt: skip
        for user in ("manager", "own"):
            with self.subTest(user=user), self.assertRaises(AccessError):
                eraser = self.env["member.mail.erasure.wizard"].with_user(self.users[user])
                eraser.create(
                    {
                        "partner_ids": [Command.set(self.member.ids)],
                        "addresses": "ada@member.example",
                        "privacy_lookup_id": wizard.id,
                    }
                ).action_erase()
        self.assertTrue(self.records["member.mail.message"]["shared"].exists())


@tagged("post_install", "-at_install")
class TestPrivacyLookupTour(HttpCase, LookupCase):
    def test_people_find_it(self):
        message = self.make_message(account=self.desk)
        self.start_tour(
            f"/odoo/contacts/{self.member.id}", "member_mail_privacy_lookup_tour",
            login="lookup_system",
        )  # fmt: skip
        self.assertFalse(message.exists())
        self.assertTrue(self.env["member.mail.erasure"].search([]))
        details = self.env["privacy.log"].search([], limit=1).execution_details
        self.assertIn("Erased emails: 1", details)
