from odoo import api, models

#: What of each model is indexed, and how its records lead to their message.
TEXTS = {"subject", "body_text"}
NAMES = {"message_id", "name", "email"}


class MemberMailMessage(models.Model):
    """Messages have themselves indexed."""

    _inherit = "member.mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        self.env["member.mail.search"]._touch(messages._ids)
        return messages

    def write(self, vals):
        result = super().write(vals)
        if not TEXTS.isdisjoint(vals):
            self.env["member.mail.search"]._touch(self._ids)
        return result


class MemberMailParticipant(models.Model):
    """People are found through the message they are on."""

    _inherit = "member.mail.participant"

    @api.model_create_multi
    def create(self, vals_list):
        participants = super().create(vals_list)
        self._touch_messages(participants)
        return participants

    def write(self, vals):
        if NAMES.isdisjoint(vals):
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
