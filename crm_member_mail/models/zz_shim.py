from odoo import api, fields, models
from odoo.fields import Domain


class Shim(models.Model):
    _inherit = "member.mail.message"
    is_unread = fields.Boolean(compute="_compute_is_unread", search="_search_is_unread")
    authenticity = fields.Selection([("verified", "V"), ("unverified", "U"), ("failed", "F")])

    def _compute_is_unread(self):
        self.is_unread = False

    def _search_is_unread(self, operator, value):
        return Domain("id", "in", [])

    def _search_domain(self, query):
        return Domain("subject", "ilike", query)
