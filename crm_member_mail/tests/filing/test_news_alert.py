"""Being told of new emails while they come: what pops up, web pushes, quiet hours."""

import json
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.mail.models import mail_push

from .news_case import NewsCase


@tagged("post_install", "-at_install")
class TestPopUp(NewsCase):
    """A page is told ids, and asks what to show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.follow(cls.account, cls.seller)

    def alert(self, messages, user=None):
        News = self.env["member.mail.news"].with_user(user or self.seller)
        return News.get_alert(messages.ids)

    def test_what_pops_up(self):
        messages, told = self.arrive(2, subject="Season")
        payloads = [payload for target, payload in told.popped if target == self.seller.partner_id]
        self.assertEqual(payloads, [{"message_ids": messages.ids}], "nothing of the email")
        self.assertEqual(
            self.alert(messages),
            {
                "count": 2,
                "message_id": messages[-1].id,
                "sender": "Ada Member",
                "subject": "Season",
            },
        )
        self.assertEqual(self.alert(messages, self.user), {"count": 0}, "who was not told")

    def test_not_what_was_read_deleted_or_closed_meanwhile(self):
        for what, change in self.ends():
            [message], _told = self.arrive()
            self.assertEqual(self.alert(message)["count"], 1)
            with self.subTest(what):
                change(message)
                self.assertEqual(self.alert(message), {"count": 0})


@tagged("post_install", "-at_install")
class TestPush(NewsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.follow(cls.account, cls.seller)

    def test_one(self):
        [message], told = self.arrive(subject="The new season", author_id=self.member.id)
        [(partner, payload)] = told.pushed
        self.assertEqual(partner, self.seller.partner_id)
        self.assertEqual(payload["title"], "Ada Member")
        self.assertEqual(payload["options"]["body"], "The new season")
        self.assertEqual(payload["options"]["data"]["res_id"], message.id)
        self.assertEqual(told.alerts(self.seller), (1, 1))

    def test_many_are_one(self):
        messages, told = self.arrive(3, subject="Season")
        [(_partner, payload)] = told.pushed
        self.assertEqual(payload["title"], "3 new emails")
        self.assertEqual(payload["options"]["body"], "Ada Member: Season")
        self.assertEqual(payload["options"]["data"]["res_id"], messages[-1].id)
        self.assertEqual(told.alerts(self.seller), (1, 1))

    def test_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.seller.lang = "de_DE"
        german = self.env["member.mail.news"].with_context(lang="de_DE").env
        _messages, told = self.arrive(2)
        self.assertEqual(told.pushed[0][1]["title"], german._("%s new emails", 2))

    def test_a_long_subject_fits(self):
        _message, told = self.arrive(subject="ü" * 5000)
        self.assertLess(len(str(told.pushed[0][1]).encode()), 4096)

    def test_it_goes_with_the_message(self):
        [message], _told = self.arrive()
        push = self.env["mail.push"].search([("member_mail_message_id", "=", message.id)])
        self.assertTrue(push)
        message.unlink()
        self.assertFalse(push.exists())

    def test_odoo_s_job_sends_it(self):
        self.env["mail.push"].search([]).unlink()
        sent = []

        def send(**values):
            sent.append((values["device"]["endpoint"], json.loads(values["payload"])["title"]))

        self.patch(mail_push, "push_to_end_point", send)
        self.arrive()
        self.assertFalse(sent)
        self.env["mail.push"]._push_notification_to_endpoint()
        self.assertEqual(sent, [("https://push.invalid/seller", "Ada Member")])
        self.assertFalse(self.env["mail.push"].search([]))

    def test_it_is_not_sent_of_what_was_read_deleted_or_closed_meanwhile(self):
        self.env["mail.push"].search([]).unlink()
        sent = []
        self.patch(mail_push, "push_to_end_point", lambda **values: sent.append(values))
        for what, change in self.ends():
            [message], told = self.arrive()
            self.assertEqual(told.alerts(self.seller), (1, 1))
            with self.subTest(what):
                change(message)
                self.env["mail.push"]._push_notification_to_endpoint()
                self.assertFalse(sent)
                self.assertFalse(self.env["mail.push"].search([]))

    def test_no_network_in_the_transaction_that_announces(self):
        thread = self.env.registry["mail.thread"]
        self.patch(thread, "_web_push_send_notification", lambda *a, **k: self.fail("network"))
        _message, told = self.arrive()
        self.assertTrue(told.pushed)


@tagged("post_install", "-at_install")
class TestQuietHours(NewsCase):
    """Monday, 5 January 2026: the office opens at 8 in Brussels, which is 7 in UTC."""

    NIGHT = datetime(2026, 1, 5, 3)
    OPENS = datetime(2026, 1, 5, 7)
    DAY = datetime(2026, 1, 5, 9)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.follow(cls.account, cls.seller)
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Office hours", "tz": "Europe/Brussels"}
        )
        cls.env.company.resource_calendar_id = cls.calendar
        cls.seller.tz = "Europe/Brussels"
        cls.env.cr.execute(
            "UPDATE res_users SET create_date = '2025-01-01' WHERE id = %s", [cls.seller.id]
        )
        cls.env.invalidate_all()

    def works(self, **values):
        return self.env["resource.resource"].create(
            {
                "name": "Seller", "user_id": self.seller.id, "calendar_id": self.calendar.id,
                "tz": "Europe/Brussels", **values,
            }
        )  # fmt: skip

    def come(self, moment, number=1):
        """Messages that arrive at a moment, and who was told how."""
        with freeze_time(moment):
            messages, told = self.arrive(number, subject="Season")
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE member_mail_message SET create_date = %s WHERE id = ANY(%s)",
                [moment, messages.ids],
            )
            self.env.invalidate_all()
        return messages, told

    def begin(self, moment):
        """The job runs: who was told how."""
        with freeze_time(moment), self.telling() as told:
            self.env["member.mail.news"]._alert_due()
        return told

    def test_without_a_working_time_of_ones_own(self):
        self.assertEqual(self.come(self.NIGHT)[1].alerts(self.seller), (1, 1))

    def test_in_ones_own(self):
        self.works()
        self.assertEqual(self.come(self.DAY)[1].alerts(self.seller), (1, 1))
        messages, told = self.come(self.NIGHT, 2)
        self.assertEqual(told.alerts(self.seller), (0, 0))
        quiet = [payload for partner, payload in told.popped if partner == self.seller.partner_id]
        self.assertEqual(quiet, [{"message_ids": []}], "pages count it, and hear nothing of it")
        with freeze_time(self.NIGHT):
            self.assertEqual(self.entries(self.seller)["count"], 3)
        cron = self.env.ref("crm_member_mail.ir_cron_news")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn(self.OPENS, triggers.mapped("call_at"))
        self.assertEqual(self.begin(self.NIGHT + timedelta(hours=1)).alerts(self.seller), (0, 0))
        told = self.begin(self.OPENS)
        self.assertEqual(told.alerts(self.seller), (1, 1))
        self.assertEqual(told.pushed[0][1]["title"], "2 new emails")
        self.assertEqual(told.pushed[0][1]["options"]["data"]["res_id"], messages[-1].id)
        self.assertEqual(self.begin(self.OPENS).alerts(self.seller), (0, 0), "once")

    def test_not_of_what_was_read_deleted_or_closed_meanwhile(self):
        self.works()
        [read], _told = self.come(self.NIGHT)
        [deleted], _told = self.come(self.NIGHT)
        private = self.mailbox(name="Office")
        self.follow(private, self.seller)
        with freeze_time(self.NIGHT):
            read.with_user(self.seller).mark_seen()
            deleted.with_user(self.manager).action_trash()
            self.arrive(account=private)
        private.write({"visibility": "private", "user_id": self.manager.id})
        self.assertEqual(self.begin(self.OPENS).alerts(self.seller), (0, 0))

    def is_absent(self, until):
        self.env["resource.calendar.leaves"].create(
            {
                "resource_id": self.works().id,
                "calendar_id": self.calendar.id,
                "date_from": "2026-01-05 00:00:00",
                "date_to": f"{until} 22:00:00",
            }
        )

    def test_absence(self):
        self.is_absent(until="2026-01-05")
        self.come(self.NIGHT)
        self.assertEqual(self.begin(self.OPENS).alerts(self.seller), (0, 0))
        self.assertEqual(self.begin(self.OPENS + timedelta(days=1)).alerts(self.seller), (1, 1))

    def test_a_long_absence(self):
        self.is_absent(until="2026-02-01")
        self.come(self.NIGHT)
        self.assertEqual(self.begin(self.NIGHT + timedelta(days=14)).alerts(self.seller), (0, 0))
        self.assertEqual(self.begin(datetime(2026, 2, 2, 8)).alerts(self.seller), (1, 1))

    def test_the_company_s(self):
        self.seller.member_mail_alert = "company"
        self.assertEqual(self.come(self.NIGHT)[1].alerts(self.seller), (0, 0))
        self.assertEqual(self.come(self.DAY)[1].alerts(self.seller), (1, 1))

    def test_in_the_users_zone(self):
        self.seller.write({"member_mail_alert": "company", "tz": "America/New_York"})
        self.assertEqual(self.come(self.DAY)[1].alerts(self.seller), (0, 0))
        self.assertEqual(self.come(datetime(2026, 1, 5, 14))[1].alerts(self.seller), (1, 1))

    def test_daylight_saving(self):
        """Clocks went forward on Sunday, 29 March 2026, and go back on 25 October: the office opens at 8
        in either case."""
        self.works()
        for day, opens in (
            (datetime(2026, 3, 27), 7), (datetime(2026, 3, 30), 6),
            (datetime(2026, 10, 23), 6), (datetime(2026, 10, 26), 7),
        ):  # fmt: skip
            with self.subTest(day=day):
                before, after = (day + timedelta(hours=opens, minutes=m) for m in (-1, 0))
                self.assertEqual(self.come(before)[1].alerts(self.seller), (0, 0))
                self.assertEqual(self.begin(before).alerts(self.seller), (0, 0))
                self.assertEqual(self.begin(after).alerts(self.seller), (1, 1))
        # Over the weekend in which they change, too.
        self.come(datetime(2026, 3, 27, 20))
        self.assertEqual(self.begin(datetime(2026, 3, 30, 5, 59)).alerts(self.seller), (0, 0))
        self.assertEqual(self.begin(datetime(2026, 3, 30, 6)).alerts(self.seller), (1, 1))

    def test_at_any_time(self):
        self.works()
        self.seller.member_mail_alert = "always"
        self.assertEqual(self.come(self.NIGHT)[1].alerts(self.seller), (1, 1))

    def test_no_fixed_hours(self):
        resource = self.works()
        resource.calendar_id = False
        self.assertEqual(self.come(self.NIGHT)[1].alerts(self.seller), (1, 1))

    def test_email_and_activity_as_always(self):
        self.works()
        self.account.write({"user_id": self.seller.id, "notify": True, "notify_activity": True})
        before = self.env["mail.mail"].search_count([])
        self.come(self.NIGHT)
        self.assertEqual(self.env["mail.mail"].search_count([]), before + 1)
        self.assertTrue(self.member.activity_ids)
