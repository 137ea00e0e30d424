from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..mailbox.mime.structure.file_names import safe_name
from ..models.message.rebuilt_message import rebuild
from ..models.privacy.message_archive import ARCHIVES
from .active_partners import active_partners

#: How many messages are read from the database at once.
BATCH = 250


class MemberMailExport(models.TransientModel):
    """All emails of contacts as one file, which a person may ask for by law."""

    _name = "member.mail.export"
    _description = "Export of Emails"

    partner_ids = fields.Many2many(
        "res.partner", "member_mail_export_partner_rel", "export_id", "partner_id", "Contacts",
        required=True, default=lambda self: active_partners(self.env),
        help="For companies, the emails of their people are exported as well.",
    )  # fmt: skip
    company_ids = fields.Many2many(
        "res.company", "member_mail_export_company_rel", "export_id", "company_id",
        "Companies", default=lambda self: self.env.companies, readonly=True,
    )  # fmt: skip
    format = fields.Selection(
        [
            ("zip", "Zip file with one .eml file per email, and a list"),
            ("mbox", "One .mbox file, which email apps can import"),
        ],
        default="zip",
        required=True,
    )
    message_count = fields.Integer("Emails", compute="_compute_counts")
    hidden_count = fields.Integer(
        "Emails you may not read",
        compute="_compute_counts",
        help="More emails of these contacts: in mailboxes you may not read, or deleted and not yet "
        "erased. Only administrators see this number.",
    )

    @api.depends("partner_ids", "company_ids")
    @api.depends_context("uid")
    def _compute_counts(self):
        is_manager = self.env.user.has_group("crm_member_mail.group_manager")
        for export in self:
            ids = export._concerned()
            export.message_count = export._messages().search_count([("id", "in", ids)])
            export.hidden_count = len(ids) - export.message_count if is_manager else 0

    @api.model_create_multi
    def create(self, vals_list):
        self._check_may_export()
        return super().create(vals_list)

    def action_download(self):
        """Download the file.

        :return: the action that downloads it
        :raises AccessError: without the right to export
        """
        self.ensure_one()
        self.check_access("read")
        self._check_may_export()
        return {
            "type": "ir.actions.act_url",
            "url": f"/member_mail/export/{self.id}",
            "target": "new",
            "close": True,
        }

    @api.model
    def _check_may_export(self):
        """
        :raises AccessError: unless the user has Odoo's own right to export, or is an administrator
        """
        groups = ("base.group_allow_export", "crm_member_mail.group_manager")
        if not self.env.su and not any(map(self.env.user.has_group, groups)):
            raise AccessError(
                self.env._(
                    "You don't have permission to export. Ask an administrator for the "
                    '"Export" permission.'
                )
            )

    def _messages(self):
        """`member.mail.message` of the user, in the companies that this export was asked for in."""
        return self.env["member.mail.message"].with_context(
            allowed_company_ids=(self.company_ids or self.env.companies).ids
        )

    def _concerned(self):
        """The ids of the emails that an erasure of these contacts, and of the people of those that are
        companies, would count: whatever is from, to or filed under them, no matter who may read it."""
        people = self.env["res.partner"].sudo().with_context(active_test=False)
        people = people.search([("id", "child_of", self.partner_ids._origin.ids)])
        companies = self._messages().env.companies
        Eraser = self.env["member.mail.eraser"].sudo()
        person = Eraser._person(people, (), companies)
        return [id_ for id_, company_id in Eraser._concerned(person) if company_id in companies.ids]

    def _file(self):
        """The name and content type of the file, as a pair of str."""
        name = self.partner_ids.name if len(self.partner_ids) == 1 else ""
        archive = ARCHIVES[self.format]
        title = self.env._("Emails of %s", name) if name else self.env._("Emails")
        return f"{safe_name(title)}.{archive.extension}", archive.content_type

    def _write(self, stream):
        """Write the file.

        Memory never holds more than one email with its attachments, and the texts of a batch. Each batch
        takes the same few queries.

        :param stream: a binary file, written from its beginning
        :raises AccessError: without the right to export
        """
        self.ensure_one()
        self._check_may_export()
        Message = self._messages()
        ids = Message.search([("id", "in", self._concerned())], order="date, id").ids
        with ARCHIVES[self.format](stream, self.env) as archive:
            for start in range(0, len(ids), BATCH):
                messages = Message.browse(ids[start : start + BATCH])
                messages.sudo().fetch(["headers"])
                messages.sudo().attachment_ids.fetch(["name", "mimetype", "store_fname"])
                messages._note_access("export")
                messages.check_access("read")  # once for all
                headers = messages._readable_headers()
                for message in messages:
                    archive.add(message, rebuild(message, headers[message.id]))
                self.env.flush_all()
                self.env.invalidate_all(flush=False)
