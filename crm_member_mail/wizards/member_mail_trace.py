from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..mailbox.errors import MailboxError
from ..mailbox.imap.folders import list_folders
from ..mailbox.imap.trace import trace

#: Seconds that a search may take in total.
DEADLINE = 25.0


class MemberMailTrace(models.TransientModel):
    """Where is my mail? Looks for an email in the whole mailbox and says what happened to it."""

    _name = "member.mail.trace"
    _description = "Search for an Email"

    account_id = fields.Many2one(
        "member.mail.account", "Email account", required=True, ondelete="cascade"
    )
    query = fields.Char(
        "Look for",
        help="The address of a sender or recipient, words from the subject, or a Message-ID.",
    )
    line_ids = fields.One2many("member.mail.trace.line", "trace_id", "Emails found", readonly=True)
    searched = fields.Text("Searched in", readonly=True)

    def action_search(self):
        """Search the mailbox; the result is in ``line_ids`` and ``searched``.

        :return: the action that shows it
        :raises AccessError: for a private mailbox of somebody else
        :raises UserError: in plain words, when the server can't be asked
        """
        self.ensure_one()
        self.account_id.check_access("write")
        account = self.account_id.sudo()
        if account.visibility == "private" and account.user_id != self.env.user:
            raise AccessError(
                self.env._("Only its owner can search the private mailbox %s.", account.email)
            )
        try:
            hits, paths, roles = self._search_server(account)
        except MailboxError as error:
            raise UserError(error.sentence(self.env._)) from error
        judge = self.env["member.mail.trace.line"].sudo()
        lines = [judge._judge(account, hit, roles[hit.path]) for hit in hits]
        found = {line.get("message_id") for line in lines}
        lines += [line for line in self._search_filed() if line["message_id"] not in found]
        # Users can't create lines: these link to the records that they are about.
        self.sudo().write(
            {
                "line_ids": [fields.Command.clear(), *map(fields.Command.create, lines)],
                "searched": ", ".join(paths),
            }
        )
        return self._reopen()

    def _search_server(self, account):
        """What the server has.

        :return: list of Hit, list of the paths searched, and a dict of path to the role of the folder
        """
        with account._open_imap(DEADLINE, timeout=10.0) as session:
            folders = [folder for folder in list_folders(session) if folder.selectable]
            account._update_folders(folders)
            # First the folders that are read, then the others.
            order = {"inbox": 0, "sent": 1, "archive": 2, "other": 3, "all": 3}
            folders.sort(key=lambda folder: order.get(folder.role, 4))
            paths = [folder.path for folder in folders]
            hits, searched = trace(session, paths, self.query or "")
        return hits, searched, {folder.path: folder.role for folder in folders}

    def _search_filed(self):
        """Lines for what this account has filed and may no longer be on the server.

        :return: list of dicts of values
        """
        query = (self.query or "").strip()
        key = query.strip("<>")
        messages = self.env["member.mail.message"].search(
            [
                ("account_ids", "in", self.account_id.ids),
                "|", "|",
                ("rfc_message_id", "=", f"<{key}>"),
                ("participant_ids.email", "=", key.lower()),
                ("subject", "ilike", query),
            ],
            limit=20,
        )  # fmt: skip
        return [
            {
                "subject": message.subject,
                "date": message.date,
                "verdict": "filed",
                "message_id": message.id,
                "explanation": self.env._(
                    "Filed under %s. It is no longer on the server.",
                    ", ".join(message.sudo().partner_ids.mapped("display_name"))
                    or self.env._("nobody"),
                ),
            }
            for message in messages
        ]

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Where is my mail?"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
