from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.email_file import EmailFile
from ...workers.processes import Processes
from ..account.visibility import told_by_name
from .attachment_words import SECONDS, TRIED

OWNER = {"res_model", "res_id", "name"}
#: Fields that hold the content of a file.
CONTENT = {"raw", "datas", "db_datas"}
#: Fields in which the content can be searched, grouped or sorted.
TEXT = {"index_content", "db_datas"}
#: The models whose files came by email, or are emails.
RECEIVED = ("member.mail.message", "member.mail.failure")


class IrAttachment(models.Model):
    """Messages are found by the names of their attachments; reading one, however, counts as opening its
    message, and copying it as exporting it. What came by email is marked as such, and its copies are.
    """

    _inherit = "ir.attachment"
    _member_mail_given = frozenset(("member_mail_received",))  # when it is copied

    # The mark never goes: who copies a file, or stores its bytes again, has not looked into it.
    member_mail_received = fields.Boolean(
        "Came by email", readonly=True, help="Browsers save it to a file instead of showing it."
    )

    _member_mail_received_idx = models.Index("(checksum) WHERE member_mail_received IS TRUE")

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [
            {**vals, "member_mail_received": True}
            if vals.get("res_model") in RECEIVED
            else {key: v for key, v in vals.items() if key != "member_mail_received" or v}
            for vals in vals_list
        ]
        attachments = super().create(vals_list)
        attachments._mark_member_mail_received()
        # Looks at the values, not at the records: attachments of other models cost nothing.
        self.env["member.mail.search"]._touch(
            vals.get("res_id")
            for vals in vals_list
            if vals.get("res_model") == "member.mail.message"
        )
        return attachments

    def write(self, vals):
        if not vals.get("member_mail_received", True):
            vals = {key: v for key, v in vals.items() if key != "member_mail_received"}
        if vals.get("res_model") in RECEIVED:
            vals = {**vals, "member_mail_received": True}
        has_content = not CONTENT.isdisjoint(vals)
        before = None if OWNER.isdisjoint(vals) else self._member_mail_ids()
        result = super().write(vals)
        if has_content:
            self._mark_member_mail_received()
        if has_content or "index_content" in vals:
            self.env["member.mail.search"]._touch(self._member_mail_ids())
        if before is not None:
            self.env["member.mail.search"]._touch(before | self._member_mail_ids())
        return result

    def copy_data(self, default=None):
        # Whatever the copy is to be, its bytes came by email.
        return [
            {**vals, "member_mail_received": True} if attachment.member_mail_received else vals
            for attachment, vals in zip(self.sudo(), super().copy_data(default), strict=True)
        ]

    def copy(self, default=None):
        self._note_member_mail_access("export")
        return super().copy(default)

    def unlink(self):
        self.env["member.mail.search"]._touch(self._member_mail_ids())
        return super().unlink()

    @api.model
    def _cron_index_files(self):
        """Read the words of documents that came by email, one by one, as far as time allows."""
        Cron = self.env["ir.cron"]
        if not self._are_documents_read():
            return
        left = self.sudo().search(self._unread_documents(), order="id desc").ids
        Cron._commit_progress(remaining=len(left))
        with Processes(SECONDS) as processes:
            for id_ in left:
                document = self.sudo().browse(id_).exists()
                # Tried once, even if it takes the machine along.
                document.index_content = TRIED
                Cron._commit_progress()
                if document:
                    document._read_document(processes)
                if not Cron._commit_progress(1):
                    break

    def _mark_member_mail_received(self):
        """Mark those of these attachments that users made from the bytes of a file that came by email.

        Files of the website are left alone: otherwise anybody could take its pictures away by mailing
        them to us. So is what Odoo makes by itself.
        """
        if self.env.uid == SUPERUSER_ID:
            return
        candidates = self.sudo().filtered(
            lambda file: (
                file.file_size and not (file.member_mail_received or file.public or file.url)
            )
        )
        if not candidates:
            return
        self.flush_model(["checksum", "member_mail_received"])
        known = self.env.execute_query(
            SQL(
                "SELECT DISTINCT checksum FROM ir_attachment"
                " WHERE member_mail_received IS TRUE AND checksum = ANY(%s)",
                candidates.mapped("checksum"),
            )
        )
        known = {checksum for [checksum] in known}
        candidates.filtered(lambda file: file.checksum in known).member_mail_received = True

    def _compute_raw(self):
        # Whatever wants the bytes; what only wants their size does not come here.
        if self.env.uid != SUPERUSER_ID:
            self.env["member.mail.message"].browse(self._member_mail_ids())._note_access("open")
        return super()._compute_raw()

    def _to_http_stream(self):
        self.env["member.mail.message"].browse(self._member_mail_ids())._note_access("open")
        stream = super()._to_http_stream()
        # Also where Odoo serves it at an address of its own, past `ir.binary`.
        return EmailFile.of(stream) if self.sudo().member_mail_received else stream

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load)
        # With bin_size, Odoo returns their sizes instead of the bytes.
        told = (
            {"index_content"} if self.env.context.get("bin_size") else CONTENT | {"index_content"}
        )
        if not told.isdisjoint(fnames):
            self._note_member_mail_access("open")
        return result

    def _export_rows(self, fields, **kwargs):
        self._note_member_mail_access("export")
        return super()._export_rows(fields, **kwargs)

    def _note_member_mail_access(self, action):
        for model in ("member.mail.message", "member.mail.failure"):
            self.env[model].browse(self._member_mail_ids(model))._note_access(action)

    def _member_mail_ids(self, model="member.mail.message"):
        """Set of the ids of the messages that these are attached to."""
        return {attachment.res_id for attachment in self.sudo() if attachment.res_model == model}

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        received = self.filtered(lambda file: file.res_model in RECEIVED)
        (received - told_by_name(received)).display_name = False
        return result

    # -- what is in them is not found out in other ways --------------------------------------------

    @api.model
    @tools.ormcache()
    def _member_mail_hidden(self):
        """The stored files that no user reads, as pairs of model and field."""
        return tuple(
            (model._name, name)
            for model in self.env.values()
            for name, field in model._fields.items()
            if field.type == "binary"
            and field.store
            and field.groups == fields.NO_ACCESS
            and "crm_member_mail" in field._modules
        )

    def _check_access(self, operation):
        result = super()._check_access(operation)
        # For system administrators, Odoo does not ask whether they may read the field.
        hidden = self._member_mail_hidden()
        found = self.sudo().filtered(lambda file: (file.res_model, file.res_field) in hidden)
        if not found:
            return result
        found = found.sudo(False)
        return (
            (result[0] | found, result[1])
            if result
            else (found, lambda: AccessError(self.env._("Nobody can read this file directly.")))
        )

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        if not self.env.su:
            domain = self._without_member_mail(Domain(domain))
            # Odoo sorts as superuser here.
            for term in (order or "").split(","):
                self._check_no_member_mail_text(term.split()[0] if term.strip() else "")
        return super()._search(domain, offset, limit, order, **kwargs)

    @api.model
    def _without_member_mail(self, domain):
        """A domain that finds out nothing about what is in files of emails: neither in those that are
        the user's to see, which would leave no trace, nor in others."""
        names = {condition.field_expr for condition in domain.iter_conditions()}
        if not TEXT.isdisjoint(names):
            models_ = {*RECEIVED, *(model for model, _field in self._member_mail_hidden())}
            domain &= Domain("res_model", "not in", sorted(models_))
        # Without one of these, Odoo leaves out all files that fields are stored in.
        if names & {"id", "res_field"} or self.env.context.get("skip_res_field_check"):
            for model, name in self._member_mail_hidden():
                domain &= Domain("res_model", "!=", model) | Domain("res_field", "!=", name)
        return domain

    def _read_group_groupby(self, alias, groupby_spec, query):
        self._check_no_member_mail_text(groupby_spec)
        return super()._read_group_groupby(alias, groupby_spec, query)

    def _read_group_select(self, aggregate_spec, query):
        self._check_no_member_mail_text(aggregate_spec)
        return super()._read_group_select(aggregate_spec, query)

    def _order_field_to_sql(self, alias, field_name, *args):
        self._check_no_member_mail_text(field_name)
        return super()._order_field_to_sql(alias, field_name, *args)

    @api.model
    def _check_no_member_mail_text(self, spec):
        if not self.env.su and spec.partition(":")[0] in TEXT:
            raise AccessError(self.env._("You can't group or sort files by their content."))
