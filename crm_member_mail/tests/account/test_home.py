"""A database that is not at home uses none of its mailboxes, until an administrator says what it is."""

import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from ...mailbox.errors import MailboxError
from ...models.account import member_mail_home
from ...models.account.member_mail_home import KNOWN
from ...models.scan import account_scan
from ...models.sending import mail_mail
from ...tools import home_place, notification_id
from ..sending.draft_case import DraftCase

SWITCHED_OFF = "switched off"
LOGGER = member_mail_home.__name__


@tagged("post_install", "-at_install")
class TestHome(DraftCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.env["member.mail.home"]
        cls.system = new_test_user(cls.env, "home_system", "base.group_system")

    def setUp(self):
        super().setUp()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(patch.dict(config.options, {"data_dir": folder, home_place.OPTION: None}))
        self.enterContext(patch.dict("os.environ"))
        home_place.os.environ.pop(home_place.ENVIRONMENT, None)
        # As if the first account had been made here.
        self.home.search([]).token = self.home._place().settle()
        self.forget()
        self.addCleanup(self.forget)

    def forget(self):
        """What the transaction and the process know: others would not."""
        self.env.cr.cache.pop(KNOWN, None)
        member_mail_home._logged.clear()

    def move(self):
        """Make this the database of another place."""
        self.home.search([]).token = "of another place"
        self.forget()

    def standing(self):
        self.forget()
        return self.home._standing()

    @contextmanager
    def touching_nothing(self):
        """Nobody scans, sends or connects."""

        def touch(*_args, **_options):
            raise AssertionError("this talks to servers")

        with (
            patch.object(account_scan, "ConcurrentScan", touch),
            patch.object(mail_mail, "PostOffice", touch),
            patch("socket.create_connection", touch),
        ):
            yield

    # -- at home or not ----------------------------------------------------------------------------

    def test_the_first_account_makes_the_home(self):
        self.account.unlink()
        self.env["member.mail.account"].with_context(active_test=False).search([]).unlink()
        self.home.search([]).unlink()
        Path(self.home._place().path).unlink()
        self.assertEqual(self.standing(), "home")
        self.assertFalse(self.home._place().token())
        self.make_account()
        token = self.home._place().token()
        self.assertTrue(token)
        self.assertEqual(self.home.search([]).mapped("token"), [token])
        self.assertEqual(self.standing(), "home")
        self.make_account()
        self.assertEqual(self.home.search([]).mapped("token"), [token])
        self.assertEqual(self.home._place().token(), token)

    def test_accounts_without_a_home_are_off(self):
        self.home.search([]).unlink()
        self.assertEqual(self.standing(), "moved")

    def test_another_token(self):
        self.assertEqual(self.standing(), "home")
        self.move()
        self.assertEqual(self.standing(), "moved")

    def test_no_file(self):
        Path(self.home._place().path).unlink()
        self.assertEqual(self.standing(), "lost")

    def test_another_name(self):
        """A duplicate, in the same data directory."""
        with patch.object(self.env.cr, "dbname", "duplicate"):
            self.assertEqual(self.standing(), "lost")

    def test_the_name_of_a_place_in_the_configuration(self):
        Path(self.home._place().path).unlink()
        with patch.dict(config.options, {home_place.OPTION: "Berlin"}):
            self.assertEqual(self.standing(), "moved")
            self.home.declare_original(0, False)
            self.assertEqual(self.standing(), "home")
            with patch.object(self.env.cr, "dbname", "duplicate"):
                self.assertEqual(self.standing(), "moved")
        self.assertEqual(self.standing(), "lost")

    def test_a_token_that_cannot_be_written(self):
        self.home.search([]).unlink()
        with (
            patch.dict(config.options, {"data_dir": "/proc/nowhere"}),
            self.assertLogs(LOGGER, "ERROR") as logged,
            self.assertRaisesRegex(UserError, "server's log"),
        ):
            self.make_account()
        self.assertIn(home_place.ENVIRONMENT, logged.output[0])

    def test_it_is_asked_once_a_transaction(self):
        self.assertTrue(self.home._is_at_home())
        with self.assertQueryCount(0):
            self.assertTrue(self.home._is_at_home())

    def test_it_is_logged_once_a_process(self):
        Path(self.home._place().path).unlink()
        self.forget()
        with self.assertLogs(LOGGER, "WARNING") as logged:
            for _time in range(3):
                self.env["member.mail.account"]._cron_fetch()
                self.env["mail.mail"]._cron_send_member_mail()
        self.assertEqual(len(logged.output), 1)
        for words in (self.home._place().path, "volume", self.env.cr.dbname):
            self.assertIn(words, logged.output[0])
        self.assertNotIn(self.home.search([]).token, logged.output[0])

    # -- what a copy leaves alone --------------------------------------------------------------------

    def test_jobs_do_nothing(self):
        message = self.send(self.open())
        past = fields.Datetime.now() - timedelta(hours=1)
        message.sudo().mail_ids.scheduled_date = past
        self.account.sudo().write({"state": "connected", "next_sync": past})
        self.move()
        with self.touching_nothing():
            self.env["member.mail.account"]._cron_fetch()
            self.env["member.mail.account"]._cron_fetch_wanted()
            self.env["mail.mail"]._cron_send_member_mail()
            self.assertEqual(self.account._scan(), "error")
        self.assertEqual((message.state, self.account.state), ("outgoing", "connected"))

    def test_what_is_under_way_is_no_failure(self):
        """An administrator says that this is a copy while a job runs."""
        message = self.send(self.open())
        self.account.sudo().state = "connected"
        error = MailboxError("not_at_home")
        self.account.sudo()._note_connection(error)
        message.sudo().mail_ids._note_outage(error)
        self.assertEqual((self.account.state, message.state), ("connected", "outgoing"))
        self.assertEqual(message.sudo().mail_ids.member_mail_attempts, 0)

    def test_people_are_told(self):
        message = self.send(self.open())
        self.move()
        account = self.account.with_user(self.manager)
        account.sudo().auth_method = "outlook"
        with self.touching_nothing():
            for press in (
                account.action_fetch_now,
                account.action_test_connection,
                account.action_sign_in,
                message.action_send_now,
                message.action_send_here,
            ):
                with self.assertRaisesRegex(UserError, SWITCHED_OFF):
                    press()

    def test_nobody_gets_settings(self):
        self.account.write({"imap_password": "secret"})
        self.assertTrue(self.account._server_settings("imap"))
        self.move()
        refresh = "a refresh token that is used up by being used"
        for get in (
            lambda: self.account._server_settings("imap"),
            lambda: self.account._server_settings("smtp"),
            lambda: self.account._listening_settings(None),
            lambda: self.account._renewal("gmail", refresh),
            lambda: self.account._fetch_gmail_token("authorization_code", code="x"),
            lambda: self.account._fetch_outlook_token("refresh_token", refresh_token=refresh),
        ):
            with self.assertRaises(MailboxError) as caught:
                get()
            self.assertEqual(caught.exception.code, "not_at_home")
        _nothing, error = self.account._greet_smtp()
        self.assertEqual(error.code, "not_at_home")

    def test_odoo_sends_nothing_over_our_server(self):
        self.account.write({"smtp_password": "secret"})
        server = self.account._outgoing_server()
        self.move()
        servers = self.env["ir.mail_server"]
        with (
            patch.object(self.env.registry["ir.mail_server"], "_disable_send", lambda _self: False),
            self.touching_nothing(),
            self.assertRaisesRegex(UserError, SWITCHED_OFF),
        ):
            servers._connect__(mail_server_id=server.id, smtp_from=self.account.email)

    def test_no_listener_watches(self):
        self.account.sudo().write({"state": "connected", "imap_password": "secret"})
        orders = self.account._listening_orders({})
        self.assertEqual((list(orders["orders"]), orders["gone"]), ([self.account.id], []))
        self.move()
        orders = self.account._listening_orders({})
        self.assertEqual((orders["orders"], orders["gone"]), ({}, [self.account.id]))

    def test_open_pages_wake_nobody(self):
        now = fields.Datetime.now()
        self.account.sudo().write({"state": "connected", "next_sync": now, "last_sync": False})
        self.move()
        self.assertEqual(self.account.sudo()._freshen(60), 0)
        self.assertTrue(self.account.next_sync)

    def test_nothing_is_announced(self):
        message = self.received()
        notice = self.env["member.mail.notice"].create(
            {"message_id": message.id, "account_id": self.account.id}
        )
        news = self.env["member.mail.news"].create(
            {
                "message_id": message.id,
                "user_id": self.user.id,
                "alert_on": fields.Datetime.now() - timedelta(hours=1),
            }
        )
        self.env["mail.push.device"].get_web_push_vapid_public_key()
        device = self.env["mail.push.device"].create(
            {
                "partner_id": self.user.partner_id.id,
                "endpoint": "https://push.invalid/x",
                "keys": "{}",
            }
        )
        push = self.env["mail.push"].create(
            {
                "mail_push_device_id": device.id,
                "payload": "{}",
                "member_mail_message_id": message.id,
            }
        )
        values = {"email_to": "desk@club.example", "state": "outgoing"}
        email, other = self.env["mail.mail"].create(
            [
                values | {"message_id": notification_id.make(self.env, "club.example")},
                values | {"message_id": "<other@club.example>"},
            ]
        )
        self.move()
        with (
            self.touching_nothing(),
            patch("odoo.addons.mail.models.mail_push.push_to_end_point") as pushed,
        ):
            self.account.sudo()._announce()
            self.env["member.mail.news"]._cron_alert()
            self.env["mail.push"]._push_notification_to_endpoint()
            self.assertEqual((email + other)._announced_elsewhere(), email)
        pushed.assert_not_called()
        self.assertTrue(notice.exists())
        self.assertTrue(news.alert_on)
        self.assertFalse(push.exists())
        self.assertEqual((email.state, other.state), ("cancel", "outgoing"))

    # -- what is shown -------------------------------------------------------------------------------

    def test_the_board(self):
        self.account.sudo().state = "connected"
        Account = self.env["member.mail.account"]
        self.assertFalse(Account.get_dashboard_summary()["home"]["is_off"])
        self.move()
        self.send(self.open())
        self.env.invalidate_all()
        self.assertEqual(
            Account.with_user(self.manager).get_dashboard_summary()["home"],
            {"is_off": True, "is_copy": False, "can_answer": True, "waiting": 1, "place": ""},
        )
        self.assertEqual(self.account.condition, "off")
        self.assertFalse(self.account.remedy)
        self.assertFalse(self.account.arrival_text)
        told = Account.with_user(self.user).get_dashboard_summary()["home"]
        self.assertEqual((told["is_off"], told["can_answer"], told["waiting"]), (True, False, 0))
        Path(self.home._place().path).unlink()
        self.assertEqual(self.home.with_user(self.manager).get_standing()["place"], "")
        path = self.home.with_user(self.system).get_standing()["place"]
        self.assertEqual(path, self.home._place().path)

    def test_the_composer(self):
        draft = self.open()
        self.assertFalse(draft.waits_because)
        self.move()
        draft.invalidate_recordset()
        self.assertIn(SWITCHED_OFF, draft.waits_because)

    def test_the_monitor(self):
        account = self.env["member.mail.account"]
        account.search([]).active = False
        self.assertEqual(account._monitor()["home"], "home")
        self.move()
        report = account._monitor()
        self.assertEqual((report["home"], report["ok"]), ("moved", False))
        self.assertEqual(report["problems"], [{"problem": "may_be_copy"}])
        self.home.declare_copy()
        report = account._monitor()
        self.assertEqual((report["home"], report["ok"], report["problems"]), ("copy", True, []))

    # -- the answers ---------------------------------------------------------------------------------

    def test_only_administrators_answer(self):
        self.move()
        for user in (self.user, new_test_user(self.env, "home_own", "base.group_user")):
            home = self.home.with_user(user)
            with self.assertRaises(AccessError):
                home.declare_original(0, False)
            with self.assertRaises(AccessError):
                home.declare_copy()
        for user in (self.manager, self.system):
            home = self.home.with_user(user)
            for answer, args, words in (
                (home.declare_copy, (), "a copy"),
                (home.declare_original, (0, False), "the original"),
            ):
                with self.assertLogs(LOGGER, "WARNING") as logged:
                    answer(*args)
                self.assertIn(user.login, logged.output[0])
                self.assertIn(words, logged.output[0])
                self.assertEqual(self.home.search([]).write_uid, user)
        self.assertEqual(self.standing(), "home")

    def test_the_token_is_for_nobody(self):
        home = self.home.search([])
        for user in (self.user, self.manager, self.system):
            with self.assertRaises(AccessError):
                home.with_user(user).read(["token"])
            with self.assertRaises(AccessError):
                self.home.with_user(user).search([("token", "!=", False)])

    def test_the_original_at_another_place_falls_off(self):
        """Two places with one database: the one that was not meant has another token."""
        former = self.home.search([]).token
        with (
            tempfile.TemporaryDirectory() as elsewhere,
            patch.dict(config.options, {"data_dir": elsewhere}),
        ):
            self.assertEqual(self.standing(), "lost")
            self.home.declare_original(0, False)
            self.assertEqual(self.standing(), "home")
            self.assertNotEqual(self.home.search([]).token, former)
        self.assertEqual(self.home._place().token(), former)
        self.assertEqual(self.standing(), "moved")

    def test_a_backup_in_its_place(self):
        """From before the move, it asks; from after it, it goes on by itself."""
        before = self.home.search([]).token
        self.home.declare_original(0, False)
        after = self.home.search([]).token
        self.home.search([]).token = before
        self.assertEqual(self.standing(), "moved")
        self.home.declare_original(0, False)
        self.assertEqual(self.standing(), "home")
        self.assertNotIn(self.home.search([]).token, (before, after))

    def test_a_copy_stays_off_and_quiet(self):
        self.home.declare_copy()
        self.assertEqual(self.standing(), "copy")
        self.assertFalse(self.home._is_at_home())
        self.assertTrue(self.home.get_standing()["is_copy"])
        # Nor does a token that fits by chance, such as of an account that is added, switch it on.
        self.make_account()
        self.assertEqual(self.standing(), "copy")

    def test_what_waits_is_told_and_not_sent_unasked(self):
        message = self.send(self.open())
        self.move()
        with self.assertRaisesRegex(UserError, "1"):
            self.home.declare_original(0, True)
        self.assertEqual(self.standing(), "moved")
        self.home.declare_original(1, False)
        self.assertEqual(self.standing(), "home")
        self.assertEqual((message.state, message.sudo().mail_ids.state), ("failed", "exception"))
        self.assertIn("copied or moved", message.failure_reason)
        message.action_retry_sending()
        self.assertEqual(message.state, "outgoing")

    def test_what_waits_is_sent_if_wanted(self):
        message = self.send(self.open())
        self.move()
        self.home.declare_original(1, True)
        self.assertEqual(message.state, "outgoing")
        self.assertEqual(self.env["mail.mail"]._member_mail_waiting(), message.sudo().mail_ids)
