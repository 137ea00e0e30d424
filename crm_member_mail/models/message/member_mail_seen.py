from datetime import timedelta

from odoo import api, fields, models

#: Days after which a message counts as read, whether anybody opened it or not.
UNREAD_DAYS = 90


class MemberMailSeen(models.Model):
    """That a user has read an email: IMAP's flag, but one for each user.

    Nobody reads these rows except through `is_unread` of the messages: what colleagues have read is
    their own business.
    """

    _name = "member.mail.seen"
    _description = "Message Read by a User"
    _rec_name = "message_id"

    message_id = fields.Many2one("member.mail.message", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")

    _message_user_unique = models.UniqueIndex(
        "(message_id, user_id)", "This user has already read this message."
    )
    _user_idx = models.Index("(user_id)")

    @api.autovacuum
    def _forget_old(self):
        """Delete the rows of messages that by now count as read for everybody."""
        before = fields.Datetime.now() - timedelta(days=UNREAD_DAYS + 1)
        self.search([("message_id.create_date", "<", before)], limit=100_000).unlink()
