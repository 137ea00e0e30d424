from dataclasses import replace

from odoo.tests import new_test_user, tagged

from ...mailbox.types import BounceReport, ReportedRecipient, Summary
from ..filing_case import FilingCase


@tagged("post_install", "-at_install")
class TestAnswers(FilingCase):
    """Answers to our own messages, from whatever address."""

    def answer(self, to, sender="otto@new.example", **email):
        item = self.parsed(sender, **email)
        answers = {"answers": (to.rfc_message_id,), "in_reply_to": (to.rfc_message_id,)}
        return item.__class__(item.summary, item.raw, replace(item.message, **answers))

    def test_it_is_filed_where_ours_is(self):
        ours = self.send("ada@member.example")
        message = self.file(self.answer(ours))
        self.assertEqual((message.direction, message.partner_ids), ("in", self.member))
        self.assertFalse(message.author_id)
        self.assertEqual(message.conversation_id, ours.conversation_id)

    def test_to_the_message_id_that_the_provider_gave_ours(self):
        ours = self.send("ada@member.example")
        ours.sent_account_id = self.account
        copy = Summary(
            7, 100, None, "<n7@mail.provider.example>", "digest", original_id=ours.rfc_message_id
        )
        download, places = self.env["member.mail.filer"]._recognise(self.sent, [copy])
        self.assertEqual((download, places), (set(), [(ours.id, copy)]))
        item = self.parsed("otto@new.example")
        answers = {"answers": (copy.message_id,), "in_reply_to": (copy.message_id,)}
        message = self.file(
            item.__class__(item.summary, item.raw, replace(item.message, **answers))
        )
        self.assertEqual(message.partner_ids, self.member)
        self.assertEqual(message.conversation_id, ours.conversation_id)

    #: What a relay gave our email; nobody told us.
    RELAYED = "<0102018f2a3b-4c5d@eu-west-1.amazonses.example>"

    def relayed(self, **answer):
        """An email of ours that Ada has answered, by the ID that a relay gave it."""
        ours = self.send("ada@member.example", subject="Hall")
        email = {"subject": "Re: Hall", "In_Reply_To": self.RELAYED, **answer}
        theirs = self.receive("ada@member.example", **email)
        self.assertEqual(theirs.partner_ids, self.member)
        return ours

    def answer_to_relayed(self, **email):
        email = {"subject": "Something else", "In_Reply_To": self.RELAYED, **email}
        return self.receive("otto@new.example", **email)

    def test_to_the_message_id_that_an_answer_shows(self):
        ours = self.relayed()
        message = self.answer_to_relayed()
        self.assertEqual(message.partner_ids, self.member)
        self.assertEqual(message.conversation_id, ours.conversation_id)
        # Another one, which names both, is the same conversation.
        again = self.answer_to_relayed(References=f"{self.RELAYED} {message.rfc_message_id}")
        self.assertEqual(again.conversation_id, ours.conversation_id)

    def test_whatever_was_filed_first(self):
        theirs = self.receive("ada@member.example", subject="Re: Hall", In_Reply_To=self.RELAYED)
        self.assertFalse(self.answer_to_relayed())
        self.send("ada@member.example", subject="Hall")
        self.assertEqual(self.answer_to_relayed().conversation_id, theirs.conversation_id)

    def test_what_an_answer_does_not_show(self):
        for name, answer in {
            "to others, too": {"cc": "joe@else.example"},
            "another subject": {"subject": "Re: Boat"},
            "no answer": {"subject": "Hall"},
            "several": {"In_Reply_To": f"{self.RELAYED} <b@else.example>"},
            "mentioned only": {
                "In_Reply_To": "<b@else.example>", "References": f"{self.RELAYED} <b@else.example>"
            },
            "automatic": {"Auto_Submitted": "auto-replied"},
        }.items():  # fmt: skip
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.relayed(**answer)
                self.assertFalse(self.answer_to_relayed())
                savepoint.rollback()
                self.env.invalidate_all()

    def test_an_id_that_is_older_than_ours(self):
        """Ours answers it: it is somebody else's."""
        self.send("ada@member.example", subject="Re: Hall", In_Reply_To=self.RELAYED)
        self.receive("ada@member.example", subject="Re: Hall", In_Reply_To=self.RELAYED)
        self.assertFalse(self.answer_to_relayed())

    def test_the_id_of_an_email_that_is_filed(self):
        theirs = self.receive("ada@member.example", subject="Hall")
        self.send("ada@member.example", subject="Hall")
        self.receive("ada@member.example", subject="Re: Hall", In_Reply_To=theirs.rfc_message_id)
        self.assertFalse(self.answer_to_relayed(In_Reply_To=theirs.rfc_message_id))

    def test_to_the_message_id_that_a_bounce_shows(self):
        ours = self.send("ada@member.example", subject="Hall")
        item = self.parsed("mailer-daemon@relay.example", subject="Undelivered")
        report = BounceReport(
            (self.RELAYED, ours.rfc_message_id),
            (ReportedRecipient(("ada@member.example",), "failed", "5.1.1", "Unknown"),),
        )
        message = replace(item.message, report=report, is_automatic=True)
        self.assertEqual(
            self.file(item.__class__(item.summary, item.raw, message)).report_of_id, ours
        )
        self.assertEqual(ours.sudo().provider_message_id, self.RELAYED)
        self.assertEqual(self.answer_to_relayed().conversation_id, ours.conversation_id)

    def test_an_id_that_a_bounce_makes_up(self):
        theirs = self.receive("ada@member.example")
        ours = self.send("ada@member.example", subject="Hall")
        item = self.parsed("mailer-daemon@relay.example", subject="Undelivered")
        report = BounceReport((theirs.rfc_message_id, ours.rfc_message_id), ())
        self.file(item.__class__(item.summary, item.raw, replace(item.message, report=report)))
        self.assertFalse(ours.sudo().provider_message_id)

    def test_an_answer_of_a_contact_to_an_id_that_is_known_elsewhere(self):
        """The subject has changed: the ID alone tells that it belongs there."""
        ours = self.send("ada@member.example", subject="Hall")
        self.env["member.mail.message"]._note_given_ids({ours.id: self.RELAYED})
        theirs = self.receive("ada@member.example", subject="Boat", In_Reply_To=self.RELAYED)
        self.assertEqual(theirs.conversation_id, ours.conversation_id)

    def test_not_to_a_received_message(self):
        theirs = self.receive("ada@member.example")
        self.assertFalse(self.file(self.answer(theirs)))

    def test_not_of_whoever_is_excluded(self):
        ours = self.send("ada@member.example")
        self.env["member.mail.exclusion"].create({"pattern": "new.example"})
        self.assertFalse(self.file(self.answer(ours)))

    def test_not_of_a_colleague(self):
        new_test_user(self.env, "col", email="col@club.example")
        ours = self.send("ada@member.example")
        self.assertFalse(self.file(self.answer(ours, sender="col@club.example")))

    def test_not_in_another_company(self):
        ours = self.send("ada@member.example")
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        account = self.make_account(company_id=elsewhere.id)
        folder = self.env["member.mail.folder"].create(
            {"account_id": account.id, "path": "INBOX", "role": "inbox", "uidvalidity": 1}
        )
        self.assertFalse(self.file(self.answer(ours), folder=folder))

    def test_a_known_sender_is_enough(self):
        ben = self.contact("Ben", "ben@member.example")
        ours = self.send("ada@member.example")
        message = self.file(self.answer(ours, sender="ben@member.example"))
        self.assertEqual(message.partner_ids, ben)
