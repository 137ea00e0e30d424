from odoo import api, models


class PrivacyLookupWizardLine(models.TransientModel):
    """A line that is an email."""

    _inherit = "privacy.lookup.wizard.line"

    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        """Odoo names records as the superuser, which for private emails would show their subjects."""
        emails = self.filtered(lambda line: line.res_model == "member.mail.message")
        for line in emails:
            line.res_name = f"{line.res_model_id.name}/{line.res_id}"
        return super(PrivacyLookupWizardLine, self - emails)._compute_res_name()
