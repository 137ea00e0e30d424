from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.fields import BigInteger
from .member_mail_folder import FIRST_RETRY, LONGEST_RETRY


class MemberMailFailure(models.Model):
    """An email that could not be filed, kept for another try; also what is in flight just now."""

    _name = "member.mail.failure"
    _description = "Email Not Filed"
    _order = "id desc"
    _rec_name = "error"

    folder_id = fields.Many2one("member.mail.folder", required=True, index=True, ondelete="cascade")
    account_id = fields.Many2one(related="folder_id.account_id", store=True, index=True)
    company_id = fields.Many2one(related="account_id.company_id")
    uidvalidity = BigInteger("UIDVALIDITY", required=True)
    uid = BigInteger("UID", required=True)
    state = fields.Selection(
        [("in_flight", "Being read"), ("failed", "Not filed"), ("ignored", "Ignored")],
        default="failed",
        required=True,
    )
    error = fields.Char(readonly=True)
    attempts = fields.Integer(readonly=True)
    next_attempt = fields.Datetime("Next try", readonly=True)

    _uid_unique = models.Constraint(
        "UNIQUE (folder_id, uidvalidity, uid)", "An email fails once; more tries are counted."
    )

    @api.model
    def _upsert(self, folder, errors, state, attempt):
        """Record ``errors`` (UID to text) of ``folder`` in one query.

        :param bool attempt: count an attempt; else it is counted only for rows that are new
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO member_mail_failure AS f
                       (folder_id, account_id, uidvalidity, uid, error, state, attempts, next_attempt,
                        create_uid, create_date, write_uid, write_date)
                SELECT %(folder)s, %(account)s, %(uidvalidity)s, u.uid, u.error, %(state)s, 1,
                       CASE WHEN %(attempt)s THEN NULL ELSE %(now)s + %(first)s END,
                       %(user)s, %(now)s, %(user)s, %(now)s
                  FROM unnest(%(uids)s::bigint[], %(errors)s::text[]) AS u(uid, error)
                ON CONFLICT (folder_id, uidvalidity, uid) DO UPDATE
                   SET state = EXCLUDED.state,
                       error = COALESCE(EXCLUDED.error, f.error),
                       attempts = f.attempts + CASE WHEN %(attempt)s THEN 1 ELSE 0 END,
                       next_attempt = CASE WHEN %(attempt)s THEN f.next_attempt ELSE %(now)s
                           + LEAST(%(first)s * power(4, f.attempts - 1), %(longest)s) END,
                       write_date = EXCLUDED.write_date
                """,
                folder=folder.id,
                account=folder.account_id.id,
                uidvalidity=folder.uidvalidity,
                state=state,
                attempt=attempt,
                first=FIRST_RETRY,
                longest=LONGEST_RETRY,
                user=self.env.uid,
                now=fields.Datetime.now(),
                uids=list(errors),
                errors=list(errors.values()),
            )
        )

    def _pause(self):
        """How long to wait before the next try: a timedelta that grows with the attempts."""
        self.ensure_one()
        return min(FIRST_RETRY * 4 ** min(max(self.attempts - 1, 0), 10), LONGEST_RETRY)

    def action_retry(self):
        """Try these emails again with the next scan, which is asked to come soon."""
        self.check_access("write")
        self.sudo().write({"state": "failed", "next_attempt": False})
        self.env.ref("crm_member_mail.ir_cron_fetch").sudo()._trigger()

    def action_ignore(self):
        """Do not try these emails again."""
        self.check_access("write")
        self.sudo().write({"state": "ignored"})
