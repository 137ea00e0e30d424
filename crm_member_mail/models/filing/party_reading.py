"""Whom an email is filed under: what its headers say, with what the database knows of it."""

from ...mailbox.types import Address
from ..matching.match_rules import RECIPIENTS
from ..matching.member_mail_matcher import Known
from ..message.member_mail_copy_filing import COPY_ROLES

#: Which roles of a header stand for another one where they are stored.
_STORED = {"original": "sender", "resent_from": "sender"}


class PartyReading:
    """The parties of an email.

    It has been read twice: its headers, to match it, and the whole message. Whichever finds somebody
    counts, so that nothing that matched is lost in between.

    :param Filed item: the email
    :param str role: of the folder that holds it
    :param MatchRules rules: of its account
    """

    def __init__(self, item, role, rules):
        self.rules = rules
        readings = [item.message] if item.headers is None else [item.message, item.headers]
        self._choices = [(headers, rules.reading_of(headers, role)) for headers in readings]
        self.headers, self.reading = self._choices[0]
        self._is_receipt = bool(item.message.receipt)
        self._known = {}
        #: The contacts and leads that the email is filed under, and whether there are any.
        self.known = None
        #: Those of them that only this copy of the email leads to, as by its Bcc.
        self.known_by_copy = None
        #: The message of ours that a bounce is about, or else the one that somebody answers.
        self.about = self.answered = None

    @property
    def all_emails(self):
        """The canonical addresses on the email: set."""
        return {a.email for headers, _reading in self._choices for a in headers.addresses}

    @property
    def others(self):
        """Who is on the email that is not one of us, the author first: list of canonical addresses and,
        for contacts, of ``#`` and the id."""
        emails = [a.email for a in (*self.reading.authors, *self.headers.addresses)]
        found = {}
        for email in emails:
            if email and not self.rules.is_own(email):
                contact = self.contact_id(email)
                found |= {email: True} | ({f"#{contact}": True} if contact else {})
        return list(found)

    @property
    def answers(self):
        """The Message-IDs that the email refers to, by either reading."""
        return tuple(
            dict.fromkeys(i for headers, _reading in self._choices for i in headers.answers)
        )

    @property
    def may_answer(self):
        """Whether an answer to a message of ours would be filed, whoever wrote it."""
        reading = self.reading
        return not reading.outgoing and bool(self.rules.parties_of(reading))

    def match(self, known_addresses, env):
        """Note whose addresses are on the email.

        :param known_addresses: dict of canonical address to Known
        """
        self._known = known_addresses
        found, told = [], []
        for headers, reading in self._choices:
            parties = self.rules.parties_of(reading) & known_addresses.keys()
            if parties and not found:
                self.headers, self.reading = headers, reading
            if reading.outgoing == self.reading.outgoing:
                found += [known_addresses[address] for address in sorted(parties)]
                everywhere = {a.email for a in headers.addresses if a.role not in COPY_ROLES}
                told += [known_addresses[address] for address in parties & everywhere]
        self.known, by_all = (
            Known(
                env["res.partner"].sudo().union(*(known.partners for known in which)),
                env["crm.lead"].sudo().union(*(known.leads for known in which)),
            )
            for which in (found, told)
        )
        self.known_by_copy = Known(
            self.known.partners - by_all.partners, self.known.leads - by_all.leads
        )

    def follow(self, about, answered, account):
        """File the email under those of a message of ours: the one that it bounces, or, when nobody
        else is known, the one that it answers.

        :param account: the `member.mail.account` that the email was read from
        """
        self.about, self.answered = about, answered
        message = about or answered
        # A bounce is about whom we wrote to; a read receipt, and an answer, are their sender's.
        is_bounce = about and not self._is_receipt
        if message and (is_bounce or not any(self.known)):
            self.known = Known(*message._by_parties())
            # What the message is filed under because of one copy is told by that one only.
            rows = message.sudo().copy_filing_ids
            mine = rows.filtered(lambda row: row.account_id == account)
            hidden = rows.partner_id - mine.partner_id, rows.lead_id - mine.lead_id
            self.known = Known(self.known.partners - hidden[0], self.known.leads - hidden[1])
            self.known_by_copy = Known(
                self.known.partners & mine.partner_id, self.known.leads & mine.lead_id
            )

    @property
    def author(self):
        """The Address of who wrote the email, with empty fields when nobody is named."""
        return next(iter(self.reading.authors), Address("from", "", ""))

    @property
    def correspondents(self):
        """The Addresses of the author of a received email, or of the recipients of a sent one."""
        if not self.reading.outgoing:
            return [self.author]
        redirected = [a for a in self.headers.addresses if a.role == "resent"]
        return redirected or [a for a in self.headers.addresses if a.role in RECIPIENTS]

    @property
    def people(self):
        """The values of the participants: list of dicts."""
        return [
            {
                "role": role,
                "name": address.name,
                "email": address.email,
                "party": self.reading.party(address.email),
                "partner_id": self.contact_id(address.email),
            }
            for role, address in self._roles()
        ]

    def _roles(self):
        """The roles in which the Addresses are stored: list of pairs, the authors first."""
        authors = {address.email for address in self.reading.authors}
        is_replaced = any(address.role != "from" for address in self.reading.authors)
        found = [("from", address) for address in self.reading.authors] if is_replaced else []
        for address in self.headers.addresses:
            role = _STORED.get(address.role, address.role)
            if is_replaced and role == "from":
                role = "sender"
            if role != "sender" or address.email not in authors:
                found.append((role, address))
        return list({(role, a.email): (role, a) for role, a in reversed(found)}.values())[::-1]

    def contact_id(self, email):
        """The id of the first contact that has a canonical address, or False."""
        known = self._known.get(email)
        return known.partners[:1].id if known else False
