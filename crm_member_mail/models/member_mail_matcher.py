from odoo import api, models

from ..mailbox.addresses import spellings


class MemberMailMatcher(models.AbstractModel):
    """Which contacts an email belongs to."""

    _name = "member.mail.matcher"
    _description = "Match of Email Addresses with Contacts"

    @api.model
    def _is_outgoing(self, headers, role, own):
        """Whether an email is one that we sent.

        :param headers: AddressHeaders or ParsedMessage
        :param str role: of the folder that holds it
        :param set own: the canonical addresses of the monitored mailboxes
        """
        return role == "sent" or not own.isdisjoint(headers.emails("from"))

    @api.model
    def _parties(self, headers, role, own):
        """The canonical addresses an email is filed under when they are contacts': its sender, or
        its recipients when we sent it. Our own addresses are nobody's."""
        roles = ("to", "cc", "bcc") if self._is_outgoing(headers, role, own) else ("from",)
        return set(headers.emails(*roles)) - own

    @api.model
    def _match(self, addresses, company):
        """Look up the contacts with these addresses, in one query.

        :param addresses: canonical addresses
        :param company: the `res.company` whose contacts may match, beside those of no company
        :return: dict of canonical address to `res.partner` recordset, for the addresses found
        """
        canonical_of = {form: address for address in addresses for form in spellings(address)}
        if not canonical_of:
            return {}
        partners = (
            self.env["res.partner"]
            .sudo()
            .search_fetch(
                [
                    ("email_normalized", "in", list(canonical_of)),
                    ("company_id", "in", (False, company.id)),
                ],
                ["email_normalized"],
                order="id",
            )
        )
        found = {}
        for partner in partners:
            address = canonical_of[partner.email_normalized]
            found[address] = found.get(address, partner.browse()) | partner
        return found
