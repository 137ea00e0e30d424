from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.fields import BigInteger


class MemberMailRemoval(models.Model):
    """An email that a user deleted in Odoo and that the next scan deletes from the server."""

    _name = "member.mail.removal"
    _description = "Email to Delete on the Server"
    _rec_name = "uid"

    folder_id = fields.Many2one("member.mail.folder", required=True, ondelete="cascade")
    uidvalidity = BigInteger("UIDVALIDITY", required=True)
    uid = BigInteger("UID", required=True)
    header_digest = fields.Char("Header digest", required=True)
    size = fields.Integer(required=True)

    _uid_unique = models.Constraint(
        "UNIQUE (folder_id, uidvalidity, uid)", "This email is already due for deletion."
    )

    @api.model
    def _queue(self, messages):
        """Remember where the emails lie that a user is about to delete in Odoo, in those accounts that
        want them deleted from the server as well; these are scanned soon."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO member_mail_removal (folder_id, uidvalidity, uid, header_digest, size)
                SELECT l.folder_id, l.uidvalidity, l.uid, m.header_digest, l.size
                  FROM member_mail_location l
                  JOIN member_mail_message m ON m.id = l.message_id
                  JOIN member_mail_folder f ON f.id = l.folder_id
                  JOIN member_mail_account a ON a.id = f.account_id
                 WHERE l.message_id = ANY(%s) AND a.delete_on_server
                ON CONFLICT DO NOTHING
                RETURNING folder_id
                """,
                messages.ids,
            )
        )
        folders = {folder_id for (folder_id,) in self.env.cr.fetchall()}
        self.env["member.mail.folder"].sudo().browse(folders).account_id._scan_soon_after_commit()
