import re

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.mime.thread import thread_index
from ..account.visibility import visible_messages

#: Conversations that are offered to choose from.
MAX_OFFERED = 30

_THREAD_INDEX = re.compile(r"^thread-index:(.*)$", re.IGNORECASE | re.MULTILINE)


class MemberMailConversation(models.Model):
    """Conversations as people arrange them, and by which name they know them."""

    _inherit = "member.mail.conversation"

    @api.depends("message_ids.subject")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        """The subject of the first message that the user may see: that of a hidden one is not told."""
        # Odoo searches for names with the rights of the user, and then reads them with all rights.
        Message = self.env["member.mail.message"].sudo()
        domain = Domain("conversation_id", "in", self.ids)
        if self.env.uid != SUPERUSER_ID:
            domain &= visible_messages(self.env)
        groups = Message._read_group(domain, ["conversation_id"], ["id:min"])
        found = Message.browse(id_ for _conversation, id_ in groups)
        found.fetch(["subject"])
        first = {talk.id: m for (talk, _id), m in zip(groups, found, strict=True)}
        for conversation in self:
            subject = first.get(conversation.id, Message).subject
            conversation.display_name = subject or self.env._("(no subject)")

    @api.model
    def _search_display_name(self, operator, value):
        return Domain("message_ids.subject", operator, value)

    def action_join_conversation(self, conversation_id):
        """Move the messages of this conversation that the user may see to another one.

        :return: dict as of `action_join_conversation` of messages
        """
        self.ensure_one()
        self.check_access("read")
        messages = self.env["member.mail.message"].search([("conversation_id", "=", self.id)])
        return messages.action_join_conversation(conversation_id)

    @api.model
    def _renew(self, ids):
        """Give conversations the subject and date of the messages that are in them now."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE member_mail_conversation AS c SET subject = left_.subject, last_date = left_.date
                  FROM (SELECT conversation_id, (array_agg(subject ORDER BY date, id))[1] AS subject,
                               max(date) AS date
                          FROM member_mail_message WHERE conversation_id = ANY(%s)
                      GROUP BY conversation_id) AS left_
                 WHERE c.id = left_.conversation_id
                """,
                list(ids),
            )
        )
        self.env["member.mail.conversation"].invalidate_model(flush=False)


class MemberMailMessage(models.Model):
    """Moving messages from one conversation to another.

    What people decide stays: the Message-IDs move along, so that later answers follow, and a
    conversation that people arranged is joined with no other such one by itself. Only what the user may
    see moves; the rest stays where it is.
    """

    _inherit = "member.mail.message"

    def action_split_conversation(self):
        """Begin a new conversation with this message and the later ones of its conversation.

        :return: dict as of `action_join_conversation`
        :raises UserError: when there is nothing before it
        """
        self.ensure_one()
        self.check_access("read")
        seen = self.search([("conversation_id", "=", self.conversation_id.id)], order="date, id")
        key = (self.date, self.id)
        later = seen.filtered(lambda message: (message.date, message.id) >= key)
        later |= seen & self.union(*self._copies_by_email().values())
        if later == seen or not seen - later:
            raise UserError(self.env._("This conversation already begins with this message."))
        return later.action_join_conversation(False)

    def action_join_conversation(self, conversation_id):
        """Move these messages to another conversation.

        :param conversation_id: of one that the user may see; False for a new one
        :return: dict of `conversation_id`, where they are now, `message_ids` and `from_id`: what undoes
            it when given to this method, an id or False
        """
        self.check_access("read")
        Conversation = self.env["member.mail.conversation"]
        if len(self.company_id) != 1:
            raise UserError(self.env._("Choose messages of one company."))
        if conversation_id:
            target = Conversation.browse(conversation_id)
            target.check_access("read")
            if target.sudo().company_id != self.company_id:
                raise UserError(
                    self.env._("This conversation belongs to another company. Choose another one.")
                )
        else:
            first = self.sorted(lambda message: (message.date, message.id))[:1]
            target = Conversation.sudo().create(
                {"subject": first.subject, "company_id": self.company_id.id}
            )
        sources = self.conversation_id - target
        self.filtered(lambda message: message.conversation_id != target)._note_access("arrange")
        left = self._move_to(target.sudo())
        return {
            "conversation_id": target.id,
            "message_ids": self.ids,
            "from_id": len(sources) == 1 and sources in left and sources.id,
        }

    def get_other_conversations(self, query=""):
        """The conversations that this message could be moved to: those of its contacts and leads.

        :param str query: what their subjects contain
        :return: list of dicts of `id`, `subject`, `date` and `count`, the newest first; they tell of
            what the user may see, and of nothing else
        """
        self.ensure_one()
        self.check_access("read")
        own = self.sudo()
        domain = (
            Domain("partner_ids", "in", own.partner_ids.ids)
            | Domain("lead_ids", "in", own.lead_ids.ids)
        ) & Domain("conversation_id", "!=", self.conversation_id.id)
        domain &= Domain("company_id", "=", self.company_id.id)
        if query.strip():
            domain &= Domain("subject", "ilike", query.strip())
        groups = self._read_group(
            domain,
            ["conversation_id"],
            ["date:max", "id:array_agg"],
            order="date:max DESC",
            limit=MAX_OFFERED,
        )
        counts = self._count_emails([ids for _conversation, _date, ids in groups])
        return [
            {
                "id": conversation.id,
                "subject": conversation.display_name,
                "date": fields.Datetime.to_string(date),
                "count": count,
            }
            for (conversation, date, _ids), count in zip(groups, counts, strict=True)
        ]

    def _move_to(self, target):
        """Move these messages to a conversation, with their Message-IDs.

        :param target: the conversation, of the superuser
        :return: the conversations that they came from and that still have messages
        """
        messages = self.sudo().with_context(active_test=False)
        sources = messages.conversation_id - target
        if not sources:
            return sources
        moved = messages.filtered(lambda message: message.conversation_id != target)
        ids = {message.rfc_message_id for message in moved} | set(map(_index_of, moved))
        moved.conversation_id = target
        self.env.flush_all()
        empty = sources.filtered_domain([("message_ids", "=", False)])
        self.env.cr.execute(
            SQL(
                "UPDATE member_mail_reference SET conversation_id = %s WHERE conversation_id = ANY(%s)"
                " AND (rfc_message_id = ANY(%s) OR conversation_id = ANY(%s))",
                target.id,
                sources.ids,
                list(ids - {False, ""}),
                empty.ids,
            )
        )
        self.env.invalidate_all(flush=False)
        left = sources - empty
        empty.unlink()
        (left | target).is_arranged = True
        target._renew([*left.ids, target.id])
        self._update_answers([*left.ids, target.id])
        moved._notify("changed")
        return left


def _index_of(message):
    """What names a message's thread in Outlook's way, or ''."""
    match = _THREAD_INDEX.search(re.sub(r"\n[ \t]+", " ", message.headers or ""))
    return thread_index(match[1]) if match else ""
