from odoo import api, models
from odoo.exceptions import ValidationError


class MailTemplate(models.Model):
    """Templates never send over the server of an email account: its login is for its own mail."""

    _inherit = "mail.template"

    @api.constrains("mail_server_id")
    def _check_member_mail_server(self):
        if self.sudo().mail_server_id.member_mail_account_ids:
            raise ValidationError(
                self.env._("This server belongs to an email account. Choose another one.")
            )
