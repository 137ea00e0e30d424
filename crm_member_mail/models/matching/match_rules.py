"""What decides, by an email's headers alone, whom it belongs to: plain data, no recordset in it."""

from collections import defaultdict
from dataclasses import dataclass, field

from .exclusion_patterns import Exclusions


@dataclass(frozen=True, slots=True)
class MatchRules:
    """The rules of one account, made by `member.mail.account._match_rules`.

    ``own`` are the canonical addresses that are ours and nobody else's. With ``match_domains``, an
    address that no contact has is taken for a company's by its domain, except for the
    ``shared_domains``, which no company has to itself. Headers are AddressHeaders or a ParsedMessage;
    the role is that of the folder that holds the email.
    """

    company_id: int
    own: frozenset = frozenset()
    exclusions: Exclusions = field(default_factory=Exclusions)
    match_domains: bool = False
    shared_domains: frozenset = frozenset()

    def is_outgoing(self, headers, role):
        """Whether we sent an email: its sender is one of us, or it lies among sent mail. There the
        sender may be an address of ours that nobody entered; but an email to nobody but ourselves was
        received, and then moved there."""
        if not self.own.isdisjoint(headers.emails("from")):
            return True
        return role == "sent" and not self.own.issuperset(headers.emails("to", "cc", "bcc"))

    def parties(self, headers, role):
        """The canonical addresses that an email is filed under when they are known: its sender, or its
        recipients when we sent it; without our own and the excluded ones."""
        return {a for a in self._correspondents(headers, role) if not self.exclusions.hit(a)}

    def excluded(self, headers, role):
        """Dict of canonical address to the pattern that keeps an email from being filed under it."""
        hits = {a: self.exclusions.hit(a) for a in self._correspondents(headers, role)}
        return {address: pattern for address, pattern in hits.items() if pattern}

    def _correspondents(self, headers, role):
        roles = ("to", "cc", "bcc") if self.is_outgoing(headers, role) else ("from",)
        return set(headers.emails(*roles)) - self.own

    def company_domains(self, addresses):
        """Dict of domain to those of ``addresses`` that belong to a company with this domain."""
        found = defaultdict(set)
        if self.match_domains:
            for address in addresses:
                domain = address.rpartition("@")[2]
                if domain not in self.shared_domains:
                    found[domain].add(address)
        return found
