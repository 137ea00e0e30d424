import re

from odoo import models

from .outgoing_pictures import OWN_FILE

#: A picture in a text: its bytes, or the id of its file.
_DATA = re.compile(r"data:image/[a-z0-9+.-]{1,40};base64,([A-Za-z0-9+/=]*)")


class MemberMailDraft(models.Model):
    """How large an email becomes."""

    _inherit = "member.mail.draft"

    def _text_size(self):
        """Bytes of the text, of each picture in it, and of those of what is quoted."""
        self.ensure_one()
        body = str(self.body or "")
        pictures = set(_DATA.findall(body))
        size = sum(len(picture) * 3 // 4 for picture in pictures)
        files = self.env["ir.attachment"].browse({int(id_) for id_ in OWN_FILE.findall(body)})
        files = files.exists().filtered(lambda file: file.has_access("read"))
        # What the program writes twice, as HTML and as text, is small beside what is counted here.
        size += len(_DATA.sub("", body).encode())
        if self.with_quote and (answered := self.answered_id._filtered_access("read")):
            files |= answered._inline_attachments()
            size += len((answered.body or "").encode())
        return size + sum(files.sudo().mapped("file_size"))
