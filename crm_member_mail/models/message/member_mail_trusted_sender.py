from odoo import api, fields, models
from odoo.exceptions import UserError


class MemberMailTrustedSender(models.Model):
    """A sender whose remote images one user always wants to see. Nobody else sees the list."""

    _name = "member.mail.trusted.sender"
    _description = "Trusted Sender"
    _order = "email"
    _member_mail_given = frozenset(("email",))
    _rec_name = "email"

    user_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.uid,
    )
    email = fields.Char("Email address", required=True, readonly=True)

    _user_email_unique = models.UniqueIndex(
        "(user_id, email)", "Images from this sender are already shown."
    )

    @api.model
    def trust_sender(self, message_id):
        """From now on, show the user the remote images in emails from the sender of this message.

        :return: the trusted address
        :raises UserError: when the sender is not certain
        """
        message = self.env["member.mail.message"].browse(message_id)
        message.check_access("read")
        email = message._trustable_sender()
        if not email:
            raise UserError(
                self.env._(
                    "Odoo can't tell who really sent this email, so it can't always show its "
                    "images."
                )
            )
        if not self._trusts(email):
            self.create({"email": email})
        return email

    @api.model
    def _trusts(self, email):
        """Whether the user wants to see the images of this sender."""
        domain = [("user_id", "=", self.env.uid), ("email", "=", email)]
        return bool(email and self.search_count(domain, limit=1))
