from odoo import models


class IrHttp(models.AbstractModel):
    """What a page is told when it opens, without a request of its own: whether the email accounts are
    switched off, and how much is wrong with them, for those who look after all of them."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env.user.has_group("crm_member_mail.group_user"):
            info["member_mail_home"] = self.env["member.mail.home"]._brief_standing()
        if self.env.user._is_internal() and self.env.user.has_group(
            "crm_member_mail.group_manager"
        ):
            info["member_mail_problems"] = self.env["member.mail.account"]._count_problems()
        return info
