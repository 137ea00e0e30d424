"""Nothing ran at all: the board, the page's head, the health report and an activity say so."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ...models.screens.account_idle import JOBS, LATE
from .test_dashboard import DashboardCase


class IdleCase(DashboardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accounts = cls.env["member.mail.account"]
        cls.accounts.search([]).active = False
        cls.admin = new_test_user(
            cls.env, "idle_admin", "crm_member_mail.group_manager,base.group_system"
        )
        cls.now = fields.Datetime.now()

    def make_read(self, **values):
        account = self.make_read_account(user_id=self.manager.id)
        account.write(
            {"last_sync": self.now, "next_sync": self.now + timedelta(minutes=9), **values}
        )
        return account

    def job(self, name):
        return self.env.ref(f"crm_member_mail.{name}")

    def age(self, names, **age):
        """Have jobs not run for a while."""
        then = self.now - timedelta(**age)
        for name in names:
            self.job(name).write({"lastcall": then, "nextcall": then})
        self.env["ir.cron.progress"].search([]).unlink()

    def problems(self):
        return {
            (found["problem"], found.get("job")) for found in self.accounts._monitor()["problems"]
        }

    def summary(self, user=None):
        accounts = self.accounts.with_user(user or self.manager)
        return accounts.get_dashboard_summary([("id", "in", self.accounts.search([]).ids)])


@tagged("post_install", "-at_install")
class TestIdle(IdleCase):
    def test_all_runs(self):
        self.make_read()
        self.assertEqual(self.problems(), set())
        summary = self.summary()
        self.assertEqual((summary["problems"], summary["standstill"]), (0, []))

    def test_three_days_without_jobs(self):
        then = self.now - timedelta(days=3)
        account = self.make_read(last_sync=then, next_sync=then)
        for name in JOBS:
            self.job(name).active = False
        self.assertEqual(
            self.problems(), {("not_scanned", None), *(("job_off", name) for name in JOBS)}
        )
        self.assertTrue(account.left_out)
        summary = self.summary()
        self.assertEqual(summary["problems"], 1 + len(JOBS))
        self.assertIn("Mailboxes are not scanned.", summary["standstill"][0]["text"])
        # Only who may do it is offered to.
        self.assertFalse([found for found in summary["standstill"] if found["job"]])
        offered = [found["job"] for found in self.summary(self.admin)["standstill"]]
        self.assertEqual(offered, list(JOBS))
        with self.assertRaises(AccessError):
            self.accounts.with_user(self.manager).action_switch_on("ir_cron_fetch")
        for name in JOBS:
            self.accounts.with_user(self.admin).action_switch_on(name)
        self.assertEqual(self.problems(), {("not_scanned", None)})
        self.assertTrue(
            self.env["ir.cron.trigger"].search([("cron_id", "=", self.job(JOBS[0]).id)])
        )

    def test_only_our_own_jobs_are_switched_on(self):
        with self.assertRaises(AccessError):
            self.accounts.with_user(self.admin).action_switch_on("base.autovacuum_job")

    def test_no_scheduler(self):
        self.make_read()
        self.age(JOBS, days=4)
        self.assertEqual(self.problems(), {("job_stuck", name) for name in JOBS})
        [found] = self.summary(self.admin)["standstill"]
        self.assertIn("scheduled jobs have stopped", found["text"])
        self.assertFalse(found["job"])

    def test_a_job_that_is_late_but_at_work_is_not_stuck(self):
        """A round may take longer than the time to the next one."""
        self.make_read()
        job = self.job("ir_cron_fetch")
        self.age(["ir_cron_fetch"], hours=2)
        self.assertEqual(self.problems(), {("job_stuck", "ir_cron_fetch")})
        self.env["ir.cron.progress"].create({"cron_id": job.id, "remaining": 1, "done": 1})
        self.assertEqual(self.problems(), set())

    def test_a_trigger_that_nobody_takes(self):
        self.make_read()
        job = self.job("ir_cron_fetch_wanted")
        job.write({"lastcall": self.now - LATE * 2, "nextcall": self.now + timedelta(hours=1)})
        self.assertEqual(self.problems(), set())
        job._trigger(self.now - LATE - timedelta(minutes=1))
        self.assertEqual(self.problems(), {("job_stuck", "ir_cron_fetch_wanted")})

    def test_a_queue_that_stands_still(self):
        account = self.make_read()
        message = self.make_message(
            account=account, direction="out", state="outgoing", scheduled_date=self.now
        )
        self.assertEqual(self.problems(), set())
        message.scheduled_date = self.now - LATE - timedelta(minutes=1)
        self.assertEqual(self.problems(), {("queue_stuck", None)})
        [found] = self.summary()["standstill"]
        self.assertIn("still wait: 1.", found["text"])

    def test_without_mailboxes_nothing_is_amiss(self):
        self.job("ir_cron_fetch").active = False
        self.assertEqual(self.problems(), set())

    def test_one_activity_each_that_goes_again(self):
        then = self.now - timedelta(hours=2)
        late = {"last_sync": then, "next_sync": then}
        mine, second, theirs = (self.make_read(**late) for _number in range(3))
        theirs.user_id = self.env.ref("base.user_admin")
        for _time in range(2):
            self.accounts._tell_of_standstill()
        self.assertEqual(
            [len(account.activity_ids) for account in (mine, second, theirs)], [1, 0, 1]
        )
        self.assertEqual(mine.activity_ids.user_id, self.manager)
        self.assertIn("3", mine.activity_ids.note)
        (mine + second).last_sync = self.now
        self.accounts._tell_of_standstill()
        self.assertFalse(mine.activity_ids)
        self.assertEqual(len(theirs.activity_ids), 1)
        theirs.last_sync = self.now
        self.accounts._tell_of_standstill()
        self.assertFalse(theirs.activity_ids)

        self.job("ir_cron_send").active = False
        self.accounts._tell_of_standstill()
        self.assertIn("Emails are not sent.", mine.activity_ids.note)
        self.job("ir_cron_send").active = True
        self.accounts._tell_of_standstill()
        self.assertFalse(mine.activity_ids)

    def test_each_of_our_jobs_tells(self):
        then = self.now - timedelta(hours=2)
        for job in (
            self.accounts._gc_tell_of_standstill,
            self.accounts._cron_erase_old,
            self.env["member.mail.message"]._cron_erase_trash,
            self.env["member.mail.news"]._cron_alert,
        ):
            account = self.make_read(last_sync=then, next_sync=then)
            # It would commit.
            with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
                job()
            self.assertTrue(account.activity_ids, job)
            account.active = False
            self.accounts._tell_of_standstill()


@tagged("post_install", "-at_install")
class TestPageHead(IdleCase, HttpCase):
    def told(self, user):
        self.authenticate(user.login, user.login)
        self.env.flush_all()
        info = self.make_jsonrpc_request("/web/session/get_session_info", {})
        return info.get("member_mail_problems")

    def test_those_who_look_after_all_mailboxes_are_told_at_once(self):
        self.make_read()
        self.assertEqual(self.told(self.manager), 0)
        self.job("ir_cron_fetch").active = False
        self.assertEqual(self.told(self.manager), 1)
        self.assertIsNone(self.told(self.user))
