import json
from unittest.mock import patch

from odoo import Command
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.account.visibility import OF_RECORD
from ...models.screens import tab_groups
from ..filing_case import FilingCase

#: Messages that all are copies of one; so many that the database prefers its indexes.
MANY = 12_000
#: Messages of a busy contact: too many to look each one up, the database would think.
SOME = 1_500
#: A table of fewer rows than this lies on a page or two: reading it whole is then the quickest way.
SMALL = 100
#: What grows with the mail that is filed, and with the office.
LARGE = {
    "res_partner",
    "member_mail_message",
    "member_mail_participant",
    "member_mail_location",
    "member_mail_search",
    "member_mail_account_message_rel",
}
#: How statements begin that read: to show something, and to note the last dates of contacts.
READING = ("SELECT", "WITH", "INSERT INTO MEMBER_MAIL_LAST_DATE")
#: The columns of messages in which the copies differ.
OWN = {
    "id": "%(first)s + n",
    "date": "r.date - n * interval '1 hour'",
    "header_digest": "'many ' || n",
    "content_digest": "'many ' || n",
    "rfc_message_id": "'many' || n || '@test.example'",
    "state": "CASE WHEN n % 6000 = 1 THEN 'failed' ELSE r.state END",
    "is_automatic": "n % 6000 = 2",
    "authenticity": "CASE WHEN n % 6000 = 3 THEN 'failed' ELSE 'verified' END",
}


