from odoo import api, models

from ..tools.search_words import NO_INDEX


class IrAttachment(models.Model):
    """Emails are found by the names of their attachments, also of those which come later."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._index_member_mail()
        return attachments

    def write(self, vals):
        result = super().write(vals)
        if not {"name", "res_model", "res_id"}.isdisjoint(vals):
            self._index_member_mail()
        return result

    def unlink(self):
        ids = self._member_mail_ids()
        result = super().unlink()
        self.env["member.mail.search"].sudo()._index(ids)
        return result

    def _index_member_mail(self):
        self.env["member.mail.search"].sudo()._index(self._member_mail_ids())

    def _member_mail_ids(self):
        """The ids of the emails to which some of these belong."""
        if self.env.context.get(NO_INDEX):
            return []
        return [
            attachment.res_id
            for attachment in self.sudo()
            if attachment.res_model == "member.mail.message"
            and attachment.res_id
            and not attachment.res_field
        ]
