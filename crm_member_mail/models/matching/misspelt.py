import re

from odoo import api, models
from odoo.fields import Domain

from ...mailbox.mime.addresses import canonical

#: What stands for the signs of an address where people hide it from robots: ``ana (at) x (dot) y``.
_WORDS = re.compile(r"[\s\[({<](?:at|dot)[\s\])}>]")
_SIGNS = re.compile(r"[\W_]+")
_BETWEEN = re.compile(r'[\s<>;,/|"]+')

#: Addresses that are looked for, and contacts that are looked at.
_MOST_ADDRESSES, _MOST_CONTACTS = 50, 200


# A file of its own: matching is exact, and this is a guess that nothing is filed by.
class MemberMailMatcher(models.AbstractModel):
    """Finds contacts whose address can't match, because of how somebody typed it."""

    _inherit = "member.mail.matcher"

    @api.model
    def _misspelt(self, addresses, company_id):
        """The contacts in whose email field one of ``addresses`` is meant, but is no email address.

        :param addresses: canonical addresses that no contact has
        :return: dict of canonical address to `res.partner` of the superuser
        """
        addresses = sorted(addresses)[:_MOST_ADDRESSES]
        wanted = {_letters(address): address for address in addresses}
        domain = Domain("email", "!=", False) & Domain("company_id", "in", (False, company_id))
        names = {address.rpartition("@")[0] for address in addresses}
        if not names:
            return {}
        domain &= Domain.OR(Domain("email", "ilike", _escaped(name)) for name in names)
        found = {}
        partners = (
            self.env["res.partner"].sudo().search_fetch(domain, ["email"], limit=_MOST_CONTACTS)
        )
        for partner in partners:
            email = partner.email[:2000].lower()
            for text in (_WORDS.sub("", email), *_BETWEEN.split(email)):
                address = wanted.get(_letters(text))
                if address and not canonical(text):
                    found.setdefault(address, partner)
        return found


def _letters(text):
    return _SIGNS.sub("", text)


def _escaped(text):
    return re.sub(r"([\\%_])", r"\\\1", text)
