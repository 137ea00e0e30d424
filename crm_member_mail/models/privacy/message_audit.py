from odoo import models
from odoo.exceptions import UserError

#: Fields that hold the content of an email, and those that are made of it.
CONTENT = {"body", "body_text", "invitation"}
SHOWN = CONTENT | {"invitation_shown"}


class MemberMailMessage(models.Model):
    """Who opens, exports or deletes emails of private mailboxes is noted in `member.mail.audit`.

    What shows a message by itself, such as the viewer and the downloads, calls `_note_access`; what the
    ORM offers for every model is caught here.
    """

    _inherit = "member.mail.message"

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load)
        if not SHOWN.isdisjoint(fnames):
            self._note_access("open")
        return result

    def _export_rows(self, fields, **kwargs):
        self._note_access("export")
        return super()._export_rows(fields, **kwargs)

    def _read_group_select(self, aggregate_spec, query):
        self._check_no_content(aggregate_spec)
        return super()._read_group_select(aggregate_spec, query)

    def _check_no_content(self, spec):
        if spec.partition(":")[0] in CONTENT:
            raise UserError(self.env._("You can't group messages by their text."))
