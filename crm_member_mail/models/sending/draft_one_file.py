from odoo import api, models
from odoo.exceptions import UserError

from .draft_answer import ONE_FILE


class MemberMailDraft(models.Model):
    """Forwarding a single file of an email."""

    _inherit = "member.mail.draft"

    @api.model
    def forward_file(self, attachment_id, res_model=False, res_id=False):
        """Start an email with one file of a message, without its other files and its text.

        :param int attachment_id: of the file
        :param res_model: res.partner or crm.lead, if the user came from a contact or lead, and its id
        :return: the action that opens the draft
        :raises UserError: when it is no file of a message
        """
        file = self.env["ir.attachment"].browse(attachment_id).exists()
        if file.sudo().res_model != "member.mail.message":
            raise UserError(self.env._("This file is gone. Reload the page."))
        file.check_access("read")
        message = self.env["member.mail.message"].browse(file.sudo().res_id)
        message.check_access("read")
        # The file leaves with what the user writes.
        message._note_access("open")
        return message.with_context(**{ONE_FILE: file.id}).action_answer(
            "forward", res_model, res_id
        )
