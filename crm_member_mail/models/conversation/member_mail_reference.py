from odoo import fields, models


class MemberMailReference(models.Model):
    """Which conversation a Message-ID belongs to; the email may be filed or only mentioned.

    Mostly there is one. Emails that mention the same ID but have nothing else in common, because a
    program gave it to many, are different conversations: they number theirs.
    """

    _name = "member.mail.reference"
    _description = "Message-ID of a Conversation"
    _rec_name = "rfc_message_id"

    rfc_message_id = fields.Char("Message-ID", required=True)
    conversation_id = fields.Many2one(
        "member.mail.conversation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True)
    number = fields.Integer(default=0, required=True)

    _unique = models.Constraint(
        "UNIQUE (company_id, rfc_message_id, number)",
        "This Message-ID already belongs to a conversation.",
    )
