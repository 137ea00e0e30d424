from odoo import api, models
from odoo.tools import SQL

from ..message.source import common_fields


class MemberMailMessage(models.Model):
    """Messages that leave a mailbox while others keep them."""

    _inherit = "member.mail.message"

    @api.model
    def _leave(self, pairs):
        """Remove messages from mailboxes; nothing happens to them on the server.

        Whoever saw a message only through such a mailbox no longer sees it. What names the mailbox in
        the header is removed, too. The number of queries does not depend on how many messages these
        are.

        :param pairs: list of (message id, id of the `member.mail.account`)
        """
        if not pairs:
            return
        messages = self.sudo().with_context(active_test=False)
        messages = messages.browse(sorted({message_id for message_id, _account_id in pairs}))
        accounts = messages.env["member.mail.account"].browse({pair[1] for pair in pairs})
        notifications = messages._notifications("changed", accounts)
        contact_ids = messages.partner_ids.ids
        self.env.flush_all()
        message_ids, account_ids = zip(*pairs, strict=True)
        for query in LEAVE:
            self.env.cr.execute(SQL(query, list(message_ids), list(account_ids)))
        self.env.invalidate_all(flush=False)
        messages.fetch(["headers"])
        for message in messages:
            message.headers = common_fields(message.headers or "")
        self.env["member.mail.last.date"]._refresh(contact_ids, accounts.ids)
        messages._index_words()
        self._update_answers(messages.conversation_id.ids)
        self._send(notifications)


LEAVE = (
    # What only the copy in this mailbox says, and where the message is because of it.
    """
    DELETE FROM member_mail_message_partner_rel AS filed
          USING member_mail_copy_filing AS by_copy, unnest(%s, %s) AS pair(message_id, account_id)
          WHERE by_copy.message_id = pair.message_id AND by_copy.account_id = pair.account_id
            AND filed.message_id = by_copy.message_id AND filed.partner_id = by_copy.partner_id
            AND NOT EXISTS (SELECT FROM member_mail_copy_filing AS other
                             WHERE other.message_id = by_copy.message_id
                               AND other.partner_id = by_copy.partner_id
                               AND other.account_id <> by_copy.account_id)
    """,
    """
    DELETE FROM member_mail_message_lead_rel AS filed
          USING member_mail_copy_filing AS by_copy, unnest(%s, %s) AS pair(message_id, account_id)
          WHERE by_copy.message_id = pair.message_id AND by_copy.account_id = pair.account_id
            AND filed.message_id = by_copy.message_id AND filed.lead_id = by_copy.lead_id
            AND NOT EXISTS (SELECT FROM member_mail_copy_filing AS other
                             WHERE other.message_id = by_copy.message_id
                               AND other.lead_id = by_copy.lead_id
                               AND other.account_id <> by_copy.account_id)
    """,
    """
    DELETE FROM member_mail_copy AS told
          USING unnest(%s, %s) AS pair(message_id, account_id)
          WHERE told.message_id = pair.message_id AND told.account_id = pair.account_id
    """,
    """
    DELETE FROM member_mail_copy_filing AS by_copy
          USING unnest(%s, %s) AS pair(message_id, account_id)
          WHERE by_copy.message_id = pair.message_id AND by_copy.account_id = pair.account_id
    """,
    """
    DELETE FROM member_mail_participant AS person
          USING unnest(%s, %s) AS pair(message_id, account_id)
          WHERE person.message_id = pair.message_id AND person.account_id = pair.account_id
    """,
    """
    DELETE FROM member_mail_location AS place
          USING member_mail_folder AS folder, unnest(%s, %s) AS pair(message_id, account_id)
          WHERE folder.id = place.folder_id AND folder.account_id = pair.account_id
            AND place.message_id = pair.message_id
    """,
    """
    DELETE FROM member_mail_notice AS notice
          USING unnest(%s, %s) AS pair(message_id, account_id)
          WHERE notice.message_id = pair.message_id AND notice.account_id = pair.account_id
    """,
    """
    DELETE FROM member_mail_account_message_rel AS held
          USING unnest(%s, %s) AS pair(message_id, account_id)
          WHERE held.message_id = pair.message_id AND held.account_id = pair.account_id
    """,
)
