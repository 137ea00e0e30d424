from odoo import models

from .member_mail_filer import naive


class MemberMailFiler(models.AbstractModel):
    """What a mailbox keeps no longer is not filed in it: it would be erased the next night."""

    _inherit = "member.mail.filer"

    def _is_too_old(self, folder, message):
        """Whether the mailbox of a folder keeps a ParsedMessage no longer."""
        since = folder.account_id._kept_since()
        return bool(since) and naive(message.date) < since

    def _too_old_places(self, folder, places):
        """Those places, of what is filed already, whose email the mailbox of a folder keeps no longer.

        :param places: list of (message id, Summary)
        """
        since = folder.account_id._kept_since()
        if not since or not places:
            return []
        messages = self.env["member.mail.message"].sudo().browse({place[0] for place in places})
        old = set(messages.filtered(lambda message: message.date < since)._ids)
        return [place for place in places if place[0] in old]
