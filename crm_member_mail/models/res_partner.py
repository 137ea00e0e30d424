from collections import defaultdict

from odoo import fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Each scan looks contacts up by this field, and core has no index on it.
    email_normalized = fields.Char(index="btree_not_null")

    member_mail_message_ids = fields.Many2many(
        "member.mail.message", compute="_compute_member_mail", string="Emails",
        search="_search_member_mail_message_ids", groups="crm_member_mail.group_user",
        help="All emails sent to and received from this contact; a company's people included.",
    )  # fmt: skip
    member_mail_count = fields.Integer(
        "Email Messages", compute="_compute_member_mail_count", groups="crm_member_mail.group_user"
    )

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
        groups = self.env["member.mail.message"]._read_group(
            self._member_mail_domain(), ["partner_ids"], ["id:array_agg"]
        )
        messages = defaultdict(set)
        for person, ids in groups:
            # An email to two people of a company counts once for the company.
            while person:
                messages[person.id].update(ids)
                person = person.sudo().parent_id
        for partner in self:
            partner.member_mail_count = len(messages[partner._origin.id])

    def _member_mail_domain(self):
        """The emails of these contacts and of the people of those which are companies."""
        return Domain("partner_ids", "child_of", self.ids)
