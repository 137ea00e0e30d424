"""What is automatic neither waits, nor answers, nor is announced; read receipts; bounces without a
Message-ID."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from itertools import count

from odoo import fields
from odoo.tests import new_test_user, tagged

from ...mailbox.desk import Filed
from ...mailbox.mime.message import parse
from ...mailbox.types import RawMessage, Summary
from ..filing_case import FilingCase

_uids = count(100_000)


class AutomaticCase(FilingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.contact("Ada", "ada@member.example")
        cls.bo = cls.contact("Bo", "bo@member.example")
        cls.account.sudo().first_scan = fields.Datetime.now() - timedelta(days=60)

    @classmethod
    def raw(cls, head, body="Text", hours=0):
        """An email of these lines of header that arrived ``hours`` from now, as the reader hands it
        over."""
        uid = next(_uids)
        moment = datetime.now(timezone.utc) + timedelta(hours=hours)
        head += f"\nMIME-Version: 1.0\nMessage-ID: <{uid}@t.example>"
        if "\nDate:" not in head:
            head += f"\nDate: {format_datetime(moment)}"
        message = parse(f"{head}\n\n{body}".encode(), uid_date=moment)
        summary = Summary(uid, message.size, moment, message.message_id, message.header_digest)
        return Filed(summary, RawMessage(uid, b""), message)

    @classmethod
    def arrive(cls, *emails, folder=None):
        """File what `raw` returned as what has just arrived; returns the new messages."""
        Message = cls.env["member.mail.message"]
        last = Message.search([], order="id desc", limit=1).id or 0
        folder = folder or cls.inbox
        rules = folder.account_id._match_rules()
        failures = cls.env["member.mail.filer"]._file(folder, emails, (), rules, is_new=True)
        assert not failures, failures
        return Message.search([("id", ">", last)], order="id")

    @classmethod
    def out(cls, to="ada@member.example", subject="Kitchen", hours=-2, **header):
        lines = "".join(f"\n{name}: {value}" for name, value in header.items())
        return cls.arrive(
            cls.raw(f"From: office@club.example\nTo: {to}\nSubject: {subject}{lines}", hours=hours),
            folder=cls.sent,
        )

    @classmethod
    def receipt(cls, about, by="bo@member.example", disposition="displayed", hours=0, sender=None):
        return cls.raw(
            f"From: {sender or by}\nTo: office@club.example\nSubject: Read: Kitchen\n"
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
            "--b\n\nOpened.\n--b\nContent-Type: message/disposition-notification\n\n"
            f"Final-Recipient: rfc822;{by}\nOriginal-Message-ID: {about.rfc_message_id}\n"
            f"Disposition: manual-action/MDN-sent-manually; {disposition}\n--b--",
            hours=hours,
        )


@tagged("post_install", "-at_install")
class TestAutomatic(AutomaticCase):
    """Absences that only their subject tells."""

    def absence(self, hours=0, subject="Automatische Antwort: Kitchen", about=None):
        lines = f"\nIn-Reply-To: {about.rfc_message_id}" if about else ""
        return self.arrive(
            self.raw(
                f"From: ada@member.example\nTo: office@club.example\nSubject: {subject}{lines}",
                hours=hours,
            )
        )

    def test_it_is_no_answer_and_no_question(self):
        question = self.arrive(
            self.raw(
                "From: ada@member.example\nTo: office@club.example\nSubject: Kitchen", hours=-5
            )
        )
        absence = self.absence(hours=-4, about=question)
        self.assertTrue(absence.is_automatic)
        self.assertEqual(absence.conversation_id, question.conversation_id)
        self.assertEqual((question.is_unanswered, absence.is_unanswered), (True, False))
        ours = self.arrive(
            self.raw(
                "From: office@club.example\nTo: ada@member.example\nSubject: Automatic reply: Kitchen"
                f"\nIn-Reply-To: {question.rfc_message_id}",
                hours=-3,
            ),
            folder=self.sent,
        )
        self.assertTrue(ours.is_automatic)
        self.assertTrue(question.is_unanswered, "our own absence notice answers nothing")
        self.assertFalse(question.first_reply_hours)
        self.assertTrue(self.ada.member_mail_awaits_answer, "and ends no waiting")
        self.out(hours=-1, **{"In-Reply-To": question.rfc_message_id})
        self.assertFalse(question.is_unanswered)
        self.assertAlmostEqual(question.first_reply_hours, 4, 1)

    def test_nobody_waits_because_of_it(self):
        sent = self.out()
        self.absence(about=sent)
        self.assertFalse(self.ada.member_mail_awaits_answer)
        self.assertEqual(self.ada.member_mail_last_date, sent.date)
        self.assertFalse(self.ada.member_mail_last_in_date)

    def test_it_is_not_announced(self):
        self.account.sudo().notify = True
        self.absence()
        self.assertFalse(self.env["member.mail.notice"].search([]))
        letter = self.absence(subject="Re: Automatische Antwort: Kitchen")
        self.assertEqual(self.env["member.mail.notice"].search([]).message_id, letter)


@tagged("post_install", "-at_install")
class TestReadReceipts(AutomaticCase):
    def read_on(self, message, user=None):
        """Who read a message, as a user sees it."""
        people = message.with_user(user or self.user).participant_ids
        people.invalidate_recordset(["read_on"])
        return {person.email: person.read_on for person in people if person.read_on}

    def test_the_message_says_so(self):
        sent = self.out("ada@member.example, bo@member.example")
        [receipt] = self.arrive(self.receipt(sent))
        self.assertEqual(self.read_on(sent), {"bo@member.example": receipt.date})
        self.assertEqual(receipt.conversation_id, sent.conversation_id)
        self.assertEqual((receipt.is_automatic, receipt.is_news), (True, False))
        self.assertEqual(sent.state, "sent")
        self.assertFalse(self.bo.member_mail_awaits_answer or receipt.is_unanswered)
        self.assertFalse(self.env["member.mail.notice"].search([]))
        [shown] = self.env["member.mail.tab"].with_user(self.user).get_messages(sent.ids)
        self.assertEqual(
            {person["email"]: bool(person["read_on"]) for person in shown["participants"]},
            {"office@club.example": False, "ada@member.example": False, "bo@member.example": True},
        )

    def test_the_first_time_counts(self):
        sent = self.out("bo@member.example")
        [first] = self.arrive(self.receipt(sent, hours=-1))
        self.arrive(self.receipt(sent))
        self.assertEqual(self.read_on(sent), {"bo@member.example": first.date})

    def test_deleted_unread_is_not_read(self):
        sent = self.out("bo@member.example")
        [receipt] = self.arrive(self.receipt(sent, disposition="deleted"))
        self.assertTrue(receipt.is_automatic)
        self.assertFalse(self.read_on(sent))

    def test_of_nothing_of_ours(self):
        letter = self.arrive(
            self.raw("From: ada@member.example\nTo: office@club.example\nSubject: A")
        )
        [receipt] = self.arrive(self.receipt(letter))
        self.assertEqual(receipt.partner_ids, self.bo)
        self.assertFalse(receipt.is_news or receipt.sudo().report_of_id)

    def test_at_another_address(self):
        """Who else got the message is not taken for its reader."""
        sent = self.out("ada@member.example")
        self.arrive(self.receipt(sent, by="ada@home.example", sender="bo@member.example"))
        self.assertEqual(list(self.read_on(sent)), ["ada@member.example"])
        both = self.out("ada@member.example, bo@member.example")
        self.arrive(self.receipt(both, by="eve@else.example", sender="postmaster@else.example"))
        self.assertFalse(self.read_on(both))

    def test_only_who_sees_the_receipt_is_told(self):
        owner = new_test_user(self.env, "receipt_owner", "crm_member_mail.group_user")
        private = self.make_account(
            email="own@club.example", visibility="private", user_id=owner.id
        )
        folder = self.env["member.mail.folder"].sudo().create(
            {"account_id": private.id, "path": "INBOX", "role": "inbox", "uidvalidity": 1}
        )  # fmt: skip
        sent = self.out("bo@member.example")
        self.arrive(self.receipt(sent), folder=folder)
        self.assertFalse(self.read_on(sent))
        self.assertTrue(self.read_on(sent, owner))

    def test_who_is_erased_has_read_nothing(self):
        sent = self.out("ada@member.example, bo@member.example")
        [receipt] = self.arrive(self.receipt(sent))
        receipt = receipt.sudo()
        self.assertEqual(receipt.read_by, "bo@member.example")
        person = self.env["member.mail.eraser"]._person(self.bo, [], self.env.company)
        receipt._redact(person)
        self.assertFalse(receipt.read_by)

    def test_many_cost_as_few_queries(self):
        sent = self.env["member.mail.message"]
        for number in range(6):
            message = self.out("bo@member.example", f"Offer {number}")
            self.arrive(self.receipt(message))
            sent |= message

        def queries(messages):
            self.forget()
            before = self.env.cr.sql_log_count
            read_on = messages.participant_ids.mapped("read_on")
            self.assertEqual(len(list(filter(None, read_on))), len(messages))
            return self.env.cr.sql_log_count - before

        queries(sent)
        self.assertEqual(queries(sent), queries(sent[:1]))


@tagged("post_install", "-at_install")
class TestTiedBounces(AutomaticCase):
    """Bounces that name no Message-ID."""

    def dsn(
        self,
        subject="Kitchen",
        to="ada@member.example",
        hours=0,
        returned="",
        action="failed",
        **lines,
    ):
        header = f"Subject: {subject}\n" if subject else ""
        status = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in lines.items())
        return self.raw(
            "From: Mail Delivery System <MAILER-DAEMON@mx.else.example>\nTo: office@club.example\n"
            "Subject: Returned\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
            "--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n"
            f"Reporting-MTA: dns; mx.else.example\n{status}\n"
            f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: 5.1.1\n\n"
            f"--b\nContent-Type: text/rfc822-headers\n\nFrom: office@club.example\n{header}{returned}\n"
            "--b--",
            hours=hours,
        )

    def words(self, subject, said):
        return self.raw(
            f"From: MAILER-DAEMON@mx.else.example\nTo: office@club.example\nSubject: {subject}\n"
            "Content-Type: text/plain; charset=utf-8",
            said,
        )

    def test_by_recipient_subject_and_time(self):
        others = self.out("bo@member.example") | self.out(subject="Garden")
        sent = self.out(subject="Kitchen ", hours=-70)
        [bounce] = self.arrive(self.dsn("KITCHEN"))
        self.assertEqual(bounce.sudo().report_of_id, sent)
        self.assertEqual(bounce.conversation_id, sent.conversation_id)
        self.assertEqual(sent.state, "failed")
        self.assertEqual(set(others.mapped("state")), {"sent"})

    def test_in_words_of_any_language(self):
        for subject, said in (
            ("Undeliverable: Kitchen", "ada@member.example\n550 5.1.1 ?"),
            ("???", "ada@member.example\n550 5.1.1 ?\n主题：Kitchen"),
            ("???", "ada@member.example 550 ?\n---- copy ----\nSubject: Kitchen"),
        ):
            sent = self.out()
            self.arrive(self.words(subject, said))
            self.assertEqual(sent.state, "failed", said)
            sent.unlink()

    def test_what_fits_nothing_stays_out(self):
        sent = self.out()
        for email in (
            self.dsn("Garden"),
            self.dsn(to="bo@member.example"),
            self.dsn(hours=24 * 8),
            self.dsn(hours=-24),
            self.dsn(returned="Message-ID: <another@else.example>\n"),
            self.dsn(returned="Date: Mon, 5 Jan 2026 10:00:00 +0000\n"),
            self.dsn(subject=""),
            self.words("Undeliverable: Garden", "ada@member.example 550 5.1.1 ?"),
            self.words("Hello", "ada@member.example asks about the Kitchen"),
        ):
            self.assertFalse(self.arrive(email))
        self.assertEqual(sent.state, "sent")

    def test_two_conversations_are_none(self):
        first, second = self.out(hours=-30), self.out(hours=-3)
        self.assertNotEqual(first.conversation_id, second.conversation_id)
        self.assertFalse(self.arrive(self.dsn()))
        date = format_datetime(first.date.replace(tzinfo=timezone.utc))
        self.arrive(self.dsn(returned=f"Date: {date}\n"))
        self.assertEqual((first.state, second.state), ("failed", "sent"))

    def test_of_one_conversation_it_is_the_newest(self):
        first = self.out(hours=-30)
        second = self.out(hours=-3, References=first.rfc_message_id)
        self.assertEqual(first.conversation_id, second.conversation_id)
        self.arrive(self.dsn())
        self.assertEqual((first.state, second.state), ("sent", "failed"))

    def test_under_another_message_id_of_a_relay(self):
        sent = self.out()
        date = format_datetime(sent.date.replace(tzinfo=timezone.utc))
        self.arrive(self.dsn(returned=f"Message-ID: <0100@relay.example>\nDate: {date}\n"))
        self.assertEqual(sent.state, "failed")

    def test_without_a_subject_the_moment_tells(self):
        sent = self.out(hours=-2)
        other = self.out(subject="Garden", hours=-50)
        moment = format_datetime(sent.date.replace(tzinfo=timezone.utc) + timedelta(minutes=1))
        self.arrive(self.dsn(subject="", Arrival_Date=moment))
        self.assertEqual((sent.state, other.state), ("failed", "sent"))

    def test_what_was_forwarded_to_another_address(self):
        sent = self.out()
        self.arrive(self.dsn(to="ada@home.example", returned="To: Ada <ada@member.example>\n"))
        self.assertEqual(sent.state, "failed")

    def test_what_has_arrived_or_waits_is_no_failure(self):
        sent = self.out()
        original = f"Message-ID: {sent.rfc_message_id}"
        for action in ("delivered", "relayed", "delayed"):
            [news] = self.arrive(self.dsn(returned=original, action=action))
            self.assertEqual(news.sudo().report_of_id, sent)
            self.assertEqual(sent.state, "sent", action)
            [news] = self.arrive(self.dsn(action=action))
            self.assertEqual(news.sudo().report_of_id, sent)
            self.assertEqual(sent.state, "sent", action)

    def test_many_cost_as_few_queries(self):
        def queries(number):
            emails = []
            for index in range(number):
                self.contact(f"P{index}", f"p{index}-{number}@member.example")
                self.out(f"p{index}-{number}@member.example", f"Offer {index} {number}")
                emails.append(
                    self.dsn(f"Offer {index} {number}", f"p{index}-{number}@member.example")
                )
            self.forget()
            before = self.env.cr.sql_log_count
            found = self.env["member.mail.filer"]._reported(self.inbox, emails)
            self.assertEqual(len(found), number)
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertLessEqual(queries(12), queries(3))
