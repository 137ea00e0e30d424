from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.fields import Domain

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
        return leads

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
        domain = Domain("lead_ids", "in", self.ids)
        if self.partner_id:
            domain |= self.partner_id._member_mail_domain()
        return domain & self.env["member.mail.message"]._shown_on_lead(self)

    def _compute_member_mail_count(self):
        groups = self.env["member.mail.message"]._read_group(
            [("lead_ids", "in", self.ids)], ["lead_ids"], ["id:array_agg"]
        )
        of_lead = {lead.id: set(ids) for lead, ids in groups}
        of_partner = self.partner_id._member_mail_ids() if self.partner_id else {}
        messages = {
            lead: of_lead.get(lead._origin.id, set())
            | of_partner.get(lead.partner_id._origin.id, set())
            for lead in self
        }
        hidden = self._member_mail_hidden(set().union(*messages.values()))
        sets = [messages[lead] - hidden[lead._origin.id] for lead in self]
        counts = self.env["member.mail.message"]._count_emails(sets)
        for lead, count in zip(self, counts, strict=True):
            lead.member_mail_count = count

    def _member_mail_hidden(self, message_ids):
        """What `_shown_on_lead` of messages keeps from these leads: dict of lead id to set of message
        ids. Two queries."""
        hidden = defaultdict(set)
        Message = self.env["member.mail.message"].sudo().with_context(active_test=False)
        elsewhere = Message._read_group(
            Domain("id", "in", list(message_ids))
            & Domain("conversation_id.assigned_lead_id", "!=", False),
            ["conversation_id"],
            ["id:array_agg"],
        )
        for conversation, ids in elsewhere:
            for lead in self - conversation.assigned_lead_id:
                hidden[lead._origin.id].update(ids)
        decisions = self.env["member.mail.filing"].sudo().search_fetch(
            [("lead_id", "in", self._origin.ids), ("kind", "!=", "conversation")],
            ["message_id", "lead_id", "kind"],
        )  # fmt: skip
        for row in decisions:
            if row.kind == "taken_off":
                hidden[row.lead_id.id].add(row.message_id.id)
            else:
                hidden[row.lead_id.id].discard(row.message_id.id)
        return hidden

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
        filed = messages.search([("lead_ids", "in", opportunities.ids)], order="id")
        filed.write({"lead_ids": [Command.link(self.id)]})
        assigned = self.env["member.mail.conversation"].sudo()
        assigned = assigned.search([("assigned_lead_id", "in", opportunities.ids)])
        assigned.write({"assigned_lead_id": self.id})
        Filing = self.env["member.mail.filing"].sudo()
        Filing._merge("lead_ids", opportunities, self)
        Filing._enforce("lead_ids", self)
        return result
