from markupsafe import Markup

from odoo import api, models

from ..account.visibility import visible_account_ids


class MemberMailMessage(models.Model):
    """What an empty list of messages says."""

    _inherit = "member.mail.message"

    @api.model
    def get_empty_list_help(self, help_message):
        """The help of an action and, for who sees no mailbox, how to get one: not everybody may set one
        up."""
        found = super().get_empty_list_help(help_message)
        user = self.env.user
        if not found or visible_account_ids(self.sudo(False).env):
            return found
        way = (
            self.env._("Set up a mailbox in Configuration › Email Accounts first.")
            if user.has_group("crm_member_mail.group_manager")
            else self.env._(
                "You don't see any mailbox yet. Ask an administrator of Contact Messages for one."
            )
        )
        return Markup("%s<p>%s</p>") % (Markup(found), way)  # noqa: S704 (the action's own HTML)
