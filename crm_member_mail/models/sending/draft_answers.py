from odoo import api, fields, models
from odoo.fields import Domain

#: The most answers of others that a composer names.
MAX_ANSWERS = 5


class MemberMailDraft(models.Model):
    """What others answered while somebody writes."""

    _inherit = "member.mail.draft"

    @api.readonly
    def get_newer_answers(self):
        """The answers that left in the conversation since this one was begun: list of dicts of `id`,
        `who` (a name or an address) and `date`, the newest first."""
        self.ensure_one()
        self.check_access("read")
        answered = self.answered_id._filtered_access("read")
        if not answered or self.mode not in ("reply", "reply_all"):
            return []
        messages = self.env["member.mail.message"].search(
            Domain("conversation_id", "=", answered.conversation_id.id)
            & Domain("direction", "=", "out")
            & Domain("state", "!=", "failed")
            # Odoo compares whole seconds.
            & Domain("create_date", ">=", self.create_date)
            # Earlier email may be filed at any time.
            & Domain("date", ">=", answered.date),
            order="date desc, id desc",
        )
        others = messages.filtered(
            lambda message: (
                message.create_date > self.create_date and message.sudo().draft_id != self
            )
        )
        return [
            {
                "id": message.id,
                "who": message.sudo().sender_user_id.name or message.email_from or "",
                "date": fields.Datetime.to_string(message.date),
            }
            for message in others[:MAX_ANSWERS]
        ]