@tagged("post_install", "-at_install")
class TestManyMessages(FilingCase):
    """What the database reads to show a few messages among very many: those, and no table from one end
    to the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account(name="Desk")
        others = cls.env["res.partner"].create({"name": "Everybody else", "email": "all@b.example"})
        cls.others = others
        first = cls.make_message(others, cls.desk, direction="out")
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Desks", "partner_id": cls.member.id, "user_id": cls.user.id}
        )
        cls.shown = cls.env["member.mail.message"].union(
            *(cls.make_message(cls.member, cls.desk) for _number in range(3)),
            cls.make_message(others, cls.desk, lead_ids=[Command.set(cls.lead.ids)]),
        )
        cls.env.flush_all()
        cls._multiply(first)
        cls.env.cr.execute(
            """
            INSERT INTO res_partner
            SELECT one.* FROM res_partner AS r, generate_series(0, %s) AS n, jsonb_populate_record(
                       r, jsonb_build_object(
                           'id', nextval('res_partner_id_seq'),
                           'parent_id', currval('res_partner_id_seq') - nullif(n %% 20, 0),
                           'email_normalized', n || '@many.example')) AS one
             WHERE r.id = %s;
            ANALYZE res_partner
            """,
            (MANY, others.id),
        )

    @classmethod
    def _multiply(cls, message):
        names = [n for n, f in message._fields.items() if f.store and f.column_type]
        cls.env.cr.execute("SELECT max(id) FROM member_mail_message")
        [first] = cls.env.cr.fetchone()
        values = SQL(", ").join(
            SQL(OWN[name].replace("%(first)s", str(first)).replace("%", "%%"))
            if name in OWN
            else SQL.identifier("r", name)
            for name in names
        )
        cls.env.cr.execute(
            SQL(
                "INSERT INTO member_mail_message (%s) SELECT %s"
                " FROM member_mail_message AS r, generate_series(1, %s) AS n WHERE r.id = %s",
                SQL(", ").join(map(SQL.identifier, names)), values, MANY, message.id,
            )
        )  # fmt: skip
        for table in ("member_mail_account_message_rel", "member_mail_message_partner_rel"):
            other = "account_id" if "account" in table else "partner_id"
            cls.env.cr.execute(
                SQL(
                    "INSERT INTO %(table)s (message_id, %(other)s) SELECT %(first)s + n, %(other)s"
                    " FROM %(table)s, generate_series(1, %(many)s) AS n WHERE message_id = %(id)s",
                    table=SQL.identifier(table), other=SQL.identifier(other),
                    first=first, many=MANY, id=message.id,
                )
            )  # fmt: skip
        cls.env.cr.execute(
            SQL(
                "INSERT INTO member_mail_participant (message_id, role, email)"
                " SELECT %s + n, 'to', 'all@b.example' FROM generate_series(1, %s) AS n",
                first,
                MANY,
            )
        )
        cls.env.cr.execute(
            "SELECT setval('member_mail_message_id_seq', (SELECT max(id) FROM member_mail_message));"
            " ANALYZE member_mail_message; ANALYZE member_mail_account_message_rel;"
            " ANALYZE member_mail_message_partner_rel; ANALYZE member_mail_message_lead_rel;"
            " ANALYZE member_mail_participant"
        )
        cls.env.invalidate_all()

    def touched(self, act):
        """What the queries of a function read of LARGE tables: list of (type of the node, table, number
        of rows that it looked at)."""
        cursor, queries = type(self.env.cr), []
        execute = cursor.execute

        def note(cr, query, params=None, **options):
            text = query.code if isinstance(query, SQL) else query
            if text.lstrip().upper().startswith(READING):
                queries.append((query, params))
            return execute(cr, query, params, **options)

        self.env.invalidate_all()
        with patch.object(cursor, "execute", note):
            act()
        found = []
        for query, params in queries:
            code, given = (query.code, query.params) if isinstance(query, SQL) else (query, params)
            self.env.cr.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {code}", given)
            plans = self.env.cr.fetchone()[0]
            plans = json.loads(plans) if isinstance(plans, str) else plans
            found += _nodes(plans[0]["Plan"])
        return [node for node in found if node[1] in LARGE]

    def assertFew(self, act, most):
        nodes = self.touched(act)
        self.assertTrue(nodes)
        self.assertEqual(_read_whole(nodes), [], "a table is read from one end to the other")
        rows = sum(node[2] for node in nodes)
        self.assertLessEqual(rows, most, nodes)

    def page(self, record):
        tab = self.env["member.mail.tab"].with_user(self.user)
        page = tab.get_page(record._name, record.id)
        self.assertTrue(page["cards"])
        return page

    def test_tab_of_a_lead(self):
        self.assertEqual(self.page(self.lead)["messages"], len(self.shown))
        self.assertFew(lambda: self.page(self.lead), 40 * len(self.shown))

    def test_tab_of_a_contact(self):
        self.assertFew(lambda: self.page(self.member), 40 * len(self.shown))

    def busy(self):
        """A contact with some of the messages of another one, and a lead that has a few of them, too."""
        busy = self.env["res.partner"].create({"name": "Busy", "email": "busy@b.example"})
        lead = self.env["crm.lead"].create(
            {"name": "Busy", "partner_id": busy.id, "user_id": self.user.id}
        )
        for table, column, record, number in (
            ("member_mail_message_partner_rel", "partner_id", busy, SOME),
            ("member_mail_message_lead_rel", "lead_id", lead, SOME // 10),
        ):
            self.env.cr.execute(
                SQL(
                    "INSERT INTO %(table)s (message_id, %(column)s) SELECT message_id, %(id)s"
                    " FROM member_mail_message_partner_rel WHERE partner_id = %(others)s"
                    " ORDER BY message_id DESC LIMIT %(number)s",
                    table=SQL.identifier(table), column=SQL.identifier(column), id=record.id,
                    others=self.others.id, number=number,
                )
            )  # fmt: skip
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        return busy, lead

    def test_tab_of_a_busy_contact_and_of_its_lead(self):
        for record in self.busy():
            with self.subTest(record=record):
                self.assertEqual(self.page(record)["messages"], SOME)
                # Less than a look at each message of all, in whichever index.
                self.assertFew(lambda record=record: self.page(record), 6 * SOME)

    def test_unread_ones_of_a_busy_contact(self):
        busy, _lead = self.busy()
        new = self.make_message(busy, self.desk, is_news=True)
        tab = self.env["member.mail.tab"].with_user(self.user)

        def unread():
            return tab.get_page("res.partner", busy.id, only="unread")

        self.assertEqual(unread()["cards"][0]["id"], new.id)
        self.assertFew(unread, SOME)

    def test_export_of_a_busy_contact(self):
        busy, _lead = self.busy()
        export = self.env["member.mail.export"].with_user(self.manager)
        export = export.create({"partner_ids": [Command.set(busy.ids)]})
        self.assertEqual((export.message_count, export.hidden_count), (SOME, 0))
        self.assertFew(lambda: export.message_count, 5 * SOME)

    def test_what_ada_sent(self):
        found = []

        def search():
            found[:] = (
                tab.get_files("res.partner", self.member.id)["files"],
                tab.get_page("res.partner", self.member.id, query="from:ada in:received")["cards"],
                Message.search([("search_text", "ilike", "from:ada after:2026")]),
            )

        self.shown[0].has_attachments = True
        self.env["ir.attachment"].create(
            {
                "name": "plan.pdf",
                "raw": b"plan",
                "res_model": "member.mail.message",
                "res_id": self.shown[0].id,
            }
        )
        tab = self.env["member.mail.tab"].with_user(self.user)
        Message = self.env["member.mail.message"].with_user(self.user)
        self.assertFew(search, 150 * len(self.shown))
        self.assertEqual([len(part) for part in found], [1, 3, 3])

    def test_the_newest_are_counted_and_all_are_shown(self):
        tab = self.env["member.mail.tab"].with_user(self.user)
        page = tab.get_page("res.partner", self.others.id, flat=True)
        self.assertEqual((page["messages"], page["is_capped"]), (10_000, True))
        page = tab.get_page("res.partner", self.others.id, flat=True, offset=MANY - 10)
        self.assertEqual(len(page["cards"]), 12)
        self.assertEqual((page["total"], page["messages"]), (MANY + 2, MANY + 2))
        self.assertFalse(page["is_capped"])
        self.assertFalse(self.page(self.member)["is_capped"])

    def test_unread_ones_are_counted_up_to_a_number(self):
        def unread(**options):
            return tab.get_page("res.partner", self.member.id, **options)["unread"]

        tab = self.env["member.mail.tab"].with_user(self.user)
        self.shown.is_news = True
        self.shown[0].subject = "Desks"
        for most, number in ((1_000, 3), (2, 2)):
            with self.subTest(most=most), patch.object(tab_groups, "MAX_UNREAD", most):
                self.assertEqual(unread(), number)
                self.assertEqual(unread(query="desks"), number)
                self.assertEqual(unread(only="out"), number)
        self.assertEqual(unread(only="unread"), 3)
        self.shown[0].with_user(self.user).mark_seen()
        self.assertEqual((unread(), unread(only="unread"), unread(query="desks")), (2, 2, 2))

    def test_deleting_one_of_many(self):
        message = self.shown[:1] | self.env["member.mail.message"].search(
            [("partner_ids", "in", self.others.ids)], limit=1
        )
        nodes = self.touched(lambda: message.with_user(self.user).action_trash())
        self.assertEqual(_read_whole(nodes), [])

    def test_no_contact(self):
        messages = self.env["member.mail.message"].with_user(self.user)
        domain = [("partner_ids", "=", False)]
        before = messages.search(domain)
        alone = self.make_message(self.env["res.partner"], self.desk)
        private = self.make_account(name="Own", visibility="private", user_id=self.manager.id)
        hidden = self.make_message(self.member, self.desk)
        hidden.account_ids |= private
        by_copy = {"message_id": hidden.id, "account_id": private.id, "partner_id": self.member.id}
        self.env["member.mail.copy.filing"].create(by_copy)
        self.assertEqual(messages.search(domain) - before, (alone | hidden).with_user(self.user))
        others = self.env["member.mail.message"].with_user(self.manager)
        self.assertEqual(others.search(domain) & hidden, others.browse())

    def test_filing_another_email(self):
        emails = [self.parsed("ada@member.example") for _number in range(5)]
        self.file(self.parsed("ada@member.example"))

        def file():
            self.file(*emails)
            self.end_transaction()

        self.assertFew(file, 100 * len(emails))

    def test_number_of_emails(self):
        for record in (self.member, self.lead):
            record = record.with_user(self.user)
            self.assertFew(lambda record=record: record.member_mail_count, 10 * len(self.shown))

    def test_filters_for_what_is_rare(self):
        messages = self.env["member.mail.message"].with_user(self.user)
        for condition in (
            ("state", "in", ("failed", "uncertain")),
            ("is_automatic", "=", True),
            ("authenticity", "=", "failed"),
        ):
            with self.subTest(condition=condition):
                self.assertEqual(messages.search_count([condition]), 2)
                self.assertFew(lambda c=condition: messages.search([c], limit=80), 20)

    def test_what_an_exclusion_would_delete(self):
        for pattern in ("ada@member.example", "@member.example", "ada@*.example"):
            exclusion = self.env["member.mail.exclusion"].create({"pattern": pattern})
            with self.subTest(pattern=pattern):
                self.assertEqual(exclusion.filed_count, 3)
                self.assertFew(lambda e=exclusion: e.filed_count, 20 * len(self.shown))
            exclusion.unlink()

    def test_newest_of_all(self):
        messages = self.env["member.mail.message"].with_user(self.user)
        self.assertFew(lambda: messages.search([], limit=80), 200)

    def test_a_recent_period(self):
        messages = self.env["member.mail.message"].with_user(self.user)

        def groups(domain, by):
            return messages.formatted_read_group(domain, [by], ["__count"])

        recent = messages.search_count([("date", ">=", "today -29d")])
        self.assertLess(recent, MANY / 10)
        most = 3 * recent
        for domain in (
            Domain("date", ">=", "today -29d"),
            Domain("date", ">", "today -29d") & Domain("direction", "=", "in"),
            Domain("is_unread", "=", True),
        ):
            with self.subTest(domain=domain):
                self.assertFew(lambda d=domain: messages.search_count(d, limit=10_001), most)
                for by in ("date:day", "account_ids"):
                    self.assertFew(lambda d=domain, by=by: groups(d, by), most)
                    # The same as where the database chooses how to find who sees them.
                    self.assertEqual(groups(domain, by), groups(domain | Domain("id", "=", 0), by))

    def test_of_what_is_asked_one_by_one_who_sees_it(self):
        messages = self.env["member.mail.message"].with_user(self.user)
        recent, unread = Domain("date", ">=", "today -29d"), Domain("is_unread", "=", True)
        old = Domain("date", ">=", "2020-01-01 00:00:00")
        for domain, is_few in (
            (recent, True), (recent & Domain("direction", "=", "in"), True), (unread, True),
            (recent | unread, False), (~recent, False), (~unread, False), (old, False),
            (Domain("date", "<=", "today"), False), (Domain.TRUE, False), (Domain.FALSE, False),
            (Domain("date", ">=", False), False),
        ):  # fmt: skip
            found = messages._asked_one_by_one(domain)
            self.assertEqual(found.env.context.get(OF_RECORD, False), is_few, domain)

    def test_who_sees_what_is_asked_once(self):
        messages = self.env["member.mail.message"].with_user(self.user)
        domain = [("id", "in", self.shown.ids)]
        messages.search(domain)
        with self.assertQueryCount(1):
            messages.search(domain)
        self.desk.write({"visibility": "private", "user_id": self.manager.id})
        self.assertFalse(messages.search(domain))
        self.desk.write(
            {"visibility": "team", "team_id": self.env["crm.team"].create({"name": "A"}).id}
        )
        self.assertFalse(messages.search(domain))
        member = self.env["crm.team.member"].create(
            {"crm_team_id": self.desk.team_id.id, "user_id": self.user.id}
        )
        self.assertEqual(messages.search(domain), self.shown.with_user(self.user).sorted())
        member.active = False
        self.assertFalse(messages.search(domain))
        member.active = True
        self.assertTrue(messages.search(domain))
        member.unlink()
        self.assertFalse(messages.search(domain))
        self.assertFalse(messages.search([("is_visible", "=", True)]))


def _read_whole(nodes):
    return [node for node in nodes if node[0] == "Seq Scan" and node[2] > SMALL]


def _nodes(plan):
    """The scans of a plan, with the rows that each looked at."""
    if "Relation Name" in plan:
        rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        yield plan["Node Type"], plan["Relation Name"], rows * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
