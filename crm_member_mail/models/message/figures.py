import json

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, email_domain_extract

from ..account.visibility import OF_RECORD, visible_accounts_sql
from .member_mail_message import NOT_SENT


class MemberMailMessage(models.Model):
    """What is counted about messages: whether and how soon they were answered; by day, contact,
    mailbox.

    The figures are stored, so they must not reveal messages that somebody may not see: a reply counts
    for a message only if everybody who may see the message may see the reply, too. It is in a shared
    mailbox, or in every mailbox that holds the message.
    """

    _inherit = "member.mail.message"

    first_reply_hours = fields.Float(
        "Hours to first reply", readonly=True, copy=False, aggregator="avg", digits=(16, 1),
        help="Hours from the first email received in a conversation to the first reply. Automatic "
        "emails don't count, and neither do replies hidden from someone who can see the email.",
    )  # fmt: skip
    is_unanswered = fields.Boolean(
        "Not answered", readonly=True, copy=False,
        help="The last email in the conversation was received, and nobody has replied to it.",
    )  # fmt: skip
    sender_domain = fields.Char(
        "Sender domain", compute="_compute_sender_domain", store=True,
        help="The part of the sender's address after the @.",
    )  # fmt: skip

    calendar_title = fields.Char("Title", compute="_compute_calendar_title")

    _unanswered_idx = models.Index("(date) WHERE is_unanswered IS TRUE")

    @api.depends("email_from")
    def _compute_sender_domain(self):
        for message in self:
            message.sender_domain = domain_of_sender(message.email_from)

    @api.depends_context("lang")
    @api.depends("correspondent", "subject")
    def _compute_calendar_title(self):
        for message in self:
            parts = [message.correspondent, message.subject or self.env._("(no subject)")]
            message.calendar_title = ": ".join(filter(None, parts))

    @api.model
    def _with_what_follows(self, vals_list):
        """Values for `create` with what follows from them. Otherwise the ORM would make a record in
        memory of each, which costs queries, or would write each row again."""
        result = []
        figures = self._foresee_figures(vals_list)
        for number, vals in enumerate(vals_list):
            plain, is_answer = self._plain_subject_of(vals.get("subject"))
            result.append(
                {
                    "plain_subject": plain,
                    "is_answer": is_answer,
                    "sender_domain": vals["sender_domain"]
                    if "sender_domain" in vals
                    else domain_of_sender(vals.get("email_from")),
                    "is_unanswered": False,
                    **figures.get(number, {}),
                    **vals,
                }
            )
        return result

    @api.model
    def _foresee_figures(self, vals_list):
        """The figures that messages will have which are about to be created: dict of position in the
        list of values for `create` to more values. One query.

        `_update_figures` is going to find out by itself. But what it changes is a whole row and an entry
        in each index, and earlier emails, which are read newest first, mostly have later ones.
        """
        rows = [
            {
                "id": FIRST_FORESEEN + number,
                "conversation_id": vals.get("conversation_id"),
                "date": vals.get("date"),
                "direction": vals.get("direction"),
                "accounts": _linked(vals.get("account_ids") or ()),
            }
            for number, vals in enumerate(vals_list)
            if not (vals.get("is_automatic") or vals.get("report_of_id") or vals.get("copy_of_id"))
            and vals.get("state") not in NOT_SENT
        ]
        talks = {row["conversation_id"] for row in rows if row["direction"] == "in"}
        if not talks:
            return {}
        self.env.flush_all()
        found = self.env.execute_query(
            SQL(
                FORESEEN,
                answers=SQL(
                    ANSWERS,
                    conversations=list(talks),
                    counted=self._counted_sql(SQL.identifier("m")),
                    new=SQL(NEW, json.dumps(rows, default=str)),
                ),
                first=FIRST_FORESEEN,
            )
        )
        figures = {}
        for id_, hours, is_unanswered in found:
            answered = {} if hours is None else {"first_reply_hours": hours}
            figures[id_ - FIRST_FORESEEN] = {"is_unanswered": is_unanswered, **answered}
        return figures

    @api.model
    def _know_what_follows(self, messages):
        """Spare computing what `_with_what_follows` gave new messages."""
        for name in ("plain_subject", "is_answer", "sender_domain"):
            self.env.remove_to_compute(self._fields[name], messages)

    def _update_figures(self):
        """Update the contacts' dates and the reply times after these messages were filed, or were found
        in more mailboxes or under more contacts. Three queries."""
        if not self:
            return
        self.env["member.mail.last.date"]._note(message_ids=self.ids)
        messages = self.sudo()
        messages.fetch(["conversation_id"])  # and no texts, as reading it would
        self._update_answers(messages.conversation_id.ids)

    def _counted_in(self):
        """Where these messages count: ids of contacts, of accounts and of conversations."""
        messages = self.sudo().with_context(active_test=False)
        return messages.partner_ids.ids, messages.account_ids.ids, messages.conversation_id.ids

    @api.model
    def _recount_without(self, partner_ids, account_ids, conversation_ids):
        """Update what is counted without these messages, which are gone (see `_counted_in`)."""
        if not conversation_ids:
            return
        self.env["member.mail.last.date"]._refresh(partner_ids, account_ids)
        self._update_answers(conversation_ids)

    @api.model
    def _update_answers(self, conversation_ids):
        """Compute ``first_reply_hours`` and ``is_unanswered`` of all messages of conversations."""
        if not conversation_ids:
            return
        # In SQL, one query for all conversations of a batch: the ORM can't update from a query, and it
        # would read and write their whole history for each email that is filed.
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                UPDATED,
                answers=SQL(
                    ANSWERS,
                    conversations=list(conversation_ids),
                    counted=self._counted_sql(SQL.identifier("m")),
                    new=SQL(),
                ),
                conversations=list(conversation_ids),
            )
        )
        self.invalidate_model(["first_reply_hours", "is_unanswered"], flush=False)

    def _group_by_visible_accounts(self, alias, query):
        """Group by mailbox: by those whose messages the user may see, which for administrators are
        fewer than those they set up."""
        field = self._fields["account_ids"]
        self._check_field_access(field, "read")
        held = query.make_alias(alias, "account_ids")
        relation, condition = field.relation, SQL("TRUE")
        row = "of_message" if (is_few := query._env.context.get(OF_RECORD)) else held
        where = SQL(
            "%s = %s AND %s IN %s",
            SQL.identifier(alias, "id"),
            SQL.identifier(row, field.column1),
            SQL.identifier(row, field.column2),
            visible_accounts_sql(self.env),
        )
        if is_few:
            # Their mailboxes are looked up one message after the other.
            relation = SQL(
                "LATERAL (SELECT %s FROM %s AS of_message WHERE %s OFFSET 0)",
                SQL.identifier(field.column2),
                SQL.identifier(relation),
                where,
            )
        else:
            condition = where
        query.add_join("LEFT JOIN", held, relation, condition)
        return SQL.identifier(held, field.column2)

    def _group_by_filed_under(self, name, alias, query):
        """Group by contact or lead: by those under which the user finds the messages."""
        field = self._fields[name]
        self._check_field_access(field, "read")
        filed = query.make_alias(alias, name)
        records = self.env[field.comodel_name].with_context(**field.context)
        readable = records._search(field.get_comodel_domain(self))
        condition = SQL(
            "%s = %s AND %s",
            SQL.identifier(alias, "id"),
            SQL.identifier(filed, field.column1),
            self.env["member.mail.copy.filing"]._visible_sql(self.env, name, filed),
        )
        if readable.where_clause:
            condition = SQL(
                "%s AND %s IN %s",
                condition,
                SQL.identifier(filed, field.column2),
                readable.subselect(),
            )
        query.add_join("LEFT JOIN", filed, field.relation, condition)
        return SQL.identifier(filed, field.column2)


