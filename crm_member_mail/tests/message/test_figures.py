from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from ..common import MemberMailCase
from ..filing_case import FilingCase


class ReportCase(MemberMailCase):
    """Conversations of one customer with three mailboxes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = fields.Datetime.now() - timedelta(days=9)
        cls.owner = new_test_user(cls.env, "report_owner", "crm_member_mail.group_user")
        owned = {"user_id": cls.owner.id}
        cls.shared = cls.make_account(visibility="shared", **owned)
        cls.private = cls.make_account(visibility="private", **owned)
        cls.team = cls.make_account(
            visibility="team", team_id=cls.env["crm.team"].create({"name": "T"}).id, **owned
        )

    def mail(self, hours, direction, accounts=None, like=None, **values):
        """A message in the conversation of ``like``, the given hours after the start."""
        if like:
            values["conversation_id"] = like.conversation_id.id
        date = self.start + timedelta(hours=hours)
        return self.make_message(
            None, accounts or self.shared, date=date, direction=direction, **values
        )


@tagged("post_install", "-at_install")
class TestFigures(ReportCase):
    """Hours to the first reply, and unanswered messages."""

    def check(self, message, hours, unanswered=False):
        self.assertAlmostEqual(message.first_reply_hours, hours)
        self.assertEqual(message.is_unanswered, unanswered)
        self.env.cr.execute(
            "SELECT first_reply_hours IS NULL FROM member_mail_message WHERE id = %s", [message.id]
        )
        self.assertEqual(self.env.cr.fetchone()[0], not hours, "an average leaves it out")

    def test_first_reply(self):
        question = self.mail(0, "in")
        self.check(question, 0, True)
        late = self.mail(5, "out", like=question)
        self.check(question, 5)
        self.mail(2, "out", like=question)
        self.check(question, 2)
        self.check(late, 0)
        thanks = self.mail(6, "in", like=question)
        self.check(question, 2)
        self.check(thanks, 0, True)
        earlier = self.mail(-3, "in", like=question)
        self.check(question, 0)
        self.check(earlier, 5)

    def test_what_is_automatic_neither_asks_nor_answers(self):
        notice = self.mail(0, "in", is_automatic=True)
        self.check(notice, 0)
        question = self.mail(1, "in", like=notice)
        self.mail(2, "out", like=notice, is_automatic=True)
        self.check(question, 0, True)
        self.mail(4, "out", like=notice)
        self.check(notice, 0)
        self.check(question, 3)

    def test_what_was_sent_before_is_no_reply(self):
        offer = self.mail(0, "out")
        question = self.mail(1, "in", like=offer)
        self.check(question, 0, True)

    def test_deleting(self):
        question = self.mail(0, "in")
        reply = self.mail(1, "out", like=question)
        self.mail(3, "out", like=question)
        reply.unlink()
        self.check(question, 3)
        again = self.mail(4, "in", like=question)
        self.check(again, 0, True)
        question.unlink()
        self.check(again, 0, True)

    def test_no_reply_is_told_of_that_one_may_not_see(self):
        question = self.mail(0, "in")
        secret = self.mail(1, "out", self.private, like=question)
        self.check(question, 0, True)
        self.private.visibility = "shared"
        self.check(question, 1)
        self.private.visibility = "private"
        self.check(question, 0, True)
        secret.account_ids = [Command.link(self.shared.id)]
        secret._update_figures()
        self.check(question, 1)

    def test_a_reply_in_one_of_the_mailboxes_of_a_question(self):
        question = self.mail(0, "in", self.private)
        self.mail(1, "out", self.private, like=question)
        self.check(question, 1)
        both = self.mail(0, "in", self.private + self.team)
        self.mail(1, "out", self.private, like=both)
        self.check(both, 0, True)
        self.mail(2, "out", self.private + self.team, like=both)
        self.check(both, 2)

    def test_each_mailbox_has_its_own_last_message(self):
        """A later email that only some users see doesn't unmark the email that others see."""
        first = self.mail(0, "in")
        last = self.mail(1, "in", like=first)
        secret = self.mail(2, "in", self.private, like=first)
        self.check(first, 0)
        self.check(last, 0, True)
        self.check(secret, 0, True)

    def test_senders_domain(self):
        message = self.mail(0, "in", email_from='"Ada @home" <ada@member.example>')
        self.assertEqual(message.sender_domain, "member.example")
        self.assertFalse(self.mail(0, "in", email_from="nobody").sender_domain)

    def test_counts_of_mailboxes(self):
        """Groups and their counts reveal nothing about mailboxes that a user may not see."""
        message = self.mail(0, "in", self.shared + self.private)
        for user, accounts in (
            (self.user, self.shared),
            (self.manager, self.shared),
            (self.owner, self.shared + self.private),
        ):
            Message = message.with_user(user)
            domain = [("id", "in", message.ids)]
            groups = Message._read_group(domain, ["account_ids"], ["__count"])
            self.assertEqual({(a.id, n) for a, n in groups}, {(a.id, 1) for a in accounts})
            rows = Message.formatted_read_group(domain, ["account_ids", "date:week"], ["__count"])
            self.assertEqual({row["account_ids"][0] for row in rows}, set(accounts.ids))

    def test_averages(self):
        domain = [("account_ids", "in", self.shared.ids)]
        for hours in (1, 3):
            self.mail(hours, "out", like=self.mail(0, "in"))
        [[direction, average, count]] = (
            self.env["member.mail.message"]
            .with_user(self.user)
            ._read_group(
                [*domain, ("direction", "=", "in")],
                ["direction"],
                ["first_reply_hours:avg", "__count"],
            )
        )
        self.assertEqual((direction, average, count), ("in", 2, 2))


