"""What the headers of an email decide. The scan and *Where is my mail?* both ask here."""

from dataclasses import dataclass

from odoo import api, models

from ...mailbox.mime.automatic.origin import is_from_mail_system
from ..matching.match_rules import Reading


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an email is filed, as far as its headers tell.

    ``why`` is `contact` or `answer` for what is filed, and `draft`, `excluded` or `stranger` for what is
    not. ``parties`` are the canonical addresses that count, ``answered`` the `member.mail.message` of
    ours that it answers. ``may_report``: a mail system wrote it, so that its content may say that it is
    a bounce of an email of ours.
    """

    why: str
    reading: Reading | None = None
    parties: frozenset[str] = frozenset()
    answered: models.BaseModel | None = None
    may_report: bool = False

    @property
    def is_match(self):
        """Whether somebody is known whom the email is filed under."""
        return self.why in ("contact", "answer")


class MemberMailFiler(models.AbstractModel):
    """Decides by their headers alone which emails are filed."""

    _inherit = "member.mail.filer"

    @api.model
    def _decide(self, headers, role, rules):
        """A constant number of queries, mostly two or three.

        :param headers: list of AddressHeaders of one folder
        :param str role: of this folder
        :param MatchRules rules: of its account
        :return: dict of UID to Decision
        """
        drafts = {header.uid: Decision("draft") for header in headers if header.is_draft}
        headers = [header for header in headers if header.uid not in drafts]
        readings = {header.uid: rules.reading_of(header, role) for header in headers}
        parties = {uid: rules.parties_of(reading) for uid, reading in readings.items()}
        addresses = {address for found in parties.values() for address in found}
        known = self.env["member.mail.matcher"]._match(addresses, rules)
        why = {
            uid: "contact" for uid, found in parties.items() if not known.keys().isdisjoint(found)
        }
        answered = self._answered(
            rules,
            {
                header.uid: header.answers
                for header in headers
                if header.answers
                and header.uid not in why
                and parties[header.uid]
                and not readings[header.uid].outgoing
            },
        )
        why |= dict.fromkeys(answered, "answer")
        for header in headers:
            if header.uid not in why:
                is_excluded = rules.excluded_of(readings[header.uid])
                why[header.uid] = "excluded" if is_excluded else "stranger"
        return drafts | {
            header.uid: Decision(
                why[header.uid],
                readings[header.uid],
                frozenset(parties[header.uid]),
                answered.get(header.uid),
                role != "sent" and why[header.uid] != "excluded" and is_from_mail_system(header),
            )
            for header in headers
        }