class MemberMailAccount(models.Model):
    """Who sees which mailbox decides which replies count."""

    _inherit = "member.mail.account"

    def _recount_answers(self, shared):
        """Recompute which messages of these accounts were answered.

        :param shared: those that were shared before; nothing changes for the others, or for those that
            still are
        """
        changed = self.filtered(lambda a: (a.visibility == "shared") != (a in shared))
        if changed:
            messages = self.env["member.mail.message"].sudo()
            groups = messages._read_group(
                Domain("account_ids", "in", changed.ids), ["conversation_id"]
            )
            messages._update_answers([conversation.id for [conversation] in groups])


def domain_of_sender(sender):
    """The domain of an address, which may have a name; False without one."""
    return email_domain_extract(sender or "")


def _linked(commands):
    """The ids of the records that commands for a new record link it with."""
    ids = []
    for command in commands:
        if command[0] == Command.LINK:
            ids.append(command[1])
        elif command[0] == Command.SET:
            ids += command[2]
    return ids


#: What stands for the ids of messages that have none yet, and come after those that have.
FIRST_FORESEEN = 2**40

ANSWERS = """
WITH msg AS MATERIALIZED (
         SELECT m.id::bigint, m.conversation_id, m.date, m.direction, held.accounts, held.is_shared
           FROM member_mail_message AS m
     CROSS JOIN LATERAL (
                SELECT array_agg(account.id) AS accounts,
                       bool_or(account.visibility = 'shared') AS is_shared
                  FROM member_mail_account_message_rel AS rel
                  JOIN member_mail_account AS account ON account.id = rel.account_id
                 WHERE rel.message_id = m.id) AS held
          WHERE m.conversation_id = ANY(%(conversations)s)
            AND %(counted)s
            -- A copy counts for those who may not see the first one.
            AND NOT EXISTS (
                SELECT FROM member_mail_message AS original
                 CROSS JOIN LATERAL (
                       SELECT array_agg(account.id) AS accounts,
                              bool_or(account.visibility = 'shared') AS is_shared
                         FROM member_mail_account_message_rel AS rel
                         JOIN member_mail_account AS account ON account.id = rel.account_id
                        WHERE rel.message_id = original.id) AS first_held
                 WHERE original.id = m.copy_of_id AND original.trashed IS NULL
                   AND (first_held.is_shared OR first_held.accounts @> held.accounts))
         %(new)s),
     -- The first email of each conversation that came in, and the last one in each mailbox.
     first AS (
         SELECT DISTINCT ON (conversation_id) * FROM msg
          WHERE direction = 'in' ORDER BY conversation_id, date, id),
     last AS (
         SELECT DISTINCT ON (msg.conversation_id, account_id) msg.*
           FROM msg, unnest(msg.accounts) AS account_id
          WHERE direction = 'in' ORDER BY msg.conversation_id, account_id, date DESC, id DESC),
     answered AS (
         SELECT first.id, round(EXTRACT(epoch FROM min(reply.date) - first.date) / 3600, 1) AS hours
           FROM first
           JOIN msg AS reply ON reply.conversation_id = first.conversation_id
            AND reply.direction = 'out' AND reply.date >= first.date
            AND (reply.is_shared OR reply.accounts @> first.accounts)
       GROUP BY first.id, first.date),
     unanswered AS (
         SELECT DISTINCT last.id FROM last
          WHERE NOT EXISTS (
                SELECT FROM msg AS reply
                 WHERE reply.conversation_id = last.conversation_id
                   AND reply.direction = 'out' AND reply.date >= last.date
                   AND (reply.is_shared OR reply.accounts @> last.accounts)))
"""
NEW = """
UNION ALL
SELECT new.id, new.conversation_id, new.date, new.direction, new.accounts,
       (SELECT bool_or(visibility = 'shared') FROM member_mail_account
         WHERE id = ANY(new.accounts))
  FROM jsonb_to_recordset(%s::jsonb)
    AS new(id bigint, conversation_id int, date timestamp, direction text, accounts int[])
"""
FORESEEN = """
%(answers)s
SELECT id, hours, unanswered.id IS NOT NULL FROM answered FULL JOIN unanswered USING (id)
 WHERE id >= %(first)s
"""
UPDATED = """
%(answers)s
UPDATE member_mail_message AS m
   SET first_reply_hours = new.hours, is_unanswered = new.is_unanswered
  FROM (SELECT m.id, answered.hours, unanswered.id IS NOT NULL AS is_unanswered
          FROM member_mail_message AS m
     LEFT JOIN answered ON answered.id = m.id
     LEFT JOIN unanswered ON unanswered.id = m.id
         WHERE m.conversation_id = ANY(%(conversations)s)) AS new
 WHERE m.id = new.id
   AND (m.first_reply_hours IS DISTINCT FROM new.hours
        OR m.is_unanswered IS DISTINCT FROM new.is_unanswered)
"""
