from odoo import api, models

from ..account.visibility import visible_accounts


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Each user hears of the mailboxes whose messages they may see; see
        `member.mail.message._notify`.

        A browser can't subscribe to them on its own: what it names are strings, these are records.
        """
        channels = super()._build_bus_channel_list(channels)
        channels.extend(self._member_mail_channels())
        return channels

    @api.model
    def _member_mail_channels(self):
        """The mailboxes that the user hears of."""
        accounts = self.env["member.mail.account"].sudo().with_context(active_test=False)
        if not self.env.user.has_group("crm_member_mail.group_user"):
            return accounts
        return accounts.search(visible_accounts(self.env))
