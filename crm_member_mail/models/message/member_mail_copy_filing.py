from odoo import Command, api, fields, models
from odoo.tools import SQL

from ..account.visibility import visible_accounts_sql
from .member_mail_copy import WrittenForAll

#: Roles that only one copy of an email may name: a Bcc is in the sender's copy alone, a redirection in
#: that of those who got it by it.
COPY_ROLES = ("bcc", "resent")

#: By the field of a message that files it: that of a `member.mail.copy.filing`.
TARGETS = {"partner_ids": "partner_id", "lead_ids": "lead_id"}


class MemberMailCopyFiling(models.Model):
    """That an email is filed under a contact or lead only because of what the copy in one mailbox says,
    such as its Bcc.

    Who sees the email through another mailbox does not find it there. A contact or lead without such a
    row is everybody's; with several rows, it is for those who see one of these mailboxes.
    """

    _name = "member.mail.copy.filing"
    _description = "Filing by One Copy"
    _log_access = False

    message_id = fields.Many2one(
        "member.mail.message", required=True, index=True, ondelete="cascade"
    )
    # A mailbox that holds messages is never deleted.
    account_id = fields.Many2one(
        "member.mail.account", "Email account", required=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", index="btree_not_null", ondelete="cascade"
    )
    lead_id = fields.Many2one("crm.lead", "Opportunity", index="btree_not_null", ondelete="cascade")

    _one_target = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1)",
        "A message is filed under a contact or under a lead.",
    )
    _partner_unique = models.UniqueIndex(
        "(message_id, partner_id, account_id) WHERE partner_id IS NOT NULL"
    )
    _lead_unique = models.UniqueIndex("(message_id, lead_id, account_id) WHERE lead_id IS NOT NULL")

    @api.model
    def _values(self, account, partners, leads):
        """The commands that note what only the copy in an account says of a new message."""
        return [
            Command.create({"account_id": account.id, target: record.id})
            for target, records in (("partner_id", partners), ("lead_id", leads))
            for record in records
        ]

    @api.model
    def _note(self, name, account, only, all_):
        """Note what a copy that was found in an account says, before messages are filed accordingly.

        :param name: ``partner_ids`` or ``lead_ids``
        :param only: list of (message id, id of the contact or lead) that the copy alone may say
        :param all_: the same for what every copy says
        """
        target = SQL.identifier(TARGETS[name])
        self.env.flush_all()
        if all_:
            self._forget(name, all_)
        if not only:
            return
        field = self.env["member.mail.message"]._fields[name]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO member_mail_copy_filing (message_id, account_id, %(target)s)
                SELECT DISTINCT new.message_id, %(account)s, new.target_id
                  FROM unnest(%(messages)s, %(targets)s) AS new(message_id, target_id)
                 -- What is everybody's stays so.
                 WHERE NOT EXISTS (SELECT FROM %(relation)s AS filed
                                    WHERE filed.message_id = new.message_id
                                      AND filed.%(target)s = new.target_id)
                    OR EXISTS (SELECT FROM member_mail_copy_filing AS known
                                WHERE known.message_id = new.message_id
                                  AND known.%(target)s = new.target_id)
                    ON CONFLICT DO NOTHING
                """,
                target=target,
                relation=SQL.identifier(field.relation),
                account=account.id,
                messages=[pair[0] for pair in only],
                targets=[pair[1] for pair in only],
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _forget(self, name, pairs):
        """From now on messages are filed under contacts or leads for everybody.

        :param pairs: list of (message id, id of the contact or lead)
        """
        if not pairs:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM member_mail_copy_filing"
                " WHERE (message_id, %s) IN (SELECT * FROM unnest(%s, %s))",
                SQL.identifier(TARGETS[name]),
                *map(list, zip(*pairs, strict=True)),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _merge(self, name, sources, record):
        """Before contacts or leads become one of them: where everybody finds a message under one,
        everybody does afterwards; what only a copy says stays so."""
        self.env.flush_all()
        field = self.env["member.mail.message"]._fields[name]
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM member_mail_copy_filing AS by_copy
                 WHERE %(target)s = ANY(%(ids)s)
                   AND EXISTS (
                       SELECT FROM %(relation)s AS filed
                        WHERE filed.message_id = by_copy.message_id
                          AND filed.%(target)s = ANY(%(ids)s)
                          AND NOT EXISTS (SELECT FROM member_mail_copy_filing AS other
                                           WHERE other.message_id = filed.message_id
                                             AND other.%(target)s = filed.%(target)s))
                """,
                target=SQL.identifier(TARGETS[name]),
                relation=SQL.identifier(field.relation),
                ids=(sources | record).ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM member_mail_copy_filing WHERE %(target)s = ANY(%(ids)s)
                    RETURNING message_id, account_id)
                INSERT INTO member_mail_copy_filing (message_id, account_id, %(target)s)
                SELECT DISTINCT message_id, account_id, %(id)s FROM gone
                    ON CONFLICT DO NOTHING
                """,
                target=SQL.identifier(TARGETS[name]),
                ids=sources.ids,
                id=record.id,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _filed_sql(self, name, ids):
        """The query for the ids of the messages that the user finds under contacts or leads.

        :param name: ``partner_ids`` or ``lead_ids``
        :param ids: those of the contacts or leads
        """
        Message = self.env["member.mail.message"]
        field = Message._fields[name]
        Message._check_field_access(field, "read")
        Message.flush_model([name])
        self.flush_model()
        return SQL(
            "SELECT filed.message_id FROM %s AS filed WHERE filed.%s IN %s AND %s",
            SQL.identifier(field.relation),
            SQL.identifier(field.column2),
            tuple(ids),
            self._visible_sql(self.env, name, "filed"),
        )

    @api.model
    def _visible_sql(self, env, name, alias):
        """The SQL condition that a row of the relation of a field is for the user of ``env``."""
        if env.su:
            return SQL("TRUE")
        return self._shown_sql(name, alias, visible_accounts_sql(env))

    @api.model
    def _shown_sql(self, name, alias, accounts):
        """The same for those who see the accounts of a list for IN."""
        # It is hidden when there are rows, and none of a mailbox that they see.
        return SQL(
            """NOT EXISTS (
            SELECT FROM member_mail_copy_filing AS by_copy
             WHERE by_copy.message_id = %(message)s AND by_copy.%(target)s = %(row)s
               AND NOT EXISTS (
                   SELECT FROM member_mail_copy_filing AS seen
                    WHERE seen.message_id = by_copy.message_id
                      AND seen.%(target)s = by_copy.%(target)s AND seen.account_id IN %(accounts)s))""",
            message=SQL.identifier(alias, "message_id"),
            target=SQL.identifier(TARGETS[name]),
            row=SQL.identifier(alias, TARGETS[name]),
            accounts=accounts,
        )


class FiledUnder(WrittenForAll, fields.Many2many):
    """The contacts or leads of a message, without those that only a copy names that the user does not
    see. The superuser has them all."""

    def read(self, records):
        super().read(records)
        env = records.env
        if env.su:
            return
        # Most have none; one query for all.
        rows = env.execute_query(
            SQL(
                "SELECT filed.message_id, filed.%(target)s FROM %(relation)s AS filed"
                " WHERE filed.message_id = ANY(%(ids)s) AND NOT %(visible)s",
                target=SQL.identifier(TARGETS[self.name]),
                relation=SQL.identifier(self.relation),
                ids=records.ids,
                visible=env["member.mail.copy.filing"]._visible_sql(env, self.name, "filed"),
            )
        )
        hidden = set(rows)
        if hidden:
            cache = self._get_cache(env)
            for message_id in {message_id for message_id, _target in hidden}:
                kept = (id_ for id_ in cache[message_id] if (message_id, id_) not in hidden)
                cache[message_id] = tuple(kept)

    def _condition_to_sql_relational(self, model, alias, exists, coquery, query):
        if model.env.su or coquery.is_empty():
            return super()._condition_to_sql_relational(model, alias, exists, coquery, query)
        filed = query.make_alias(alias, self.name)
        found = SQL("TRUE")
        if coquery.where_clause:
            found = SQL("%s IN %s", SQL.identifier(filed, self.column2), coquery.subselect())
        condition = SQL(
            "%sEXISTS (SELECT FROM %s AS %s WHERE %s = %s AND %s AND %s)",
            SQL() if exists else SQL("NOT "),
            SQL.identifier(self.relation),
            SQL.identifier(filed),
            SQL.identifier(filed, self.column1),
            SQL.identifier(alias, "id"),
            found,
            model.env["member.mail.copy.filing"]._visible_sql(model.env, self.name, filed),
        )
        if exists or coquery.where_clause:
            return condition
        # Filed under none, as far as the user sees: mostly few. Two indexes, side by side, have those
        # that nobody finds anywhere; of the others only what a copy says may be hidden. In order
        # (OFFSET), they are read along each other; else all of one would be kept in memory, or on disk.
        return SQL(
            """(%(message)s IN (
                SELECT m.id FROM member_mail_message AS m WHERE m.trashed IS NULL
                   AND NOT EXISTS (
                       SELECT FROM (SELECT %(column)s AS id FROM %(relation)s
                                     ORDER BY %(column)s OFFSET 0) AS filed
                        WHERE filed.id = m.id)
             UNION ALL
                SELECT message_id FROM member_mail_copy_filing WHERE %(target)s IS NOT NULL)
            AND %(condition)s)""",
            message=SQL.identifier(alias, "id"),
            relation=SQL.identifier(self.relation),
            column=SQL.identifier(self.column1),
            target=SQL.identifier(TARGETS[self.name]),
            condition=condition,
        )
