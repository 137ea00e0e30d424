from odoo import models

#: What a browser may show by itself without harm; anything else is saved to a file.
SHOWN_TYPES = frozenset(
    ("application/pdf", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp")
    + ("text/plain",)
)


class IrBinary(models.AbstractModel):
    """Files of emails over HTTP.

    Odoo serves an HTML or SVG file from its own address and under the type that it claims, or that the
    URL claims (``?mimetype=``). The policy against that is a header, which a web server that sends the
    file itself (X-Accel-Redirect) leaves out and which does not cover forms and links: a stranger's
    page would appear under the address of this Odoo.
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
