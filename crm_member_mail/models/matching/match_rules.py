"""What decides, by an email's headers alone, whom it belongs to: plain data, no recordset in it."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from ...mailbox.mime.people.address_typed import plain
from ...mailbox.types import Address
from .exclusion_patterns import Exclusions

RECIPIENTS = ("to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class Reading:
    """Who wrote an email, and whom it may be filed under.

    ``authors`` are Addresses: those in From or, where a list, a group or a web form put itself there,
    those for whom it did. ``main`` are the canonical addresses that count in any case, the authors of a
    received email and the recipients of a sent one; ``also`` those that count where an account files
    received emails under everyone on them. Our own addresses may be among them.
    """

    outgoing: bool
    authors: tuple[Address, ...]
    main: frozenset[str]
    also: frozenset[str]

    def party(self, email):
        """What an address counts for: ``main``, ``also`` or ``none``."""
        return "main" if email in self.main else "also" if email in self.also else "none"


@dataclass(frozen=True)
class MatchRules:
    """The rules of one account, made by `member.mail.account._match_rules`.

    ``own`` are the canonical addresses that are ours and nobody else's, our mailboxes' and our
    colleagues'; so are all addresses in ``own_domains``. With ``sender_only``, a received email is filed
    under its author. With ``match_domains``, an address that no contact has is taken for a company's by
    its domain, except for the ``shared_domains``, which no company has to itself. Headers are
    AddressHeaders or a ParsedMessage; the role is that of the folder that holds the email.
    """

    company_id: int
    own: frozenset = frozenset()
    exclusions: Exclusions = field(default_factory=Exclusions)
    match_domains: bool = False
    shared_domains: frozenset = frozenset()
    own_domains: frozenset = frozenset()
    sender_only: bool = False

    @cached_property
    def _own_plain(self):
        return frozenset(map(plain, self.own))

    @cached_property
    def _own_lists(self):
        return frozenset(map(_as_list_id, self.own))

    def is_own(self, address):
        """Whether an address is ours, also by a sub-address such as ``office+billing@``."""
        return (
            address in self.own
            or plain(address) in self._own_plain
            or bool(self.own_domains)
            and address.rpartition("@")[2] in self.own_domains
        )

    def without_own(self, addresses):
        """Those of ``addresses`` that are not ours: set."""
        return {address for address in addresses if not self.is_own(address)}

    def reading_of(self, headers, role):
        """The Reading of an email."""
        senders = [a for a in headers.addresses if a.role == "from"]
        redirected = headers.emails("resent")
        redirected_by_us = role == "sent" or any(map(self.is_own, headers.emails("resent_from")))
        if redirected_by_us and self.without_own(redirected):
            return Reading(True, tuple(senders), frozenset(redirected), frozenset())
        recipients = headers.emails(*RECIPIENTS)
        # A form's email to ourselves is often stored among sent mail, too.
        may_be_form = role != "sent" or all(map(self.is_own, recipients))
        replaced = may_be_form and self._replaced(headers, senders, recipients)
        authors = tuple(replaced or senders)
        if not replaced and self._is_outgoing(senders, recipients, role):
            return Reading(True, authors, frozenset((*recipients, *redirected)), frozenset())
        main = {a.email for a in authors}
        also = set()
        # Who is on a list, or gets a newsletter together with others, has nothing to do with it. But a
        # list that has our own address is a mailbox of ours (a Google group), not a list of others.
        if not headers.is_bulk or headers.list_id in self._own_lists:
            main.update(headers.emails("sender", "resent_from"))
            also = {a.email for a in headers.addresses} - main
        elif not headers.list_id and len(answered := headers.emails("reply_to")) == 1:
            # A service for forms or signatures, which adds List-Unsubscribe, writes for this person.
            also = set(answered) - main
        return Reading(False, authors, frozenset(main), frozenset(also))

    def _is_outgoing(self, senders, recipients, role):
        """Whether we sent an email: its sender is one of us, or it lies among sent mail. There the
        sender may be an address of ours that nobody entered; but an email to nobody but ourselves was
        received, and then moved there."""
        if any(self.is_own(sender.email) for sender in senders):
            return True
        return role == "sent" and not all(map(self.is_own, recipients))

    def _replaced(self, headers, senders, recipients):
        """The Addresses of those in the place of whom somebody else stands in From, or none.

        Lists and groups do that because DMARC forbids them to send in the author's name; web forms and
        shops, because they have no other address than ours. What we wrote ourselves looks the same when
        it comes back to us, except for whom it was written to: a form writes to us alone, and a group
        says that it does so ("via").
        """
        if not senders:
            return ()
        ours = any(self.is_own(sender.email) for sender in senders)
        of_list = _is_of_list(headers, senders, recipients)
        if not ours and not of_list:
            return ()
        shown = {sender.email for sender in senders}
        # What is written in its name by one of us looks the same but for the author's name.
        author, _via, group = senders[0].name.partition(" via ")
        by_group = group and _as_list_id(senders[0].email) == headers.list_id
        for role in ("original", "reply_to"):
            people = [
                address
                for address in headers.addresses
                if address.role == role
                and address.email not in shown
                and not self.is_own(address.email)
                and _as_list_id(address.email) != headers.list_id
            ]
            # A list's own address, in Reply-To, is nobody's.
            if role == "reply_to":
                if not ours and len(people) > 1:
                    people = [one for one in people if one.email not in recipients]
                by_group = by_group or (
                    group and any(map(self.is_own, recipients)) and _is_called(people, author)
                )
                if ours and not by_group and not self._went_to_us(headers, people):
                    return ()
            if people:
                return people[:1] if role == "original" else people
        return _last_of_cc(headers, senders[0]) if of_list else ()

    def _went_to_us(self, headers, people):
        """Whether an email was written to nobody but us and ``people``; others may have got a copy."""
        recipients = headers.emails(*RECIPIENTS)
        others = self.without_own(headers.emails("to")) - {one.email for one in people}
        return not others and (not recipients or any(map(self.is_own, recipients)))

    def parties(self, headers, role):
        """The canonical addresses that an email is filed under when they are known, without our own
        and the excluded ones. One whose authors are all excluded has none."""
        return self.parties_of(self.reading_of(headers, role))

    def parties_of(self, reading):
        """The same for a Reading."""
        counting = self._counting(reading)
        hits = {address for address in counting if self.exclusions.hit(address)}
        if hits and not reading.outgoing and hits.issuperset(a.email for a in reading.authors):
            return set()
        return counting - hits

    def excluded(self, headers, role):
        """Dict of canonical address to the pattern that keeps an email from being filed under it."""
        return self.excluded_of(self.reading_of(headers, role))

    def excluded_of(self, reading):
        """The same for a Reading."""
        if not self.exclusions.patterns:
            return {}
        hits = {a: self.exclusions.hit(a) for a in self._counting(reading)}
        return {address: pattern for address, pattern in hits.items() if pattern}

    def _counting(self, reading):
        counting = reading.main if self.sender_only else reading.main | reading.also
        return self.without_own(counting)

    def company_domains(self, addresses):
        """Dict of domain to those of ``addresses`` that belong to a company with this domain."""
        found = defaultdict(set)
        if self.match_domains:
            for address in addresses:
                domain = address.rpartition("@")[2]
                if domain not in self.shared_domains:
                    found[domain].add(address)
        return found


def _is_of_list(headers, senders, recipients):
    """Whether From is the address of a list or group: the one that the email was written to, that its
    List-Id names, or that stands for an author who is named beside it."""
    emails = [sender.email for sender in senders]
    if any(_as_list_id(email) == headers.list_id for email in emails):
        return True
    original = headers.emails("original")
    forwarded = headers.is_bulk or original
    if forwarded and not set(emails).isdisjoint(recipients):
        return True
    if not headers.list_id or len(emails) != 1:
        return False
    # Yahoo's groups write `list-noreply@`, groups.io `ada=member.example@`.
    local, _at, domain = emails[0].rpartition("@")
    stands_for = local.replace("=", "@") in headers.emails("reply_to")
    return stands_for or bool(original) and headers.list_id.endswith(f".{domain}")


def _is_called(people, name):
    """Whether the first of some Addresses is whom a group names before itself (``'Ada' via Office``): by
    name or, where there is none, by address."""
    name = _without_quotes(name)
    if not people or not name:
        return False
    first = people[0]
    if first.name:
        return _without_quotes(first.name) == name
    local = first.email.partition("@")[0]
    return name == first.email or any(len(word) > 2 and word in local for word in name.split())


def _without_quotes(name):
    return name.strip(" \"'").casefold()


def _as_list_id(address):
    """The List-Id (RFC 2919) that the list with this address has by default."""
    return address.replace("@", ".", 1)


def _last_of_cc(headers, sender):
    """The author of an email in whose place a list stands in From, where answers go to the list: the
    list adds the author to Cc (Mailman's ``from_is_list``). Names in it may be anybody's choice, but the
    last one is the list's."""
    people = [address for address in headers.addresses if address.role == "cc"]
    name = sender.name.partition(" via ")[0].strip()
    return people[-1:] if people and name and people[-1].name == name else ()
