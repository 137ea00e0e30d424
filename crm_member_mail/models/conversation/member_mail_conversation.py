from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..message.member_mail_copy import One2manyByCopy


class MemberMailConversation(models.Model):
    """Emails that belong together; see ``threads.py`` for how that is found out."""

    _name = "member.mail.conversation"
    _description = "Email Conversation"
    _order = "id desc"

    # Both may be those of a message that the reader may not see.
    subject = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    message_ids = One2manyByCopy(
        "member.mail.message", "conversation_id", "Messages", readonly=True,
        depends_context=("uid", "allowed_company_ids"),
    )  # fmt: skip
    last_date = fields.Datetime("Last email on", readonly=True, groups=fields.NO_ACCESS)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    is_arranged = fields.Boolean(
        "Arranged by hand", readonly=True, groups=fields.NO_ACCESS,
        help="Somebody split or joined it: it is joined with no other such conversation by itself.",
    )  # fmt: skip

    def _unlink_empty(self):
        """Remove those of these conversations that have no messages left."""
        self.search(Domain("id", "in", self.ids) & Domain("message_ids", "=", False)).unlink()

    @api.model
    def _merge(self, into):
        """Move the messages of each key conversation to its value, and remove the keys."""
        if not into:
            return
        self._take_over(into)
        sources, targets = zip(*((s.id, t.id) for s, t in into.items()), strict=True)
        for table in ("member_mail_message", "member_mail_reference"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET conversation_id = pair.target"
                    " FROM unnest(%s, %s) AS pair(source, target)"
                    " WHERE conversation_id = pair.source",
                    SQL.identifier(table),
                    list(sources),
                    list(targets),
                )  # fmt: skip
            )
        self.env.invalidate_all(flush=False)
        self.browse(sources).unlink()
        assigned = self.browse(targets).sudo().filtered("assigned_lead_id")
        assigned.message_ids._file_with_conversation()

    @api.model
    def _touch(self, conversations, dates):
        """Move `last_date` of each conversation up to its date, in one query."""
        if not conversations:
            return
        self.flush_model(["last_date"])
        self.env.cr.execute(
            """
            UPDATE member_mail_conversation AS c
               SET last_date = latest.date
              FROM (SELECT id, max(date) AS date
                      FROM unnest(%s, %s::timestamp[]) AS pair(id, date)
                  GROUP BY id) AS latest
             WHERE c.id = latest.id AND (c.last_date < latest.date OR c.last_date IS NULL)
            """,
            (
                [conversation.id for conversation in conversations],
                [fields.Datetime.to_string(date) for date in dates],
            ),
        )
        self.invalidate_model(["last_date"], flush=False)
