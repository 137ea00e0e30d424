from odoo import models


class MemberMailFailure(models.Model):
    """Who takes emails that were not filed out of a private mailbox is noted in `member.mail.audit`."""

    _inherit = "member.mail.failure"

    def _note_access(self, action):
        """See `member.mail.message`."""
        self.env["member.mail.audit"].sudo()._note(action, self)

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load)
        if "raw" in fnames and not self.env.context.get("bin_size"):
            self._note_access("open")
        return result

    def _export_rows(self, fields, **kwargs):
        self._note_access("export")
        return super()._export_rows(fields, **kwargs)
