from odoo import api, fields, models

from .visibility import visible_accounts


class ResUsers(models.Model):
    """Whose messages a user may see, looked up once for all queries of a transaction."""

    _inherit = "res.users"

    # What else it depends on lies in the mailboxes, which say when it changes.
    member_mail_visible_account_ids = fields.Many2many(
        "member.mail.account", compute="_compute_member_mail_visible_account_ids",
        string="Visible email accounts", groups=fields.NO_ACCESS,
        help="The mailboxes whose messages this user may see in the companies that are selected.",
    )  # fmt: skip

    @api.depends(
        "company_ids",
        "crm_team_member_ids.active",
        "crm_team_member_ids.crm_team_id",
    )
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_member_mail_visible_account_ids(self):
        accounts = self.env["member.mail.account"].sudo().with_context(active_test=False)
        for user in self:
            domain = visible_accounts(self.env(user=user.id, su=False))
            user.member_mail_visible_account_ids = accounts.search(domain, order="id")
