from odoo import fields, models

from ...tools.fields import BigInteger


class MemberMailLocation(models.Model):
    """Where an email lies on a server. One email may lie in several folders and accounts."""

    _name = "member.mail.location"
    _description = "Copy on the Mail Server"
    _order = "message_id, id"
    _rec_name = "uid"

    message_id = fields.Many2one(
        "member.mail.message", required=True, index=True, ondelete="cascade"
    )
    folder_id = fields.Many2one("member.mail.folder", required=True, ondelete="cascade")
    account_id = fields.Many2one(related="folder_id.account_id")
    uidvalidity = BigInteger("UIDVALIDITY", required=True)
    uid = BigInteger("UID", required=True)
    size = fields.Integer(help="Size of this copy in bytes, as the server reports it.")
    internal_date = fields.Datetime("Arrived", help="When this copy arrived on the server.")

    _uid_unique = models.Constraint(
        "UNIQUE (folder_id, uidvalidity, uid)", "This UID already belongs to an email."
    )
