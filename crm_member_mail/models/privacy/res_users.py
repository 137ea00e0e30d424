from odoo import models


class ResUsers(models.Model):
    """A user who leaves takes their email accounts out of service."""

    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            self._member_mail_accounts()._follow_owners()
        return result

    def unlink(self):
        accounts = self._member_mail_accounts()
        result = super().unlink()
        accounts._stop_without_owner()
        return result

    def _member_mail_accounts(self):
        """The accounts that these users own, archived ones too, of the superuser."""
        accounts = self.env["member.mail.account"].sudo().with_context(active_test=False)
        return accounts.search([("user_id", "in", self.ids)])
