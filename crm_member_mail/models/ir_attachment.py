from odoo import api, models

OWNER = {"res_model", "res_id", "name"}


class IrAttachment(models.Model):
    """Messages are found by the names of their attachments."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        # Of the values, not of the records: those of other models cost nothing.
        self.env["member.mail.search"]._touch(
            vals.get("res_id")
            for vals in vals_list
            if vals.get("res_model") == "member.mail.message"
        )
        return attachments

    def write(self, vals):
        if OWNER.isdisjoint(vals):
            return super().write(vals)
        before = self._member_mail_ids()
        result = super().write(vals)
        self.env["member.mail.search"]._touch(before | self._member_mail_ids())
        return result

    def unlink(self):
        self.env["member.mail.search"]._touch(self._member_mail_ids())
        return super().unlink()

    def _member_mail_ids(self):
        """Set of the ids of the messages that these are attached to."""
        return {
            attachment.res_id
            for attachment in self.sudo()
            if attachment.res_model == "member.mail.message"
        }
