from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import fields, models
from odoo.tools import SQL

#: The jobs that can scan at once: the first one that is there does.
JOBS = ("ir_cron_fetch_wanted", "ir_cron_fetch")


class MemberMailAccount(models.Model):
    """Scanning a mailbox because somebody looks at its messages: many pages ask, it happens once."""

    _inherit = "member.mail.account"

    def _freshen(self, seconds):
        """Have the job scan those of these accounts, of the superuser, at once that were last scanned
        so many seconds ago or longer.

        Not those in trouble, whose pause counts, nor those that are asked for already. It neither waits
        nor fails: whom somebody else is writing to at this moment is left alone.

        :return: how many it is
        """
        if not self.env["member.mail.home"]._is_at_home():
            return 0
        self.flush_model(["active", "stopped", "setting_up", "state", "next_sync", "last_sync"])
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    self._freshen_sql(fields.Datetime.now() - timedelta(seconds=seconds)),
                    log_exceptions=False,
                )
                asked = self.env.cr.rowcount
        except SerializationFailure:
            asked = 0  # a page asked for it, or its scan ended, since this transaction began
        self.invalidate_recordset(["next_sync"], flush=False)
        if asked:
            jobs = (
                self.env.ref(f"crm_member_mail.{job}", raise_if_not_found=False) for job in JOBS
            )
            if job := next(filter(None, jobs), None):
                job.sudo()._trigger()
        return asked

    def _freshen_sql(self, moment):
        return SQL(
            """
            UPDATE member_mail_account SET next_sync = NULL
             WHERE id IN (SELECT id FROM member_mail_account
                           WHERE id IN %(ids)s AND active AND stopped IS NOT TRUE
                             AND setting_up IS NOT TRUE AND state <> 'error'
                             AND next_sync IS NOT NULL AND (last_sync <= %(moment)s OR last_sync IS NULL)
                           ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
            """,
            ids=self._ids or (0,),
            moment=moment,
        )
