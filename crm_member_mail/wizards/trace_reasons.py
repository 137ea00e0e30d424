"""Why an email is filed under nobody, in words."""

from odoo.fields import Domain

from ..models.matching.match_rules import RECIPIENTS

#: Addresses and names that are listed in a sentence.
_LISTED = 5


class TraceReasons:
    """The reasons in one mailbox.

    :param account: a `member.mail.account` of the superuser, in the environment of the user who asks
    :param MatchRules rules: its rules
    """

    def __init__(self, account, rules):
        self.env, self.account, self._rules = account.env, account, rules
        self._known = self._archived = self._misspelt = {}

    def look_up(self, hits, decisions):
        """Find out who else is on emails that are filed under nobody, and why their addresses don't
        count. A constant number of queries.

        :param hits: list of Hit
        :param decisions: the Decision on each of them
        """
        left = [
            (hit, decision)
            for hit, decision in zip(hits, decisions, strict=True)
            if decision.why in ("stranger", "excluded")
        ]
        everybody = {a.email for hit, _decision in left for a in hit.headers.addresses}
        parties = {email for _hit, decision in left for email in decision.parties}
        matcher = self.env["member.mail.matcher"]
        company_id = self._rules.company_id
        self._known = matcher._match(self._rules.without_own(everybody), self._rules)
        self._archived = matcher._archived(parties, company_id)
        self._misspelt = matcher._misspelt(parties - self._archived.keys(), company_id)

    def why_unmatched(self, hit, decision):
        """Why an email is filed under nobody: a dict of values of a `member.mail.trace.line`.

        :param Hit hit: one of those that `look_up` got
        :param Decision decision: on it, neither a match nor a draft
        """
        if decision.why == "excluded":
            return self._as_excluded(hit, decision)
        if not decision.parties:
            reading = decision.reading
            if reading.main or (reading.also and not self._rules.sender_only):
                words = self.env._(
                    "All addresses that count belong to your own mailboxes and colleagues. Emails "
                    "among yourselves aren't filed."
                )
                return {"verdict": "ours", "explanation": words}
            words = (
                self.env._("It has no recipient with a valid email address.")
                if reading.outgoing
                else self.env._("It has no author with a valid email address.")
            )
            return {"verdict": "stranger", "explanation": words}
        return (
            self._as_owned(decision, self._archived, self._of_archived, "archived")
            or self._as_owned(decision, self._misspelt, self._of_misspelt, "unusable")
            or self._as_strangers(hit, decision)
        )  # fmt: skip

    def _as_excluded(self, hit, decision):
        excluded = self._rules.excluded_of(decision.reading)
        authors = [author.email for author in decision.reading.authors]
        address = next((one for one in authors if one in excluded), next(iter(excluded)))
        pattern = excluded[address]
        exclusion = self.env["member.mail.exclusion"].search(
            Domain("pattern", "=", pattern) & Domain("account_id", "in", (False, self.account.id)),
            limit=1,
        )
        words = [
            self.env._("%(address)s is excluded by %(pattern)s.", address=address, pattern=pattern)
        ]
        others = self._known_on(hit, but=excluded)
        if others and not decision.parties:
            words.append(
                self.env._(
                    "What an excluded author wrote isn't filed under anybody else on it: %s.",
                    listed(self.env, others),
                )
            )
        return {
            "verdict": "excluded",
            "exclusion_id": readable(exclusion).id,
            "explanation": " ".join(words),
        }

    def _as_owned(self, decision, owners, explain, verdict):
        """The verdict on an email with the address of a contact that doesn't match."""
        address = next((one for one in sorted(decision.parties) if one in owners), None)
        if not address:
            return None
        partner = readable(owners[address])[:1]
        return {
            "verdict": verdict,
            "partner_id": partner.id,
            "explanation": explain(partner.display_name, address, owners[address][:1].email),
        }

    def _of_archived(self, name, address, _email):
        if not name:
            return self.env._("The contact with the address %s is archived.", address)
        return self.env._(
            "The contact %(name)s, with the address %(address)s, is archived. Odoo files emails "
            "under active contacts only.",
            name=name,
            address=address,
        )

    def _of_misspelt(self, name, address, email):
        if not name:
            return self.env._("The contact who has the address %s has it misspelt.", address)
        return self.env._(
            "%(name)s probably has this address, but it is entered as “%(typed)s”, which is no "
            "email address. Correct it to %(address)s, and Odoo files this email.",
            name=name,
            typed=email,
            address=address,
        )

    def _as_strangers(self, hit, decision):
        reading, parties = decision.reading, decision.parties
        ordered = [a.email for a in reading.authors if a.email in parties]
        ordered += [e for e in hit.headers.emails(*RECIPIENTS) if e in parties]
        ordered = list(dict.fromkeys([*ordered, *sorted(parties)]))
        others = self._known_on(hit, but=parties)
        verdict, words = self._why_not_others(hit, decision, others)
        if any(author.role != "from" for author in reading.authors):
            words.append(
                self.env._(
                    "A mailing list, group or web form sent it for %s.",
                    listed(self.env, [author.email for author in reading.authors]),
                )
            )
        words.append(
            self.env._(
                "No contact or open lead has the address %s. If you create the contact, Odoo files "
                "this email and their other earlier emails.",
                listed(self.env, ordered),
            )
        )
        return {
            "verdict": verdict,
            "contact_email": ordered[0],
            "explanation": " ".join(words),
        }

    def _why_not_others(self, hit, decision, others):
        """Why an email is not filed under contacts who are on it: the verdict, and a list of sentences.

        :param others: their names
        """
        if not others:
            return "stranger", []
        names = listed(self.env, others)
        if decision.reading.outgoing:
            return "stranger", [
                self.env._("You sent it, so only its recipients count, not %s.", names)
            ]
        if hit.headers.is_bulk:
            return "bulk", [
                self.env._(
                    "It is a newsletter, or went to a mailing list: only its author counts, not %s.",
                    names,
                )
            ]
        return "sender_only", [
            self.env._(
                "This mailbox files received emails under their sender only, so %s doesn't count.",
                names,
            )
        ]

    def _known_on(self, hit, but):
        """The names of contacts and leads on an email whose addresses are not among ``but``: list."""
        names = []
        for email in dict.fromkeys(_everybody(hit)):
            known = None if email in but else self._known.get(email)
            if known:
                seen = [*readable(known.partners), *readable(known.leads)]
                names += [record.display_name for record in seen] or [email]
        return list(dict.fromkeys(names))


def _everybody(hit):
    return [address.email for address in hit.headers.addresses]


def readable(records):
    """Those of ``records`` that the user may read, of the user."""
    return records.sudo(False)._filtered_access("read")


def names_of(message):
    """The names of the contacts and leads that a message is filed under, and that the user may read."""
    whose = (message.partner_ids, message.lead_ids)
    return [name for records in whose for name in readable(records).mapped("display_name")]


def listed(env, texts):
    """A few of ``texts``, and how many more there are, as text."""
    texts = list(texts)
    names = ", ".join(texts[:_LISTED])
    more = len(texts) - _LISTED
    return env._("%(names)s and %(more)s more", names=names, more=more) if more > 0 else names
