from odoo import models

#: What a browser shows by itself and can do no harm with; anything else is saved to a file.
SHOWN_TYPES = frozenset(
    ("application/pdf", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp")
    + ("text/plain",)
)


class IrBinary(models.AbstractModel):
    """Files of emails over HTTP.

    Odoo gives an HTML or SVG file out under its own address and as what it says it is, also as what
    the URL says it is (``?mimetype=``). Its policy for that is sent as a header, which a web server
    that sends the file itself (X-Accel-Redirect) leaves out, and which knows no forms and links: a
    stranger's page under the address of this Odoo.
    """

    _inherit = "ir.binary"

    def _get_stream_from(self, record, *args, **kwargs):
        stream = super()._get_stream_from(record, *args, **kwargs)
        if record._name == "ir.attachment" and record.res_model == "member.mail.message":
            mimetype = (stream.mimetype or "").partition(";")[0].strip().lower()
            stream.mimetype = mimetype if mimetype in SHOWN_TYPES else "application/octet-stream"
        if record._name == "ir.attachment":
            record._note_member_mail_access("open")
        elif record._name == "member.mail.failure":
            record._note_access("export")
        return stream
