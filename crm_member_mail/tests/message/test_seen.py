from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestSeen(MemberMailCase):
    """What each user has read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account()
        cls.colleague = new_test_user(cls.env, "colleague", "sales_team.group_sale_salesman")
        # As if they had been here for long: the transaction of a test has one time.
        cls.env.cr.execute(
            "UPDATE res_users SET create_date = '2020-01-01' WHERE id = ANY(%s)",
            [[cls.user.id, cls.colleague.id, cls.manager.id]],
        )
        cls.env.invalidate_all()

    def news(self, **values):
        return self.make_message(**{"account": self.desk, "is_news": True} | values)

    def unread(self, user=None):
        """The unread messages that a user finds, checked against what each message says."""
        Message = self.env["member.mail.message"].with_user(user or self.user)
        found = Message.search([("is_unread", "=", True)])
        every = Message.search([])
        self.assertEqual(found, every.filtered("is_unread"))
        self.assertEqual(every - found, Message.search([("is_unread", "=", False)]))
        return found.sudo()

    def test_what_is_unread(self):
        news = self.news()
        self.news(direction="out")
        self.news(is_news=False)
        old = self.news()
        self.env.flush_all()
        days = fields.Datetime.now() - timedelta(days=91)
        self.env.cr.execute(
            "UPDATE member_mail_message SET create_date = %s WHERE id = %s", [days, old.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self.unread(), news)

    def test_who_came_later_has_nothing_to_catch_up_with(self):
        news = self.news()
        later = fields.Datetime.now() + timedelta(days=1)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users SET create_date = %s WHERE id = %s", [later, self.user.id]
        )
        self.env.invalidate_all()
        self.assertFalse(self.unread())
        self.assertEqual(self.unread(self.colleague), news)

    def test_each_for_himself(self):
        news = self.news()
        news.with_user(self.user).mark_seen()
        self.assertFalse(self.unread())
        self.assertEqual(self.unread(self.colleague), news)
        news.with_user(self.user).mark_seen()  # twice is no error
        news.with_user(self.user).mark_unseen()
        self.assertEqual(self.unread(), news)

    def test_nobody_learns_what_others_have_read(self):
        news = self.news()
        news.with_user(self.user).mark_seen()
        for user in (self.colleague, self.manager, self.user):
            with self.assertRaises(AccessError):
                self.env["member.mail.seen"].with_user(user).search([])

    def test_only_what_one_may_see(self):
        private = self.make_account(visibility="private", user_id=self.colleague.id)
        hidden = self.news(account=private)
        self.assertFalse(self.unread())
        # Named by a page: nothing is noted, and nothing said of whether there is such a message.
        gone = self.news()
        gone.unlink()
        self.assertTrue((hidden | gone).with_user(self.user).mark_seen())
        self.assertTrue((hidden | gone).with_user(self.user).mark_unseen())
        self.assertFalse(self.env["member.mail.seen"].search([]))
        self.env["member.mail.message"].with_user(self.user).mark_all_seen()
        self.assertEqual(self.unread(self.colleague), hidden)

    def test_what_cannot_be_unread_needs_no_row(self):
        sent, history = self.news(direction="out"), self.news(is_news=False)
        (sent | history).with_user(self.user).mark_seen()
        self.assertFalse(self.env["member.mail.seen"].search([]))

    def test_marking_many_costs_the_same(self):
        def queries(count):
            messages = self.env["member.mail.message"].union(
                *(self.news() for _number in range(count))
            )
            self.forget()
            before = self.env.cr.sql_log_count
            messages.with_user(self.user).mark_seen()
            self.assertFalse(any(messages.with_user(self.user).mapped("is_unread")))
            messages.with_user(self.user).mark_unseen()
            self.assertTrue(all(messages.with_user(self.user).mapped("is_unread")))
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(20), queries(1))

    def test_searching_uses_the_index(self):
        """The planner recognises a partial index only by the exact words of its condition."""
        message = self.news()
        self.env.flush_all()
        names = [
            SQL.identifier(name)
            for name, field in message._fields.items()
            if field.store and field.column_type
            if name not in ("id", "is_news", "content_digest")
        ]
        columns = SQL(", ").join(names)
        # So many that aren't news that looking at each of them would be foolish.
        self.env.cr.execute(
            SQL(
                "INSERT INTO member_mail_message (%s, is_news, content_digest)"
                " SELECT %s, false, n::text FROM member_mail_message,"
                "        generate_series(1, 5000) AS n WHERE id = %s",
                columns,
                columns,
                message.id,
            )
        )
        self.env.cr.execute("ANALYZE member_mail_message")
        found = self.env["member.mail.message"]._search([("is_unread", "=", True)])
        self.env.cr.execute(SQL("EXPLAIN %s", found.select("1")))
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("member_mail_message_news_idx", plan)

    def test_mark_all(self):
        other = self.env["res.partner"].create({"name": "Bo", "email": "bo@member.example"})
        lead = self.env["crm.lead"].create({"name": "Lead", "user_id": self.user.id})
        mine, others = self.news(), self.news(partner=other)
        of_lead = self.news(
            partner=other.browse(),
            lead_ids=lead.ids,
            people=[("from", "", "lea@new.example", other.browse())],
        )
        Message = self.env["member.mail.message"].with_user(self.user)
        self.assertEqual(Message.mark_all_seen("res.partner", self.member.id), 1)
        self.assertEqual(self.unread(), others | of_lead)
        self.assertEqual(Message.mark_all_seen("crm.lead", lead.id), 1)
        self.assertEqual(self.unread(), others)
        self.assertEqual(Message.mark_all_seen(), 1)
        self.assertFalse(self.unread())
        self.assertEqual(self.unread(self.colleague), mine | others | of_lead)

    def test_mark_all_costs_the_same_for_many(self):
        Message = self.env["member.mail.message"].with_user(self.user)

        def queries(count):
            for _number in range(count):
                self.news()
            self.forget()
            before = self.env.cr.sql_log_count
            self.assertEqual(Message.mark_all_seen("res.partner", self.member.id), count)
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(20), queries(1))

    def test_rows_that_say_nothing_any_more_go(self):
        old, recent = self.news(), self.news()
        (old | recent).with_user(self.user).mark_seen()
        days = fields.Datetime.now() - timedelta(days=92)
        self.env.cr.execute(
            "UPDATE member_mail_message SET create_date = %s WHERE id = %s", [days, old.id]
        )
        self.env.invalidate_all()
        self.env["member.mail.seen"]._forget_old()
        self.assertEqual(self.env["member.mail.seen"].search([]).message_id, recent)
