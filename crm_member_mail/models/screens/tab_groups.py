from typing import NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd
from odoo.tools import SQL

from ..message.member_mail_message import FiledIds
from .member_mail_tab import MAX_UNREAD

#: What puts messages into conversations; an index has all of it.
TALK = ("id", "conversation_id", "date", "copy_of_id")


class Group(NamedTuple):
    """A line of the list: a conversation, one of our messages, or one of Odoo's."""

    key: int
    newest: int
    count: int
    is_odoo: bool
    #: Its messages, with all copies of them.
    ids: list


class MemberMailTab(models.AbstractModel):
    """What the tab lists: the newest messages of a record, in conversations."""

    _inherit = "member.mail.tab"

    def _newest_sql(self, everything, most, since=None):
        """The query for the newest messages of a record, as `_groups` takes it. Who may see them is
        asked only for as many as are wanted, one after the other.

        :param everything: the domain of all messages of the record, or of some of them: what does not
            name ids is asked of one after the other
        :param most: how many at most
        :param SQL since: the least id that one can have
        """
        parts = everything.children if isinstance(everything, DomainAnd) else [everything]
        # What it is filed under names ids; what else a lead asks for is asked with the rules.
        named = [part for part in parts if isinstance(getattr(part, "value", None), FiledIds)]
        if not named:
            return self._narrowed_sql(everything, most)
        Message = self._messages()
        Message.flush_model([*TALK, "trashed"])
        rules = Message._search(Domain.AND(part for part in parts if part not in named))
        rules.add_where(SQL("%s = newest.id", SQL.identifier(rules.table, "id")))
        return SQL(
            NEWEST,
            filed=SQL(" UNION ALL ").join(named[0].value.sources),
            talk=SQL(", ").join(map(SQL.identifier, TALK)),
            rules=rules.select(SQL("1")),
            since=SQL("filed.id >= %s", since) if since else SQL("TRUE"),
            most=most,
        )

    def _narrowed_sql(self, domain, most):
        """The same for the messages of a domain that is narrower."""
        Message = self._messages()
        Message.flush_model(TALK)
        query = Message._search(domain, order="date desc, id desc", limit=most)
        return query.select(*(SQL.identifier(query.table, name) for name in TALK))

    def _groups(self, found, flat, offset, limit, odoo, counts_unread):
        """One page of the conversations (or messages) of a domain, with Odoo's own emails among them,
        in one query.

        :param SQL found: the query for the TALK of messages
        :param dict odoo: as of `_odoo_mail`
        :param counts_unread: whether to count the unread ones of these messages, too
        :return: list of Group, and how many groups, messages of ours, messages with all copies, and
            unread ones (MAX_UNREAD at most) there are in total
        """
        rows = self.env.execute_query(
            SQL(
                PAGE_OF_GROUPS,
                key=SQL.identifier("id" if flat else "conversation_id"),
                members=SQL(COPIES_OF_MAIL if flat else MESSAGES_OF_TALK),
                found=found,
                unread=self._unread_sql() if counts_unread else SQL("0"),
                odoo_ids=list(odoo),
                odoo_dates=[date for date, _incoming in odoo.values()],
                limit=limit,
                offset=offset,
            )
        )
        groups = [Group(*row[:4], sorted(row[4] or ())) for row in rows]
        return groups, *(map(int, rows[0][5:]) if rows else (0, 0, 0, 0))

    def _unread_of(self, found):
        """The number of unread ones among messages, MAX_UNREAD at most.

        :param SQL found: the query for their TALK, the newest first
        """
        query = SQL("WITH found AS MATERIALIZED (%s) SELECT %s", found, self._unread_sql())
        return self.env.execute_query(query)[0][0]

    def _unread_sql(self):
        """The same as an expression where ``found`` is that query. Only as many are looked at as are
        counted, and none that was filed long ago."""
        # They are visible, as they were found.
        Message = self._messages().sudo().with_context(active_test=False)
        unread = Message._search(Domain("is_unread", "=", True))
        unread.add_where(SQL("%s = found.id", SQL.identifier(unread.table, "id")))
        return SQL(
            UNREAD,
            unread=unread.select(SQL("1")),
            first=Message._first_unread_sql(),
            most=MAX_UNREAD,
        )


