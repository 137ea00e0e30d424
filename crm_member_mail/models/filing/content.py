import logging

from odoo import models
from odoo.tools import SQL

from ...mailbox.errors import MailboxError
from ...mailbox.mime import pictures
from ...tools import filestore

_logger = logging.getLogger(__name__)


# A file of its own: what is filed under whom, and what happens to its content, are two things.
class MemberMailFiler(models.AbstractModel):
    """The attachments and the body of the emails that are filed."""

    _inherit = "member.mail.filer"

    def _create_attachments(self, items):
        """The attachments of each item as recordsets; they get their owner once it has an id.

        :raises MailboxError: they can't be stored: the disk is full, or must not be written
        """
        files = [file for item in items for file in item.message.attachments]
        try:
            created = iter(self._store_files(files))
        except OSError as error:
            _logger.error("Attachments of emails can't be stored. %s", error)
            raise MailboxError("storage", error.strerror) from None
        return [[next(created) for _file in item.message.attachments] for item in items]

    def _store_files(self, files):
        for file in files:
            filestore.mend(self.env["ir.attachment"], file.data)
        return (
            self.env["ir.attachment"]
            .sudo()
            .with_context(image_no_postprocess=True)
            .create(
                [
                    {
                        "name": file.filename,
                        "raw": file.data,
                        "mimetype": pictures.usual_type(file.content_type),
                        "res_model": "member.mail.message",
                        "description": file.content_id or False,
                    }
                    for file in files
                ]
            )
        )

    def _own_attachments(self, messages, attachments):
        pairs = [
            (attachment.id, message.id)
            for message, files in zip(messages, attachments, strict=True)
            for attachment in files
        ]
        if not pairs:
            return
        Attachment = self.env["ir.attachment"]
        Attachment.flush_model(["res_id"])
        ids, owners = zip(*pairs, strict=True)
        self.env.cr.execute(
            SQL(
                "UPDATE ir_attachment SET res_id = pair.owner"
                " FROM unnest(%s, %s) AS pair(id, owner) WHERE ir_attachment.id = pair.id",
                list(ids),
                list(owners),
            )  # fmt: skip
        )
        Attachment.invalidate_model(["res_id"], flush=False)
        messages.invalidate_recordset(["attachment_ids"], flush=False)
