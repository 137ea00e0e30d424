from odoo import api, fields, models
from odoo.fields import Domain

from ..account.visibility import visible_messages


class MemberMailConversation(models.Model):
    """Whether the user may see any message of a conversation; see MemberMailMessage."""

    _inherit = "member.mail.conversation"

    is_visible = fields.Boolean(
        "Visible to you", compute="_compute_is_visible", search="_search_is_visible"
    )

    @api.depends("message_ids.is_visible")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_visible(self):
        visible = self.sudo().search([("id", "in", self.ids), ("is_visible", "=", True)])
        for conversation in self:
            conversation.is_visible = conversation.id in visible._ids

    def _search_is_visible(self, operator, value):
        if operator != "in":
            return NotImplemented
        visible = Domain("message_ids", "any", visible_messages(self.env))
        return visible if True in value else ~visible
