from odoo import api, fields, models

#: Names that are shown of the folders that are left out.
SHOWN = 20


class MemberMailAccount(models.Model):
    """Folders that the server lists, but that can't be read: those with impossible names, and those that
    are too many."""

    _inherit = "member.mail.account"

    left_folders = fields.Json(
        "Folders left out", readonly=True, copy=False, groups=fields.NO_ACCESS, exportable=False
    )
    left_folders_note = fields.Text(
        "About folders left out",
        compute="_compute_left_folders_note",
        compute_sudo=True,
        help="Which folders of the mailbox Odoo can't read, and why.",
    )

    @api.depends_context("uid", "allowed_company_ids", "lang")
    @api.depends("left_folders", "mail_hidden")
    def _compute_left_folders_note(self):
        for account in self:
            left = account.left_folders or {}
            hidden = account.mail_hidden
            sentences = [
                not hidden and describe(*left[why])
                for why, describe in (
                    ("unusable", account._describe_unusable),
                    ("beyond", account._describe_beyond),
                )
                if why in left
            ]
            account.left_folders_note = "\n".join(filter(None, sentences)) or False

    def _describe_unusable(self, count, names):
        return self.env._(
            "Odoo can't read %(count)s folders because their names are too long or contain control "
            "characters: %(folders)s. Rename them in your mail program.",
            count=count,
            folders=self._listed_names(count, names),
        )

    def _describe_beyond(self, count, names):
        return self.env._(
            "The mailbox has more folders than Odoo can handle. It leaves out %(count)s of them: "
            "%(folders)s.",
            count=count,
            folders=self._listed_names(count, names),
        )

    @api.model
    def _listed_names(self, count, names):
        return ", ".join([*names, "…"] if count > len(names) else names)

    def _note_left_out(self, unusable, beyond):
        """Store which folders are left out.

        :param unusable: names that can't be used, as they may be shown
        :param beyond: paths of folders that are too many
        """
        self.ensure_one()
        left = {
            why: [len(paths), paths[:SHOWN]]
            for why, paths in (("unusable", unusable), ("beyond", beyond))
            if paths
        } or False
        if (self.left_folders or False) != left:
            self.left_folders = left
