from collections import defaultdict

from odoo import models

from .member_mail_copy_filing import TARGETS

#: The type of notification that tells open pages about messages; only ids, no content.
NOTIFICATION = "crm_member_mail.messages"
#: The type of notification that tells a user's other pages that they have read something, or not.
SEEN = "crm_member_mail.seen"
#: Ids in one notification: PostgreSQL and the browser receive it whole.
MAX_IDS = 500


class MemberMailMessage(models.Model):
    """What open pages are told about messages that come and go.

    Each mailbox is a channel of the bus, to which those who may see its messages are subscribed
    (`ir.websocket`). So nobody learns from it that there is a message they may not see.
    """

    _inherit = "member.mail.message"

    def _removal_notifications(self):
        """The notifications to send when these messages are gone."""
        # Messages in the trash are already gone for everybody.
        shown = self.sudo().exists().filtered(lambda message: not message.trashed)
        return shown._notifications("removed")

    def _notify(self, action, accounts=None):
        """Tell the pages of those who may see these messages, once the transaction is committed.

        :param str action: filed, removed or restored
        :param accounts: the mailboxes to tell about; by default all that hold the messages
        """
        self._send(self._notifications(action, accounts))

    def _send(self, notifications):
        for account, payload in notifications:
            self.env["bus.bus"]._sendone(account, NOTIFICATION, payload)

    def _notifications(self, action, accounts=None):
        """The notifications of `_notify`: list of (`member.mail.account`, payload)."""
        result = []
        messages = self.sudo().with_context(active_test=False)
        for start in range(0, len(messages), MAX_IDS):
            part = messages[start : start + MAX_IDS]
            part._prefetch_told()
            of_account = defaultdict(list)
            for message in part:
                for account in message.account_ids if accounts is None else accounts:
                    if account in message.account_ids:
                        of_account[account].append(message.id)
            for account in part.account_ids if accounts is None else accounts:
                held = part.browse(of_account[account]).with_prefetch(part._ids)
                if not held:
                    continue
                contacts = parents = held._filed_in(account, "partner_ids")
                while parents := parents.parent_id - contacts:
                    contacts |= parents
                payload = {
                    "action": action,
                    "message_ids": held.ids,
                    "partner_ids": contacts.ids,
                    "lead_ids": held._filed_in(account, "lead_ids").ids,
                    "news": bool(held._news_in(account)),
                }
                result.append((account, payload))
        return result

    def _prefetch_told(self):
        """Read what `_notifications` says of these messages, in one query for each field."""
        self.fetch(["is_told_apart", "is_news", "account_ids", "partner_ids", "lead_ids"])
        self.copy_filing_ids.fetch(["account_id", *TARGETS.values()])
        contacts = self.partner_ids
        contacts.fetch(["parent_id"])
