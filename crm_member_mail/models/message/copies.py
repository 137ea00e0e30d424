from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..account.visibility import OF_RECORD


class MemberMailMessage(models.Model):
    """Copies of one email that differ by what was added on the way.

    They are messages of their own, because nobody can be sure; people see one row of them. Which one
    that is depends on what the reader may see, so what counts rows counts `_email_sql`.
    """

    _inherit = "member.mail.message"

    copy_of_id = fields.Many2one(
        "member.mail.message", "Copy of", readonly=True, copy=False, index="btree_not_null",
        ondelete="set null", groups=fields.NO_ACCESS,
        help="The first one that was filed; it is no copy itself.",
    )  # fmt: skip

    @api.model
    def _email_sql(self, alias):
        """The SQL expression that is the same for all copies of an email.

        :param SQL alias: of the table of messages
        """
        return SQL("COALESCE(%(m)s.copy_of_id, %(m)s.id)", m=alias)

    @api.model
    def _count_emails(self, sets):
        """How many emails sets of message ids are, counting copies once: list of numbers, in the order
        of ``sets``. One query."""
        ids = set().union(*sets)
        copies = self.sudo().search_fetch(
            [("id", "in", list(ids)), ("copy_of_id", "!=", False)], ["copy_of_id"]
        )
        first = {message.id: message.copy_of_id.id for message in copies}
        return [len({first.get(id_, id_) for id_ in found}) for found in sets]

    @api.model
    def _count_found(self, domain, name=None):
        """How many emails that the user may see are in a domain, counting copies once.

        :param str name: of a field to count by
        :return: the number; with ``name`` a dict of its values to numbers
        """
        query = self._search(domain)
        self.flush_model([*filter(None, [name]), "copy_of_id"])
        table = SQL.identifier(self._table)
        key = SQL("%s.%s", table, SQL.identifier(name)) if name else SQL("NULL")
        rows = self.env.execute_query(
            SQL(
                "SELECT key, count(DISTINCT email) FROM (%s) AS found GROUP BY key",
                query.select(SQL("%s AS key", key), SQL("%s AS email", self._email_sql(table))),
            )
        )
        return dict(rows) if name else sum(count for _key, count in rows)

    @api.model
    def _count_filed(self, filed, condition=None):
        """How many emails that the user may see are filed under records, counting copies once: dict of
        the id of a record to the number. One query.

        :param SQL filed: a query for pairs of the id of a record (``filed.key``) and of a message
        :param SQL condition: on such a pair
        """
        self.env["member.mail.message"].flush_model(["partner_ids", "lead_ids", "copy_of_id"])
        self.env["member.mail.copy.filing"].flush_model()
        query = self.with_context(**{OF_RECORD: True})._search(Domain.TRUE)
        table = SQL.identifier(query.table)
        query.add_where(SQL("%s.id = filed.message_id", table))
        query.add_where(condition or SQL("TRUE"))
        # Looked up one by one (OFFSET): the database can't know how few are filed under a record.
        rows = self.env.execute_query(
            SQL(
                "WITH filed(key, message_id) AS MATERIALIZED (%s)"
                " SELECT filed.key, count(DISTINCT found.email) FROM filed"
                " CROSS JOIN LATERAL (%s OFFSET 0) AS found GROUP BY filed.key",
                filed,
                query.select(SQL("%s AS email", self._email_sql(table))),
            )
        )
        return dict(rows)

    @api.model
    def _count_unread_filed(self, filed, condition=None):
        """The same for those which the user has not read: few of all, which are found before each of
        them is asked who sees it."""
        Message = self.with_context(**{OF_RECORD: True})
        unread = Message._unread_domain().optimize_full(Message)
        query = Message._search(Domain.TRUE)
        return self._count_filed(
            SQL(
                "SELECT * FROM (%s) AS filed(key, message_id) WHERE message_id >= %s"
                " AND NOT EXISTS (SELECT FROM member_mail_seen AS seen"
                " WHERE seen.message_id = filed.message_id AND seen.user_id = %s)",
                filed,
                self._first_unread_sql(),
                self.env.uid,
            ),
            SQL(
                "%s AND %s",
                unread._to_sql(Message, query.table, query),
                condition or SQL("TRUE"),
            ),
        )

    def _with_copies(self):
        """These messages, of the superuser, with all their copies."""
        messages = self.sudo().with_context(active_test=False)
        firsts = (messages.copy_of_id | messages).ids
        found = messages.search(["|", ("id", "in", firsts), ("copy_of_id", "in", firsts)])
        return messages | found

    def _copies_by_email(self):
        """The copies of these messages that the user may see: dict of each message to them all, itself
        among them, the first filed one first. The number of queries does not depend on how many."""
        found = self.browse(self._with_copies().ids)
        found = (self | (found - self)._filtered_access("read")).sorted("id")
        first = {m.id: m.copy_of_id.id or m.id for m in found.sudo()}
        by_first = found.grouped(lambda message: first[message.id])
        return {message: by_first[first[message.id]] for message in self}

    def _take_over_seen(self):
        """Mark these new copies as read by those who read the email before."""
        if not self:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO member_mail_seen (message_id, user_id)
                SELECT DISTINCT m.id, seen.user_id
                  FROM member_mail_message AS m
                  JOIN member_mail_message AS other
                    ON other.id = m.copy_of_id OR other.copy_of_id = m.copy_of_id
                  JOIN member_mail_seen AS seen ON seen.message_id = other.id
                 WHERE m.id = ANY(%s)
                    ON CONFLICT DO NOTHING
                """,
                self.ids,
            )
        )
        self.invalidate_model(["is_unread"], flush=False)

    def _pass_on_copies(self):
        """Before these messages are erased: the oldest other copy takes the place of a first one."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH heir AS (
                         SELECT copy_of_id AS first, min(id) AS id FROM member_mail_message
                          WHERE copy_of_id = ANY(%(ids)s) AND id <> ALL(%(ids)s)
                       GROUP BY copy_of_id)
                UPDATE member_mail_message AS m SET copy_of_id = NULLIF(heir.id, m.id)
                  FROM heir WHERE m.copy_of_id = heir.first
                """,
                ids=self.ids,
            )
        )
        self.invalidate_model(["copy_of_id"], flush=False)
