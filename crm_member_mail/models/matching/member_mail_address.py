from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...mailbox.mime.addresses import canonical
from .gmail_sql import INDEX


class MemberMailAddress(models.Model):
    """Another email address of a contact, matched like the main one; or one that it had before, which
    is matched unless somebody else has it now."""

    _name = "member.mail.address"
    _description = "Other Email Address"
    _order = "id"
    _rec_name = "email"

    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, index=True, ondelete="cascade"
    )
    email = fields.Char("Email address", required=True)
    origin = fields.Selection(
        [
            ("other", "Other address"),
            ("email", "In the email field"),
            ("former", "Earlier address"),
        ],
        default="other",
        required=True,
        help="Other: somebody entered it. In the email field: Odoo found it in what the contact has "
        "there. Earlier: the contact had it before.",
    )
    email_normalized = fields.Char(
        "Normalized address",
        compute="_compute_email_normalized", store=True, precompute=True, index=True,
        help="In lower case, with the domain in its ASCII form.",
    )  # fmt: skip

    _partner_email_unique = models.Constraint(
        "UNIQUE (partner_id, email_normalized)", "This contact already has this address."
    )
    _gmail_idx = models.Index(INDEX)
    _domain_idx = models.Index("(substring(email_normalized, '@([^@]+)$'))")

    @api.depends("email")
    def _compute_email_normalized(self):
        for address in self:
            address.email_normalized = canonical(address.email or "")

    @api.constrains("email")
    def _check_email(self):
        for address in self:
            if not address.email_normalized:
                raise ValidationError(
                    self.env._(
                        "%(value)s is not an email address. Enter it like name@example.com.",
                        value=address.email,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        addresses = super().create(vals_list)
        addresses._check_contact()
        addresses._ask()
        return addresses

    def write(self, vals):
        self._check_contact()
        result = super().write(vals)
        self._check_contact()
        self._ask()
        return result

    def unlink(self):
        self._check_contact()
        return super().unlink()

    def _check_contact(self):
        """An address belongs to its contact: only those who may change the contact may change it."""
        if not self.env.su:
            self.partner_id.check_access("write")

    def _ask(self):
        Linker = self.env["member.mail.linker"]
        for address in self.sudo():
            if address.partner_id.active:
                Linker._later(
                    {address.email_normalized},
                    address.partner_id.company_id.id,
                    search=address.origin != "former",
                )
