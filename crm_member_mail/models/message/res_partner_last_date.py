from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..account.visibility import visible_accounts_sql

#: The fields, and what each is of the columns of the sub-query.
COLUMNS = {
    "member_mail_last_date": "GREATEST(%(last_in)s, %(last_out)s)",
    "member_mail_last_in_date": "%(last_in)s",
    "member_mail_last_out_date": "%(last_out)s",
    "member_mail_awaits_answer": "%(last_in)s > COALESCE(%(last_out)s, '-infinity')",
}
COMPARISONS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}


class ResPartner(models.Model):
    """When emails were last exchanged with a contact, as far as the user may know.

    Not stored, because everybody sees other mailboxes; but searched, sorted and grouped by like stored
    fields: `_field_to_sql` joins the rows of `member.mail.last.date` for the user's mailboxes.
    """

    _inherit = "res.partner"

    member_mail_last_date = fields.Datetime(
        "Last email", compute="_compute_member_mail_last_dates",
        search="_search_member_mail_last_date", groups="crm_member_mail.group_user",
        help="When the last email was exchanged with this contact or, for a company, with its "
        "people.",
    )  # fmt: skip
    member_mail_last_in_date = fields.Datetime(
        "Last email received", compute="_compute_member_mail_last_dates",
        search="_search_member_mail_last_in_date", groups="crm_member_mail.group_user",
        help="When this contact or, for a company, one of its people last wrote to us.",
    )  # fmt: skip
    member_mail_last_out_date = fields.Datetime(
        "Last email sent", compute="_compute_member_mail_last_dates",
        search="_search_member_mail_last_out_date", groups="crm_member_mail.group_user",
        help="When we last wrote to this contact or, for a company, to one of its people.",
    )  # fmt: skip
    member_mail_awaits_answer = fields.Boolean(
        "Waiting for our reply", compute="_compute_member_mail_last_dates",
        search="_search_member_mail_awaits_answer", groups="crm_member_mail.group_user",
        help="The last email came from this contact or, for a company, from one of its people.",
    )  # fmt: skip

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_member_mail_last_dates(self):
        dates = self._member_mail_last_dates()
        for partner in self:
            last_in, last_out = dates.get(partner._origin.id, (None, None))
            partner.member_mail_last_in_date = last_in
            partner.member_mail_last_out_date = last_out
            both = [date for date in (last_in, last_out) if date]
            partner.member_mail_last_date = max(both, default=False)
            partner.member_mail_awaits_answer = bool(
                last_in and (not last_out or last_in > last_out)
            )

    def _member_mail_last_dates(self):
        """Dict of contact id to the last dates of its emails and its people's: (in, out)."""
        ids = self._origin.ids
        if not ids:
            return {}
        self.env["res.partner"].flush_model(["parent_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE family AS (
                    SELECT id AS top, id FROM unnest(%s) AS id
                     UNION
                    SELECT family.top, p.id
                      FROM family JOIN res_partner AS p ON p.parent_id = family.id)
                SELECT family.top, max(last.last_in), max(last.last_out)
                  FROM family JOIN member_mail_last_date AS last ON last.partner_id = family.id
                 WHERE %s
                 GROUP BY family.top
                """,
                ids,
                self._member_mail_visible_sql(),
            )
        )
        return {top: (last_in, last_out) for top, last_in, last_out in rows}

    def _member_mail_visible_sql(self):
        """The SQL condition on ``last``, a `member.mail.last.date`, that the user may know of it."""
        return SQL(
            "last.company_id = ANY(%s) AND last.account_id IN %s",
            self.env(su=False).companies.ids,
            visible_accounts_sql(self.env),
        )

    # -- search and order ------------------------------------------------------------------------

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in COLUMNS or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        joined = query.make_alias(alias, "member_mail_last_date")
        # One join, no matter how many conditions and order terms ask for it.
        if joined not in query._joins:
            query.add_join(
                "LEFT JOIN",
                joined,
                SQL(
                    LAST_DATES,
                    visible=self._member_mail_visible_sql(),
                    to_flush=self._fields["parent_id"],
                ),
                SQL("%s = %s", SQL.identifier(joined, "id"), SQL.identifier(alias, "id")),
            )
        return SQL(
            COLUMNS[field_expr],
            **{column: SQL.identifier(joined, column) for column in ("last_in", "last_out")},
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Contacts without emails come last, in either direction, unless told otherwise."""
        if field_name in COLUMNS and not nulls.code:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _search_member_mail_last_date(self, operator, value):
        return self._member_mail_date_domain("member_mail_last_date", operator, value)

    def _search_member_mail_last_in_date(self, operator, value):
        return self._member_mail_date_domain("member_mail_last_in_date", operator, value)

    def _search_member_mail_last_out_date(self, operator, value):
        return self._member_mail_date_domain("member_mail_last_out_date", operator, value)

    def _search_member_mail_awaits_answer(self, operator, value):
        if operator != "in":
            return NotImplemented

        def to_sql(model, alias, query):
            return SQL(
                "(%s) IS TRUE", model._field_to_sql(alias, "member_mail_awaits_answer", query)
            )

        waiting = Domain.custom(to_sql=to_sql)
        return waiting if True in value else ~waiting

    def _member_mail_date_domain(self, name, operator, value):
        """The condition on a date; an empty one is neither before nor after anything."""
        if operator == "in":
            dates = [date for date in value if date]

            def to_sql(model, alias, query):
                column = model._field_to_sql(alias, name, query)
                found = SQL("(%s = ANY(%s::timestamp[])) IS TRUE", column, dates)
                return SQL("(%s OR %s IS NULL)", found, column) if False in value else found

        elif operator in COMPARISONS:

            def to_sql(model, alias, query):
                column = model._field_to_sql(alias, name, query)
                return SQL("(%s %s %s) IS TRUE", column, COMPARISONS[operator], value)

        else:
            return NotImplemented
        return Domain.custom(to_sql=to_sql)


# What is known of each contact is passed up to the companies above it.
LAST_DATES = """(
WITH RECURSIVE own AS (
         SELECT last.partner_id AS id, max(last.last_in) AS last_in, max(last.last_out) AS last_out
           FROM member_mail_last_date AS last
          WHERE %(visible)s
       GROUP BY last.partner_id),
     family AS (
         SELECT * FROM own
          UNION
         SELECT p.parent_id, family.last_in, family.last_out
           FROM family JOIN res_partner AS p ON p.id = family.id
          WHERE p.parent_id IS NOT NULL)
SELECT id, max(last_in) AS last_in, max(last_out) AS last_out FROM family GROUP BY id)"""
