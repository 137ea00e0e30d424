from odoo import fields, models
from odoo.exceptions import UserError

from ...mailbox.errors import MailboxError
from ...mailbox.imap.fetch import examine
from ...mailbox.imap.partial import fetch_part
from ...mailbox.mime.message import files_of
from ...mailbox.net.undelivered import why_not_sent
from ...mailbox.types import RemotePart
from ...tools import filestore
from .attachment_words import LATER

#: Seconds that downloading one file may take.
DEADLINE = 90.0


class MemberMailRemoteAttachment(models.Model):
    """An attachment of a large email that was left on the mail server until somebody wants it."""

    _name = "member.mail.remote.attachment"
    _description = "Attachment on the Mail Server"
    _order = "message_id, id"

    message_id = fields.Many2one(
        "member.mail.message", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(required=True)
    mimetype = fields.Char("Type", required=True)
    size = fields.Integer(help="Size on the server in bytes, encoded.")
    section = fields.Char(required=True, help="Number of the part in the email.")
    encoding = fields.Char(help="How the file is encoded in the email.")
    content_id = fields.Char("Content-ID")
    is_inline = fields.Boolean("Shown in the text")

    def _of(self, parts):
        """The values of the records for some RemoteParts, as commands."""
        return [
            {
                "name": part.filename,
                "mimetype": part.content_type,
                "size": part.size,
                "section": part.section,
                "encoding": part.encoding,
                "content_id": part.content_id,
                "is_inline": part.inline,
            }
            for part in parts
        ]

    def action_fetch(self):
        """Download these attachments from the mail server and store them with their message.

        :raises UserError: when none of the mailboxes that hold the message has them any more
        """
        self.check_access("read")
        for message, remotes in self.sudo().grouped("message_id").items():
            remotes._fetch_from(message)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _fetch_from(self, message):
        """Download attachments of one message, from the first of its locations that has them."""
        problems = []
        for location in message.location_ids.filtered("account_id.active"):
            try:
                data_of = self._download(location)
            except MailboxError as error:
                problems.append(why_not_sent(error, self.env._))
                continue
            self._keep(message, data_of)
            return
        raise UserError(
            self.env._(
                "Odoo could not download the attachments. The email may no longer be on the mail "
                "server, or the server is not responding.\n%s",
                "\n".join(problems),
            )
        )

    def _download(self, location):
        """Download from one location: dict of record to bytes. Raises MailboxError."""
        folder = location.folder_id
        with folder.account_id._open_imap(DEADLINE) as session:
            if examine(session, folder.path).uidvalidity != location.uidvalidity:
                raise MailboxError("folder_changed", folder.path)
            return {remote: fetch_part(session, location.uid, remote._part()) for remote in self}

    def _part(self):
        return RemotePart(
            section=self.section,
            filename=self.name,
            content_type=self.mimetype,
            encoding=self.encoding or "",
            size=self.size,
            content_id=self.content_id or "",
            inline=self.is_inline,
        )

    def _keep(self, message, data_of):
        Attachment = self.env["ir.attachment"].sudo()
        files = [
            (remote, file)
            for remote, data in data_of.items()
            for file in files_of(remote.name, remote.mimetype, data)
        ]
        for _remote, file in files:
            filestore.mend(Attachment, file.data)
        Attachment._read_documents_later()
        Attachment.with_context(**{LATER: True}, image_no_postprocess=True).create(
            [
                {
                    "name": file.filename,
                    "raw": file.data,
                    "mimetype": file.content_type,
                    "res_model": message._name,
                    "res_id": message.id,
                    "description": file.content_id or remote.content_id or False,
                }
                for remote, file in files
            ]
        )
        self.unlink()
        if not message.remote_attachment_ids:
            # Nothing of it is only on the server any more.
            message.is_partial = False
