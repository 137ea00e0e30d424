import json
from datetime import datetime, timedelta
from unittest.mock import patch

from lxml import etree

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from ...mailbox.cases import REMEDIES
from ...mailbox.errors import CODES, MailboxError
from ...models.account.connection import PROBES
from ..common import MemberMailCase


class DashboardCase(MemberMailCase):
    @classmethod
    def make_read_account(cls, folder=None, **values):
        """An account whose mailbox is read to the end; ``folder`` overrides how far it is read."""
        account = cls.make_account(**values)
        cls.env["member.mail.folder"].create(
            {
                "account_id": account.id, "path": "INBOX", "role": "inbox", "opened": True,
                "uidvalidity": 1, "last_uid": 9, "covered_since": "2020-01-01", **(folder or {}),
            }
        )  # fmt: skip
        account.write({"state": "connected", "first_scan": "2026-01-01"})
        return account

    @classmethod
    def make_trouble(cls, code, **values):
        account = cls.make_read_account(**values)
        account._note_connection(MailboxError(code))
        return account

    def volume(self, account, user):
        """What the chart shows to ``user``: dict of series to list of numbers; False for nothing."""
        zone = account.env.context.get("tz") or "UTC"
        graph = account.with_user(user).with_context(tz=zone).volume_graph
        return graph and {
            series["key"]: [point["value"] for point in series["values"]]
            for series in json.loads(graph)
        }


