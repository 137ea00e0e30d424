from odoo import api, fields, models


class MemberMailErasureWizard(models.TransientModel):
    """An erasure that started from a privacy lookup is noted in its log."""

    _inherit = "member.mail.erasure.wizard"

    privacy_lookup_id = fields.Many2one(
        "privacy.lookup.wizard", "Privacy lookup", ondelete="cascade"
    )

    @api.depends("privacy_lookup_id")
    def _compute_addresses(self):
        result = super()._compute_addresses()
        for wizard in self.filtered("privacy_lookup_id"):
            person = self.env["member.mail.eraser"]._person(
                wizard.partner_ids._origin, [wizard.privacy_lookup_id.email], wizard.company_ids
            )
            wizard.addresses = "\n".join(sorted(person.addresses))
        return result

    def _erase(self, person):
        if self.privacy_lookup_id:
            # The outcome is written there.
            self.privacy_lookup_id.check_access("write")
        erasure = super()._erase(person)
        lines = self.privacy_lookup_id.sudo()._member_mail_lines()
        there = self.env["member.mail.message"].sudo().browse(lines.mapped("res_id")).exists()
        erased = lines.filtered(lambda line: line.res_id not in there._ids)
        erased.is_unlinked = True
        # The log has the details of the lines; a single line is enough for all of them.
        (erased or lines or self.privacy_lookup_id.sudo().line_ids)[
            :1
        ].execution_details = self.env._(
            "Erased emails: %(count)s. Proof of erasure: #%(proof)s",
            count=erasure.message_count,
            proof=erasure.id,
        )
        return erasure
