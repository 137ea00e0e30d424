from odoo import Command, models

from ..mailbox.message import parse
from ..mailbox.reader import Filed
from ..mailbox.types import RawMessage, Summary


class MemberMailFiler(models.AbstractModel):
    """Filing what is sent from Odoo, before it is sent."""

    _inherit = "member.mail.filer"

    def _file_outgoing(self, account, data, partners, leads, answered, **values):
        """File an email that is about to be sent; the scan of the Sent folder recognises it later.

        It is read as any other email is, so that it has the identity which its copy will have.

        :param account: the `member.mail.account` that it is sent from
        :param bytes data: the email
        :param partners: the contacts that it is filed under besides its recipients
        :param leads: the leads, likewise
        :param answered: the message in whose conversation it belongs, or an empty recordset
        :param values: of the `member.mail.message`
        :return: the `member.mail.message`, of the superuser
        """
        account = account.sudo()
        message = parse(data)
        item = Filed(
            Summary(0, len(data), None, message.message_id, message.header_digest),
            RawMessage(0, data),
            message,
        )
        # The folder that it would be found in: none of the server's.
        folder = (
            self.env["member.mail.folder"].sudo().new({"account_id": account.id, "role": "sent"})
        )
        rules = account._match_rules()
        known = self.env["member.mail.matcher"]._match(
            {address.email for address in message.addresses} - rules.own, rules
        )
        found = self._known_of(message, folder, known, rules)
        [files] = self._create_attachments([item])
        filed = (
            self.env["member.mail.message"]
            .sudo()
            .create(
                {
                    **self._values(item, folder, known, rules),
                    "conversation_id": self._conversation_of(account, message, answered).id,
                    "partner_ids": [Command.set((found.partners | partners.sudo()).ids)],
                    "lead_ids": [Command.set((found.leads | leads.sudo()).ids)],
                    "body": self._safe_body(message, files),
                    "sent_account_id": account.id,
                    "direction": "out",
                    "authenticity": False,
                    **values,
                }
            )
        )
        self._own_attachments(filed, [files])
        filed._after_filing(folder)
        return filed

    def _conversation_of(self, account, message, answered):
        """The conversation of an email that is sent; that of the answered one, also where this has
        no Message-ID to refer to."""
        Conversation = self.env["member.mail.conversation"].sudo()
        ids = [message.message_id, *message.in_reply_to, *message.references]
        conversation = answered.sudo().conversation_id
        if conversation and conversation.company_id == account.company_id:
            self.env["member.mail.reference"].sudo().create(
                {
                    "rfc_message_id": message.message_id,
                    "company_id": account.company_id.id,
                    "conversation_id": conversation.id,
                }
            )
        [assigned] = Conversation._assign(
            account.company_id,
            [
                {
                    "ids": list(dict.fromkeys(ids)),
                    "subject": message.subject,
                    "date": message.date.replace(tzinfo=None, microsecond=0),
                }
            ],
        )
        return assigned
