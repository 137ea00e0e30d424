from odoo import api, fields, models

#: What a search finds a participant by, and what leads from it to its message.
INDEXED = {"message_id", "name", "email"}


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
        [("from", "From"), ("reply_to", "Reply to"), ("to", "To"), ("cc", "Cc"), ("bcc", "Bcc")],
        required=True,
    )
    name = fields.Char(help="As written in the email.")
    email = fields.Char(
        "Email address", index=True, help="In lower case, with the domain in its ASCII form."
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", index="btree_not_null", ondelete="set null"
    )
    failure = fields.Char(
        "Delivery problem",
        readonly=True,
        help="Why this recipient did not get the email, in the mail server's words.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        participants = super().create(vals_list)
        self._touch_messages(participants)
        return participants

    def write(self, vals):
        if INDEXED.isdisjoint(vals):
            return super().write(vals)
        self._touch_messages(self)
        result = super().write(vals)
        self._touch_messages(self)
        return result

    def unlink(self):
        self._touch_messages(self)
        return super().unlink()

    @api.model
    def _touch_messages(self, participants):
        self.env["member.mail.search"]._touch(participants.sudo().message_id.ids)