@tagged("post_install", "-at_install")
class TestDashboard(DashboardCase):
    def test_problems_come_first_and_archived_accounts_last(self):
        unread = {"history_uid": 5, "covered_since": False}
        accounts = {
            "archived": self.make_read_account(active=False),
            "fine": self.make_read_account(),
            "paused": self.make_read_account(unread),
            "reading": self.make_read_account(unread),
            "waiting": self.make_account(),
            "untested": self.make_account(),
            "setup": self.make_account(),
            "incomplete": self.make_read_account({"missing": True}),
            "failing": self.make_trouble("timeout"),
            "stopped": self.make_trouble("auth_failed", imap_password="x"),
        }
        accounts["paused"].history_paused = True
        accounts["waiting"].state = "connected"
        accounts["setup"].setting_up = True
        everything = self.env["member.mail.account"].with_context(active_test=False)
        ours = [("id", "in", [account.id for account in accounts.values()])]
        found = everything.search(ours, order="problem_rank, name, id")
        self.assertEqual(list(found), list(reversed(accounts.values())))
        self.assertEqual(found.mapped("condition"), list(reversed(accounts)))

    def test_the_rank_follows_the_scan(self):
        account = self.make_read_account({"history_uid": 5, "covered_since": False})
        folder = account.folder_ids
        self.assertEqual(account.condition, "reading")
        account._note_connection(MailboxError("timeout"))
        self.assertEqual(account.condition, "failing")
        account._note_connection(None)
        self.assertEqual(account.condition, "reading")
        # As a reader leaves the folder: the cursor is moved by SQL, what it covers by the ORM.
        self.assertTrue(folder._move_cursor("history_uid", 5, 0))
        folder._note_progress("history", 0)
        folder.covered_since = "2020-01-01"
        self.assertEqual(account.condition, "fine")
        self.env.flush_all()
        ranked = self.env["member.mail.account"].search(
            [("problem_rank", "=", account.problem_rank)]
        )
        self.assertIn(account, ranked)

    def test_how_far_back_a_mailbox_is_read(self):
        cases = {
            "Starts with the first scan": self.make_account(),
            "All emails": self.make_read_account({"covered_since": "1970-01-01"}, history="all"),
            "New emails only": self.make_read_account(history="new"),
            "Back to 01/01/2020": self.make_read_account(),
            "60% read": self.make_read_account(
                {
                    "history_uid": 4, "covered_since": False,
                    "history_total": 10, "history_left": 4,
                }
            ),
        }  # fmt: skip
        for text, account in cases.items():
            self.assertEqual(account.reach, text)

    def test_volume_of_the_last_days(self):
        account, other = self.make_account(), self.make_account()
        now = fields.Datetime.now()
        for days, direction in ((0, "in"), (0, "in"), (0, "out"), (3, "in"), (60, "in")):
            moment = now - timedelta(days=days)
            self.make_message(account=account, direction=direction, date=moment)
        self.make_message(account=account, direction="out", state="failed")
        self.make_message(account=account + other)
        shown = self.volume(account, self.user)
        self.assertEqual(len(shown["Received"]), 30)
        self.assertEqual((shown["Received"][-1], shown["Received"][-4]), (3, 1))
        self.assertEqual(sum(shown["Received"]), 4)
        self.assertEqual((shown["Sent"][-1], sum(shown["Sent"])), (1, 1))
        self.assertEqual(sum(self.volume(other, self.user)["Received"]), 1)

    def test_days_are_those_of_the_user(self):
        account = self.make_account()
        noon = fields.Datetime.now().replace(hour=12, minute=0, second=0)
        # In Tokyo these are of two days, in UTC of one.
        for hour in (14, 16):
            self.make_message(account=account, date=noon.replace(hour=hour) - timedelta(days=5))
        tokyo, utc = (
            self.volume(account.with_context(tz=zone), self.user)["Received"]
            for zone in ("Asia/Tokyo", "UTC")
        )
        self.assertEqual(sorted(tokyo)[-2:], [1, 1])
        self.assertEqual(sorted(utc)[-2:], [0, 2])

    def test_nobody_sees_the_volume_of_mail_that_he_may_not_see(self):
        owner = new_test_user(self.env, "owner", "sales_team.group_sale_salesman")
        team = self.env["crm.team"].create({"name": "A", "member_ids": [Command.set(owner.ids)]})
        shared = self.make_account()
        private = self.make_account(visibility="private", user_id=owner.id)
        teams = self.make_account(visibility="team", team_id=team.id)
        self.make_message(account=shared + private + teams)
        for user in (self.manager, self.env.ref("base.user_admin")):
            for account in (private, teams):
                self.assertTrue(account.with_user(user).mail_hidden)
                self.assertFalse(self.volume(account, user))
            self.assertEqual(sum(self.volume(shared, user)["Received"]), 1)
        for account in (shared, private, teams):
            self.assertFalse(account.with_user(owner).mail_hidden)
            self.assertEqual(sum(self.volume(account, owner)["Received"]), 1)

    def test_nobody_sees_how_far_back_a_private_mailbox_is_read(self):
        owner = new_test_user(self.env, "owner", "sales_team.group_sale_salesman")
        unread = {"history_uid": 5, "covered_since": False, "history_total": 9, "history_left": 3}
        private = {"visibility": "private", "user_id": owner.id}
        for account, condition, reach in (
            (self.make_read_account(**private), "fine", "Complete"),
            (self.make_read_account(unread, **private), "reading", "Reading"),
        ):
            self.env.invalidate_all()
            seen = account.with_user(self.manager)
            self.assertEqual((seen.condition, seen.reach), (condition, reach))
            # What an administrator has been shown does not get into what is stored.
            self.assertEqual(seen.history_state, "waiting")
            account._note_connection(MailboxError("timeout"))
            account._note_connection(None)
            self.assertEqual(account.condition, condition)

    def test_another_companys_mail_is_hidden(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        admin = self.env.ref("base.user_admin")
        admin.company_ids += company
        account = self.make_account(company_id=company.id)
        self.make_message(account=account)
        here = account.with_user(admin).with_context(allowed_company_ids=admin.company_id.ids)
        there = account.with_user(admin).with_context(allowed_company_ids=company.ids)
        self.assertTrue(here.mail_hidden)
        self.assertFalse(here.volume_graph)
        self.assertTrue(there.volume_graph)

    def test_the_summary_counts_what_the_user_may_see(self):
        Account = self.env["member.mail.account"]
        before = Account.with_user(self.manager).get_dashboard_summary()
        owner = new_test_user(self.env, "owner", "sales_team.group_sale_salesman")
        private = self.make_trouble("timeout", visibility="private", user_id=owner.id)
        self.make_message(account=private)
        shared = self.make_account()
        shared.setting_up = True
        message = self.make_message(account=shared)
        self.make_message(account=shared, copy_of_id=message.id)
        self.make_message(account=shared, date=datetime(2020, 1, 1))
        after = Account.with_user(self.manager).get_dashboard_summary()
        self.assertEqual((before.pop("standstill"), after.pop("standstill")), ([], []))
        grown = {name: after[name] - before[name] for name in before if name != "home"}
        self.assertEqual(grown, {"accounts": 2, "problems": 1, "unfinished": 1, "today": 1})
        self.assertEqual(
            Account.with_user(owner).get_dashboard_summary()["today"], after["today"] + 1
        )

    def test_as_many_queries_for_many_accounts_as_for_few(self):
        view = self.env["member.mail.account"].get_view(view_type="kanban")
        shown = {node.get("name"): {} for node in etree.fromstring(view["arch"]).iter("field")}
        Account = self.env["member.mail.account"].with_user(self.manager)

        def queries(ids):
            self.forget()
            before = self.env.cr.sql_log_count
            found = Account.web_search_read([("id", "in", ids)], shown, order="problem_rank, id")
            self.assertEqual(len(found["records"]), len(ids))
            return self.env.cr.sql_log_count - before

        accounts = [self.make_read_account({"check_result": {"total": 1}}) for _ in range(48)]
        accounts += [self.make_trouble("timeout") for _ in range(2)]
        for account in accounts[::5]:
            self.make_message(account=account)
        ids = [account.id for account in accounts]
        queries(ids)
        self.assertEqual(queries(ids), queries(ids[-5:]))


@tagged("post_install", "-at_install")
class TestRemedy(DashboardCase):
    def remedy(self, account, user=None):
        return account.with_user(user or self.manager).remedy

    def test_each_problem_has_a_remedy(self):
        remedies = dict(self.env["member.mail.account"]._fields["remedy"].selection)
        self.assertLessEqual(set(REMEDIES.values()), remedies.keys())
        self.assertLessEqual(REMEDIES.keys(), CODES.keys())
        for code, remedy in {
            "auth_failed": "password",
            "no_password": "password",
            "oauth_required": "sign_in",
            "host_not_found": "servers",
            "throttled": "wait",
            "imap_disabled": "test",
            "timeout": "test",
        }.items():
            self.assertEqual(self.remedy(self.make_trouble(code)), remedy, code)

    def test_what_has_no_password_needs_none(self):
        account = self.make_trouble("auth_failed", auth_method="outlook")
        self.assertEqual(self.remedy(account), "sign_in")

    def test_remedies_without_an_error(self):
        account = self.make_account()
        self.assertEqual(self.remedy(account), "password")
        account.imap_password = "x"
        self.assertEqual(self.remedy(account), "test")
        account.setting_up = True
        self.assertEqual(self.remedy(account), "setup")
        action = account.with_user(self.manager).action_remedy()
        self.assertEqual(
            (action["xml_id"], action["res_id"]), ("crm_member_mail.action_setup", account.id)
        )
        self.assertFalse(self.remedy(self.make_read_account()))
        paused = self.make_read_account({"history_uid": 5, "covered_since": False})
        paused.history_paused = True
        self.assertEqual(self.remedy(paused), "resume")
        paused.with_user(self.manager).action_remedy()
        self.assertFalse(paused.history_paused)

    def test_who_may_not_mend_is_offered_nothing(self):
        account = self.make_trouble("timeout")
        self.assertEqual(self.remedy(account), "test")
        self.assertFalse(self.remedy(account, self.user))

    def test_a_private_account_is_mended_by_its_owner(self):
        owner = new_test_user(self.env, "owner", "sales_team.group_sale_salesman")
        private = {"visibility": "private", "user_id": owner.id}
        self.assertEqual(self.remedy(self.make_trouble("auth_failed", **private)), "ask")
        self.assertEqual(self.remedy(self.make_trouble("timeout", **private)), "test")
        own = self.make_trouble("auth_failed", **(private | {"user_id": self.manager.id}))
        self.assertEqual(self.remedy(own), "password")

    def test_an_owner_who_left_is_replaced(self):
        owner = new_test_user(self.env, "owner", "sales_team.group_sale_salesman")
        account = self.make_read_account(visibility="private", user_id=owner.id)
        owner.active = False
        account._follow_owners()
        self.assertEqual(account.condition, "stopped")
        action = account.with_user(self.manager).action_remedy()
        self.assertEqual(action["target"], "new")
        self.assertEqual(action["res_id"], account.id)
        view = self.env["ir.ui.view"].browse(action["views"][0][0])
        self.assertIn("user_id", view.arch)
        account.with_user(self.manager).user_id = self.user
        self.assertEqual(account.condition, "untested")


@tagged("post_install", "-at_install")
class TestDashboardTours(HttpCase, DashboardCase):
    def test_a_problem_is_mended(self):
        account = self.make_trouble(
            "auth_failed", email="broken@example.com", imap_password="old", smtp_host=False
        )
        self.make_message(account=self.make_read_account(email="good@example.com"))
        secret = account.imap_secret
        # The servers are played: tests/account/test_connection.py asks real ones.
        played = {"imap": lambda _settings: [], "smtp": lambda _settings: None}
        with patch.dict(PROBES, played):
            self.start_tour("/odoo/email-accounts", "member_mail_dashboard_tour", login="admin")
        self.assertNotEqual(account.imap_secret, secret)
        self.assertEqual(account.state, "connected")
