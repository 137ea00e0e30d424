from odoo import fields, models


class MemberMailReference(models.Model):
    """Which conversation a Message-ID belongs to; the email may be filed or only mentioned."""

    _name = "member.mail.reference"
    _description = "Message-ID of a Conversation"
    _rec_name = "rfc_message_id"

    rfc_message_id = fields.Char("Message-ID", required=True)
    conversation_id = fields.Many2one(
        "member.mail.conversation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True)

    _unique = models.Constraint(
        "UNIQUE (company_id, rfc_message_id)", "This Message-ID already belongs to a conversation."
    )
