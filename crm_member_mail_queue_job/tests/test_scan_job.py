from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.tests.common import MemberMailCase
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.jobrunner.runner import PG_ADVISORY_LOCK_ID

from ..hooks import uninstall_hook
from ..models.member_mail_account import JOB_SECONDS_PARAMETER, MemberMailAccount

has_job_runner = MemberMailAccount._has_job_runner  # before a test replaces it


@tagged("post_install", "-at_install")
class TestScanJob(MemberMailCase):
    """Which jobs there are, and what a job makes of the outcome of its scan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Account = cls.env.registry["member.mail.account"]
        cls.account = cls.make_account(email="desk@example.com")
        cls.other = cls.make_account()
        cls.both = cls.account | cls.other

    def setUp(self):
        super().setUp()
        self.runner = self.replace("_has_job_runner", True)
        self.scan = self.replace("_scan", "done")
        self.scan_all = self.replace("_scan_all", {})

    def replace(self, method, result):
        patcher = patch.object(self.Account, method, autospec=True, return_value=result)
        return self.startPatcher(patcher)

    def jobs(self, *accounts):
        keys = [account._scan_job_key() for account in accounts or self.both]
        return self.env["queue.job"].search([("identity_key", "in", keys)])

    def test_each_account_gets_one_job(self):
        self.assertFalse(self.both._dispatch(60))
        self.both._dispatch(60)

        self.assertEqual(len(self.jobs()), 2)
        job = self.jobs(self.account)
        self.assertEqual(job.name, "Scan desk@example.com")
        self.assertEqual(job.channel, "root.member_mail")
        self.assertEqual(job.company_id, self.account.company_id)
        self.assertEqual(job.records, self.account)
        self.scan.assert_not_called()
        self.scan_all.assert_not_called()

    def test_a_copy_of_the_database_scans_nothing(self):
        """Its jobs are those of the original."""
        self.env["member.mail.home"].declare_copy()
        self.addCleanup(self.env.cr.cache.clear)
        self.assertIn("may be a copy", self.account._scan_job())
        self.scan.assert_not_called()

    def test_the_list_of_jobs_tells_nothing_of_mailboxes_that_not_everybody_sees(self):
        self.account.visibility = "private"
        self.account._dispatch(60)
        self.scan.return_value = "error"
        self.account._note_connection(MailboxError("auth_failed", host="secret.example"))
        self.account.write({"stopped": False, "next_sync": False})
        told = f"{self.jobs(self.account).name} {self.account._scan_job()}"
        for word in (self.account.email, "secret.example", self.account.error_message):
            self.assertNotIn(word, told)

    def test_the_scheduled_job_queues_jobs(self):
        self.env["member.mail.account"]._cron_fetch()
        self.assertEqual(len(self.jobs()), 2)

    def test_a_scan_may_commit_and_retries_soon(self):
        self.account._dispatch(60)
        job = Job.load(self.env, self.jobs().uuid)
        self.assertTrue(job.job_config.allow_commit)
        self.assertTrue(15 <= job._get_retry_seconds() <= 30)

    def test_no_job_beside_one_that_runs_but_its_successor(self):
        self.account._dispatch(60)
        self.jobs().state = "started"
        self.account._dispatch(60)
        self.assertEqual(len(self.jobs()), 1)

        self.scan.return_value = "unfinished"
        self.account._scan_job()
        self.account._scan_job()
        self.assertEqual(set(self.jobs().mapped("state")), {"started", "pending"})
        self.assertEqual(len(self.jobs()), 2)

    def test_finished_jobs_make_room_for_new_ones(self):
        for state in ("done", "failed", "cancelled"):
            self.account._dispatch(60)
            self.jobs().filtered(lambda job: job.state == "pending").state = state
        self.assertEqual(len(self.jobs()), 3)

    def test_without_a_runner_the_scheduler_reads_the_mail(self):
        self.runner.return_value = False
        with self.assertLogs("odoo.addons.crm_member_mail_queue_job", "WARNING"):
            self.account._dispatch(60)
        self.assertFalse(self.jobs())
        self.scan_all.assert_called_once()

    def test_a_runner_is_known_by_its_lock(self):
        self.env.cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (PG_ADVISORY_LOCK_ID,))
        self.assertTrue(self.env.cr.fetchone()[0], "a job runner serves this database")
        self.assertTrue(has_job_runner(self.env["member.mail.account"]))

    def test_busy_is_retried_and_no_failed_try(self):
        self.scan.return_value = "busy"
        with self.assertRaises(RetryableJobError) as caught:
            self.account._scan_job()
        self.assertTrue(caught.exception.ignore_retry)

    def test_an_error_is_the_accounts_not_the_jobs(self):
        self.scan.return_value = "error"
        self.account.write({"error_code": "timeout", "error_host": "imap.example.com"})
        self.assertIn("imap.example.com doesn't answer", self.account._scan_job())
        self.assertFalse(self.jobs())

    def test_what_nobody_expected_fails_the_job(self):
        self.scan.side_effect = ZeroDivisionError
        with self.assertRaises(ZeroDivisionError):
            self.account._scan_job()

    def test_a_job_looks_again_whether_its_account_is_due(self):
        later = fields.Datetime.now() + timedelta(hours=1)
        for change in (
            {"active": False},
            {"active": True, "state": "error", "stopped": True},
            {"stopped": False, "next_sync": later},
        ):
            self.account.write(change)
            self.assertIn("Nothing to do", self.account._scan_job())
        self.account.unlink()
        self.assertIn("Nothing to do", self.account._scan_job())
        self.scan.assert_not_called()

    def test_a_job_ends_well_before_odoo_would_end_it(self):
        parameters = self.env["ir.config_parameter"].sudo()
        options = {"limit_time_real": 120, "limit_time_cpu": 50}
        with patch.dict(config.options, options):
            self.account._scan_job()
            self.assertEqual(self.scan.call_args.kwargs, {"seconds": 25})
            parameters.set_param(JOB_SECONDS_PARAMETER, "10")
            self.account._scan_job()
            self.assertEqual(self.scan.call_args.kwargs, {"seconds": 10})

    def test_uninstalling_removes_what_still_waits(self):
        self.both._dispatch(60)
        self.jobs(self.other).state = "done"
        uninstall_hook(self.env)
        self.assertEqual(self.jobs(), self.jobs(self.other))
