from markupsafe import escape

from odoo import api, fields, models

from ...tools.spared import spared


class MemberMailAccount(models.Model):
    """Folders that are to be read, but are gone from the server, or can't be opened: who is told, and
    what."""

    _inherit = "member.mail.account"

    folder_problem = fields.Char(
        "Missing folders",
        compute="_compute_folder_problem",
        compute_sudo=True,
        help="Which folders that Odoo reads are gone from the server, and what to do about it.",
    )
    folder_details = fields.Char(
        "Details of missing folders",
        compute="_compute_folder_problem",
        compute_sudo=True,
        help="What the mail server said.",
    )
    folder_activity_id = fields.Many2one(
        "mail.activity",
        "Warning activity about folders",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    @api.depends_context("uid", "allowed_company_ids", "lang")
    @api.depends(
        "folder_ids.active", "folder_ids.missing", "folder_ids.path", "folder_ids.refusal",
        "mail_hidden",
    )  # fmt: skip
    def _compute_folder_problem(self):
        lost = self._lost_folders().grouped("account_id")
        none = self.env["member.mail.folder"]
        for account in self:
            folders = lost.get(account._origin, none)
            account.folder_problem = account._describe_lost(folders, not account.mail_hidden)
            # It may name the folder.
            words = dict.fromkeys(filter(None, folders.mapped("refusal")))
            account.folder_details = not account.mail_hidden and "; ".join(words)

    def _lost_folders(self):
        """The folders of these accounts that are to be read, but can't be."""
        # Not `folder_ids`, as for `problem_rank`.
        return self.env["member.mail.folder"].sudo().search(
            [
                ("account_id", "in", self._origin.ids),
                ("active", "=", True),  # whatever the context says
                ("missing", "=", True),
            ]
        )  # fmt: skip

    def _describe_lost(self, folders, with_names):
        """A sentence about folders that are gone, False without any.

        :param bool with_names: whether the reader may know what they are called
        """
        if not folders:
            return False
        if "inbox" in folders.mapped("role"):
            return self.env._(
                "The mail server doesn't let Odoo open the inbox, so new emails don't arrive here. Ask "
                "the mailbox's administrator whether this login may read it. Odoo goes on trying."
            )
        if not with_names:
            return self.env._(
                "A folder that Odoo reads is no longer in the mailbox, or can't be opened."
            )
        if len(folders) == 1:
            return self.env._(
                "Odoo can no longer find or open the folder “%(folder)s” in the mailbox. If you "
                "don't need it any more, stop reading it under Folders.",
                folder=folders.path,
            )
        return self.env._(
            "Odoo can no longer find or open these folders in the mailbox: %(folders)s. If you don't "
            "need them any more, stop reading them under Folders.",
            folders=", ".join(folders.mapped("path")),
        )

    def _note_lost_folders(self):
        """Tell of the folders that are gone, or are back."""
        account = self.sudo()
        if account.folder_activity_id or account._lost_folders():
            with spared(self.env, "Warning activity about folders"):
                account._tell_of_lost_folders()

    def _tell_of_lost_folders(self):
        """Give whoever looks after the account one activity about the folders that are gone; right away,
        because nothing happens until somebody acts. It goes when they are back."""
        self.ensure_one()
        account = self.sudo()._for_responsible()
        lost, activity = account._lost_folders(), account.folder_activity_id
        user = account._responsible()
        # Others may see the activities of a mailbox whose folders they may not see.
        note = account._describe_lost(lost, account.visibility == "shared")
        if activity and (not lost or activity.user_id != user):
            activity.unlink()
            activity = account.folder_activity_id
        if lost and not activity:
            quietly = account.with_context(mail_activity_quick_update=True)
            account.folder_activity_id = quietly.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=account._lost_summary(lost),
                note=escape(note),
                user_id=user.id,
            )
        elif lost and escape(note) not in (activity.note or ""):
            activity.note = escape(note)

    def _lost_summary(self, folders):
        if "inbox" in folders.mapped("role"):
            return self.env._("Odoo can't open the inbox of %s", self.email)
        return self.env._("A folder of %s is missing", self.email)

    def _forget_found_folders(self):
        """Drop the activities of those of these accounts that lack no folder any more."""
        told = self.sudo().filtered("folder_activity_id")
        for account in told:
            if not account._lost_folders():
                account.folder_activity_id.unlink()
