from odoo import fields, models


class MemberMailAccount(models.Model):
    """An account that is being set up with the wizard (`member.mail.setup`)."""

    _inherit = "member.mail.account"

    setting_up = fields.Boolean(
        readonly=True,
        copy=False,
        help="The set-up is not finished: the mailbox is neither read nor sent from until it is.",
    )
