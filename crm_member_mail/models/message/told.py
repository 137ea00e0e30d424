from odoo import fields, models
from odoo.tools import SQL

from ..account.visibility import visible_accounts_sql
from .member_mail_copy import TOLD_BY_COPY, told_sql

#: Fields of a message that may name a recipient whom only one copy names.
NAMING = ("failure_reason", "failure_details")


class MemberMailMessage(models.Model):
    """What copies say differently: users get it from those copies that they see. The superuser has what
    is stored: what the first copy says, and whether any of them is new."""

    _inherit = "member.mail.message"

    is_told_apart = fields.Boolean(
        "Copies differ", readonly=True, copy=False, groups=fields.NO_ACCESS,
        help="The mailboxes that hold it say different things of it.",
    )  # fmt: skip

    def _field_to_sql(self, alias, field_expr, query=None):
        sql = super()._field_to_sql(alias, field_expr, query)
        if self.env.su or field_expr not in (*TOLD_BY_COPY, *NAMING):
            return sql
        if field_expr in NAMING:
            failure = self.env["member.mail.participant"]._fields["failure"]
            return SQL(
                "CASE WHEN %(sql)s IS NOT NULL AND NOT EXISTS ("
                "SELECT FROM member_mail_participant AS person WHERE person.message_id = %(id)s"
                " AND person.account_id NOT IN %(visible)s AND %(failure)s IS NOT NULL)"
                " THEN %(sql)s END",
                sql=sql,
                id=SQL.identifier(alias, "id"),
                visible=visible_accounts_sql(self.env),
                failure=SQL.identifier("person", "failure", to_flush=failure),
            )
        return SQL(
            "CASE WHEN %s IS TRUE THEN %s ELSE %s END",
            SQL.identifier(alias, "is_told_apart", to_flush=self._fields["is_told_apart"]),
            told_sql(field_expr, alias, visible_accounts_sql(self.env)),
            sql,
        )

    def _forget_told(self, names):
        """Before these fields are written: no user's value may be taken for the one that is stored."""
        written = [name for name in (*TOLD_BY_COPY, *NAMING) if name in names]
        if written:
            self.invalidate_recordset(written)

    def _news_in(self, account):
        """Those of these messages, of the superuser, that are new arrivals in an account."""
        self.fetch(["is_told_apart", "is_news"])  # and no texts, as reading them would
        told_apart = self.filtered("is_told_apart")
        rows = self.env["member.mail.copy"].sudo().search(
            [("message_id", "in", told_apart.ids), ("account_id", "=", account.id),
             ("is_news", "=", True)]
        )  # fmt: skip
        return (self - told_apart).filtered("is_news") | rows.message_id
