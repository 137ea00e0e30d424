from odoo import models

from odoo.addons.bus.models.bus import channel_with_db

ACCOUNT = "member.mail.account"


class BusBus(models.Model):
    """Pages that were open when somebody lost access to a mailbox still listen to it; they hear nothing
    of it any more."""

    _inherit = "bus.bus"

    def _poll(self, channels, last=0, ignore_ids=None):
        channels = [channel_with_db(self.env.cr.dbname, channel) for channel in channels]
        ours = {channel for channel in map(tuple_of, channels) if channel[1:2] == (ACCOUNT,)}
        if ours:
            heard = set(self.env["ir.websocket"]._member_mail_channels().ids)
            silent = {channel for channel in ours if channel[2] not in heard}
            channels = [channel for channel in channels if tuple_of(channel) not in silent]
        return super()._poll(channels, last, ignore_ids)


def tuple_of(channel):
    """A channel as a tuple: they may have been lists in the meantime."""
    return tuple(channel) if isinstance(channel, (list, tuple)) else (channel,)
