from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ...models.scan.account_arrival import READ
from ...workers.listening.shards import SHARD_LOCK, SHARDS
from ..common import MemberMailCase

SINCE = fields.Datetime.to_datetime("2026-03-01 09:12:00")


class ListeningCase(MemberMailCase):
    """Mailboxes that a listener watches, or doesn't. Its locks are held by the test's own cursor."""

    def make_read(self, **values):
        account = self.make_account()
        account.write({"state": "connected", "imap_password": "x", **values})
        return account

    def listen(self, *accounts):
        """A listener has the shards of these accounts."""
        for account in accounts:
            self.env.cr.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s), %s)", (SHARD_LOCK, account.id % SHARDS)
            )
        self.env.invalidate_all()

    def note(self, account, **values):
        """What the listener said of an account."""
        self.env["member.mail.listening"].create({"account_id": account.id, **values})
        self.env.invalidate_all()

    def make_live(self, **values):
        account = self.make_read(**values)
        self.listen(account)
        self.note(account, since=SINCE)
        return account


@tagged("post_install", "-at_install")
class TestArrival(ListeningCase):
    def found(self, operator, value, *accounts, **context):
        """Those of these accounts that a search for how email arrives finds."""
        everything = self.env["member.mail.account"].with_context(**context)
        ids = [account.id for account in accounts]
        return everything.search([("id", "in", ids), ("arrival", operator, value)])

    def assert_arrives(self, account, arrival, text, reason="", since=False):
        self.assertEqual(account.arrival, arrival)
        self.assertEqual(account.arrival_since, since)
        self.assertEqual(account.arrival_text or "", text)
        self.assertIn(reason, account.arrival_reason or "")
        self.assertEqual(bool(reason), bool(account.arrival_reason))
        # A search agrees, in both directions.
        for value in ("live", "polled"):
            with self.subTest(value=value):
                is_it = account.arrival == value
                args = (account,)
                self.assertEqual(bool(self.found("=", value, *args, active_test=False)), is_it)
                self.assertEqual(bool(self.found("!=", value, *args, active_test=False)), not is_it)

    def test_without_a_listener(self):
        account = self.make_read()
        self.assert_arrives(account, "polled", "Every 15 minutes", "No listener is running")

    def test_at_once(self):
        account = self.make_live()
        self.assert_arrives(account, "live", "At once", since=SINCE)

    def test_a_listener_that_died_while_it_was_live(self):
        account = self.make_read()
        self.note(account, since=SINCE)
        self.assert_arrives(account, "polled", "Every 15 minutes", "No listener is running")

    def test_a_listener_for_other_mailboxes_only(self):
        account, other = self.make_read(), self.make_read()
        self.assertNotEqual(account.id % SHARDS, other.id % SHARDS)
        self.listen(other)
        self.note(account, since=SINCE)
        self.assert_arrives(account, "polled", "Every 15 minutes", "No listener is running")

    def test_other_locks_are_no_listener(self):
        account = self.make_read()
        self.note(account, since=SINCE)
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", (account.id % SHARDS,))
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtext('something.else'), %s)", (account.id % SHARDS,)
        )
        self.assertEqual(account.arrival, "polled")

    def test_not_connected_yet(self):
        account = self.make_read()
        self.listen(account)
        self.assert_arrives(account, "polled", "Every 15 minutes", "hasn't connected yet")
        self.note(account, since=False)
        self.assert_arrives(account, "polled", "Every 15 minutes", "hasn't connected yet")

    def test_a_server_that_cannot_tell(self):
        account = self.make_read()
        self.listen(account)
        self.note(account, reason="no_idle", seconds=60)
        self.assert_arrives(account, "polled", "Every 60 seconds", "can't tell Odoo")
        account.env["member.mail.listening"].search([]).seconds = 0
        self.env.invalidate_all()
        self.assert_arrives(account, "polled", "Every 15 minutes", "can't tell Odoo")

    def test_why_the_listener_cannot_connect(self):
        account, strange, away = (self.make_read() for _number in range(3))
        self.listen(account, strange, away)
        self.note(away, reason="refused")
        self.assert_arrives(away, "polled", "Every 15 minutes", "can't reach imap.example.com, and")
        self.note(account, reason="too_many_connections")
        self.note(strange, reason="zq")
        self.assert_arrives(account, "polled", "Every 15 minutes", "listener can't connect. ")
        self.assertIn("connections", account.arrival_reason)
        self.assert_arrives(strange, "polled", "Every 15 minutes", "listener can't connect.")

    def test_what_is_not_read_is_not_live(self):
        """Whatever the listener said before it heard of that."""
        now = fields.Datetime.now()
        for values in (
            {"active": False},
            {"stopped": True, "state": "error"},
            {"state": "error", "next_sync": now},
            {"setting_up": True},
        ):
            with self.subTest(**values):
                account = self.make_live(**values)
                self.assert_arrives(account, "polled", "")
                self.assertFalse(account.filtered_domain(READ))

    def test_not_tested_yet_is_read_but_not_live(self):
        account = self.make_live(state="draft")
        self.assert_arrives(account, "polled", "Every 15 minutes", "hasn't been tested yet")

    def test_archived_accounts_are_found_only_if_they_are_asked_for(self):
        live, archived = self.make_live(), self.make_live(active=False)
        both = (live, archived)
        self.assertEqual(self.found("=", "polled", *both), live.browse())
        self.assertEqual(self.found("=", "polled", *both, active_test=False), archived)
        self.assertEqual(self.found("in", ["live", "polled"], *both), live)
        self.assertEqual(self.found("=", False, *both), live.browse())

    def test_the_pause_of_the_job(self):
        account = self.make_read()
        job = self.env.ref("crm_member_mail.ir_cron_fetch")
        for number, kind, text in (
            (1, "minutes", "Every minute"),
            (5, "minutes", "Every 5 minutes"),
            (1, "hours", "Every 60 minutes"),
        ):
            job.write({"interval_number": number, "interval_type": kind})
            self.env.invalidate_all()
            self.assertEqual(account.arrival_text, text)

    def test_each_reads_it_in_their_language(self):
        """It is computed for each language, not kept for the first one that asked."""
        account = self.make_read()
        self.env["res.lang"]._activate_lang("de_DE")
        with patch.object(type(account), "_say_why", lambda account, *_args: account.env.lang):
            for lang in ("en_US", "de_DE"):
                self.assertEqual(account.with_context(lang=lang).arrival_reason, lang)

    def test_a_copy_of_the_database_does_not_know_who_listens(self):
        """Lists are read from a replica, if there is one; locks are of the database itself."""
        account, other = self.make_live(), self.make_read()
        model = type(account)
        with (
            patch.object(model, "_is_replica", lambda _self: True),
            patch.object(model, "_listened_shards", lambda _self: {account.id % SHARDS}),
        ):
            self.assert_arrives(account, "live", "At once", since=SINCE)
            self.assertEqual(other.arrival, "polled")
        with (
            patch.object(model, "_is_replica", lambda _self: True),
            patch.object(model, "_listened_shards", lambda _self: set()),
        ):
            self.env.invalidate_all()
            self.assert_arrives(account, "polled", "Every 15 minutes", "No listener is running")

    def test_queries_do_not_depend_on_how_many(self):
        accounts = self.env["member.mail.account"]
        for _number in range(6):
            accounts |= self.make_live()

        def count(some):
            self.forget()
            before = self.env.cr.sql_log_count
            some.mapped("arrival_reason")
            return self.env.cr.sql_log_count - before

        count(accounts[:1])  # the job, and what else is looked up once
        self.assertEqual(count(accounts), count(accounts[:2]))

    def test_only_who_knows_of_an_account_is_told_how_its_mail_arrives(self):
        owner = new_test_user(self.env, "owner", "sales_team.group_sale_salesman")
        private = self.make_live(visibility="private", user_id=owner.id)
        shared = self.make_live()
        names = ["arrival", "arrival_since", "arrival_text", "arrival_reason"]
        for user, known in (
            (owner, private + shared),
            (self.user, shared),
            (self.manager, private + shared),
        ):
            with self.subTest(user=user.login):
                accounts = self.env["member.mail.account"].with_user(user)
                found = accounts.search([("arrival", "=", "live")])
                self.assertEqual(found & (private + shared), known)
                for account in private + shared:
                    self.env.invalidate_all()
                    if account in known:
                        [values] = account.with_user(user).read(names)
                        self.assertEqual(values["arrival"], "live")
                    else:
                        with self.assertRaises(AccessError):
                            account.with_user(user).read(names)
