from odoo import models


class BaseImportImport(models.TransientModel):
    """Passwords of accounts that are imported from a file are not left in that file: Odoo keeps what was
    uploaded for half a day."""

    _inherit = "base_import.import"

    def execute_import(self, fields, columns, options, dryrun=False):
        result = super().execute_import(fields, columns, options, dryrun=dryrun)
        # A large file is imported in several runs; the last one has no next row.
        is_over = not dryrun and result.get("ids") and not result.get("nextrow")
        if is_over and self.res_model == "member.mail.account":
            self.file = False
        return result
