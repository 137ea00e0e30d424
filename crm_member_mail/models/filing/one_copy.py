from odoo import Command, models

from ..message.member_mail_copy_filing import COPY_ROLES
from .member_mail_filer import is_news


# A file of its own: how emails are filed, and what the copies of one say, are two things.
class MemberMailFiler(models.AbstractModel):
    """Notes what only the copy in one mailbox says of an email."""

    _inherit = "member.mail.filer"

    def _people_of(self, reading, account):
        """The participants of a new message, as commands. Only the copy in an account tells a Bcc."""
        return [
            Command.create(
                {**person, "account_id": account.id if person["role"] in COPY_ROLES else False}
            )
            for person in reading.people
        ]

    def _note_copies(self, folder, messages, places, is_new, items=None, readings=None):
        """Note what the copies say of messages that are now in one more mailbox.

        :param messages: those of them
        :param places: list of (message id, Summary)
        :param items: dict of message id to its Filed, of those that were downloaded
        :param readings: dict of UID to PartyReading, of the same ones
        """
        said = {}
        for message_id, summary in places:
            if message_id not in messages._ids:
                continue
            item = (items or {}).get(message_id)
            verdict, is_quiet = False, False
            if item:
                reading = readings[item.raw.uid]
                outgoing = reading.reading.outgoing
                verdict = self._authenticity(item.message, folder, outgoing)
                is_quiet = bool(reading.about or item.message.receipt)
            news = is_news(summary, folder.account_id, is_new) and not is_quiet
            said[message_id] = (verdict, news)
        self.env["member.mail.copy"].sudo()._note(folder.account_id, said)

    def _add_copies(self, folder, copies):
        """Note what only further copies of messages say, before they are filed by it.

        A constant number of queries.

        :param copies: list of (message id, PartyReading)
        """
        account = folder.account_id
        for name, records in (("partner_ids", "partners"), ("lead_ids", "leads")):
            only, all_ = [], []
            for message_id, reading in copies:
                by_copy = getattr(reading.known_by_copy, records)
                only += [(message_id, record_id) for record_id in by_copy.ids]
                others = getattr(reading.known, records) - by_copy
                all_ += [(message_id, record_id) for record_id in others.ids]
            self.env["member.mail.copy.filing"]._note(name, account, only, all_)
        people = [
            (message_id, person)
            for message_id, reading in copies
            for person in reading.people
            if person["role"] in COPY_ROLES
        ]
        if not people:
            return
        Participant = self.env["member.mail.participant"].sudo()
        there = Participant.search_fetch(
            [
                ("message_id", "in", [message_id for message_id, _person in people]),
                ("role", "in", COPY_ROLES),
                ("account_id", "=", account.id),
            ],
            ["message_id", "role", "email"],
        )
        known = {(person.message_id.id, person.role, person.email) for person in there}
        Participant.create(
            [
                {**person, "message_id": message_id, "account_id": account.id}
                for message_id, person in people
                if (message_id, person["role"], person["email"]) not in known
            ]
        )
        self.env["member.mail.message"].invalidate_model(["participant_ids"], flush=False)
