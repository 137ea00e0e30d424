from dataclasses import dataclass, field

from odoo import Command, models

from ...mailbox.desk import Filed
from ...mailbox.mime.message import parse
from ...mailbox.types import RawMessage, Summary
from ...workers.safe_content import safe_content
from ..filing.member_mail_filer import thread_of
from ..filing.party_reading import PartyReading


@dataclass(frozen=True, slots=True)
class Letter:
    """An email that is about to be sent.

    ``data`` are its bytes; ``partners`` and ``leads`` the contacts and leads that it is filed under
    besides its recipients; ``values`` those of the `member.mail.message` that the email itself does not
    have.
    """

    data: bytes = field(repr=False)
    partners: models.Model
    leads: models.Model
    values: dict


class MemberMailFiler(models.AbstractModel):
    """Filing what is sent from Odoo, before it is sent."""

    _inherit = "member.mail.filer"

    def _file_outgoing(self, account, letters, answered):
        """File emails that are about to be sent; later, the scan of the Sent folder recognises them.

        They are parsed like any other email, so that they have the same identity as their copies will
        have. The number of queries does not depend on how many they are.

        :param account: the `member.mail.account` that they are sent from
        :param letters: list of Letter
        :param answered: the message whose conversation they belong to, or an empty recordset
        :return: the `member.mail.message` records, of the superuser, in the order of ``letters``
        """
        account = account.sudo()
        items = [_as_filed(letter.data) for letter in letters]
        # The folder where they would be found: none of the server's.
        folder = (
            self.env["member.mail.folder"].sudo().new({"account_id": account.id, "role": "sent"})
        )
        rules = account._match_rules()
        readings = self._read_sent(items, rules)
        conversations = self._conversations_of(account, items, readings, answered)
        shown = self._create_shown(items)
        leads = self.env["member.mail.conversation"]._lead_values(
            conversations,
            [
                r.known.leads | letter.leads.sudo()
                for r, letter in zip(readings, letters, strict=True)
            ],
        )
        vals_list = []
        for letter, item, reading, files, conversation, lead_values in zip(
            letters, items, readings, shown, conversations, leads, strict=True
        ):
            found = reading.known
            vals_list.append(
                {
                    **self._values(item, folder, reading),
                    "conversation_id": conversation.id,
                    "partner_ids": [Command.set((found.partners | letter.partners.sudo()).ids)],
                    **lead_values,
                    "body": item.content.body_with([file.id for file in files or ()]),
                    "sent_account_id": account.id,
                    "direction": "out",
                    "authenticity": False,
                    # Whatever its subject says: a user wrote it.
                    "is_automatic": False,
                    **letter.values,
                }
            )
        messages = self._create_indexed(items, vals_list)
        self._give_attachments(messages, items, shown)
        messages._after_filing(folder)
        return messages

    def _read_sent(self, items, rules):
        """The PartyReading of each email that is sent."""
        readings = [PartyReading(item, "sent", rules) for item in items]
        emails = set().union(*(reading.all_emails for reading in readings))
        known = self.env["member.mail.matcher"]._match(rules.without_own(emails), rules)
        for reading in readings:
            reading.match(known, self.env)
        return readings

    def _conversations_of(self, account, items, readings, answered):
        """The conversations of emails that are sent; that of the answered one, even if it has no
        Message-ID to refer to."""
        conversation = answered.sudo().conversation_id
        if conversation.company_id != account.company_id:
            conversation = conversation.browse()
        return (
            self.env["member.mail.conversation"]
            .sudo()
            ._assign(
                account.company_id,
                [
                    thread_of(item.message, reading) | {"conversation": conversation}
                    for item, reading in zip(items, readings, strict=True)
                ],
            )
        )


def _as_filed(data):
    message = parse(data)
    return Filed(
        Summary(0, len(data), None, message.message_id, message.header_digest),
        RawMessage(0, data),
        message,
        content=safe_content(message),
    )
