import contextlib
import logging

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import config

from odoo.addons.crm_member_mail.workers.transactions import commit
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import ENQUEUED, PENDING, STARTED, WAIT_DEPENDENCIES
from odoo.addons.queue_job.jobrunner.runner import PG_ADVISORY_LOCK_ID
from odoo.addons.queue_job.utils import must_run_without_delay

_logger = logging.getLogger(__name__)

#: Seconds that a job reads before its successor queues up behind the other mailboxes, unless the
#: system parameter says otherwise.
JOB_SECONDS, JOB_SECONDS_PARAMETER = 60, "crm_member_mail_queue_job.seconds"

UNFINISHED = (WAIT_DEPENDENCIES, PENDING, ENQUEUED, STARTED)


class MemberMailAccount(models.Model):
    """The scan of each account as a job, which any worker on any machine may run."""

    _inherit = "member.mail.account"

    def _dispatch(self, seconds, with_wanted=False):
        """Queue a job for each of these accounts that has none yet.

        Without a job runner nobody would ever run them: then the accounts are scanned right here.

        :param float seconds: the time for that
        :param bool with_wanted: jobs need not be told: each is one account's
        :return: the accounts left unfinished; none once they have jobs, which do the rest themselves
        """
        if must_run_without_delay(self.env):
            return super()._dispatch(seconds, with_wanted)
        if not self._has_job_runner():
            _logger.warning(
                "No job runner serves this database (is queue_job in --load?). "
                "The scheduler scans the mailboxes itself."
            )
            return super()._dispatch(seconds, with_wanted)
        with self._dispatch_lock():
            # A new transaction sees the jobs of whoever held the lock before us.
            commit(self.env)
            for account in self.exists() - self._accounts_with_job():
                account._queue_scan()
            commit(self.env)
        return self.browse()

    @api.model
    def _has_job_runner(self):
        """Whether a job runner serves this database: it holds an advisory lock while it does."""
        self.env.cr.execute(
            """
            SELECT count(*) FROM pg_locks
             WHERE locktype = 'advisory' AND objsubid = 1 AND granted
               AND (classid::bigint << 32) | objid::bigint = %s
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            (PG_ADVISORY_LOCK_ID,),
        )
        return bool(self.env.cr.fetchone()[0])

    @contextlib.contextmanager
    def _dispatch_lock(self):
        """Wait for our turn: two schedulers that look for jobs at the same time would both see none.

        The lock lives in a transaction of its own, because ours must begin after it is taken.
        """
        with self.env.registry.cursor() as lock_cr:
            lock_cr.execute(
                "SELECT pg_advisory_xact_lock(hashtext('member.mail.account.dispatch'), 0)"
            )
            yield

    def _accounts_with_job(self):
        """Those of these accounts with a job that is waiting or running.

        queue_job's own check of identity keys lets a second job in while one is running. Here it
        would only find the mailbox busy.
        """
        account_of = {account._scan_job_key(): account for account in self}
        jobs = (
            self.env["queue.job"]
            .sudo()
            .search_fetch(
                [("identity_key", "in", list(account_of)), ("state", "in", UNFINISHED)],
                ["identity_key"],
            )
        )
        return self.browse().union(*(account_of[job.identity_key] for job in jobs))

    def _scan_job_subject(self):
        """How the list of jobs names this account. Whoever reads that need not know of mailboxes that
        are not for everybody."""
        return self.email if self.visibility == "shared" else f"#{self.id}"

    def _scan_job_key(self):
        return f"member.mail.account.scan:{self.id}"

    def _queue_scan(self):
        """Queue a job that scans this account, unless one is waiting already."""
        self.ensure_one()
        account = self.sudo().with_company(self.company_id)
        account.with_delay(
            identity_key=account._scan_job_key(),
            description=self.env._("Scan %s", account._scan_job_subject()),
        )._scan_job()

    def _scan_job(self):
        """The job: scan this account for a while; returns a sentence for the list of jobs.

        :raises RetryableJobError: when somebody else is scanning the mailbox
        """
        if not self.env["member.mail.home"]._is_at_home():
            return self.env._("Nothing to do: the database may be a copy.")
        # A lot may have happened since the job was queued.
        account = self.sudo().with_context(active_test=True)
        account = account.search(Domain("id", "in", self.ids) & self._readable_domain())
        if not account:
            return self.env._("Nothing to do: the account is archived, stopped, paused or deleted.")
        result = account._scan(seconds=self._job_seconds())
        if result == "busy":
            # They may take long, and it is no failed attempt of ours.
            raise RetryableJobError(
                self.env._("This mailbox is already being scanned."), ignore_retry=True
            )
        if result == "error":
            # The account says when to try again, for the scheduler.
            if account.visibility == "shared":
                return account.error_message
            return self.env._("The scan failed. The account says why.")
        if result == "unfinished":
            # The key is free: queue_job does not count running jobs, such as this one.
            account._queue_scan()
            return self.env._("There are more emails. The next job continues.")
        return self.env._("The scan is complete.")

    @api.model
    def _job_seconds(self):
        """Seconds that a job may read: well within what Odoo allows a request, which a job is."""
        wanted = self.env["ir.config_parameter"].sudo().get_param(JOB_SECONDS_PARAMETER)
        limits = [config["limit_time_real"], config["limit_time_cpu"]]
        return min([float(wanted or JOB_SECONDS), *(limit / 2 for limit in limits if limit)])
