"""What goes to many keeps to the provider's limits; answers don't wait behind it."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestPace(DraftCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.many = cls.env["res.partner"].create(
            [{"name": f"P{i}", "email": f"p{i}@else.example"} for i in range(30)]
        )
        cls.provider = cls.env["member.mail.provider"].create(
            {"name": "Slow", "code": "slow", "minute_limit": 10}
        )
        cls.account.provider_id = cls.provider

    def waiting(self, messages):
        """The rows of the queue of emails whose time has come."""
        mails = messages.sudo().mail_ids
        mails.scheduled_date = messages.sudo().scheduled_date = fields.Datetime.now()
        return list(mails)

    def paced(self, letters, **options):
        ready = self.account._paced(letters, **options)
        for mail in ready:
            mail.member_mail_message_id._mark_sent()
        return ready

    def test_as_many_as_the_provider_lets_leave(self):
        messages = self.send(self.open(self.many))
        letters = self.waiting(messages)
        self.assertEqual(len(self.paced(letters)), 9)
        later = messages.filtered(lambda message: message.state == "outgoing")
        self.assertEqual(later.mapped("scheduled_date"), later.mail_ids.mapped("scheduled_date"))
        now = fields.Datetime.now()
        moments = sorted(message.scheduled_date for message in later)
        self.assertGreater(moments[0], now)
        for place in range(9, len(moments)):
            self.assertGreaterEqual(moments[place] - moments[place - 9], timedelta(seconds=60))
        self.assertEqual(self.account.paced_count, 21)
        self.assertTrue(self.account.paced_until)
        # And no more in the same minute, whatever somebody wants.
        self.assertFalse(self.paced(self.waiting(later)))

    def test_the_job_comes_for_each_portion(self):
        letters = self.waiting(self.send(self.open(self.many)))
        triggers = self.env["ir.cron.trigger"]
        job = self.env.ref("crm_member_mail.ir_cron_send")
        before = triggers.search([("cron_id", "=", job.id)])
        counts = []
        for number in (11, 18, 30):  # the first two have one portion to put off
            self.forget()
            begin = self.env.cr.sql_log_count
            self.account._paced(letters[:number])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - begin)
        self.assertLess(abs(counts[1] - counts[0]), 4, counts)
        planned = triggers.search([("cron_id", "=", job.id)]) - before
        moments = {
            mail.scheduled_date for mail in letters if mail.scheduled_date > fields.Datetime.now()
        }
        self.assertGreater(len(moments), 1)
        self.assertLessEqual(moments, set(planned.mapped("call_at")))

    def test_answers_leave_at_once(self):
        letters = self.waiting(self.send(self.open(self.many)))
        answer = self.waiting(self.send(self.open(mode="reply", answered=self.received().id)))
        self.assertEqual(self.paced([*letters, *answer])[0], answer[0])
        again = self.waiting(self.send(self.open(mode="reply", answered=self.received().id)))
        self.assertEqual(self.paced([*letters[9:], *again]), again)

    def test_whoever_waits_leaves_many_to_the_job(self):
        letters = self.waiting(self.send(self.open(self.many)))
        self.assertFalse(self.paced(letters, here=True))
        self.assertEqual(len(self.paced(letters)), 9)

    def test_without_limits_only_the_order_changes(self):
        self.provider.minute_limit = 0
        letters = self.waiting(self.send(self.open(self.many)))
        answer = self.waiting(self.send(self.open(mode="reply", answered=self.received().id)))
        self.assertEqual(self.account._paced([*letters, *answer]), [*answer, *letters])

    def test_what_was_sent_today_counts(self):
        self.provider.write({"minute_limit": 0, "day_limit": 20})
        sent = self.send(self.open(self.many[:15]))
        sent.sudo()._mark_sent()
        yesterday = fields.Datetime.now() - timedelta(hours=20)
        sent.sudo().handed_over = yesterday
        params = self.open(self.many).action_send()["params"]
        until = fields.Datetime.to_datetime(params["until"])
        self.assertGreater(until, fields.Datetime.now() + timedelta(hours=23))
        letters = self.waiting(self.env["member.mail.message"].browse(params["message_ids"]))
        self.assertEqual(len(self.paced(letters)), 3)

    def test_nothing_is_said_of_few(self):
        params = self.open(self.many[:5]).action_send()["params"]
        self.assertFalse(params["until"])
        self.assertTrue(self.open(self.many).action_send()["params"]["until"])

    def test_own_domain(self):
        google = self.env.ref("crm_member_mail.provider_gmail")
        self.account.provider_id = google
        self.assertEqual(self.account._limits()[0][0], 1800)
        self.account.email = "club@gmail.com"
        self.assertEqual(self.account._limits()[0][0], 450)

    def test_microsoft(self):
        self.account.provider_id = self.env.ref("crm_member_mail.provider_office365")
        self.assertEqual([number for number, _seconds in self.account._limits()], [27, 9000])

    def test_urgent_while_many_are_being_sent(self):
        letters = self.waiting(self.send(self.open(self.many)))
        answer = self.waiting(self.send(self.open(mode="reply", answered=self.received().id)))
        rows = self.env["mail.mail"].union(*letters)
        found = rows._member_mail_urgent(self.account, rows[:5].ids)
        self.assertEqual(list(found), answer)
