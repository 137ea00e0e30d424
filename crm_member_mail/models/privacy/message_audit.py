import re

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

#: Fields that hold the content of an email, and those that are made of it.
OPENING = {"body", "body_text", "invitation", "invitation_shown"}
PREVIEWS = {"preview", "preview_shown"}
#: What nobody groups, sorts or searches by: the answer would tell what is in an email, and leave no
#: trace. People search by words (`search_text`).
CONTENT = OPENING | PREVIEWS


class MemberMailMessage(models.Model):
    """Who opens, exports or deletes emails of private mailboxes is noted in `member.mail.audit`.

    What shows a message by itself, such as the viewer and the downloads, calls `_note_access`; what the
    ORM offers for every model is caught here.
    """

    _inherit = "member.mail.message"

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load)
        if not OPENING.isdisjoint(fnames):
            self._note_access("open")
        elif not PREVIEWS.isdisjoint(fnames):
            self._note_preview()
        return result

    def _note_preview(self):
        """Note that the beginning of the text of these messages is shown: of a single one, it may be all
        there is to read."""
        if len(self) == 1:
            message = self.sudo()
            words = (message.preview or "").split()
            if words and words == (message.body_text or "")[:1000].split():
                self._note_access("open")

    def _export_rows(self, fields, **kwargs):
        self._note_access("export")
        return super()._export_rows(fields, **kwargs)

    def _read_group_select(self, aggregate_spec, query):
        self._check_no_content(aggregate_spec)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Screens don't offer what is refused."""
        found = super().fields_get(allfields, attributes)
        for name in CONTENT & found.keys():
            offers = {"searchable", "sortable", "groupable"} & found[name].keys()
            found[name].update(dict.fromkeys(offers, False))
        return found

    def _order_field_to_sql(self, alias, field_name, *args):
        self._check_no_content(field_name)
        return super()._order_field_to_sql(alias, field_name, *args)

    @api.model
    def _search(self, domain, *args, **kwargs):
        if self.env.su:
            return super()._search(domain, *args, **kwargs)
        domain = Domain(domain)
        for condition in domain.iter_conditions():
            self._check_no_content(condition.field_expr)
        messages = self._asked_one_by_one(domain)
        return super(MemberMailMessage, messages)._search(domain, *args, **kwargs)

    def _check_no_content(self, spec):
        if not self.env.su and re.split(r"[:.]", spec, maxsplit=1)[0] in CONTENT:
            raise AccessError(
                self.env._(
                    "You can't search, group or sort messages by their text. Type words into the "
                    "search box."
                )
            )
