import logging

from odoo import api, models
from odoo.tools import SQL

from ...mailbox.imap.renamed import KnownFolder

_logger = logging.getLogger(__name__)

#: Messages of a folder by which it is recognised, the newest ones.
SAMPLES = 20

#: Roles of folders with emails that nobody has sent yet.
UNSENT = ("drafts", "outbox")


class MemberMailFolder(models.Model):
    """Folders that are renamed on the server (:mod:`...mailbox.imap.renamed`)."""

    _inherit = "member.mail.folder"

    def _compare(self, remote):
        """What to write because the server lists this folder as it does.

        :param RemoteFolder remote:
        """
        self.ensure_one()
        vals = {"listed_role": remote.role}
        if not self.active:
            vals["missing"] = False  # one that is read has to be opened first
        if remote.role in UNSENT and self.role != "sent":
            vals["active"] = False
        elif remote.role == "sent" != self.listed_role and not (self.opened or self.active):
            # It was not known to be one, so nobody decided that it is not to be read.
            vals |= {"role": "sent", "active": True} if self.role == "other" else {}
        status = remote.status
        if status and status.mailbox_id and status.uidvalidity == self.uidvalidity:
            vals["mailbox_id"] = status.mailbox_id
        return {name: value for name, value in vals.items() if self[name] != value}

    @api.model
    def _known(self, account):
        """The KnownFolders of an account, those that were read before, whether or not they are now."""
        names = ["path", "uidvalidity", "last_uid", "mailbox_id", "active", "missing", "sought"]
        self.flush_model([*names, "account_id", "opened"])
        self.env.cr.execute(
            SQL(
                """
                SELECT id, path, uidvalidity, last_uid, COALESCE(mailbox_id, ''), active IS TRUE,
                       missing IS TRUE, COALESCE(sought, '')
                  FROM member_mail_folder WHERE account_id = %s AND opened ORDER BY id
                """,
                account.id,
            )
        )
        return [KnownFolder(*row) for row in self.env.cr.fetchall()]

    @api.model
    def _samples(self, ids):
        """Messages by which these folders can be recognised: dict of folder id to a dict of UID to
        header digest."""
        self.env["member.mail.location"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT f.id, l.uid, m.header_digest
                  FROM member_mail_folder f
                 CROSS JOIN LATERAL (
                       SELECT uid, message_id FROM member_mail_location
                        WHERE folder_id = f.id AND uidvalidity = f.uidvalidity
                        ORDER BY uid DESC LIMIT %(limit)s) l
                  JOIN member_mail_message m ON m.id = l.message_id
                 WHERE f.id = ANY(%(ids)s)
                """,
                limit=SAMPLES,
                ids=list(ids),
            )
        )
        found = {}
        for folder_id, uid, digest in self.env.cr.fetchall():
            found.setdefault(folder_id, {})[uid] = digest
        return found

    def _follow(self, moves):
        """Give folders the paths that they have now.

        :param dict moves: Move by folder id
        :return: dict of path to the values with which a new folder of that name is to be read
        """
        moved = self.filtered(lambda folder: moves[folder.id].path != folder.path)
        vacated = {
            folder.path: {"active": folder.active, "role": folder.role}
            for folder in moved
            if moves[folder.id].path
        }
        # Names may go round in a circle, so all are given up first.
        moved.write({"missing": True})
        self.flush_model()
        taken = {moves[folder.id].path for folder in moved} - {None}
        inactive_too = self.with_context(active_test=False)
        inactive_too.search(
            [
                ("account_id", "=", self.account_id.id),
                ("path", "in", list(taken)),
                ("opened", "=", False),
                ("id", "not in", self.ids),
            ]
        ).unlink()
        for folder in self:
            move = moves[folder.id]
            if move.path is None:
                continue
            if folder in moved:
                _logger.info("Folder %s of account %s was renamed", folder.id, folder.account_id.id)
            vals = {"path": move.path, "missing": False, "sought": False}
            if move.read_again:
                vals |= {"uidvalidity": 0, "mailbox_id": False}
            folder.write(vals)
        return vacated
