from odoo import api, fields, models
from odoo.fields import Domain

from ..account.visibility import visible_messages


class MemberMailMessage(models.Model):
    """Read receipts, and whose they are."""

    _inherit = "member.mail.message"

    read_by = fields.Char(
        "Read by",
        readonly=True,
        copy=False,
        # With the report's subject it would tell of an email that one may not see.
        groups=fields.NO_ACCESS,
        help="The recipient whose read receipt this is.",
    )

    def _reader_of(self, receipt):
        """The recipient of this message, of the superuser, who read it as a ReadReceipt says:
        canonical address, or False.

        Anybody who got a message can make up its receipt. So it counts for a recipient only; who reads
        at another address than the one that was written to is known if nobody else got the message.
        """
        if not self or not receipt or not receipt.is_read:
            return False
        reached = self._recipients()
        known = [email for email in receipt.emails if email in reached]
        return (known or (list(reached) if len(reached) == 1 else [False]))[0]


class MemberMailParticipant(models.Model):
    """When a recipient read an email."""

    _inherit = "member.mail.participant"

    # Not stored: the receipt is the evidence, and lies in a mailbox that not everybody may see who sees
    # the message.
    read_on = fields.Datetime(
        "Read on",
        compute="_compute_read_on",
        help="When this recipient opened the email, according to their read receipt.",
    )

    @api.depends("email", "role", "message_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_read_on(self):
        sent = self.sudo().message_id.filtered(lambda message: message.direction == "out")
        receipts = self.env["member.mail.message"].sudo()
        if sent:
            receipts = receipts.search_fetch(
                Domain("report_of_id", "in", sent.ids)
                & Domain("read_by", "!=", False)
                & visible_messages(self.env),
                ["report_of_id", "read_by", "date"],
                order="date desc, id desc",
            )
        # The first time counts.
        read_on = {(receipt.report_of_id.id, receipt.read_by): receipt.date for receipt in receipts}
        for person in self:
            told = person.role in ("to", "cc", "bcc") and read_on.get(
                (person.message_id.id, person.email)
            )
            person.read_on = told or False
