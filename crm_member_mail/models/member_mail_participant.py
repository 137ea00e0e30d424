from odoo import api, fields, models

from ..tools.search_words import NO_INDEX


class MemberMailParticipant(models.Model):
    """An address on an email, and the contact it belongs to."""

    _name = "member.mail.participant"
    _description = "Email Participant"
    _order = "message_id, id"
    _rec_name = "email"

    message_id = fields.Many2one(
        "member.mail.message", required=True, index=True, ondelete="cascade"
    )
    role = fields.Selection(
        [("from", "From"), ("reply_to", "Reply-To"), ("to", "To"), ("cc", "Cc"), ("bcc", "Bcc")],
        required=True,
    )
    name = fields.Char(help="As the email gives it.")
    email = fields.Char(index=True, help="In lower case, the domain in its ASCII form.")
    partner_id = fields.Many2one(
        "res.partner", "Contact", index="btree_not_null", ondelete="set null"
    )

    @api.model_create_multi
    def create(self, vals_list):
        people = super().create(vals_list)
        if not self.env.context.get(NO_INDEX):
            people.message_id._index_words()
        return people

    def write(self, vals):
        result = super().write(vals)
        if not {"name", "email"}.isdisjoint(vals):
            self.message_id._index_words()
        return result
