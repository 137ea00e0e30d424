from odoo import api, models

from ..mailbox.mime.addresses import canonical


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts: Odoo moves their messages with all other links. This moves their addresses."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # If both have an address, Odoo would remove all addresses of the source.
        Address = self.env["member.mail.address"].sudo()
        old = Address.search([("partner_id", "=", dst_partner.id)])
        seen = set(old.mapped("email_normalized"))
        for address in Address.search([("partner_id", "in", src_partners.ids)]):
            if address.origin == "email":
                address.origin = "other"  # it is in no email field any longer
            if address.email_normalized in seen:
                address.unlink()
            else:
                seen.add(address.email_normalized)
        # One row per contact and mailbox: those of the source would be in the way.
        LastDate = self.env["member.mail.last.date"].sudo()
        LastDate.search([("partner_id", "in", src_partners.ids)]).unlink()
        Filing = self.env["member.mail.filing"].sudo()
        Filing._drop_overruled("partner_ids", src_partners | dst_partner)
        Filing._merge("partner_ids", src_partners, dst_partner)
        copies = self.env["member.mail.copy.filing"].sudo()
        copies._merge("partner_ids", src_partners, dst_partner)
        self.env.flush_all()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        Filing._enforce("partner_ids", dst_partner)
        LastDate._refresh(dst_partner.ids)
        return result

    @api.model
    def _update_values(self, src_partners, dst_partner):
        emails = {canonical(p.email_normalized or ""): p.email_normalized for p in src_partners}
        result = super()._update_values(src_partners, dst_partner)
        Address = self.env["member.mail.address"].sudo()
        main = canonical(dst_partner.email_normalized or "")
        old = Address.search([("partner_id", "=", dst_partner.id)])
        old.filtered(lambda address: address.email_normalized == main).unlink()
        known = {"", main, *old.exists().mapped("email_normalized")}
        Address.create(
            [
                {"partner_id": dst_partner.id, "email": email}
                for address, email in emails.items()
                if address not in known
            ]
        )
        return result
