"""One email each to many offers to unsubscribe, and who does gets no more of them."""

import base64
from email import message_from_bytes, policy
from urllib.parse import parse_qs, unquote, urlsplit

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..filing_case import FilingCase


@tagged("post_install", "-at_install")
class TestUnsubscribe(FilingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.contact("Ada", "ada@member.example")
        cls.bo = cls.contact("Bo", "bo@else.example")
        cls.member.unlink()

    def open(self, records):
        Draft = self.env["member.mail.draft"].with_user(self.user)
        return Draft.browse(Draft.open_draft(records._name, records.ids)["res_id"])

    def emails_of(self, draft):
        """The emails that a draft becomes, by recipient, parsed as another program would."""
        messages = self.env["member.mail.message"].browse(
            draft.action_send()["params"]["message_ids"]
        )
        emails = [
            message_from_bytes(base64.b64decode(mail.member_mail_source), policy=policy.default)
            for mail in messages.sudo().mail_ids
        ]
        return {email["To"].addresses[0].addr_spec: email for email in emails}

    def subject_for(self, contact):
        """The subject of the email that unsubscribes a contact."""
        return self.subject_of(self.emails_of(self.open(self.ada | self.bo))[contact.email])

    def subject_of(self, email):
        """The subject of the email by which the recipient of ``email`` unsubscribes."""
        link = urlsplit(email["List-Unsubscribe"].strip("<> "))
        return parse_qs(link.query)["subject"][0]

    def blacklist(self):
        return self.env["mail.blacklist"].search([]).mapped("email")

    def test_offered_to_each(self):
        for address, email in self.emails_of(self.open(self.ada | self.bo)).items():
            link = urlsplit(email["List-Unsubscribe"].strip("<> "))
            self.assertEqual((link.scheme, link.path), ("mailto", "office@club.example"))
            self.assertIn(address, unquote(link.query))
            self.assertIsNone(email["List-Unsubscribe-Post"])

    def test_not_in_other_emails(self):
        draft = self.open(self.ada)
        [email] = self.emails_of(draft).values()
        self.assertIsNone(email["List-Unsubscribe"])

    def test_who_asks_gets_no_more(self):
        [message] = self.receive("Ada <ada@member.example>", subject=self.subject_for(self.ada))
        self.assertEqual(message.partner_ids, self.ada)
        self.assertEqual(self.blacklist(), ["ada@member.example"])
        draft = self.open(self.ada | self.bo)
        self.assertEqual(
            (draft.recipient_count, draft.skipped_count, draft.unsubscribed_count), (1, 0, 1)
        )
        self.assertEqual(list(self.emails_of(draft)), ["bo@else.example"])
        # A person may still write to her.
        self.assertEqual(list(self.emails_of(self.open(self.ada))), ["ada@member.example"])

    def test_mail_programs_change_little(self):
        subject = self.subject_for(self.ada)
        self.receive("bo@else.example", subject=f"Fwd: {subject.replace('Un', 'un')} [2]")
        self.assertEqual(self.blacklist(), ["ada@member.example"])

    def test_nobody_unsubscribes_others(self):
        subject = self.subject_for(self.ada)
        for forged in (
            subject.replace("ada@member.example", "bo@else.example"),
            subject[:-1],
            f"{subject}0",
            "Unsubscribe",
            f"Unsubscribe ada@member.example {'0' * 32}",
        ):
            self.receive("Ada <ada@member.example>", subject=forged)
        self.assertFalse(self.blacklist())

    def test_what_we_send_unsubscribes_nobody(self):
        self.send("ada@member.example", subject=self.subject_for(self.ada))
        self.assertFalse(self.blacklist())

    def test_again(self):
        subject = self.subject_for(self.ada)
        self.receive("ada@member.example", subject=subject)
        self.env["mail.blacklist"]._remove("ada@member.example")
        self.assertFalse(self.blacklist())
        self.receive("ada@member.example", subject=subject)
        self.assertEqual(self.blacklist(), ["ada@member.example"])

    def test_nobody_left(self):
        self.env["mail.blacklist"]._add("ada@member.example")
        self.env["mail.blacklist"]._add("BO@Else.example")
        draft = self.open(self.ada | self.bo)
        with self.assertRaisesRegex(UserError, "unsubscribed"):
            draft.action_send()

    def test_leads(self):
        leads = self.lead("lea@new.example", user_id=self.user.id) | self.lead(
            "leo@new.example", user_id=self.user.id
        )
        self.env["mail.blacklist"]._add("leo@new.example")
        self.assertEqual(list(self.emails_of(self.open(leads))), ["lea@new.example"])

    def test_many_cost_few_queries(self):
        def queries(number):
            partners = self.env["res.partner"].create(
                [{"name": f"P{i}", "email": f"p{number}-{i}@else.example"} for i in range(number)]
            )
            sent = self.emails_of(self.open(partners))
            emails = [self.parsed(to, subject=self.subject_of(email)) for to, email in sent.items()]
            self.forget()
            before = self.env.cr.sql_log_count
            self.file(*emails)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertLessEqual(queries(20), queries(3) + 3)
