from datetime import timedelta

from odoo import api, fields, models

from ...tools.formats import format_count
from .folder_desk import VERDICTS

#: How often the records are compared with the servers without being asked to.
REGULAR_CHECK = timedelta(days=7)


class MemberMailAccount(models.Model):
    """Completeness: is every email of the mailbox accounted for?"""

    _inherit = "member.mail.account"

    check_requested = fields.Datetime(
        "Check requested", readonly=True, copy=False, help="When somebody last asked for a check."
    )
    check_number = fields.Integer(
        "Check number",
        readonly=True,
        copy=False,
        help="How many checks were asked for. Each check has its number.",
    )
    last_check = fields.Datetime(
        "Last check", compute="_compute_check", help="When the last complete check started."
    )
    check_running = fields.Boolean("Check running", compute="_compute_check")
    check_total = fields.Integer("Emails on the server", compute="_compute_check")
    check_filed = fields.Integer("Filed", compute="_compute_check")
    check_stranger = fields.Integer("Not from contacts", compute="_compute_check")
    check_excluded = fields.Integer("Excluded", compute="_compute_check")
    check_deleted = fields.Integer("Deleted in Odoo", compute="_compute_check")
    check_failed = fields.Integer("Not filed", compute="_compute_check")
    accounted = fields.Char("Accounted for", compute="_compute_check")
    unaccounted = fields.Text(
        "Not accounted for",
        compute="_compute_check",
        help="Emails on the server of which Odoo doesn't know what became of them.",
    )

    @api.depends_context("lang")
    @api.depends(
        "check_number", "folder_ids.checked_number", "folder_ids.check_result", "folder_ids.missing"
    )
    def _compute_check(self):
        for account in self:
            folders = account.folder_ids.filtered(lambda folder: not folder.missing)
            results = [folder.check_result or {} for folder in folders]
            complete = bool(folders) and all(folders.mapped("checked"))
            for name in ("total", *VERDICTS):
                account[f"check_{name}"] = sum(result.get(name, 0) for result in results)
            account.check_total += sum(result.get("unlisted", 0) for result in results)
            account.unaccounted = "\n".join(
                sentence for folder in folders for sentence in folder._explain_unaccounted()
            )
            account.last_check = min(folders.mapped("checked")) if complete else False
            account.check_running = any(folder._check_due() for folder in folders)
            known = sum(account[f"check_{name}"] for name in VERDICTS)
            lost = account.folder_ids - folders
            account.accounted = complete and account._describe_check(known, lost)

    def _describe_check(self, known, lost):
        """How many emails are accounted for, in words.

        :param known: how many are
        :param lost: the folders that are to be read, but are gone
        """
        self.ensure_one()
        known, total = (format_count(self.env, count) for count in (known, self.check_total))
        if not lost:
            return self.env._("%(known)s of %(total)s accounted for", known=known, total=total)
        if len(lost) == 1:
            return self.env._(
                "%(known)s of %(total)s accounted for, not counting a folder that is missing",
                known=known,
                total=total,
            )
        return self.env._(
            "%(known)s of %(total)s accounted for, not counting %(count)s folders that are missing",
            known=known,
            total=total,
            count=len(lost),
        )

    def action_check(self):
        """Compare the records with the server; the scheduled job does so soon."""
        self.check_access("write")
        self.sudo()._request_check()
        self._scan_soon()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "Odoo is comparing every email in the mailbox with what is filed. The result "
                    "will appear here."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_mend(self):
        """Read the emails again that the last check could not account for, and check once more."""
        self.check_access("write")
        accounts = self.sudo()
        accounts.folder_ids._read_unaccounted_again()
        return accounts.action_check()

    def _request_check(self):
        """Have the next scans compare everything on the servers with the records."""
        now = fields.Datetime.now()
        for account in self:
            account.write({"check_requested": now, "check_number": account.check_number + 1})

    def _plan_check(self):
        """Ask for the regular check when it is due."""
        self.ensure_one()
        last = self.check_requested or self.first_scan
        if last and last + REGULAR_CHECK <= fields.Datetime.now():
            self._request_check()
