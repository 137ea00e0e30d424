import logging

from odoo import models
from odoo.tools import SQL

from ...mailbox.errors import MailboxError
from ...mailbox.machine import trouble
from ...mailbox.mime import pictures
from ...tools import filestore
from ..message.attachment_words import LATER

_logger = logging.getLogger(__name__)


# A file of its own: what is filed under whom, and what happens to its content, are two things.
class MemberMailFiler(models.AbstractModel):
    """The attachments and the body of the emails that are filed."""

    _inherit = "member.mail.filer"

    def _create_shown(self, items):
        """The attachments of those items whose texts show some of them, as the texts name their ids: for
        each item a list of records, None where it can wait for its message, which writes each row once.

        :raises MailboxError: they can't be stored: the disk is full, or must not be written
        """
        shown = [item.content.mark in item.content.body for item in items]
        created = iter(
            self._store_files(
                [
                    (file, False)
                    for item, is_shown in zip(items, shown, strict=True)
                    if is_shown
                    for file in item.message.attachments
                ]
            )
        )
        return [
            [next(created) for _file in item.message.attachments] if is_shown else None
            for item, is_shown in zip(items, shown, strict=True)
        ]

    def _store_files(self, files):
        """Make attachments of pairs of a file and the id of its message, or False.

        :raises MailboxError: as `_create_shown`
        """
        if not files:
            return self.env["ir.attachment"]
        self.env["ir.attachment"]._read_documents_later()
        try:
            for file, _owner in files:
                filestore.mend(self.env["ir.attachment"], file.data)
            return (
                self.env["ir.attachment"]
                .sudo()
                .with_context(**{LATER: True}, image_no_postprocess=True)
                .create(
                    [
                        {
                            "name": file.filename,
                            "raw": file.data,
                            "mimetype": pictures.usual_type(file.content_type),
                            "res_model": "member.mail.message",
                            "res_id": owner,
                            "description": file.content_id or False,
                        }
                        for file, owner in files
                    ]
                )
            )
        except OSError as error:
            _logger.error("Attachments of emails can't be stored. %s", error)
            raise trouble(error) or MailboxError("storage", error.strerror) from None

    def _give_attachments(self, messages, items, shown):
        """Give new messages their attachments.

        :param items: of the messages
        :param shown: what `_create_shown` made of the items
        :raises MailboxError: as `_create_shown`
        """
        self._store_files(
            [
                (file, message.id)
                for message, item, files in zip(messages, items, shown, strict=True)
                if files is None
                for file in item.message.attachments
            ]
        )
        pairs = [
            (attachment.id, message.id)
            for message, files in zip(messages, shown, strict=True)
            for attachment in files or ()
        ]
        if pairs:
            self._own(pairs)
        messages.invalidate_recordset(["attachment_ids"], flush=False)

    def _own(self, pairs):
        """Note of which messages attachments are: pairs of ids."""
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
