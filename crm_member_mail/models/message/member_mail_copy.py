from odoo import api, fields, models
from odoo.tools import SQL

#: Fields of a message that its copies may tell differently.
TOLD_BY_COPY = ("authenticity", "is_news")


class MemberMailCopy(models.Model):
    """What the copy of an email in one mailbox says of it, where copies differ: whether its server takes
    the sender for genuine, and whether it was a new arrival there.

    As long as all copies say the same, the message itself has it, and there is no row.
    """

    _name = "member.mail.copy"
    _description = "Copy of an Email in a Mailbox"
    _log_access = False

    message_id = fields.Many2one(
        "member.mail.message", required=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        "member.mail.account", "Email account", required=True, index=True, ondelete="restrict"
    )
    authenticity = fields.Char("Sender")
    is_news = fields.Boolean("New arrival")

    _pair_unique = models.UniqueIndex("(message_id, account_id)")
    _forged_idx = models.Index("(message_id) WHERE authenticity = 'failed'")

    @api.model
    def _note(self, account, said):
        """Note what copies say that were found in one more mailbox. Four queries at most.

        :param dict said: id of the message to (authenticity, is_news)
        """
        if not said:
            return
        self.env.flush_all()
        ids = list(said)
        values = {
            "account": account.id,
            "ids": ids,
            "verdicts": [said[id_][0] or None for id_ in ids],
            "news": [bool(said[id_][1]) for id_ in ids],
        }
        rows = self.env.execute_query(SQL(DIFFERENT, **values))
        if not rows:
            return
        values["ids"], values["verdicts"], values["news"] = map(list, zip(*rows, strict=True))
        for query in TELL_APART:
            self.env.cr.execute(SQL(query, **values))
        self.invalidate_model(flush=False)
        self.env["member.mail.message"].invalidate_model(
            ["authenticity", "is_news", "is_told_apart", "is_unread"], flush=False
        )


# Those of which something else is known than the message says, or that have rows already.
DIFFERENT = """
SELECT said.id, said.verdict, said.is_news
  FROM unnest(%(ids)s::int[], %(verdicts)s::text[], %(news)s::boolean[])
       AS said(id, verdict, is_news)
  JOIN member_mail_message AS m ON m.id = said.id
 WHERE m.is_told_apart IS TRUE
    OR m.authenticity IS DISTINCT FROM said.verdict
    OR COALESCE(m.is_news, FALSE) <> said.is_news
"""
# The other mailboxes, which come first, have what the message had until now.
TELL_APART = (
    """
    INSERT INTO member_mail_copy (message_id, account_id, authenticity, is_news)
    SELECT m.id, held.account_id, m.authenticity, COALESCE(m.is_news, FALSE)
      FROM member_mail_message AS m
      JOIN member_mail_account_message_rel AS held ON held.message_id = m.id
     WHERE m.id = ANY(%(ids)s) AND m.is_told_apart IS NOT TRUE AND held.account_id <> %(account)s
        ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO member_mail_copy (message_id, account_id, authenticity, is_news)
    SELECT said.id, %(account)s, said.verdict, said.is_news
      FROM unnest(%(ids)s::int[], %(verdicts)s::text[], %(news)s::boolean[])
           AS said(id, verdict, is_news)
        ON CONFLICT DO NOTHING
    """,
    """
    UPDATE member_mail_message AS m
       SET is_told_apart = TRUE, is_news = COALESCE(m.is_news, FALSE) OR said.is_news
      FROM unnest(%(ids)s::int[], %(news)s::boolean[]) AS said(id, is_news)
     WHERE m.id = said.id
    """,
)


class WrittenForAll:
    """A stored field whose value depends on who reads it: what is written replaces what any user has."""

    def _update_cache(self, records, cache_value, dirty=False):
        for cache in records.env.transaction.field_data[self].values():
            for id_ in records._ids:
                cache.pop(id_, None)
        return super()._update_cache(records, cache_value, dirty)


class SelectionByCopy(fields.Selection):
    """A verdict that copies may tell differently. Forged emails are few and looked for: an index has
    those of which any copy says so."""

    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        sql = super().condition_to_sql(field_expr, operator, value, model, alias, query)
        if model.env.su or operator != "in" or set(value) != {"failed"}:
            return sql
        return SQL(
            "(%s IN (SELECT id FROM member_mail_message WHERE authenticity = 'failed'"
            " UNION ALL SELECT message_id FROM member_mail_copy WHERE authenticity = 'failed')"
            " AND %s)",
            SQL.identifier(alias, "id"),
            sql,
        )


class One2manyByCopy(WrittenForAll, fields.One2many):
    pass


def told_sql(name, alias, accounts):
    """What the copies in some accounts say of a message: the verdict of the one that was found first, or
    whether one of them is news.

    :param name: of a field in TOLD_BY_COPY
    :param alias: of the table of messages
    :param SQL accounts: a list of their ids for IN
    """
    found = SQL(
        "FROM member_mail_copy AS told WHERE told.message_id = %s AND told.account_id IN %s",
        SQL.identifier(alias, "id"),
        accounts,
    )
    if name == "is_news":
        return SQL("EXISTS (SELECT %s AND told.is_news)", found)
    return SQL("(SELECT told.%s %s ORDER BY told.id LIMIT 1)", SQL.identifier(name), found)
