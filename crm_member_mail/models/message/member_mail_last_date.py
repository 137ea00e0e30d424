from odoo import api, fields, models
from odoo.tools import SQL


class MemberMailLastDate(models.Model):
    """When a contact last wrote to a mailbox, and was last written to from it.

    A date on the contact itself would tell everybody when a private mailbox had emails. So there is one
    row per contact, mailbox and company; `res.partner` combines those that the user may know of. A
    company's row does not cover its people, because who they are may change at any time.
    """

    _name = "member.mail.last.date"
    _description = "Last Emails with a Contact"
    _log_access = False

    partner_id = fields.Many2one("res.partner", "Contact", required=True, ondelete="cascade")
    account_id = fields.Many2one(
        "member.mail.account", "Email account", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    last_in = fields.Datetime("Last received")
    last_out = fields.Datetime("Last sent")

    _pair_unique = models.UniqueIndex("(partner_id, account_id, company_id)")

    @api.model
    def _note(self, *, message_ids=None, partner_ids=None):
        """Move the dates up to those of emails that were filed, or filed in more places.

        One query; emails older than what is known, such as the history, write nothing.

        :param message_ids: the emails; None: all emails of the contacts ``partner_ids``
        """
        if message_ids is not None:
            which = SQL("m.id = ANY(%s)", list(message_ids))
        else:
            which = SQL("filed.partner_id = ANY(%s)", list(partner_ids))
        self._insert(which)

    @api.model
    def _refresh(self, partner_ids, account_ids=None):
        """Recompute the dates of contacts after emails were deleted or restored.

        :param account_ids: the mailboxes; None: all
        """
        if account_ids is None:
            accounts = SQL("TRUE")
        else:
            accounts = SQL("held.account_id = ANY(%s)", list(account_ids))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM member_mail_last_date AS held WHERE partner_id = ANY(%s) AND %s",
                list(partner_ids),
                accounts,
            )
        )
        self._insert(SQL("filed.partner_id = ANY(%s) AND %s", list(partner_ids), accounts))

    @api.model
    def _refresh_without(self, message_ids):
        """Recompute the dates that were those of emails which no longer count; they are still filed."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT last.partner_id, last.account_id
                  FROM member_mail_message AS m
                  JOIN member_mail_message_partner_rel AS filed ON filed.message_id = m.id
            CROSS JOIN LATERAL (SELECT account_id FROM member_mail_account_message_rel
                                 WHERE message_id = m.id OFFSET 0) AS held
            CROSS JOIN LATERAL (SELECT * FROM member_mail_last_date
                                 WHERE partner_id = filed.partner_id
                                   AND account_id = held.account_id OFFSET 0) AS last
                 WHERE m.id = ANY(%s) AND m.date IN (last.last_in, last.last_out)
                """,
                list(message_ids),
            )
        )
        if rows:
            self._refresh(*(set(ids) for ids in zip(*rows, strict=True)))

    @api.model
    def _insert(self, which):
        self.env.flush_all()
        counted = self.env["member.mail.message"]._counted_sql(SQL.identifier("m"))
        self.env.cr.execute(SQL(INSERT, which=which, counted=counted, wrote=SQL(WROTE)))
        self.invalidate_model(flush=False)
        self.env["res.partner"].invalidate_model(
            ["member_mail_last_date", "member_mail_last_in_date", "member_mail_last_out_date"],
            flush=False,
        )


# Not whoever is merely in To or Cc of what somebody else wrote. One message after the other (OFFSET): a
# contact may have so many that the database would rather read the participants of all messages.
WROTE = """
(EXISTS (SELECT FROM member_mail_participant AS p
          WHERE p.message_id = m.id AND p.partner_id = filed.partner_id AND p.party = 'main' OFFSET 0)
 OR NOT EXISTS (SELECT FROM member_mail_participant AS p
                 WHERE p.message_id = m.id AND p.partner_id = filed.partner_id OFFSET 0))
"""
# In the order of the index, so that two transactions wait for each other instead of deadlocking. What
# belongs to a message or a pair is looked up one by one (OFFSET), as above.
INSERT = """
INSERT INTO member_mail_last_date AS last (partner_id, account_id, company_id, last_in, last_out)
SELECT new.partner_id, new.account_id, new.company_id, new.last_in, new.last_out
  FROM (SELECT filed.partner_id, held.account_id, m.company_id,
               max(m.date) FILTER (WHERE m.direction = 'in' AND %(wrote)s) AS last_in,
               max(m.date) FILTER (WHERE m.direction = 'out') AS last_out
          FROM member_mail_message AS m
          JOIN member_mail_message_partner_rel AS filed ON filed.message_id = m.id
         CROSS JOIN LATERAL (SELECT account_id FROM member_mail_account_message_rel
                              WHERE message_id = m.id OFFSET 0) AS held
         WHERE %(which)s AND %(counted)s
           -- What only one copy says counts for its mailbox.
           AND (NOT EXISTS (SELECT FROM member_mail_copy_filing AS by_copy
                             WHERE by_copy.message_id = m.id AND by_copy.partner_id = filed.partner_id)
                OR EXISTS (SELECT FROM member_mail_copy_filing AS by_copy
                            WHERE by_copy.message_id = m.id AND by_copy.partner_id = filed.partner_id
                              AND by_copy.account_id = held.account_id))
      GROUP BY filed.partner_id, held.account_id, m.company_id) AS new
LEFT JOIN LATERAL (SELECT last_in, last_out FROM member_mail_last_date AS old
                    WHERE (old.partner_id, old.account_id, old.company_id)
                        = (new.partner_id, new.account_id, new.company_id) OFFSET 0) AS old ON TRUE
 WHERE GREATEST(old.last_in, new.last_in) IS DISTINCT FROM old.last_in
    OR GREATEST(old.last_out, new.last_out) IS DISTINCT FROM old.last_out
 ORDER BY new.partner_id, new.account_id, new.company_id
ON CONFLICT (partner_id, account_id, company_id) DO UPDATE
   SET last_in = GREATEST(last.last_in, EXCLUDED.last_in),
       last_out = GREATEST(last.last_out, EXCLUDED.last_out)
"""
