from odoo import fields, models
from odoo.tools import str2bool

from .member_mail_tab_odoo import PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # No `config_parameter`: of a box that is not ticked it keeps nothing, which here means "yes".
    member_mail_show_odoo_mail = fields.Boolean(
        "Show Odoo's emails in the Messages tab",
        help="Quotes, invoices and what is sent from a chatter are shown among the messages of a "
        "contact, with a link to their document, to whoever may read that.",
    )

    group_member_mail_private = fields.Boolean(
        "Private email accounts",
        implied_group="crm_member_mail.group_private_account",
        group="crm_member_mail.group_user",
        help="Everybody who works with the messages may add private mailboxes of his own, whose mail "
        "nobody else sees.",
    )

    def get_values(self):
        value = self.env["ir.config_parameter"].sudo().get_param(PARAMETER)
        return super().get_values() | {
            "member_mail_show_odoo_mail": str2bool(value or "true", True)
        }

    def set_values(self):
        result = super().set_values()
        self.env["ir.config_parameter"].sudo().set_param(
            PARAMETER, str(self.member_mail_show_odoo_mail)
        )
        return result
