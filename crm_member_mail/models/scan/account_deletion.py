from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class MemberMailAccount(models.Model):
    """What is deleted from the mail server: nothing, unless the account says otherwise."""

    _inherit = "member.mail.account"

    deletion_policy = fields.Selection(
        [
            ("keep", "Keep on the server"),
            ("copied", "Delete once filed"),
            ("after_days", "Delete some days after filing"),
        ],
        "Deletion from the server",
        default="keep",
        required=True,
        help="What happens to an email on the mail server once it is filed under a contact. Other "
        "emails are never touched.",
    )
    deletion_days = fields.Integer(
        "Days until deletion",
        default=30,
        help="How many days after filing the email is deleted from the server.",
    )
    delete_on_server = fields.Boolean(
        "Delete on the server too",
        help="When somebody deletes a message in Odoo, the next scan also deletes it from this "
        "mailbox.",
    )
    deletion_problem = fields.Char(
        "Deletion problem",
        readonly=True,
        copy=False,
        help="Why Odoo could not delete emails from the server.",
    )

    _deletion_days_positive = models.Constraint(
        "CHECK (deletion_days >= 0)", "The days until deletion can't be negative."
    )

    def _deletion_condition(self):
        """The SQL condition on a location `l` and its message `m` that the account's policy deletes it
        from the server; None when it keeps everything.

        An email whose attachments were left on the server because of their size is never deleted there.
        """
        self.ensure_one()
        if self.deletion_policy == "keep":
            return None
        complete = SQL("m.is_partial IS NOT TRUE")
        if self.deletion_policy == "copied":
            return complete
        limit = fields.Datetime.now() - timedelta(days=self.deletion_days)
        # A location may be newer than the filing: the email was moved, or got another UID.
        return SQL("%s AND LEAST(l.create_date, m.create_date) <= %s", complete, limit)
