import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import hmac

from ...mailbox.mime.addresses import canonical

#: What addresses are signed for.
SCOPE = "crm_member_mail.erasure"


class MemberMailErasure(models.Model):
    """The proof that the emails of a person were erased.

    It names nobody: the name and the addresses are unrecognisable but for their first letters. By a
    keyed digest of each address one finds, with the address in hand, whether it was erased (`address`).
    Nobody changes or deletes a proof, nor does our own code.
    """

    _name = "member.mail.erasure"
    _description = "Erasure of Emails"
    _order = "date desc, id desc"

    name = fields.Char("Person", required=True, readonly=True)
    addresses = fields.Text(required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "Erased by", required=True, readonly=True, ondelete="restrict",
        default=lambda self: self.env.uid,
    )  # fmt: skip
    company_ids = fields.Many2many(
        "res.company", "member_mail_erasure_company_rel", "erasure_id", "company_id", "Locations",
        readonly=True, help="Where emails were erased.",
    )  # fmt: skip
    message_count = fields.Integer("Emails erased", readonly=True)
    attachment_count = fields.Integer("Attachments erased", readonly=True)
    kept_count = fields.Integer(
        "Kept without the person",
        readonly=True,
        help="Emails that concern others, too: the person's addresses and links were taken out.",
    )
    mailboxes = fields.Text(readonly=True, help="How many emails there were in which mailbox.")
    others = fields.Text("Erased as well", readonly=True)
    is_excluded = fields.Boolean(
        "Never filed again", readonly=True, help="The addresses were added to those never filed."
    )
    remains = fields.Text(
        "Found afterwards", readonly=True,
        help="What a search of all records for the addresses and the contact found after the erasure.",
    )  # fmt: skip
    remain_count = fields.Integer(
        "Left", readonly=True, help="Records of emails that still name the person."
    )
    address_digests = fields.Text(
        readonly=True, help="HMAC-SHA256 of each address, with a secret of this database."
    )
    message_digests = fields.Text(
        "Digests", readonly=True, prefetch=False,
        help="Of each erased email the digests of its header and its content. The same digests are kept "
        "to recognise the email, should a mailbox be read again, and not to file it.",
    )  # fmt: skip
    digest = fields.Char(
        "SHA-256", compute="_compute_digest", help="Of all that stands in this proof."
    )
    address = fields.Char(
        "Whole address",
        store=False,
        search="_search_address",
        help="Finds the proofs of exactly this address.",
    )

    @api.depends("message_digests", "date")
    def _compute_digest(self):
        names = (
            "name", "addresses", "date", "message_count", "attachment_count", "kept_count",
            "mailboxes", "others", "is_excluded", "remains", "remain_count", "address_digests",
            "message_digests",
        )  # fmt: skip
        for erasure in self:
            parts = [f"{name}={erasure[name]}" for name in names]
            parts.append(f"user={erasure.user_id.id}")
            erasure.digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _compute_display_name(self):
        for erasure in self:
            erasure.display_name = f"{erasure.name} ({fields.Date.to_string(erasure.date)})"

    @api.model
    def _search_address(self, operator, value):
        if operator not in ("in", "ilike", "like", "=ilike"):
            return NotImplemented
        asked = [value] if isinstance(value, str) else value
        addresses = filter(None, (canonical(address or "") for address in asked))
        return Domain.OR(
            Domain("address_digests", "like", self._digest_of(address)) for address in addresses
        )

    @api.model
    def _digest_of(self, address):
        """The keyed digest of a canonical address, as hexadecimal digits."""
        return hmac(self.env(su=True), SCOPE, address)

    # No call of the one it overrides: nobody writes at all.
    def write(self, vals):  # pylint: disable=method-required-super
        raise AccessError(self.env._("A proof of an erasure is never changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise AccessError(self.env._("A proof of an erasure is never deleted."))
