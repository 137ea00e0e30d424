import random
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from ..filing_case import FilingCase

NAMES = ("member_mail_last_date", "member_mail_last_in_date", "member_mail_last_out_date")


@tagged("post_install", "-at_install")
class TestLastDates(FilingCase):
    """When emails were last exchanged with a contact, as far as the user may know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()
        cls.owner = new_test_user(cls.env, "dates_owner", "crm_member_mail.group_user")
        cls.mate = new_test_user(cls.env, "dates_mate", "crm_member_mail.group_user")
        cls.outsider = new_test_user(
            cls.env, "dates_outsider", "base.group_user,base.group_partner_manager"
        )
        cls.team = cls.env["crm.team"].create(
            {"name": "Team", "member_ids": [Command.set(cls.mate.ids)]}
        )
        owned = {"user_id": cls.owner.id}
        cls.shared = cls.make_account(visibility="shared", **owned)
        cls.teams = cls.make_account(visibility="team", team_id=cls.team.id, **owned)
        cls.private = cls.make_account(visibility="private", **owned)
        cls.company = cls.contact("Club", "club@club.test", is_company=True)
        cls.employee = cls.contact("Eva", "eva@club.test", parent_id=cls.company.id)
        cls.lonely = cls.contact("Lone", "lone@lone.test")
        cls.all = cls.company + cls.employee + cls.lonely + cls.member
        cls.messages = {
            days: cls.mail(days, direction, account, partner)
            for days, direction, account, partner in (
                (50, "out", cls.shared, cls.member),
                (40, "in", cls.shared, cls.member),
                (20, "out", cls.teams, cls.member),
                (3, "in", cls.private, cls.member),
                (10, "in", cls.shared, cls.employee),
            )
        }

    @classmethod
    def mail(cls, days, direction="in", account=None, partner=None, **values):
        date = cls.now - timedelta(days=days)
        return cls.make_message(partner, account, date=date, direction=direction, **values)

    def ago(self, days):
        return days is not None and self.now - timedelta(days=days)

    def check(self, partner, user, last, last_in, last_out):
        partner = partner.with_user(user)
        expected = [self.ago(days) for days in (last, last_in, last_out)]
        self.assertEqual([partner[name] for name in NAMES], expected)

    def found(self, user, *domain):
        return self.all.with_user(user).search([("id", "in", self.all.ids), *domain])

    def ordered(self, user, order, **options):
        domain = [("id", "in", self.all.ids)]
        names = [
            row["name"]
            for row in self.all.with_user(user).web_search_read(
                domain, {"name": {}}, order=order, **options
            )["records"]
        ]
        return [name.split()[0] for name in names]

    def test_each_user_sees_the_dates_of_his_mailboxes(self):
        self.check(self.member, self.owner, 3, 3, 20)
        self.check(self.member, self.mate, 20, 40, 20)
        self.check(self.member, self.user, 40, 40, 50)
        self.check(self.member, self.manager, 40, 40, 50)
        self.check(self.lonely, self.owner, None, None, None)

    def test_a_company_counts_the_mail_of_its_people(self):
        self.check(self.company, self.user, 10, 10, None)
        self.check(self.employee, self.user, 10, 10, None)
        self.employee.parent_id = self.lonely
        # Before anything else writes it to the database.
        self.assertIn(self.lonely, self.found(self.user, ("member_mail_last_date", "!=", False)))
        self.env.invalidate_all()
        self.check(self.company, self.user, None, None, None)
        self.check(self.lonely, self.user, 10, 10, None)

    def test_other_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.mail(1, account=self.make_account(company_id=elsewhere.id))
        self.check(self.member, self.user, 40, 40, 50)
        both = new_test_user(
            self.env,
            "dates_both",
            "crm_member_mail.group_user",
            company_ids=[Command.set((self.env.company + elsewhere).ids)],
        )
        there = self.member.with_user(both).with_context(allowed_company_ids=elsewhere.ids)
        self.assertEqual(there.member_mail_last_date, self.ago(1))
        here = there.with_context(allowed_company_ids=self.env.company.ids)
        self.assertEqual(here.member_mail_last_date, self.ago(40))
        self.check(self.member, both, 1, 1, 50)

    def test_searching(self):
        found = self.found
        eva = self.company + self.employee
        last, last_in, last_out = NAMES
        self.assertEqual(found(self.user, (last, "=", False)), self.lonely)
        self.assertEqual(found(self.user, (last, "!=", False)), eva + self.member)
        self.assertEqual(found(self.user, (last_out, "=", False)), eva + self.lonely)
        self.assertEqual(found(self.user, (last, ">=", self.ago(10))), eva)
        self.assertEqual(found(self.user, (last, ">", self.ago(10))), self.all.browse())
        self.assertEqual(found(self.user, (last, "<", self.ago(10))), self.member)
        self.assertEqual(found(self.user, (last, "<=", self.ago(10))), eva + self.member)
        self.assertEqual(found(self.user, (last, "=", self.ago(40))), self.member)
        self.assertEqual(found(self.user, (last, "!=", self.ago(40))), eva + self.lonely)
        self.assertEqual(
            found(self.user, (last, "in", [self.ago(40), False])), self.member + self.lonely
        )
        self.assertEqual(found(self.user, "!", (last, "<", self.ago(10))), eva + self.lonely)
        between = [(last, ">=", self.ago(45)), (last, "<", self.ago(35))]
        self.assertEqual(found(self.user, *between), self.member)
        self.assertEqual(found(self.owner, *between), self.all.browse(), "he knows of a later one")
        self.assertEqual(found(self.user, (last_in, ">=", "now -30d")), eva)
        self.assertEqual(found(self.owner, (last_in, ">=", "now -7d")), self.member)
        waiting = ("member_mail_awaits_answer", "=", True)
        self.assertEqual(found(self.user, waiting), eva + self.member)
        self.assertEqual(found(self.mate, waiting), eva)
        self.assertEqual(
            found(self.mate, ("member_mail_awaits_answer", "=", False)), self.lonely + self.member
        )
        person = ("child_ids.member_mail_last_date", "!=", False)
        self.assertEqual(found(self.user, person), self.company)
        self.assertEqual(
            eva.with_user(self.user).filtered_domain([(last, "=", False)]), eva.browse()
        )

    def test_filters_of_the_search_view(self):
        arch = self.env["res.partner"].with_user(self.user).get_view(view_type="search")["arch"]
        self.assertIn("member_mail_neglected", arch)
        neglected = [
            (NAMES[0], "!=", False), "|", (NAMES[2], "=", False), (NAMES[2], "<", "now -30d"),
        ]  # fmt: skip
        self.assertEqual(
            self.found(self.user, *neglected), self.company + self.employee + self.member
        )
        self.assertEqual(self.found(self.mate, *neglected), self.company + self.employee)

    def test_sorting(self):
        down, up = "member_mail_last_date desc, id", "member_mail_last_date, id"
        self.assertEqual(self.ordered(self.user, down), ["Club", "Eva", "Ada", "Lone"])
        self.assertEqual(self.ordered(self.user, up), ["Ada", "Club", "Eva", "Lone"])
        self.assertEqual(self.ordered(self.owner, down), ["Ada", "Club", "Eva", "Lone"])
        self.assertEqual(self.ordered(self.user, down, limit=2, offset=1), ["Eva", "Ada"])
        self.assertEqual(
            self.ordered(self.user, "member_mail_last_date desc nulls first, id")[0], "Lone"
        )
        field = self.all.with_user(self.user).fields_get(["member_mail_last_date"])
        self.assertTrue(field["member_mail_last_date"]["sortable"])
        [group] = self.all.with_user(self.user)._read_group(
            [("id", "in", self.member.ids)], ["member_mail_last_date:year"], ["__count"]
        )
        self.assertEqual(group[1], 1)

    def test_a_page_costs_a_constant_number_of_queries(self):
        few = self.all.with_user(self.user)
        many = few + self.contact("X", "x@x.test").with_user(self.user)
        for _number in range(20):
            many += self.contact("Y", "y@x.test", parent_id=self.company.id).with_user(self.user)
        many.mapped("member_mail_last_date")  # who the user is gets known
        counts = []
        for partners in (few, many):
            self.forget()
            before = self.env.cr.sql_log_count
            partners.mapped("member_mail_last_date")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_outside_the_group(self):
        partner = self.member.with_user(self.outsider)
        self.assertFalse({*NAMES, "member_mail_awaits_answer"} & partner.fields_get().keys())
        for view_type in ("list", "kanban", "search", "form"):
            self.assertNotIn("member_mail_last", partner.get_view(view_type=view_type)["arch"])
        self.assertTrue(partner.search([("id", "=", partner.id)], order="complete_name"))
        with self.assertRaises(AccessError):
            partner.search([], order="member_mail_last_date desc", limit=1)
        with self.assertRaises(AccessError):
            partner.search([("member_mail_last_date", "!=", False)], limit=1)
        with self.assertRaises(AccessError):
            partner.read(["member_mail_last_date"])
        with self.assertRaises(AccessError):
            self.env["member.mail.last.date"].with_user(self.owner).search([])
        with Form(partner) as form:
            form.comment = "Captain"

    def test_deleting(self):
        self.messages[40].with_user(self.user).unlink()
        self.check(self.member, self.user, 50, None, 50)
        self.messages[50].unlink()
        self.check(self.member, self.user, None, None, None)
        self.check(self.member, self.owner, 3, 3, 20)

    def test_visibility_changes(self):
        self.private.visibility = "shared"
        self.env.invalidate_all()
        self.check(self.member, self.user, 3, 3, 50)

    def test_filing(self):
        [message] = self.receive("lone@lone.test")
        lonely = self.lonely.with_user(self.user)
        self.assertEqual(lonely.member_mail_last_date, message.date)
        self.assertFalse(lonely.member_mail_last_out_date)
        [answer] = self.send("lone@lone.test")
        self.assertEqual(lonely.member_mail_last_out_date, answer.date)

    def test_what_is_kept_is_what_would_be_worked_out_anew(self):
        """Whatever happens to emails, in any order."""
        dice = random.Random(7)
        accounts = self.shared + self.teams + self.private
        filer, Message = self.env["member.mail.filer"], self.env["member.mail.message"]
        mails = Message.browse()
        for _step in range(120):
            account, partner = dice.choice(accounts), dice.choice(self.all)
            what = dice.choice(("new", "reply", "reply", "mailbox", "contact", "delete"))
            if what in ("new", "reply") or not mails:
                values = {}
                if what == "reply" and mails:
                    values["conversation_id"] = dice.choice(mails).conversation_id.id
                direction = dice.choice(("in", "out"))
                mails += self.mail(
                    dice.randrange(90), direction, account, partner,
                    is_automatic=dice.random() < 0.2, **values,
                )  # fmt: skip
            elif what == "delete":
                gone = dice.choice(mails)
                mails -= gone
                gone.unlink()
            else:
                field = Message._fields["account_ids" if what == "mailbox" else "partner_ids"]
                other = account if what == "mailbox" else partner
                pair = (dice.choice(mails).id, other.id)
                filer._link(field.relation, (field.column1, field.column2), [pair])
                Message.invalidate_model([field.name])
        kept = self.figures()
        self.env["member.mail.last.date"]._refresh(self.env["res.partner"].search([]).ids)
        Message._update_answers(Message.search([]).conversation_id.ids)
        self.assertEqual(self.figures(), kept)
        for column, what in ((1, "answered"), (2, "not answered")):
            self.assertTrue(any(row[column] for row in kept[1]), f"something was {what}")

    def figures(self):
        """All that is kept of emails."""
        self.env.flush_all()
        rows = []
        for table, columns in (
            ("member_mail_last_date", "partner_id, account_id, company_id, last_in, last_out"),
            ("member_mail_message", "id, first_reply_hours, is_unanswered"),
        ):
            self.env.cr.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2, 3")
            rows.append(self.env.cr.fetchall())
        return rows

    def test_in_a_further_mailbox(self):
        folder = self.env["member.mail.folder"].create(
            {"account_id": self.private.id, "path": "INBOX", "role": "inbox", "uidvalidity": 1}
        )
        email = self.parsed("lone@lone.test", to=f"{self.private.email}, {self.account.email}")
        [message] = self.file(email, folder=folder)
        self.check(self.lonely, self.user, None, None, None)
        self.assertEqual(self.lonely.with_user(self.owner).member_mail_last_date, message.date)
        self.assertFalse(self.file(email), "it is known")
        self.assertEqual(self.lonely.with_user(self.user).member_mail_last_date, message.date)

    def test_a_contact_who_comes_later(self):
        [message] = self.receive("lone@lone.test", cc="late@late.test")
        twin = self.contact("Twin", "lone@lone.test")
        self.end_transaction()
        self.assertEqual(twin.with_user(self.user).member_mail_last_date, message.date)

    def test_merged_contacts(self):
        other = self.contact("Other", "other@other.test")
        self.mail(1, "in", self.shared, other)
        self.merge(other, into=self.member)
        self.check(self.member, self.user, 1, 1, 50)
        self.check(self.member, self.owner, 1, 1, 20)
