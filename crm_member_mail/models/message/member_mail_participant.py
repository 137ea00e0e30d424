from odoo import api, fields, models

from ...mailbox.mime.people.address_typed import plain
from ...mailbox.net.undelivered import why
from ...tools.insert import insert

#: What a search finds a participant by, and what leads from it to its message.
INDEXED = {"message_id", "name", "email", "account_id"}


class MemberMailParticipant(models.Model):
    """An address on an email, and the contact it belongs to."""

    _name = "member.mail.participant"
    _description = "Email Participant"
    _order = "message_id, id"
    _rec_name = "email"

    message_id = fields.Many2one(
        "member.mail.message", required=True, index=True, ondelete="cascade"
    )
    # A Bcc is nobody's business but of those who see the mailbox whose copy has it.
    account_id = fields.Many2one(
        "member.mail.account", "Email account", readonly=True, index="btree_not_null",
        ondelete="restrict",
        help="The mailbox whose copy alone names this address.",
    )  # fmt: skip
    role = fields.Selection(
        [
            ("from", "From"),
            ("sender", "Sent by"),
            ("reply_to", "Reply to"),
            ("to", "To"),
            ("cc", "Cc"),
            ("bcc", "Bcc"),
            ("resent", "Redirected to"),
        ],
        required=True,
    )
    name = fields.Char(help="As written in the email.")
    email = fields.Char("Email address", help="In lower case, with the domain in its ASCII form.")
    plain = fields.Char(
        "Plain address", compute="_compute_plain", store=True, index="btree_not_null",
        help="The address without a sub-address and without Gmail's dots, if that is another one.",
    )  # fmt: skip
    partner_id = fields.Many2one(
        "res.partner", "Contact", index="btree_not_null", ondelete="set null"
    )
    # Stored with the email, because only its headers tell; see `MatchRules.reading_of`.
    party = fields.Selection(
        [("main", "Always"), ("also", "With everyone on it"), ("none", "Never")],
        "Counts for filing", compute="_compute_party", store=True, readonly=False,
        help="Whether the email is filed under a contact with this address.",
    )  # fmt: skip
    failure = fields.Char(
        "Delivery problem",
        readonly=True,
        help="Why this recipient did not get the email, in the mail server's words.",
    )
    failure_reason = fields.Char(
        "Why it was not sent",
        compute="_compute_failure_reason",
        help="Why this recipient did not get the email, and what to do about it.",
    )

    # For equality and for how addresses begin, whatever the collation; and for how they end.
    _email_idx = models.Index("(email text_pattern_ops)")
    _email_end_idx = models.Index(
        "(reverse(email) text_pattern_ops) WHERE party IN ('main', 'also')"
    )

    @api.depends("email")
    def _compute_plain(self):
        for person in self:
            person.plain = _plain_of(person.email)

    @api.depends_context("lang")
    @api.depends("failure")
    def _compute_failure_reason(self):
        say = self.env._
        for person in self:
            person.failure_reason = person.failure and say(why(person.failure))

    @api.depends("role")
    def _compute_party(self):
        for person in self:
            message = person.message_id
            if message.direction == "out":
                person.party = "main" if person.role in ("to", "cc", "bcc", "resent") else "none"
            elif person.role in ("from", "sender"):
                person.party = "main"
            else:
                # Automatic emails include newsletters and what goes to a list.
                person.party = "none" if message.is_automatic else "also"

    @api.model_create_multi
    def create(self, vals_list):
        participants = super().create(vals_list)
        self._touch_messages(participants)
        return participants

    def write(self, vals):
        if INDEXED.isdisjoint(vals):
            return super().write(vals)
        self._touch_messages(self)
        result = super().write(vals)
        self._touch_messages(self)
        return result

    def unlink(self):
        self._touch_messages(self)
        return super().unlink()

    @api.model
    def _taken_from(self, vals_list):
        """Values of messages without those of new participants of whom all is known, and for each
        message the list of these; see `_add`."""
        people_of = [
            [command[2] for command in vals.get("participant_ids", ())] for vals in vals_list
        ]
        if not all("party" in (person or ()) for people in people_of for person in people):
            return vals_list, [()] * len(vals_list)
        return [{**vals, "participant_ids": []} for vals in vals_list], people_of

    @api.model
    def _add(self, messages, people_of):
        """Add the participants of new messages. One query.

        :param people_of: for each message, the list of their values, with `party`
        """
        insert(
            self,
            [
                {
                    "message_id": message.id,
                    "account_id": False,
                    **person,
                    "plain": _plain_of(person["email"]),
                }
                for message, people in zip(messages, people_of, strict=True)
                for person in people
            ],
        )
        messages.invalidate_recordset(["participant_ids"], flush=False)

    @api.model
    def _touch_messages(self, participants):
        self.env["member.mail.search"]._touch(participants.sudo().message_id.ids)


def _plain_of(email):
    """The plain form of an address, False when it is the address itself."""
    form = plain(email or "")
    return form if form != (email or "") else False
