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

    It names nobody: only the first letters of the name and the addresses are recognisable. A keyed
    digest of each address lets whoever has the address find out whether it was erased (`address`).
    Nobody changes or deletes a proof, not even our own code.
    """

    _name = "member.mail.erasure"
    _description = "Proof of Erasure"
    _order = "date desc, id desc"

    name = fields.Char("Person", required=True, readonly=True)
    addresses = fields.Text(required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "Erased by", required=True, readonly=True, ondelete="restrict",
        default=lambda self: self.env.uid,
    )  # fmt: skip
    company_ids = fields.Many2many(
        "res.company", "member_mail_erasure_company_rel", "erasure_id", "company_id", "Companies",
        readonly=True, help="Where emails were erased.",
    )  # fmt: skip
    message_count = fields.Integer("Emails erased", readonly=True)
    attachment_count = fields.Integer("Attachments erased", readonly=True)
    kept_count = fields.Integer(
        "Kept without the person",
        readonly=True,
        help="Emails that also concern others. What the person wrote, their files, name and addresses "
        "were removed.",
    )
    mailboxes = fields.Text(readonly=True, help="How many of the emails were in which mailbox.")
    others = fields.Text("Also erased", readonly=True)
    is_excluded = fields.Boolean(
        "Addresses excluded",
        readonly=True,
        help="The addresses were excluded, so that their emails are never filed again.",
    )
    remains = fields.Text(
        "Found afterwards", readonly=True,
        help="What a search of all records for the addresses and contacts found after the erasure.",
    )  # fmt: skip
    remain_count = fields.Integer(
        "Remaining records", readonly=True, help="Records of emails that still name the person."
    )
    address_digests = fields.Text(
        "Address digests",
        readonly=True,
        help="HMAC-SHA256 of each address, with a secret of this database.",
    )
    message_digests = fields.Text(
        "Message digests", readonly=True, prefetch=False,
        help="The digests of the header and the content of each erased email. Odoo keeps the same "
        "digests to recognize an email that turns up in a mailbox again, and not to file it.",
    )  # fmt: skip
    digest = fields.Char(
        "Fingerprint", compute="_compute_digest", help="SHA-256 of everything in this proof."
    )
    address = fields.Char(
        store=False,
        search="_search_address",
        help="Finds the proofs for exactly this address.",
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
        """The keyed digest of a canonical address, in hexadecimal."""
        return hmac(self.env(su=True), SCOPE, address)

    # Does not call the method it overrides: nobody writes at all.
    def write(self, vals):  # pylint: disable=method-required-super
        raise AccessError(self.env._("A proof of erasure can't be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise AccessError(self.env._("A proof of erasure can't be deleted."))
