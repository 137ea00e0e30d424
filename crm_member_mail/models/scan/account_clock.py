import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: What was done later than this from now shows that the clock was ahead: the clocks of two machines
#: differ by less.
AHEAD = timedelta(minutes=30)
#: No pause after a failure is longer.
LONGEST = timedelta(hours=25)

#: Our scheduled jobs that scan: each can plan the other one anew, but not itself.
SCANS = ("ir_cron_fetch", "ir_cron_fetch_wanted")


class MemberMailAccount(models.Model):
    """When the clock of the machine was wrong: what was planned by it is planned anew, as soon as one of
    our jobs runs. Durations are measured by clocks that don't jump."""

    _inherit = "member.mail.account"

    @api.model
    def _mend_clock(self):
        """Have nothing wait for a time that a wrong clock named."""
        accounts, (jobs, left) = self._mend_plans(), self._mend_jobs()
        if accounts or jobs:
            _logger.warning(
                "The clock was ahead, and has been put right: %s accounts and %s scheduled jobs are "
                "planned anew",
                accounts,
                jobs,
            )
        for name in SCANS if left else ():
            # Whoever runs now, and can't plan itself, is planned by the other one.
            job = self.env.ref(f"crm_member_mail.{name}", raise_if_not_found=False)
            if job and job.id not in left:
                job.sudo()._trigger()

    @api.model
    def _mend_plans(self):
        """Make accounts due that were read, or failed, at a time that is still to come; returns how many
        there are."""
        now = fields.Datetime.now()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE member_mail_account
                   SET next_sync = CASE WHEN next_sync IS NULL THEN NULL ELSE %(now)s END,
                       last_sync = LEAST(last_sync, %(now)s), first_scan = LEAST(first_scan, %(now)s),
                       failing_since = LEAST(failing_since, %(now)s)
                 WHERE id IN (SELECT id FROM member_mail_account
                               WHERE GREATEST(last_sync, first_scan, failing_since) > %(ahead)s
                                  OR state = 'error' AND next_sync > %(far)s
                                 FOR NO KEY UPDATE SKIP LOCKED)
                """,
                now=now,
                ahead=now + AHEAD,
                far=now + LONGEST,
            )
        )
        count = self.env.cr.rowcount
        if count:
            self.invalidate_model(["next_sync", "last_sync", "first_scan", "failing_since"])
        return count

    @api.model
    def _mend_jobs(self):
        """Plan our jobs anew that ran at a time that is still to come, by the clock of the database, as
        Odoo plans them.

        :return: how many there are, and the set of the ids of those that run just now
        """
        known = "crm_member_mail"
        self.env.cr.execute(
            SQL(
                """
                WITH wrong AS (
                    SELECT job.id FROM ir_cron AS job
                      JOIN ir_model_data AS named ON named.res_id = job.id
                     WHERE named.model = 'ir.cron' AND named.module = %(known)s
                       AND LEAST(job.lastcall, job.nextcall) > (now() AT TIME ZONE 'UTC') + %(ahead)s),
                free AS (
                    SELECT id FROM ir_cron WHERE id IN (SELECT id FROM wrong)
                       FOR NO KEY UPDATE SKIP LOCKED),
                mended AS (
                    UPDATE ir_cron SET nextcall = date_trunc('second', now() AT TIME ZONE 'UTC'),
                           lastcall = date_trunc('second', now() AT TIME ZONE 'UTC')
                     WHERE id IN (SELECT id FROM free) RETURNING id)
                SELECT (SELECT count(*) FROM mended), ARRAY(SELECT id FROM wrong EXCEPT TABLE free)
                """,
                known=known,
                ahead=AHEAD,
            )
        )
        count, left = self.env.cr.fetchone()
        if count:
            self.env["ir.cron"].invalidate_model(["nextcall", "lastcall"])
        return count, set(left)
