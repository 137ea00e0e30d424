from markupsafe import escape

from odoo import SUPERUSER_ID, api, fields, models

from ...mailbox.errors import CODES, MailboxError
from ...tools.spared import spared

#: Errors of sending, beside those of kinds AT_FAULT, that are the account's and not an email's.
OF_SENDER = {"sender_refused", "sending_blocked"}
#: Kinds of errors that are the account's.
AT_FAULT = ("auth", "config")


class MemberMailAccount(models.Model):
    """Whether emails can be sent from an account: what the last test and the last attempt said."""

    _inherit = "member.mail.account"

    sending_state = fields.Selection(
        [("untried", "Not tried"), ("works", "Works"), ("error", "Problem")],
        "Sending emails",
        default="untried",
        required=True,
        readonly=True,
        copy=False,
        help="How the last connection to the outgoing server went.",
    )
    sending_code = fields.Char(
        "Sending problem code",
        readonly=True,
        copy=False,
        help="Code of the problem with sending. It decides which remedy is offered.",
    )
    sending_detail = fields.Char(
        "Sending problem detail", readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    sending_host = fields.Char(
        "Sending problem server", readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    sending_message = fields.Char(
        "Sending problem",
        compute="_compute_sending_message",
        compute_sudo=True,
        help="Why nothing can be sent and what to do about it.",
    )
    sending_details = fields.Char(
        "Sending problem details",
        compute="_compute_sending_message",
        compute_sudo=True,
        help="What the outgoing server said.",
    )
    sending_activity_id = fields.Many2one(
        "mail.activity",
        "Warning activity about sending",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    @api.depends_context("lang", "uid")
    @api.depends("sending_code", "sending_detail", "sending_host")
    def _compute_sending_message(self):
        for account in self:
            told = (False, False)
            if account.sending_code in CODES:
                told = account._tell(
                    MailboxError(
                        account.sending_code, account.sending_detail or "", account.sending_host
                    )
                )
            account.sending_message, account.sending_details = told

    def _note_attempt(self, error):
        """Record what an attempt to send says about these accounts: a MailboxError, as far as it is
        theirs; None, they could sign in."""
        if error is None:
            # Who may sign in may not yet send as this address.
            self.filtered(lambda account: account.sending_code not in OF_SENDER)._note_sending(None)
        elif error.code != "not_at_home" and (error.kind in AT_FAULT or error.code in OF_SENDER):
            self._note_sending(error)

    def _note_sending(self, error):
        """Record that emails can be sent from these accounts, or the MailboxError that says why not; and
        tell whoever looks after them."""
        vals = {
            "sending_state": "error" if error else "works",
            "sending_code": error.code if error else False,
            "sending_detail": error.detail if error else False,
            "sending_host": error.host if error else False,
        }
        for account in self.sudo():
            if any((account[name] or False) != (value or False) for name, value in vals.items()):
                account.write(vals)
            if account.sending_activity_id or account.sending_state == "error":
                with spared(account.env, "Warning activity about sending"):
                    account._tell_of_sending()

    def _tell_of_sending(self):
        """Give whoever looks after this account one activity while nothing can be sent from it."""
        activity = self.sending_activity_id
        if self.sending_state != "error" or self.setting_up:
            activity.unlink()
        elif not activity:
            account = self._for_responsible()
            message = account._noted(account.with_user(SUPERUSER_ID).sending_message)
            quietly = account.with_context(mail_activity_quick_update=True)
            account.sending_activity_id = quietly.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=account.env._("Odoo can't send from %s", account.email),
                note=escape(message),
                user_id=account._responsible().id,
            )
