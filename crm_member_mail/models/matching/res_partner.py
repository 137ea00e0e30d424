from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize

from ...mailbox.mime.addresses import canonical


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Each scan looks up contacts by this field, and core has no index on it.
    email_normalized = fields.Char(index="btree_not_null")

    member_mail_address_ids = fields.One2many(
        "member.mail.address", "partner_id", "Other addresses", groups="crm_member_mail.group_user"
    )
    member_mail_addresses = fields.Char(
        "Other email addresses", compute="_compute_member_mail_addresses",
        inverse="_inverse_member_mail_addresses", groups="crm_member_mail.group_user",
        help="Emails with these addresses are filed under this contact, too. Separate them with "
        "commas.",
    )  # fmt: skip
    member_mail_message_ids = fields.Many2many(
        "member.mail.message", compute="_compute_member_mail", string="Emails",
        search="_search_member_mail_message_ids", groups="crm_member_mail.group_user",
        help="All emails exchanged with this contact, or with the people of a company.",
    )  # fmt: skip
    member_mail_count = fields.Integer(
        "Number of emails",
        compute="_compute_member_mail_count",
        groups="crm_member_mail.group_user",
    )

    # Companies are looked up by the domain of their address.
    _member_mail_domain_idx = models.Index(
        "(substring(email_normalized, '@([^@]+)$')) WHERE is_company"
    )

    @api.depends("member_mail_address_ids.email")
    def _compute_member_mail_addresses(self):
        for partner in self:
            emails = partner.member_mail_address_ids.mapped("email")
            partner.member_mail_addresses = ", ".join(emails)

    def _inverse_member_mail_addresses(self):
        for partner in self:
            wanted = {}
            for email in split_addresses(partner.member_mail_addresses):
                wanted.setdefault(canonical(email) or email, email)
            old = {a.email_normalized: a for a in partner.member_mail_address_ids}
            partner.member_mail_address_ids = [
                Command.delete(a.id) for key, a in old.items() if key not in wanted
            ] + [Command.create({"email": e}) for key, e in wanted.items() if key not in old]

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        self.env["member.mail.linker"]._later_records(partners)
        return partners

    def write(self, vals):
        changed, returned = self.browse(), self.browse()
        if not {"email", "active", "company_id"}.isdisjoint(vals):
            for partner in self.sudo():
                if "email" in vals and partner.email_normalized != email_normalize(
                    vals["email"] or "", strict=False
                ):
                    changed |= partner
                if (vals.get("active") and not partner.active) or (
                    "company_id" in vals and partner.company_id.id != vals["company_id"]
                ):
                    returned |= partner
        result = super().write(vals)
        Linker = self.env["member.mail.linker"]
        if changed or returned:
            Linker._later_records(changed | returned)
        for address in returned.sudo().member_mail_address_ids:
            Linker._later({address.email_normalized}, address.partner_id.company_id.id)
        return result

    def unlink(self):
        # Another contact may have the same address, and is shown instead.
        addresses = {canonical(partner.email_normalized or "") for partner in self.sudo()}
        addresses.update(self.sudo().member_mail_address_ids.mapped("email_normalized"))
        result = super().unlink()
        self.env["member.mail.linker"]._later(addresses - {""}, search=False)
        return result

    def _member_mail_is_matched(self):
        """Whether emails are filed under this contact."""
        return self.active

    def _compute_member_mail(self):
        Message = self.env["member.mail.message"]
        for partner in self:
            partner.member_mail_message_ids = Message.search(partner._member_mail_domain())

    def _search_member_mail_message_ids(self, operator, value):
        if operator not in ("any", "in"):
            return NotImplemented
        messages = self.env["member.mail.message"]
        if isinstance(value, Domain):
            messages = messages.search(value)
        else:
            messages = messages.browse(value).exists()
        return Domain("id", "parent_of", messages.partner_ids.ids)

    def _compute_member_mail_count(self):
        messages = self._member_mail_ids()
        for partner in self:
            partner.member_mail_count = len(messages[partner._origin.id])

    def _member_mail_ids(self):
        """The ids of the visible emails of these contacts: dict of contact id to set."""
        groups = self.env["member.mail.message"]._read_group(
            self._member_mail_domain(), ["partner_ids"], ["id:array_agg"]
        )
        messages = defaultdict(set)
        for person, ids in groups:
            # An email to two people of a company counts once for the company.
            while person:
                messages[person.id].update(ids)
                person = person.sudo().parent_id
        return messages

    def _member_mail_domain(self):
        """The emails of these contacts and, where they are companies, of their people."""
        return Domain("partner_ids", "child_of", self.ids)


def split_addresses(text):
    """The addresses in ``text``, separated by commas, semicolons or line breaks."""
    for separator in ";\n":
        text = (text or "").replace(separator, ",")
    return [part.strip() for part in text.split(",") if part.strip()]
