from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class MemberMailConversation(models.Model):
    """The opportunity that a conversation belongs to, where a person said so.

    Its messages are filed under the opportunity, and so is what comes later; other leads of the same
    contact don't show them.
    """

    _inherit = "member.mail.conversation"

    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", compute="_compute_lead_id", inverse="_inverse_lead_id",
        search="_search_lead_id", groups="sales_team.group_sale_salesman",
        help="The opportunity that this conversation belongs to.",
    )  # fmt: skip
    # Not shown itself: it may be a lead that the reader may not see.
    assigned_lead_id = fields.Many2one(
        "crm.lead", "Assigned to", readonly=True, copy=False, index="btree_not_null",
        ondelete="set null", groups=fields.NO_ACCESS,
    )  # fmt: skip
    assigned_by = fields.Many2one(
        "res.users",
        "Assigned by",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    assigned_on = fields.Datetime("Assigned on", readonly=True, copy=False, groups=fields.NO_ACCESS)

    @api.depends("assigned_lead_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_lead_id(self):
        leads = self.env["crm.lead"].union(self.sudo().assigned_lead_id)
        readable = leads._filtered_access("read")
        for conversation in self:
            conversation.lead_id = readable & leads.browse(conversation.sudo().assigned_lead_id.id)

    def _inverse_lead_id(self):
        for conversation in self:
            conversation._assign_lead(conversation.lead_id)

    @api.model
    def _search_lead_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        leads = self.env["crm.lead"].with_context(active_test=False)
        found = leads.browse(id_ for id_ in value if id_).exists()._filtered_access("read")
        domain = Domain("assigned_lead_id", "in", found.ids)
        if False in value:
            domain |= Domain("assigned_lead_id", "=", False)
        conversations = self.sudo().with_context(active_test=False)._search(domain)
        return Domain("id", "in", conversations)

    def action_file_under(self, partner_ids=None, lead_ids=None):
        """File the messages of these conversations, as far as the user may see them; see there."""
        self.check_access("read")
        return self._visible_messages().action_file_under(partner_ids, lead_ids)

    def action_take_off(self, partner_ids=None, lead_ids=None):
        """Take the messages of these conversations off contacts and leads; see there."""
        self.check_access("read")
        return self._visible_messages().action_take_off(partner_ids, lead_ids)

    def action_take_off_here(self, res_model, res_id):
        """Take this conversation, as far as the user may see it, off the contact or lead whose Messages
        tab shows it: off a company's people, too, and it no longer belongs to that opportunity.

        :param str res_model: res.partner or crm.lead
        :return: the action that says so and offers *Undo*
        :raises AccessError: when the user may not see one of them
        """
        self.ensure_one()
        self.check_access("read")
        messages = self._visible_messages()
        if res_model == "crm.lead":
            released = self.lead_id.id == res_id and self.action_set_lead(False)
            action = messages.action_take_off(lead_ids=[res_id])
            if released:
                action["params"]["conversations"] = released["params"]["conversations"]
            return action
        shown = self.env["res.partner"].with_context(active_test=False).search(
            Domain("id", "child_of", res_id) & Domain("id", "in", messages.sudo().partner_ids.ids)
        )  # fmt: skip
        return messages.action_take_off(shown.ids or [res_id])

    def action_set_lead(self, lead_id=False):
        """Say which opportunity these conversations belong to, or that they belong to none.

        :param lead_id: the id of a `crm.lead`
        :return: the action that says so and offers *Undo*
        :raises AccessError: when the user may not see one of them
        """
        self.check_access("read")
        lead = self.env["crm.lead"].browse(lead_id or ())
        lead.check_access("read")
        before = []
        for conversation in self:
            if conversation.sudo().assigned_lead_id and not conversation.lead_id:
                raise UserError(
                    self.env._(
                        "This conversation already belongs to an opportunity that you don't have "
                        "access to. Ask a sales manager."
                    )
                )
            messages = conversation._visible_messages()
            if conversation.lead_id != lead:
                messages._note_access("file" if lead else "take_off")
            before.append([conversation.id, conversation.lead_id.id])
            conversation._assign_lead(lead, messages)
        return {
            "type": "ir.actions.client",
            "tag": "member_mail_filed",
            "params": {
                "message": self.env._("This conversation belongs to %s now.", lead.display_name)
                if lead
                else self.env._("This conversation belongs to no opportunity now."),
                "conversations": before,
            },
        }

    # -- inside -------------------------------------------------------------------------------

    def _visible_messages(self):
        return self.env["member.mail.message"].search([("conversation_id", "in", self.ids)])

    def _assign_lead(self, lead, messages=None):
        """Note that this conversation belongs to a lead or, if it is empty, to none.

        :param messages: those that are filed under it; by default all that the user may see
        """
        self.ensure_one()
        if messages is None:
            messages = self._visible_messages()
        old = self.sudo().assigned_lead_id
        if lead == old:
            return
        company = self.sudo().company_id
        if lead.sudo().company_id and lead.sudo().company_id != company:
            raise UserError(
                self.env._(
                    "%(name)s belongs to another company than this conversation.",
                    name=lead.display_name,
                )
            )
        with messages._refiled():
            self._release()
            self.sudo().write(
                {
                    "assigned_lead_id": lead.id,
                    "assigned_by": self.env.uid if lead else False,
                    "assigned_on": fields.Datetime.now() if lead else False,
                }
            )
            messages._file_with_conversation()
        self.invalidate_recordset(["lead_id"])

    def _release(self):
        """Take the messages off the lead that this conversation belongs to, unless they are filed under
        it for other reasons."""
        lead = self.sudo().assigned_lead_id
        filings = self.env["member.mail.filing"].sudo()
        filings.search(
            Domain("message_id.conversation_id", "=", self.id) & Domain("lead_id", "in", lead.ids)
        )._release()

    @api.model
    def _take_over(self, into):
        """Let conversations that others are merged into belong to the opportunities of those.

        :param dict into: conversation to the one that it is merged into
        """
        self.sudo().union(*into, *into.values()).fetch(["assigned_lead_id"])
        for source, target in ((s.sudo(), t.sudo()) for s, t in into.items()):
            if not source.assigned_lead_id:
                continue
            if not target.assigned_lead_id:
                target.write(
                    {
                        "assigned_lead_id": source.assigned_lead_id.id,
                        "assigned_by": source.assigned_by.id,
                        "assigned_on": source.assigned_on,
                    }
                )
            elif target.assigned_lead_id != source.assigned_lead_id:
                source._keep_by_hand()
            self.env.flush_all()

    def _keep_by_hand(self):
        """Let the opportunity that this conversation belongs to keep its messages, though another one
        gets the conversation."""
        Filing, lead = self.env["member.mail.filing"].sudo(), self.assigned_lead_id
        messages = self.message_ids.filtered(lambda message: lead in message.lead_ids)
        decided = Filing._about("lead_id", messages.ids, lead.ids)
        decided.filtered(lambda row: row.kind == "conversation").write({"kind": "filed"})
        Filing.create(
            [
                {
                    "message_id": message.id,
                    "lead_id": lead.id,
                    "kind": "filed",
                    "user_id": self.assigned_by.id,
                    "date": self.assigned_on or fields.Datetime.now(),
                }
                for message in messages - decided.message_id
            ]
        )

    @api.model
    def _lead_values(self, conversations, leads):
        """What a message of a conversation stores of leads: dicts for `create`. At most one query.

        :param conversations: list of conversations, of the superuser, one for each message
        :param leads: list of those that each message has by itself
        """
        self.sudo().union(*conversations).fetch(["assigned_lead_id"])
        result = []
        for conversation, own in zip(conversations, leads, strict=True):
            assigned = conversation.assigned_lead_id - own
            result.append({"lead_ids": [Command.set((own | assigned).ids)]})
            if assigned:
                note = {"lead_id": assigned.id, "kind": "conversation"}
                result[-1]["filing_ids"] = [Command.create(note)]
        return result


class MemberMailMessage(models.Model):
    """Messages of conversations that belong to an opportunity."""

    _inherit = "member.mail.message"

    def _follow_conversation(self):
        """Leave the opportunities of the conversations that these messages were moved out of, for
        those of the conversations that they are in now."""
        rows = self.sudo().filing_ids
        rows.filtered(
            lambda row: row.lead_id != row.message_id.conversation_id.assigned_lead_id
        )._release()
        self._file_with_conversation()

    def _file_with_conversation(self):
        """File these messages under the opportunities that their conversations belong to. A constant
        number of queries, unless there are such opportunities."""
        Filing = self.env["member.mail.filing"].sudo()
        messages = self.sudo()
        talks = messages.conversation_id.filtered("assigned_lead_id")
        for lead in talks.assigned_lead_id:
            part = messages.filtered(
                lambda m, lead=lead: (
                    m.conversation_id.assigned_lead_id == lead and lead not in m.lead_ids
                )
            )
            decided = Filing._about("lead_id", part.ids, lead.ids).message_id
            part -= decided
            Filing.create(
                [
                    {"message_id": message.id, "lead_id": lead.id, "kind": "conversation"}
                    for message in part
                ]
            )
            part.write({"lead_ids": [Command.link(lead.id)]})
