import re

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..mailbox.mime.addresses import canonical

#: How much of a text is searched for addresses, and how many of their contacts are proposed.
MAX_TEXT, MAX_PROPOSED = 20_000, 5
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,255}")


class MemberMailFileUnder(models.TransientModel):
    """Asks under which contacts and leads messages are filed, and which opportunity their conversation
    belongs to."""

    _name = "member.mail.file.under"
    _description = "File under…"
    _member_mail_given = frozenset(("message_ids", "trace_line_id"))

    message_ids = fields.Many2many(
        "member.mail.message", "member_mail_file_under_message_rel", "wizard_id", "message_id",
        "Messages", readonly=True,
    )  # fmt: skip
    # In place of messages: an email that isn't filed yet.
    trace_line_id = fields.Many2one(
        "member.mail.trace.line", "Email found", readonly=True, ondelete="cascade"
    )
    partner_ids = fields.Many2many(
        "res.partner", "member_mail_file_under_partner_rel", "wizard_id", "partner_id", "Contacts",
        default=lambda self: self._proposed_contacts(),
    )  # fmt: skip
    lead_ids = fields.Many2many(
        "crm.lead", "member_mail_file_under_lead_rel", "wizard_id", "lead_id",
        "Leads", groups="sales_team.group_sale_salesman",
    )  # fmt: skip
    other_count = fields.Integer("Other messages", compute="_compute_other_count")
    whole_conversation = fields.Boolean(
        "Whole conversation",
        help="File the other messages of the conversation there, too. What comes later is filed by its "
        "addresses, unless the conversation belongs to an opportunity.",
    )
    conversation_id = fields.Many2one(
        "member.mail.conversation", compute="_compute_conversation_id"
    )
    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", default=lambda self: self._default_lead(),
        groups="sales_team.group_sale_salesman",
        help="What comes later in this conversation is filed under this opportunity, too. Other "
        "opportunities of the contact don't show it.",
    )  # fmt: skip

    @api.model
    def _asked(self):
        """The messages that the dialog is opened for, as far as the user may see them."""
        ids = self.env.context.get("default_message_ids") or []
        messages = self.env["member.mail.message"].browse(ids).exists()
        return messages._filtered_access("read")

    @api.model
    def _proposed_contacts(self):
        """The contacts whose addresses are in the text of what colleagues wrote: they may have
        forwarded an email of theirs."""
        message = self._asked()
        if len(message) != 1:
            return False
        rules = message.sudo().account_ids[:1]._match_rules()
        authors = message.participant_ids.filtered(lambda person: person.role == "from")
        if not any(rules.is_own(person.email or "") for person in authors):
            return False
        message._note_access("open")
        contacts = self._contacts_named_in(message.sudo().body_text or "", rules)
        return [Command.set((contacts - message.partner_ids)[:MAX_PROPOSED].ids)]

    @api.model
    def _contacts_named_in(self, text, rules):
        """The contacts whose addresses are in a text, as far as the user may read them.

        :param MatchRules rules: of the mailbox that holds it
        """
        found = {canonical(one.rstrip(".-")) for one in ADDRESS.findall(text[:MAX_TEXT])} - {""}
        known = self.env["member.mail.matcher"]._match(rules.without_own(found), rules)
        contacts = self.env["res.partner"].union(*(one.partners for one in known.values()))
        return contacts._filtered_access("read")

    @api.model
    def _dialog(self, **context):
        """The action that opens this dialog."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("File under…"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "medium", **context},
        }

    @api.model
    def _default_lead(self):
        conversation = self._asked().conversation_id
        return conversation.lead_id if len(conversation) == 1 else False

    @api.depends("message_ids")
    def _compute_conversation_id(self):
        for wizard in self:
            conversation = wizard.message_ids.conversation_id
            wizard.conversation_id = conversation if len(conversation) == 1 else False

    @api.depends("message_ids")
    def _compute_other_count(self):
        for wizard in self:
            others = wizard._conversation() - wizard.message_ids._origin
            wizard.other_count = len(others)

    def _conversation(self):
        domain = Domain("conversation_id", "in", self.message_ids.conversation_id.ids)
        return self.env["member.mail.message"].search(domain)

    def action_file(self):
        """Do it; returns the action that says so."""
        self.ensure_one()
        # Without access to leads there is none to choose.
        has_leads = self._has_field_access(self._fields["lead_ids"], "read")
        lead_ids = self.lead_ids.ids if has_leads else []
        conversation = self.conversation_id
        moves = has_leads and conversation and self.lead_id != conversation.lead_id
        if not (self.partner_ids or lead_ids or moves):
            raise UserError(self.env._("Choose a contact, a lead or an opportunity."))
        assigned = conversation.action_set_lead(self.lead_id.id) if moves else {}
        if not self.partner_ids and not lead_ids:
            return assigned
        messages, is_new = self._messages()
        action = messages.action_file_under(self.partner_ids.ids, lead_ids)
        if is_new:
            messages._note_brought_in()
        action["params"]["conversations"] = assigned and assigned["params"]["conversations"]
        return action

    def _messages(self):
        """What is filed, and whether it is here only because of that."""
        if self.trace_line_id:
            return self.trace_line_id._file()
        return (self._conversation() if self.whole_conversation else self.message_ids), False
