from odoo import api, models

OWNER = {"res_model", "res_id", "name"}
#: Fields that hold the content of a file.
CONTENT = {"raw", "datas", "db_datas"}


class IrAttachment(models.Model):
    """Messages are found by the names of their attachments; reading one counts as opening its
    message."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        # Looks at the values, not at the records: attachments of other models cost nothing.
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

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load)
        # With bin_size, Odoo returns their sizes instead of the bytes.
        told = (
            {"index_content"} if self.env.context.get("bin_size") else CONTENT | {"index_content"}
        )
        if not told.isdisjoint(fnames):
            self._note_member_mail_access("open")
        return result

    def _export_rows(self, fields, **kwargs):
        self._note_member_mail_access("export")
        return super()._export_rows(fields, **kwargs)

    def _note_member_mail_access(self, action):
        for model in ("member.mail.message", "member.mail.failure"):
            self.env[model].browse(self._member_mail_ids(model))._note_access(action)

    def _member_mail_ids(self, model="member.mail.message"):
        """Set of the ids of the messages that these are attached to."""
        return {attachment.res_id for attachment in self.sudo() if attachment.res_model == model}
