from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...mailbox.reader import SLICE
from ...tools.fields import BigInteger

#: Stands for "all mail" where a datetime tells how far back a folder was read.
BEGINNING = fields.Datetime.to_datetime("1970-01-01")


class MemberMailFolder(models.Model):
    """A folder of an account and how far it was read.

    Two cursors: everything in ``(history_uid, last_uid]`` is dealt with. New mail moves ``last_uid``
    up. Earlier mail is read newest first, a window at a time (``history_since`` to
    ``history_before``), and moves ``history_uid`` down, to 0 when the window is complete; from then
    on ``covered_since`` tells how far back the folder is read. A wider window later is read from
    where the first one ended.
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
    behind = fields.Integer(
        "Messages behind", readonly=True, help="New messages that the last scan had no time for."
    )
    slice_size = fields.Integer(
        readonly=True,
        help="How many headers are asked for at once while the server breaks down over them; 0: "
        "as many as usual.",
    )
    failure_ids = fields.One2many("member.mail.failure", "folder_id")

    history_uid = BigInteger("History left below UID", readonly=True)
    history_since = fields.Datetime(readonly=True, help="Where the window that is read begins.")
    history_before = fields.Datetime(readonly=True, help="Where the window that is read ends.")
    history_total = fields.Integer(readonly=True, help="Messages in the window that is read.")
    history_left = fields.Integer(readonly=True, help="Of these, the ones that were not read yet.")
    covered_since = fields.Datetime(readonly=True, help="All mail since then was read.")

    _path_unique = models.Constraint(
        "UNIQUE (account_id, path)", "An account has each of its folders once."
    )

    def write(self, vals):
        if "account_id" in vals and not self.env.su:
            # What it holds would be visible to others.
            raise AccessError(self.env._("A folder belongs to its mailbox for good."))
        return super().write(vals)

    # -- what is to be read --------------------------------------------------------------------

    def _is_up_to_date(self, status):
        """Whether the FolderStatus that came with the list of folders shows that opening the folder
        is not needed; False without one."""
        self.ensure_one()
        account = self.account_id
        return bool(
            status
            and self.opened
            and status.uidvalidity == self.uidvalidity
            and status.uidnext == self.last_uid + 1
            and (account.history_paused or not (self.history_uid or self._uncovered()))
            and not self._check_due()
        )

    def _start_over(self, uidvalidity, new_high):
        """Read the folder from scratch, as far back as the account's window goes."""
        self.ensure_one()
        new_only = not self.opened and self.account_id.history == "new"
        self.failure_ids.unlink()
        self.write(
            {
                "opened": True,
                "uidvalidity": uidvalidity,
                "last_uid": new_high,
                "behind": 0,
                "history_uid": 0,
                "history_total": 0,
                "history_left": 0,
                "covered_since": new_only and self.account_id._history_since(),
                "check_uid": 0,
            }
        )

    def _uncovered(self):
        """Whether mail of the account's window lies before what was read."""
        self.ensure_one()
        return not self.covered_since or (
            (self.account_id._history_since() or BEGINNING) < self.covered_since
        )

    def _plan_history(self):
        """Begin to read the part of the account's window that was not read yet, if there is any."""
        self.ensure_one()
        since = self.account_id._history_since() or BEGINNING
        if self.history_uid:
            if since > self.history_since:
                self.history_since = since  # the window was made smaller meanwhile
        elif self._uncovered():
            begun = {
                "history_since": since,
                "history_before": self.covered_since,
                "history_uid": self.last_uid,
                "history_total": 0,
                "history_left": 0,
            }
            self.write(begun if self.last_uid else {"covered_since": since})

    # -- how far it is read --------------------------------------------------------------------

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

    def _note_progress(self, cursor, left):
        """Remember how many messages are left after a slice of new mail, or of the history."""
        self.ensure_one()
        if cursor == "new":
            vals = {"behind": left}
        else:
            total = self.history_total or left + SLICE
            vals = {"history_left": left, "history_total": max(total, left)}
            if not left:
                vals |= {"covered_since": self.history_since, "history_before": False}
        if self.slice_size:
            larger = self.slice_size * 2
            vals["slice_size"] = larger if larger < SLICE else 0
        if any(self[name] != value for name, value in vals.items()):
            self.write(vals)

    def _stumble(self, uids, error):
        """Ask for fewer headers next time; one that breaks the connection alone is set aside."""
        self.ensure_one()
        if len(uids) > 1:
            self.slice_size = len(uids) // 2
        elif uids:
            self._end_attempt((), (), {uids[0]: error})

    # -- single messages -----------------------------------------------------------------------

    def _begin_attempt(self, uids):
        """Note that ``uids`` are going to be parsed, before anything can go wrong with them."""
        self.ensure_one()
        if not uids:
            return
        self.env["member.mail.failure"]._upsert(
            self, dict.fromkeys(uids), state="in_flight", attempt=True
        )

    def _interrupt_attempt(self, uids, error):
        """The connection broke during the attempt on ``uids``."""
        self.ensure_one()
        failures = self.env["member.mail.failure"]._of(self, uids)
        words = self.account_id._for_responsible()._explain(error)
        failures._note_interruption(words, alone=len(uids) == 1)
        self.invalidate_recordset(["failure_ids"])

    def _end_attempt(self, done, gone, failures):
        """Close the attempts on some messages.

        :param done: UIDs that are filed, or not wanted any more
        :param gone: UIDs that the server no longer has
        :param failures: dict of UID to Failure, MailboxError or text, of what is to be tried again
        """
        self.ensure_one()
        Failure = self.env["member.mail.failure"]
        if failures:
            explain = self.account_id._for_responsible()._explain
            Failure._upsert(
                self,
                {uid: explain(getattr(why, "error", why)) for uid, why in failures.items()},
                state="failed",
                attempt=False,
            )
            Failure._keep_bytes(
                self, {uid: why.data for uid, why in failures.items() if getattr(why, "data", None)}
            )
        if done or gone:
            Failure._close(self, list(done), list(gone))
        if failures or done or gone:
            Failure.invalidate_model()
            self.invalidate_recordset(["failure_ids"])

    def _due_retries(self):
        """The failures to try again now, in flight ones of a scan that died among them."""
        self.ensure_one()
        failures = self.failure_ids.filtered(lambda f: f.uidvalidity == self.uidvalidity)
        # The account's scan lock is ours: what is in flight was left by a process that is gone.
        failures.filtered(lambda f: f.state == "in_flight")._note_death()
        # The least tried first: where each try breaks the connection, the guilty one is found.
        return failures.filtered("is_due").sorted(lambda f: (f.attempts, f.uid))
