from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

from odoo.addons.crm_member_mail.mailbox.mime.addresses import canonical

#: Those of our models whose records people would recognise as a person's data.
LISTED = {"member.mail.account", "member.mail.address"}


class PrivacyLookupWizard(models.TransientModel):
    """The privacy lookup finds emails."""

    _inherit = "privacy.lookup.wizard"

    member_mail_count = fields.Integer(
        "Emails found", compute="_compute_member_mail_count", help="Emails that are not erased yet."
    )

    @api.depends("line_ids.res_model", "line_ids.is_unlinked")
    def _compute_member_mail_count(self):
        for wizard in self:
            wizard.member_mail_count = len(wizard._member_mail_lines())

    def _member_mail_lines(self):
        """The lines of emails that are not erased yet."""
        return self.line_ids.filtered(
            lambda line: line.res_model == "member.mail.message" and not line.is_unlinked
        )

    def _get_query_models_blacklist(self):
        """Technical models, and those found together with their message, are not listed on their own."""
        ours = {name for name in self.env if name.startswith("member.mail.")}
        return super()._get_query_models_blacklist() + sorted(ours - LISTED)

    def _get_query(self):
        # `indirect_references` are the contacts that Odoo's query starts with.
        return SQL(
            """
            %(query)s
            UNION ALL
            SELECT %(model)s AS res_model_id, message.id AS res_id, TRUE AS is_active
              FROM member_mail_message AS message
             WHERE message.id IN (
                   SELECT message_id FROM member_mail_participant WHERE email = ANY(%(emails)s)
                    UNION
                   SELECT message_id FROM member_mail_participant
                    WHERE partner_id IN (SELECT id FROM indirect_references)
                    UNION
                   SELECT message_id FROM member_mail_message_partner_rel
                    WHERE partner_id IN (SELECT id FROM indirect_references)
                    UNION
                   SELECT id FROM member_mail_message
                    WHERE author_id IN (SELECT id FROM indirect_references)
                    UNION
                   SELECT id FROM member_mail_message
                    WHERE invitation IS NOT NULL
                      AND (invitation->'organizer'->>'email' = ANY(%(emails)s)
                           OR EXISTS (SELECT FROM jsonb_path_query(invitation, '$.guests[*].email')
                                          AS guest
                                       WHERE guest #>> '{}' = ANY(%(emails)s))))
            """,
            query=super()._get_query(),
            model=self.env["ir.model"]._get_id("member.mail.message"),
            emails=[canonical(self.email), email_normalize(self.email)],
        )

    def action_erase_member_mail(self):
        """Ask what to erase of all the person's emails.

        :return: the action that opens the dialog
        """
        self.ensure_one()
        self.check_access("write")
        lines = self.line_ids.filtered(lambda line: line.res_model == "res.partner")
        partners = self.env["res.partner"].with_context(active_test=False)
        partners = partners.search([("id", "in", lines.mapped("res_id"))])
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_member_mail.action_erase")
        return action | {
            "context": {
                "default_partner_ids": partners.ids,
                "default_privacy_lookup_id": self.id,
            }
        }
