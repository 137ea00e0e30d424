from dataclasses import replace

from odoo.tests import tagged

from ...models.filing import rows
from ...tools.insert import insert
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
        self.forget()
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
        many, few = self.queries(self.many), self.queries(self.few)
        # In which order the ORM writes fields differs from process to process, and by that one or two.
        self.assertLess(abs(many - few), 5)

    def test_each_row_is_written_once(self):
        messages = self.file(*self.many)
        self.env.flush_all()
        self.assertEqual(self.updated(), dict.fromkeys(TABLES, 0))
        self.assertEqual(messages.mapped("sender_domain"), ["member.example"] * 40)
        self.assertTrue(all(messages.mapped("is_unanswered")))
        self.assertEqual(len(messages.conversation_id), 40)

    def test_earlier_emails_change_no_row(self):
        """The history is read newest first: of each it is known whether there is a later one."""
        emails = []
        for hour in (14, 13, 12, 11, 10, 9):
            email = self.parsed(
                "ada1@member.example", subject="Talk", references="<first@x.example>"
            )
            date = email.message.date.replace(hour=hour)
            emails.append(replace(email, message=replace(email.message, date=date)))
        self.file(*self.first)
        before = self.updated()
        messages = self.file(*emails[:3]) | self.file(*emails[3:])
        self.env.flush_all()
        self.assertEqual(len(messages.conversation_id), 1)
        self.assertEqual(messages.mapped("is_unanswered"), [True] + [False] * 5)
        rows = self.updated()["member_mail_message"] - before["member_mail_message"]
        self.assertEqual(rows, 0)

    def test_waiting_words_are_merged_at_once(self):
        """PostgreSQL merges as many of them as there is memory for; each time, it writes all lists."""
        self.file(*self.few)
        self.end_transaction()
        self.env.cr.execute(
            "SELECT pg_size_bytes(current_setting('work_mem')),"
            " (SELECT split_part(option, '=', 2)::int * 1024 FROM pg_class, unnest(reloptions) AS option"
            "   WHERE relname = 'member_mail_search_words_index' AND option LIKE 'gin_pending%%')"
        )
        memory, waiting = self.env.cr.fetchone()
        self.assertGreaterEqual(memory, 2 * waiting)

    def test_rows_at_once(self):
        """They are those that `create` makes, in the same order; False is no value."""
        [message] = self.file(self.parsed("ada1@member.example", subject="Rows"))
        Reference = self.env["member.mail.reference"].sudo()
        shared = {
            "company_id": message.company_id.id, "conversation_id": message.conversation_id.id,
        }  # fmt: skip
        names = ['<it\'s \\ "quoted">', "<größe@x>", "<0>"]
        rows = insert(
            Reference, [{"rfc_message_id": name, "number": 7, **shared} for name in names]
        )
        self.assertEqual(rows.mapped("rfc_message_id"), names)
        self.assertEqual(rows.conversation_id, message.conversation_id)
        self.assertFalse(insert(Reference, []))
        person = {
            "message_id": message.id, "role": "cc", "name": False, "email": "eve@member.example",
            "plain": False, "partner_id": False, "party": "also",
        }  # fmt: skip
        [added] = insert(message.participant_ids.browse(), [person])
        names = ["role", "name", "email", "plain", "party"]
        self.assertEqual(
            added.read(names)[0] | {"id": 0}, {n: person[n] for n in names} | {"id": 0}
        )
        self.env.cr.execute(
            "SELECT name IS NULL AND partner_id IS NULL FROM member_mail_participant WHERE id = %s",
            [added.id],
        )
        self.assertTrue(self.env.cr.fetchone()[0])

    def test_participants_of_an_email_are_found_at_once(self):
        """In the cache, by a search, and by the words of their names."""
        [message] = self.file(
            self.parsed("ada2@member.example", subject="Found", to="Zoe Newcomer <zoe@far.example>")
        )
        self.assertIn("zoe@far.example", message.participant_ids.mapped("email"))
        self.assertEqual(message.search([("search_text", "ilike", "newcomer")]), message)

    def test_the_planner_learns_what_it_does_not_know(self):
        """And isn't asked to look at tables again that it knows."""
        self.file(*self.few)
        self.env.flush_all()
        # What earlier tests made it know doesn't count, nor what autovacuum tells it meanwhile.
        update = "UPDATE pg_class SET reltuples = %s WHERE oid = ANY(%s::regclass[])"
        self.env.cr.execute(update, [7, rows.TABLES])
        self.env.cr.execute(update, [-1, ["member_mail_message", "member_mail_participant"]])
        self.env["member.mail.filer"]._renew_statistics(7)
        self.env.cr.execute(
            "SELECT relname, reltuples FROM pg_class WHERE oid = ANY(%s::regclass[])", [rows.TABLES]
        )
        known = dict(self.env.cr.fetchall())
        self.env.cr.execute("SELECT count(*) FROM member_mail_message")
        self.assertEqual(known.pop("member_mail_message"), self.env.cr.fetchone()[0])
        self.assertNotIn(known.pop("member_mail_participant"), (-1, 7))
        self.assertEqual(set(known.values()), {7})
