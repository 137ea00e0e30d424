from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import str2bool

from ..account.server_rules import ALLOW_PRIVATE_HOSTS, allow_private_hosts
from .tab_odoo import PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # No `config_parameter`: it stores nothing for an unticked box, which here would mean "yes".
    member_mail_show_odoo_mail = fields.Boolean(
        "Show Odoo's emails in the Messages tab",
        help="Quotations, invoices and emails sent from the chatter appear among a contact's "
        "messages, with a link to their document, for users who can open it.",
    )
    # No `config_parameter`: it would let everyone who may open the settings change it.
    member_mail_allow_private_hosts = fields.Boolean(
        "Mail servers on private networks",
        help="Email accounts can connect to servers on this machine and on private networks, on "
        "any port. Whoever sets up accounts can then find out what answers there.",
    )

    group_member_mail_private = fields.Boolean(
        "Private email accounts",
        implied_group="crm_member_mail.group_private_account",
        group="crm_member_mail.group_user",
        help="Everyone who works with messages can add private mailboxes of their own. Nobody else "
        "sees the messages in them.",
    )

    def get_values(self):
        value = self.env["ir.config_parameter"].sudo().get_param(PARAMETER)
        return super().get_values() | {
            "member_mail_show_odoo_mail": str2bool(value or "true", True),
            "member_mail_allow_private_hosts": allow_private_hosts(self.env),
        }

    def set_values(self):
        result = super().set_values()
        self.env["ir.config_parameter"].sudo().set_param(
            PARAMETER, str(self.member_mail_show_odoo_mail)
        )
        if self.member_mail_allow_private_hosts != allow_private_hosts(self.env):
            if not self.env.user.has_group("base.group_system") and not self.env.su:
                raise AccessError(
                    self.env._(
                        "Only system administrators can allow mail servers on private networks."
                    )
                )
            self.env["ir.config_parameter"].sudo().set_param(
                ALLOW_PRIVATE_HOSTS, str(self.member_mail_allow_private_hosts)
            )
        return result
