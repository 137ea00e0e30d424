from odoo import Command, api, fields, models
from odoo.tools import SQL

from ..message.actions import SOURCE
from .gmail_sql import INDEX

#: What decides whether and by which address emails are filed under a lead.
MATCHED_BY = {"email_from", "partner_id", "active", "stage_id", "probability", "company_id"}


class CrmLead(models.Model):
    _inherit = "crm.lead"

    member_mail_message_ids = fields.Many2many(
        "member.mail.message", compute="_compute_member_mail", string="Emails",
        groups="crm_member_mail.group_user",
        help="All emails exchanged with this lead and its contact.",
    )  # fmt: skip
    member_mail_count = fields.Integer(
        "Number of emails",
        compute="_compute_member_mail_count",
        groups="crm_member_mail.group_user",
    )
    member_mail_unread_count = fields.Integer(
        "Number of unread emails",
        compute="_compute_member_mail_unread_count",
        groups="crm_member_mail.group_user",
    )

    # Not shown itself: whoever may see the lead may not be allowed to see the message.
    member_mail_source_id = fields.Many2one(
        "member.mail.message", "Created from email", readonly=True, copy=False,
        index="btree_not_null", ondelete="set null", groups=fields.NO_ACCESS,
    )  # fmt: skip
    member_mail_has_source = fields.Boolean(
        "Has a source email",
        compute="_compute_member_mail_has_source",
        groups="crm_member_mail.group_user",
    )

    # Each scan looks up open leads by address; core's trigram index is for searching parts of it.
    _member_mail_email_idx = models.Index(
        "(email_normalized) WHERE active AND won_status = 'pending'"
    )
    _member_mail_closed_idx = models.Index("(email_normalized) WHERE won_status IN ('won', 'lost')")
    _member_mail_gmail_idx = models.Index(f"{INDEX} AND active AND won_status = 'pending'")

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        self.env["member.mail.linker"]._later_records(leads)
        leads._fill_from_message()
        return leads

    def _fill_from_message(self):
        """Give the lead what its message has, when a user has filled in the form that
        `action_create_lead` opened; no other one made there afterwards."""
        message = self.env["member.mail.message"].browse(self.env.context.get(SOURCE) or ())
        lead = self.with_context(**{SOURCE: False})
        used = [("member_mail_source_id", "in", message.ids)]
        if len(self) == 1 and message.exists() and not self.sudo().search_count(used, limit=1):
            message.check_access("read")
            message._fill_lead(lead)

    def write(self, vals):
        if MATCHED_BY.isdisjoint(vals):
            return super().write(vals)
        before = {lead.id: lead._member_mail_key() for lead in self.sudo()}
        result = super().write(vals)
        changed = self.sudo().filtered(lambda lead: lead._member_mail_key() != before[lead.id])
        if changed:
            self.env["member.mail.linker"]._later_records(changed)
        return result

    def _member_mail_is_matched(self):
        """Whether emails are filed under this lead: only while it is open."""
        return self.active and self.won_status == "pending"

    def _member_mail_key(self):
        return self._member_mail_is_matched() and (self.email_normalized, self.company_id)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_member_mail(self):
        Message = self.env["member.mail.message"]
        for lead in self:
            lead.member_mail_message_ids = Message.search(lead._member_mail_domain())

    def _member_mail_domain(self):
        """The emails of this lead and of its contact, without those of other opportunities'
        conversations and without what was taken off this lead."""
        self.ensure_one()
        Message = self.env["member.mail.message"]
        people = self.partner_id._member_mail_people()
        return Message._filed_domain(people.ids, self.ids) & Message._shown_on_lead(self)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_member_mail_count(self):
        counts = self._member_mail_counted(self.env["member.mail.message"]._count_filed)
        for lead in self:
            lead.member_mail_count = counts.get(lead._origin.id, 0)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_member_mail_unread_count(self):
        counts = self._member_mail_counted(self.env["member.mail.message"]._count_unread_filed)
        for lead in self:
            lead.member_mail_unread_count = counts.get(lead._origin.id, 0)

    def _member_mail_counted(self, count):
        """How many emails these leads show: dict of id to number.

        :param count: of `_count_filed` and `_count_unread_filed`
        """
        if not self._origin.ids:
            return {}
        shown = self.env["member.mail.message"]._shown_on_lead_sql(
            SQL.identifier("member_mail_message"), SQL.identifier("filed", "key")
        )
        return count(self._member_mail_filed_sql(), shown)

    def _member_mail_filed_sql(self):
        """The query for pairs of the id of one of these leads and of a message that the user finds
        under it or its contact."""
        Filing = self.env["member.mail.copy.filing"]
        leads = self._origin
        sources = [
            SQL(
                "SELECT filed.lead_id, filed.message_id FROM member_mail_message_lead_rel AS filed"
                " WHERE filed.lead_id = ANY(%s) AND %s",
                leads.ids,
                Filing._visible_sql(self.env, "lead_ids", "filed"),
            )
        ]
        pairs = [(lead.id, lead.partner_id.id) for lead in leads if lead.partner_id]
        if pairs:
            contacts = self.env["res.partner"]._member_mail_filed_sql(leads.partner_id.ids)
            sources.append(
                SQL(
                    "SELECT pair.lead_id, of_contact.message_id"
                    " FROM unnest(%s, %s) AS pair(lead_id, partner_id)"
                    " JOIN (%s) AS of_contact(partner_id, message_id) USING (partner_id)",
                    *map(list, zip(*pairs, strict=True)),
                    contacts,
                )
            )
        return SQL(" UNION ").join(sources)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_member_mail_has_source(self):
        sources = self.sudo().member_mail_source_id.sudo(False)._filtered_access("read")
        for lead in self:
            lead.member_mail_has_source = lead.sudo().member_mail_source_id in sources

    def action_view_member_mail_source(self):
        """Open the message that this lead was created from.

        :raises AccessError: when the user may not see it
        """
        self.ensure_one()
        self.check_access("read")
        self.sudo().member_mail_source_id.sudo(False).check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "member.mail.message",
            "res_id": self.sudo().member_mail_source_id.id,
            "views": [(False, "form")],
        }

    def action_view_member_mail(self):
        """Open the emails of this lead and its contact."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_member_mail.action_message")
        return action | {
            "domain": [("shown_on_lead_id", "=", self.id)],
            "context": {},
            "display_name": self.display_name,
        }

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        messages = self.env["member.mail.message"].sudo().with_context(active_test=False)
        self.env["member.mail.filing"].sudo()._drop_overruled("lead_ids", opportunities | self)
        self.env["member.mail.copy.filing"].sudo()._merge("lead_ids", opportunities, self)
        filed = messages.search([("lead_ids", "in", opportunities.ids)], order="id")
        filed.write({"lead_ids": [Command.link(self.id)]})
        assigned = self.env["member.mail.conversation"].sudo()
        assigned = assigned.search([("assigned_lead_id", "in", opportunities.ids)])
        assigned.write({"assigned_lead_id": self.id})
        Filing = self.env["member.mail.filing"].sudo()
        Filing._merge("lead_ids", opportunities, self)
        Filing._enforce("lead_ids", self)
        return result
