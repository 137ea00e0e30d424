import logging
import random
from datetime import timedelta

from markupsafe import escape

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain

from ...mailbox.cases import OF_MACHINE, stops
from ...mailbox.errors import CODES, MailboxError
from ...tools.spared import spared

_logger = logging.getLogger(__name__)

#: First pause after a failure in minutes (it doubles each time), and the longest one.
FIRST_PAUSE, LONGEST_PAUSE = 15, 24 * 60

#: How long an account may be in trouble before its owner is told.
PATIENCE = timedelta(hours=1)

#: What comes and goes: its code once it has lasted, how long that is, and minutes of the longest pause,
#: because it may be over any moment.
LASTING = {"not_connected": ("not_connected_long", timedelta(hours=4), 60)}


class MemberMailAccount(models.Model):
    """How an account is doing: the pauses after failures, and who is told about them."""

    _inherit = "member.mail.account"

    failing_since = fields.Datetime(
        "Last successful scan",
        readonly=True,
        copy=False,
        help="When this mailbox was last scanned successfully. Set only while scans fail.",
    )
    error_code = fields.Char(
        "Problem code",
        readonly=True,
        copy=False,
        help="Code of the problem. It decides which remedy is offered.",
    )
    error_detail = fields.Char("Problem detail", readonly=True, copy=False, groups=fields.NO_ACCESS)
    error_host = fields.Char("Problem server", readonly=True, copy=False, groups=fields.NO_ACCESS)
    error_message = fields.Char(
        "Problem",
        compute="_compute_error_message",
        compute_sudo=True,
        help="What is wrong and what to do about it.",
    )
    error_details = fields.Char(
        "Problem details",
        compute="_compute_error_message",
        compute_sudo=True,
        help="What the mail server said.",
    )
    alert_activity_id = fields.Many2one(
        "mail.activity",
        "Warning activity",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    behind = fields.Integer(
        "New emails waiting",
        compute="_compute_behind",
        help="New emails in the mailbox that have not been read yet.",
    )

    @api.depends_context("lang", "uid")
    @api.depends("error_code", "error_detail", "error_host")
    def _compute_error_message(self):
        for account in self:
            told = (False, False)
            if account.error_code in CODES:
                told = account._tell(
                    MailboxError(account.error_code, account.error_detail or "", account.error_host)
                )
            account.error_message, account.error_details = told

    @api.depends("folder_ids.behind")
    def _compute_behind(self):
        for account in self:
            account.behind = sum(account.folder_ids.mapped("behind"))

    def _note_connection(self, error, progress=False):
        """Record how the connection went.

        :param error: MailboxError, or None when it worked
        :param bool progress: whether the scan achieved anything before it failed
        """
        self.ensure_one()
        if error is None:
            self._note_success()
            return
        if error.code == "not_at_home":
            return  # somebody has just said so: no trouble of this account
        now = fields.Datetime.now()
        code, longest = self._lasting(error.code, now)
        # A server that drops us after a while is read piece by piece, without long pauses.
        count = 1 if progress else self.error_count + 1
        if code in OF_MACHINE:
            # Whatever its server does later, that is its first failure.
            count = max(self.error_count, 1)
        pause = min(FIRST_PAUSE * 2 ** min(count - 1, 10), longest)
        # So that the accounts of one host don't all come back at once.
        pause *= random.uniform(0.8, 1.0)  # noqa: S311
        if error.retry_after:
            pause = max(pause, error.retry_after / 60)
        stopped = stops(code)
        if (self.state, self.error_code, self.stopped) != ("error", code, stopped):
            what = "stopped" if stopped else "fails"
            _logger.warning("Account %s %s (%s): %s", self.id, what, code, error)
        self.write(
            {
                "state": "error",
                "error_code": code,
                "error_detail": error.detail,
                "error_host": error.host,
                "error_count": count,
                "stopped": stopped,
                "failing_since": self.failing_since or now,
                "next_sync": not stopped and now + timedelta(minutes=pause),
            }
        )
        self._alert_owners()

    def _lasting(self, code, now):
        """What to call an error, and minutes of the longest pause after it."""
        longest = FIRST_PAUSE if code in OF_MACHINE else LONGEST_PAUSE
        later, patience, pause = LASTING.get(code, (code, None, longest))
        since = self.error_code in (code, later) and self.failing_since
        return (later if patience and since and since <= now - patience else code), pause

    def _lasts(self, now):
        """Whether this account has been in trouble for so long that its owner is told."""
        self.ensure_one()
        if self.state != "error" or self.error_code in LASTING:
            return False
        return self.stopped or bool(self.failing_since and self.failing_since <= now - PATIENCE)

    def _note_success(self):
        vals = {
            "state": "connected", "error_code": False, "error_count": 0, "stopped": False,
            "failing_since": False,
        }  # fmt: skip
        if self.state == "error":
            _logger.warning("Account %s works again", self.id)
        if any(self[name] != value for name, value in vals.items()):
            self.write(vals)
        activity = self.sudo().alert_activity_id
        if activity:
            with spared(self.env, "Warning activity about a mailbox"):
                activity.unlink()

    @api.model
    def _alert_owners(self):
        """Give the owner of each account that has been in trouble for too long one activity; right away
        where nothing happens until somebody acts. Not while it is set up: whoever does that sees what is
        wrong."""
        late = fields.Datetime.now() - PATIENCE
        accounts = self.sudo().search(
            Domain("state", "=", "error")
            & Domain("setting_up", "=", False)
            & Domain("alert_activity_id", "=", False)
            & Domain("error_code", "not in", list(LASTING))
            & (Domain("stopped", "=", True) | Domain("failing_since", "<=", late))
        )
        for account in accounts:
            account = account._for_responsible()
            message = account._noted(account.with_user(SUPERUSER_ID).error_message)
            # The activity is the message: a scan sends no emails.
            quietly = account.with_context(mail_activity_quick_update=True)
            with spared(account.env, "Warning activity about a mailbox"):
                account.alert_activity_id = quietly.activity_schedule(
                    "mail.mail_activity_data_warning",
                    summary=account.env._("Odoo can no longer read %s", account.email),
                    note=escape(message),  # it may name what the server named
                    user_id=account._responsible().id,
                )
