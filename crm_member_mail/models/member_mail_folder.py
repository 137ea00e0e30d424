from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..tools.fields import BigInteger

#: First pause before a message is tried again (four times as long each time), and the longest one.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=15), timedelta(days=1)

#: An email that was being read when the scan died this often is tried again at once: a restart of
#: the server, or another email of the same batch, is the likelier cause.
BLAMELESS_DEATHS = 3


class MemberMailFolder(models.Model):
    """A folder of an account and how far it was read.

    Two cursors: everything in ``(history_uid, last_uid]`` is dealt with. New mail moves ``last_uid``
    up; the history is read newest first and moves ``history_uid`` down, to 0 when it is complete.
    """

    _name = "member.mail.folder"
    _description = "Email Folder"
    _order = "account_id, role, path"
    _rec_name = "path"

    account_id = fields.Many2one(
        "member.mail.account", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="account_id.company_id")
    path = fields.Char("Folder", required=True, readonly=True, help="Its name on the server.")
    role = fields.Selection(
        [("inbox", "Inbox"), ("sent", "Sent"), ("archive", "Archive"), ("other", "Other")],
        default="other",
        required=True,
        help="In a Sent folder the recipients are looked for among the contacts, elsewhere the "
        "sender.",
    )
    active = fields.Boolean("Read", default=True, help="Whether the scan reads this folder.")
    missing = fields.Boolean(
        readonly=True, help="The server does not list this folder any more, or refuses to open it."
    )
    opened = fields.Boolean(readonly=True, help="The folder was read before.")
    uidvalidity = BigInteger("UIDVALIDITY", readonly=True)
    last_uid = BigInteger("Read up to UID", readonly=True)
    history_uid = BigInteger("History left below UID", readonly=True)
    failure_ids = fields.One2many("member.mail.failure", "folder_id")

    _path_unique = models.Constraint(
        "UNIQUE (account_id, path)", "An account has each of its folders once."
    )

    def _start_over(self, uidvalidity, new_high):
        """Read the folder from scratch, as far back as the account's window goes."""
        self.ensure_one()
        first_time = not self.opened
        skip_history = first_time and self.account_id.history == "new"
        self.failure_ids.unlink()
        self.write(
            {
                "opened": True,
                "uidvalidity": uidvalidity,
                "last_uid": new_high,
                "history_uid": 0 if skip_history else new_high,
            }
        )

    def _move_cursor(self, name, expected, value):
        """Compare and set a cursor: False when it is not at ``expected`` any more (rule 1)."""
        self.ensure_one()
        self.flush_recordset([name, "uidvalidity"])
        column = SQL.identifier(name)
        self.env.cr.execute(
            SQL(
                "UPDATE member_mail_folder SET %s = %s"
                " WHERE id = %s AND %s = %s AND uidvalidity = %s",
                column,
                value,
                self.id,
                column,
                expected,
                self.uidvalidity,
            )  # fmt: skip
        )
        self.invalidate_recordset([name], flush=False)
        return self.env.cr.rowcount == 1

    def _begin_attempt(self, uids):
        """Note that ``uids`` are going to be parsed, before anything can go wrong with them."""
        self.ensure_one()
        if not uids:
            return
        self.env["member.mail.failure"]._upsert(
            self, dict.fromkeys(uids), state="in_flight", attempt=True
        )

    def _end_attempt(self, done, failures):
        """Forget the attempts on the UIDs ``done``; keep ``failures`` (UID to error) for a retry."""
        self.ensure_one()
        Failure = self.env["member.mail.failure"]
        if failures:
            Failure._upsert(self, failures, state="failed", attempt=False)
        if done:
            self.env.cr.execute(
                SQL(
                    "DELETE FROM member_mail_failure"
                    " WHERE folder_id = %s AND uidvalidity = %s AND uid = ANY(%s)",
                    self.id,
                    self.uidvalidity,
                    list(done),
                )  # fmt: skip
            )
        if failures or done:
            Failure.invalidate_model()
            self.invalidate_recordset(["failure_ids"])

    def _due_retries(self):
        """The failures to try again now, in flight ones of a scan that died among them."""
        self.ensure_one()
        # The account's scan lock is ours: what is in flight was left by a process that is gone.
        failures = self.failure_ids.filtered(lambda f: f.uidvalidity == self.uidvalidity)
        died = failures.filtered(lambda f: f.state == "in_flight")
        died.write(
            {"state": "failed", "error": self.env._("The scan died while it read this email.")}
        )
        for failure in died.filtered(lambda f: f.attempts > BLAMELESS_DEATHS):
            # It was alone and died again: with growing pauses from now on.
            failure.next_attempt = fields.Datetime.now() + failure._pause()
        now = fields.Datetime.now()
        return failures.filtered(
            lambda f: f.state == "failed" and (not f.next_attempt or f.next_attempt <= now)
        )
