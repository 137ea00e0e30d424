from odoo.tests import tagged

from ..filing_case import FilingCase

#: The tables of which a new email makes rows, and which then stay as they are.
TABLES = ("member_mail_message", "member_mail_participant", "member_mail_location",
          "member_mail_conversation", "member_mail_reference", "member_mail_search")  # fmt: skip


@tagged("post_install", "-at_install")
class TestFilingCost(FilingCase):
    """What it costs the database to file emails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(40):
            cls.contact(f"Ada {number}", f"ada{number}@member.example")
        cls.first, cls.few, cls.many = (
            [
                cls.parsed(f"ada{number}@member.example", subject=f"Subject {n} {number}")
                for number in range(count)
            ]
            for n, count in enumerate((2, 3, 40))
        )

    def queries(self, emails):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(len(self.file(*emails)), len(emails))
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def updated(self):
        """How many rows were updated in this transaction, by table."""
        self.env.cr.execute(
            "SELECT relname, n_tup_upd FROM pg_stat_xact_user_tables WHERE relname IN %s", [TABLES]
        )
        return dict(self.env.cr.fetchall())

    def test_many_cost_no_more_queries_than_a_few(self):
        """Each email is from another contact, and its own conversation."""
        self.queries(self.first)  # reads what is read only once
        self.assertEqual(self.queries(self.many), self.queries(self.few))

    def test_each_row_is_written_once(self):
        messages = self.file(*self.many)
        self.env.flush_all()
        self.assertEqual(self.updated(), dict.fromkeys(TABLES, 0))
        self.assertEqual(messages.mapped("sender_domain"), ["member.example"] * 40)
        self.assertTrue(all(messages.mapped("is_unanswered")))
        self.assertEqual(len(messages.conversation_id), 40)
