from odoo import api, fields, models

from ...tools.formats import format_count


class MemberMailAccount(models.Model):
    """How far the earlier emails of the mailbox have been read."""

    _inherit = "member.mail.account"

    history_paused = fields.Boolean(
        "Earlier emails paused",
        readonly=True,
        copy=False,
        help="Odoo doesn't read earlier emails until you resume.",
    )
    history_rate = fields.Float(
        "Earlier emails per second",
        readonly=True,
        copy=False,
        help="How many earlier emails a recent scan read per second.",
    )
    history_state = fields.Selection(
        [
            ("waiting", "Starts with the first scan"),
            ("reading", "Reading"),
            ("paused", "Paused"),
            ("complete", "Complete"),
        ],
        "Earlier emails",
        compute="_compute_history",
    )
    history_progress = fields.Float(
        "Earlier emails progress",
        compute="_compute_history",
        help="Percentage of the earlier emails that has been read.",
    )
    history_estimate = fields.Char("Earlier emails left", compute="_compute_history")

    @api.depends_context("lang")
    @api.depends(
        "first_scan", "history", "history_paused", "history_rate", "retention_months",
        "folder_ids.opened", "folder_ids.missing", "folder_ids.covered_since",
        "folder_ids.history_uid", "folder_ids.history_total", "folder_ids.history_left",
    )  # fmt: skip
    def _compute_history(self):
        for account in self:
            folders = account.folder_ids.filtered(lambda f: f.opened and not f.missing)
            unread = folders.filtered(lambda f: f.history_uid or f._uncovered())
            total = sum(unread.mapped("history_total"))
            left = sum(unread.mapped("history_left"))
            account.history_progress = 100 * (total - left) / total if total else 0
            account.history_estimate = False
            if not folders:
                account.history_state = "waiting"
            elif not unread:
                account.history_state = "complete"
                account.history_progress = 100
            else:
                account.history_state = "paused" if account.history_paused else "reading"
                account.history_estimate = account._estimate(left)

    def _estimate(self, left):
        """How many messages are left and how long they take, in words."""
        if not left:
            return False
        count = format_count(self.env, left)
        if not self.history_rate:
            return self.env._("%s emails left", count)
        minutes = round(left / self.history_rate / 60)
        if minutes < 1:
            return self.env._("%s emails left, less than a minute", count)
        return self.env._(
            "%(left)s emails left, about %(minutes)s minutes",
            left=count,
            minutes=format_count(self.env, minutes),
        )

    def action_pause_history(self):
        """Leave earlier emails for later; new emails are still read."""
        self.check_access("write")
        self.sudo().history_paused = True

    def action_resume_history(self):
        """Resume reading earlier emails, soon."""
        self.check_access("write")
        self.sudo().history_paused = False
        self._scan_soon()
