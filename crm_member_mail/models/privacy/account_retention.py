from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

#: Messages, or emails not filed, that are erased in one transaction.
BATCH = 500

#: More months than that are a typing error.
MOST_MONTHS = 1200


class MemberMailAccount(models.Model):
    """Retention: how long the messages of the mailbox are kept in Odoo.

    A message with an older date leaves the mailbox, and is erased when no other mailbox keeps it. It is
    no longer read, either. The mail server is not touched.
    """

    _inherit = "member.mail.account"

    retention_months = fields.Integer(
        "Keep in Odoo for",
        help="Each night, Odoo erases messages older than this many months. It doesn't read emails "
        "that old, either. 0: keep them forever. Nothing is deleted from the mail server.",
    )
    retention_count = fields.Integer(
        "Expired messages",
        compute="_compute_retention_count",
        help="How many of the messages you can see are older than that.",
    )

    @api.depends("retention_months")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_retention_count(self):
        Message = self.env["member.mail.message"]
        for account in self:
            since = account._is_retention_valid() and account._kept_since()
            held = Domain("account_ids", "in", account._origin.ids)
            account.retention_count = (
                Message.search_count(held & Domain("date", "<", since)) if since else 0
            )

    def _is_retention_valid(self):
        return 0 <= self.retention_months <= MOST_MONTHS

    @api.constrains("retention_months")
    def _check_retention_months(self):
        for account in self:
            if not account._is_retention_valid():
                raise ValidationError(
                    self.env._(
                        "Enter 1 to %(most)s months, or 0 to keep messages forever.",
                        most=MOST_MONTHS,
                    )
                )

    def _kept_since(self):
        """Emails from before this naive UTC datetime are not kept; None: all are."""
        self.ensure_one()
        months = self.retention_months
        return fields.Datetime.now() - relativedelta(months=months) if months else None

    # -- the daily job ---------------------------------------------------------------------------

    @api.model
    def _erase_old(self):
        """Erase what is older than its mailboxes keep it, as far as time allows."""
        accounts = self.sudo().with_context(active_test=False)
        accounts = accounts.search([("retention_months", ">", 0)])
        work = [
            (erase, ids[start : start + BATCH])
            for erase, ids in (
                (accounts._erase_old_messages, accounts._old_messages()),
                (accounts._erase_old_failures, accounts._old_failures()),
            )
            for start in range(0, len(ids), BATCH)
        ]
        left = sum(len(ids) for _erase, ids in work)
        self._report_progress(0, left)
        for erase, ids in work:
            erase(ids)
            left -= len(ids)
            if self._report_progress(len(ids), left) <= 0:
                break

    def _old_messages(self):
        """The ids of the messages that one of these mailboxes, of the superuser, no longer keeps.
        Messages that wait to be sent don't count; those in the trash are erased anyway."""
        rows = self._query(
            """
            SELECT DISTINCT held.message_id
              FROM asked
              JOIN member_mail_account_message_rel AS held ON held.account_id = asked.account_id
              JOIN member_mail_message AS m ON m.id = held.message_id
             WHERE m.date < asked.since AND m.trashed IS NULL
               AND m.state NOT IN ('outgoing', 'sending')
             ORDER BY held.message_id
            """
        )
        return [message_id for (message_id,) in rows]

    def _erase_old_messages(self, ids):
        """Remove messages from those of these mailboxes that no longer keep them, and erase those that
        no mailbox keeps."""
        rows = self._query(
            """
            SELECT held.message_id, held.account_id, COALESCE(m.date < asked.since, FALSE)
              FROM member_mail_account_message_rel AS held
              JOIN member_mail_message AS m ON m.id = held.message_id
         LEFT JOIN asked ON asked.account_id = held.account_id
             WHERE held.message_id = ANY(%(ids)s)
            """,
            ids=ids,
        )
        kept = {message_id for message_id, _account_id, is_old in rows if not is_old}
        pairs = [(row[0], row[1]) for row in rows if row[2]]
        Message = self.env["member.mail.message"].with_context(member_mail_keeps_server=True)
        Message.browse(sorted({row[0] for row in rows} - kept))._erase_trash()
        Message._leave([pair for pair in pairs if pair[0] in kept])

    def _old_failures(self):
        """The ids of the `member.mail.failure` records that are older than these mailboxes, of the
        superuser, keep emails."""
        rows = self._query(
            """
            SELECT f.id FROM asked JOIN member_mail_failure AS f ON f.account_id = asked.account_id
             WHERE f.create_date < asked.since AND f.state <> 'in_flight'
            """
        )
        return [failure_id for (failure_id,) in rows]

    def _erase_old_failures(self, ids):
        self.env["member.mail.failure"].browse(ids).exists().unlink()

    def _query(self, query, **params):
        """The rows of a query in which ``asked`` is since when these mailboxes keep emails."""
        self.env.flush_all()
        # Somebody may have changed their mind since the job began.
        self.invalidate_recordset(["retention_months"], flush=False)
        sinces = [account._kept_since() for account in self]
        return self.env.execute_query(
            SQL(
                "WITH asked AS (SELECT * FROM unnest(%s::int[], %s::timestamp[])"
                " AS t(account_id, since)) %s",
                self.ids,
                sinces,
                SQL(query, **params),
            )  # fmt: skip
        )
