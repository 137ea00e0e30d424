from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ...mailbox.errors import MailboxError
from ...models.screens import tab_fresh
from ...models.screens.tab_fresh import FRESH, LEAST, MOST
from ..account.test_arrival import SINCE, ListeningCase

MESSAGE = "member.mail.message"


@tagged("post_install", "-at_install")
class TestFresh(ListeningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["member.mail.account"].search([]).active = False
        cls.env["ir.cron.trigger"].search([]).unlink()

    def make_read(self, age=FRESH, **values):
        """An account that was scanned so many seconds ago."""
        now = fields.Datetime.now()
        times = {"last_sync": now - timedelta(seconds=age), "next_sync": now + timedelta(minutes=9)}
        account = super().make_read(**{"user_id": self.manager.id} | times | values)
        self.env["ir.cron.trigger"].search([]).unlink()  # it was new
        return account

    def ask(self, *shown, user=None):
        """A page of ``user`` asks, on which these messages are, or this contact or lead; returns after
        how long it may ask again."""
        model = shown[0]._name if shown else MESSAGE
        tab = self.env["member.mail.tab"].with_user(user or self.user)
        return tab.keep_fresh(model, [record.id for record in shown])

    def asked(self):
        """The accounts that somebody wants to be read."""
        return self.env["member.mail.account"].search([("next_sync", "=", False)])

    def triggers(self):
        found = self.env["ir.cron.trigger"].search([])
        return found.cron_id.mapped("code"), len(found)

    def end_scan(self, accounts):
        """As a scan notes that it read these."""
        for account in accounts:
            now = fields.Datetime.now()
            account._note_times(now, now)
            account.next_sync = now + timedelta(minutes=9)

    def test_what_is_on_the_screen_is_scanned(self):
        shown, other = self.make_read(), self.make_read()
        message = self.make_message(account=shown)
        self.make_message(account=other, partner=self.env["res.partner"].create({"name": "Bo"}))
        self.assertEqual(self.ask(message), FRESH)
        self.assertEqual(self.asked(), shown)
        self.assertEqual(self.triggers(), (["model._cron_fetch_wanted()"], 1))

    def test_the_newest_of_a_contact_and_of_a_lead(self):
        lead = self.env["crm.lead"].create({"name": "Lead", "user_id": self.user.id})
        for record, filed in (
            (self.member, {}),
            (lead, {"partner": self.env["res.partner"], "lead_ids": [Command.set(lead.ids)]}),
        ):
            with self.subTest(model=record._name):
                shown, old = self.make_read(), self.make_read()
                moment = fields.Datetime.now() - timedelta(days=9)
                people = [("from", "Ada", "ada@member.example", self.member.browse())]
                self.make_message(account=old, date=moment, people=people, **filed)
                self.make_message(account=shown, people=people, **filed)
                with patch.multiple(tab_fresh, PAGE=1, FEW=1):
                    self.ask(record)
                self.assertEqual(self.asked() & (shown + old), shown)

    def test_what_one_owns_or_follows(self):
        own, followed, other = (self.make_read() for _number in range(3))
        own.user_id = self.user
        followed.message_subscribe(self.user.partner_id.ids)
        other.message_subscribe(self.manager.partner_id.ids)
        self.ask()
        self.assertEqual(self.asked(), own + followed)

    def test_an_empty_tab_asks_all_that_one_may_see(self):
        secret = self.make_read(visibility="private")
        shared = self.make_read() + self.make_read()
        lead = self.env["crm.lead"].create({"name": "Lead", "user_id": self.user.id})
        for empty in (self.env["res.partner"].create({"name": "New"}), lead):
            with self.subTest(model=empty._name):
                shared.next_sync = fields.Datetime.now() + timedelta(minutes=9)
                self.ask(empty)
                self.assertEqual(self.asked(), shared)
        # Where there are many, one message tells where to look; this one's mailbox is live.
        self.make_message(account=self.make_live())
        for few, asked in ((1, shared.browse()), (2, shared)):
            self.end_scan(shared)
            shared.last_sync = fields.Datetime.now() - timedelta(seconds=FRESH)
            with patch.object(tab_fresh, "FEW", few):
                self.ask(self.member)
            self.assertEqual(self.asked() & (shared + secret), asked)

    def test_once_a_minute_however_many_ask(self):
        account = self.make_read()
        message = self.make_message(account=account)
        colleague = new_test_user(self.env, "colleague", "crm_member_mail.group_user")
        for _minute in range(2):
            self.env["ir.cron.trigger"].search([]).unlink()
            for number in range(50):
                self.ask(message, user=(self.user, colleague)[number % 2])
            self.assertEqual(self.asked(), account)
            self.assertEqual(self.triggers()[1], 1)
            self.end_scan(account)
            for _number in range(50):
                self.ask(message)
            self.assertFalse(self.asked())
            self.assertEqual(self.triggers()[1], 1)
            account.last_sync -= timedelta(seconds=FRESH)

    def test_when_to_ask_again(self):
        account, other = self.make_read(age=20), self.make_read(age=10)
        message = self.make_message(account=account + other)
        self.assertIn(self.ask(message), range(30, FRESH - 20 + 1))
        other.last_sync = fields.Datetime.now() - timedelta(seconds=FRESH - 1)
        self.assertIn(self.ask(message), (LEAST, FRESH - 20))
        self.assertEqual(self.ask(), FRESH)

    def test_never_scanned_but_planned(self):
        account = self.make_read(last_sync=False)
        self.ask(self.make_message(account=account))
        self.assertEqual(self.asked(), account)

    def test_live_ones_are_left_alone(self):
        live, dead = self.make_read(), self.make_read()
        message = self.make_message(account=live + dead)
        self.listen(live)
        self.note(live, since=SINCE)
        self.note(dead, since=SINCE)  # its listener is gone
        self.ask(message)
        self.assertEqual(self.asked(), dead)

    def test_what_is_in_trouble_or_not_read_is_left_alone(self):
        failing, stopped = self.make_read(), self.make_read()
        failing._note_connection(MailboxError("timeout"))
        stopped._note_connection(MailboxError("auth_failed"))
        self.env["ir.cron.trigger"].search([]).unlink()
        pauses = (failing + stopped).mapped("next_sync")
        others = self.make_read(active=False) + self.make_read(setting_up=True)
        accounts = failing + stopped + others
        self.ask(self.make_message(account=accounts))
        # Not either when it gets into trouble between the look and the mark.
        accounts._freshen(FRESH)
        self.assertEqual((failing + stopped).mapped("next_sync"), pauses)
        self.assertTrue(all(others.mapped("next_sync")))
        self.assertEqual(self.triggers()[1], 0)

    def test_what_one_may_not_see_is_left_alone(self):
        owner = new_test_user(self.env, "owner", "sales_team.group_sale_salesman")
        team = self.env["crm.team"].create({"name": "A", "member_ids": [Command.set(owner.ids)]})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        hidden = (
            self.make_read(visibility="private", user_id=owner.id)
            + self.make_read(visibility="team", team_id=team.id, user_id=owner.id)
            + self.make_read(company_id=company.id)
        )
        shared = self.make_read()
        message = self.make_message(account=shared + hidden)
        secret = self.make_message(account=hidden)
        hidden.message_subscribe((self.user + self.manager).partner_id.ids)
        for user in (self.user, self.manager):
            self.ask(message, user=user)
            self.ask(secret, user=user)
            self.ask(self.member, user=user)
            self.assertEqual(self.asked(), shared)
        self.ask(user=owner)
        self.assertEqual(self.asked(), shared + hidden[:2])

    def test_who_may_ask(self):
        account = self.make_read()
        message = self.make_message(account=account)
        for groups in ("base.group_portal", "base.group_user"):
            user = new_test_user(self.env, groups, groups)
            for shown in (message, self.member):
                with self.assertRaises(AccessError):
                    self.ask(shown, user=user)
        lead = self.env["crm.lead"].create({"name": "Lead", "user_id": self.manager.id})
        with self.assertRaises(AccessError):
            self.ask(lead)
        self.assertFalse(self.asked())

    def test_not_too_many_at_once_and_the_oldest_first(self):
        accounts = self.env["member.mail.account"]
        for number in range(MOST + 2):
            accounts += self.make_read(age=FRESH + number)
        message = self.make_message(account=accounts)
        self.ask(message)
        self.assertEqual(self.asked(), accounts.sorted("last_sync")[:MOST].sorted())
        self.ask(message)
        self.assertEqual(len(self.asked()), MOST + 2)

    def queries(self, *shown):
        self.env.invalidate_all()
        self.ask(*shown)  # what is looked up once
        self.env["member.mail.account"].invalidate_model()
        before = self.env.cr.sql_log_count
        self.ask(*shown)
        return self.env.cr.sql_log_count - before

    def test_what_it_costs(self):
        live = self.make_live()
        message = self.make_message(account=live)
        self.assertEqual(self.queries(message), 1)
        # The number of queries depends neither on the mailboxes nor on the messages.
        few = self.queries(self.make_message(account=self.make_read(age=0)))
        messages = [self.make_message(account=self.make_read(age=0)) for _number in range(8)]
        self.assertEqual(self.queries(*messages), few)