@tagged("post_install", "-at_install")
class TestFiguresOfFiling(FilingCase):
    """The same when emails are filed."""

    def filed(self, subject, reference="", *, folder=None, hour=10, **people):
        email = self.parsed(subject=subject, **people)
        message = email.message
        changes = {"date": message.date.replace(hour=hour)}
        if reference:
            changes["references"] = (reference,)
        parsed = type(message)(**{**vars_of(message), **changes})
        [filed] = self.file(type(email)(**{**vars_of(email), "message": parsed}), folder=folder)
        return filed

    def test_in_any_order(self):
        self.contact("Eva", "eva@club.test")
        office = "office@club.example"
        reply = self.filed(
            "Re", "<q@x>", folder=self.sent, hour=15, sender=office, to="eva@club.test"
        )
        question = self.filed("Question", "<q@x>", hour=11, sender="eva@club.test")
        self.assertEqual(question.conversation_id, reply.conversation_id)
        self.assertEqual(question.first_reply_hours, 4)
        self.assertFalse(question.is_unanswered)

    def test_conversations_that_merge(self):
        self.contact("Eva", "eva@club.test")
        question = self.filed("Question", "<a@x>", hour=9, sender="eva@club.test")
        reply = self.filed(
            "Re", "<b@x>", folder=self.sent, hour=12, sender="office@club.example",
            to="eva@club.test",
        )  # fmt: skip
        self.assertTrue(question.is_unanswered)
        email = self.parsed("eva@club.test", subject="Both")
        message = type(email.message)(
            **{**vars_of(email.message), "references": ("<a@x>", "<b@x>"),
               "date": email.message.date.replace(hour=10)}
        )  # fmt: skip
        self.file(type(email)(**{**vars_of(email), "message": message}))
        self.assertEqual(question.conversation_id, reply.conversation_id)
        self.assertEqual(question.first_reply_hours, 3)
        self.assertFalse(question.is_unanswered)


def vars_of(data):
    """The fields of a dataclass as a dict, not copied."""
    return {name: getattr(data, name) for name in data.__dataclass_fields__}


@tagged("post_install", "-at_install")
class TestReportTours(HttpCase, ReportCase):
    def test_contacts(self):
        """The contacts' list, sorted and filtered by the last email, and their cards."""
        other = self.env["res.partner"].create({"name": "Never Mailed Tour"})
        self.member.name = "Ada Mailed Tour"
        self.mail(0, "in")
        self.start_tour("/odoo/contacts", "member_mail_last_dates_tour", login=self.user.login)
        self.assertFalse(other.with_user(self.user).member_mail_last_date)

    def test_contacts_without_the_group(self):
        user = new_test_user(
            self.env, "report_outsider", "base.group_user,base.group_partner_manager"
        )
        self.assertFalse(user.has_group("crm_member_mail.group_user"))
        self.start_tour("/odoo/contacts", "member_mail_outsider_tour", login=user.login)

    def test_messages(self):
        """Charts, pivot table and calendar of messages."""
        self.start = fields.Datetime.now()
        question = self.mail(-1, "in", subject="Today's question")
        self.mail(-0.5, "out", like=question)
        self.start_tour("/odoo", "member_mail_reports_tour", login=self.user.login)
