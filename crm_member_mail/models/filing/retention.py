from odoo import models

from .member_mail_filer import naive


class MemberMailFiler(models.AbstractModel):
    """What a mailbox no longer keeps is not filed in it: it would be erased the next night."""

    _inherit = "member.mail.filer"

    def _is_too_old(self, folder, message):
        """Whether the mailbox of a folder no longer keeps a ParsedMessage."""
        since = folder.account_id._kept_since()
        return bool(since) and naive(message.date) < since

    def _too_old_places(self, folder, places):
        """The locations, of filed messages, whose email the mailbox of a folder no longer keeps.

        :param places: list of (message id, Summary)
        """
        since = folder.account_id._kept_since()
        if not since or not places:
            return []
        messages = self.env["member.mail.message"].sudo().browse({place[0] for place in places})
        old = set(messages.filtered(lambda message: message.date < since)._ids)
        return [place for place in places if place[0] in old]
