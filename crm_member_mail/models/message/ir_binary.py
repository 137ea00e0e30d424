from odoo import models


class IrBinary(models.AbstractModel):
    """Files of emails over HTTP: who gets one has opened its message. How it is served, see
    `ir.attachment`."""

    _inherit = "ir.binary"

    def _get_stream_from(self, record, *args, **kwargs):
        stream = super()._get_stream_from(record, *args, **kwargs)
        if record._name == "ir.attachment":
            record._note_member_mail_access("open")
        elif record._name == "member.mail.failure":
            record._note_access("export")
        return stream