# Each one is looked up by itself (OFFSET), in the order of the index: however many other messages there
# are, none is read. It may be filed under several people of a company, and under a lead as well.
NEWEST = """
SELECT *
  FROM (SELECT DISTINCT ON (message.date, filed.id) message.*
          FROM (%(filed)s) AS filed (id)
    CROSS JOIN LATERAL (
               SELECT %(talk)s FROM member_mail_message
                WHERE id = filed.id AND trashed IS NULL OFFSET 0) AS message
         WHERE %(since)s
      ORDER BY message.date DESC, filed.id DESC OFFSET 0) AS newest
 WHERE EXISTS (%(rules)s OFFSET 0)
 LIMIT %(most)s"""
# Of copies, the first one that was found stands for the email, unless the email itself was found; they
# are few. A moment and an id are one number, so that those of conversations are compared quickly.
PAGE_OF_GROUPS = """
WITH found AS MATERIALIZED (%(found)s),
     mail AS (
         SELECT id, conversation_id, date, id AS email FROM found WHERE copy_of_id IS NULL
      UNION ALL
         (SELECT DISTINCT ON (conversation_id, copy_of_id) id, conversation_id, date, copy_of_id
            FROM found AS copy
           WHERE copy_of_id IS NOT NULL
             AND NOT EXISTS (SELECT FROM found AS first
                              WHERE first.id = copy.copy_of_id
                                AND first.conversation_id = copy.conversation_id)
        ORDER BY conversation_id, copy_of_id, id)),
     page AS MATERIALIZED (
         SELECT *, count(*) OVER () AS total, sum(count) OVER () AS messages
           FROM (SELECT %(key)s AS key,
                        max((date_part('epoch', date)::bigint << 31) | id) AS newest,
                        count(*) AS count, FALSE AS is_odoo
                   FROM mail GROUP BY %(key)s
              UNION ALL
                 SELECT id, (date_part('epoch', date)::bigint << 31) | id, 0, TRUE
                   FROM unnest(%(odoo_ids)s::int[], %(odoo_dates)s::timestamp[]) AS odoo(id, date)
                ) AS cards
       ORDER BY newest DESC, is_odoo
          LIMIT %(limit)s OFFSET %(offset)s)
SELECT key, (newest & 2147483647)::int, count, is_odoo, members.ids, total, messages,
       (SELECT count(*) FROM found), %(unread)s
  FROM page LEFT JOIN (%(members)s) AS members USING (key, is_odoo)
ORDER BY newest DESC, is_odoo
"""
# What was found of the groups on the page.
MESSAGES_OF_TALK = """
SELECT conversation_id AS key, FALSE AS is_odoo, array_agg(id) AS ids FROM found
 WHERE conversation_id IN (SELECT key FROM page) GROUP BY conversation_id"""
COPIES_OF_MAIL = """
SELECT mail.id AS key, FALSE AS is_odoo, array_agg(found.id) AS ids
  FROM mail JOIN found ON found.conversation_id = mail.conversation_id
   AND COALESCE(found.copy_of_id, found.id) = mail.email
 WHERE mail.id IN (SELECT key FROM page) GROUP BY mail.id"""
# Each one is looked up by itself (OFFSET), until there are enough.
UNREAD = """
(SELECT count(DISTINCT COALESCE(copy_of_id, id))
   FROM (SELECT found.id, found.copy_of_id FROM found CROSS JOIN LATERAL (%(unread)s OFFSET 0) AS unread
          WHERE found.id >= %(first)s LIMIT %(most)s) AS unread)"""
