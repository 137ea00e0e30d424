from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...mailbox.desk import SLICE
from ...tools.fields import BigInteger

#: Stands for "all mail" where a datetime tells how far back a folder was read.
BEGINNING = fields.Datetime.to_datetime("1970-01-01")


class MemberMailFolder(models.Model):
    """A folder of an account and how far it has been read.

    Two cursors: everything in ``(history_uid, last_uid]`` is dealt with. New emails move ``last_uid``
    up. Earlier emails are read newest first, a window at a time (``history_since`` to
    ``history_before``), and move ``history_uid`` down, to 0 when the window is complete; from then on
    ``covered_since`` tells how far back the folder has been read. A wider window later is read from
    where the first one ended.
    """

    _name = "member.mail.folder"
    _description = "Email Folder"
    _order = "account_id, role, path"
    _rec_name = "path"

    account_id = fields.Many2one(
        "member.mail.account", "Email account", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="account_id.company_id")
    path = fields.Char(
        "Folder", required=True, readonly=True, help="Name of the folder on the server."
    )
    role = fields.Selection(
        [("inbox", "Inbox"), ("sent", "Sent"), ("archive", "Archive"), ("other", "Other")],
        default="other",
        required=True,
        help="In a Sent folder, Odoo looks for the recipients among the contacts; elsewhere "
        "for the sender.",
    )
    active = fields.Boolean(default=True, help="Odoo scans active folders only.")
    missing = fields.Boolean(
        readonly=True, help="The server no longer lists this folder, or refuses to open it."
    )
    refusal = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="What the server says when it refuses to open this folder.",
    )
    opened = fields.Boolean(readonly=True, help="The folder has been read before.")
    mailbox_id = fields.Char(
        "Server's ID",
        readonly=True,
        help="By this ID the server knows the folder, whatever its name (MAILBOXID).",
    )
    listed_role = fields.Char(
        "Role on the server",
        readonly=True,
        help="What the folder is for, according to the server or to its name.",
    )
    sought = fields.Char(
        "Looked for among",
        readonly=True,
        help="Stands for the folders among which this one was last looked for in vain.",
    )
    uidvalidity = BigInteger("UIDVALIDITY", readonly=True)
    last_uid = BigInteger("Read up to UID", readonly=True)
    behind = fields.Integer(
        "New emails waiting", readonly=True, help="New emails that the last scan had no time for."
    )
    slice_size = fields.Integer(
        "Headers per request",
        readonly=True,
        help="How many headers to ask for at once while the server fails on more. 0: as many "
        "as usual.",
    )
    failure_ids = fields.One2many("member.mail.failure", "folder_id", "Emails not filed")
    # One list for a batch costs a tenth of what a row for each email does. What failed before has a row.
    in_flight = fields.Json(
        "UIDs in flight", readonly=True, copy=False, groups=fields.NO_ACCESS,
        help="Emails that are being read for the first time.",
    )  # fmt: skip

    history_uid = BigInteger("History left below UID", readonly=True)
    history_since = fields.Datetime(
        "History from", readonly=True, help="Start of the period that is being read."
    )
    history_before = fields.Datetime(
        "History to", readonly=True, help="End of the period that is being read."
    )
    history_total = fields.Integer(
        "History emails", readonly=True, help="Emails in the period that is being read."
    )
    history_left = fields.Integer(
        "History emails left", readonly=True, help="Those of them that have not been read yet."
    )
    covered_since = fields.Datetime(
        "Read back to", readonly=True, help="All emails since then have been read."
    )

    # A folder that is gone keeps its name, which another one may have now.
    _listed_path_unique = models.UniqueIndex(
        "(account_id, path) WHERE missing IS NOT TRUE", "This account already has this folder."
    )

    def write(self, vals):
        if "account_id" in vals and not self.env.su:
            # Its messages would become visible to others.
            raise AccessError(self.env._("You can't move a folder to another mailbox."))
        result = super().write(vals)
        if "active" in vals or vals.get("missing") is False:
            self.account_id._forget_found_folders()
        if not {"active", "missing", "path", "role"}.isdisjoint(vals):
            self.account_id._tell_listeners()
        return result

    def unlink(self):
        accounts = self.account_id
        result = super().unlink()
        accounts.exists()._forget_found_folders()
        return result

    # -- what is to be read --------------------------------------------------------------------

    def _is_up_to_date(self, status):
        """Whether the FolderStatus that came with the list of folders shows that the folder need not be
        opened; False without one."""
        self.ensure_one()
        account = self.account_id
        return bool(
            status
            and self.opened
            and not self.missing
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
                "in_flight": False,
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
        """Whether emails of the account's window lie before what was read."""
        self.ensure_one()
        return not self.covered_since or (
            (self.account_id._history_since() or BEGINNING) < self.covered_since
        )

    def _plan_history(self):
        """Start to read the part of the account's window that has not been read yet, if there is
        any."""
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

    # -- how far it has been read --------------------------------------------------------------

    def _move_cursor(self, name, expected, value):
        """Compare and set a cursor: False when it is no longer at ``expected``."""
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
        """Store how many messages are left after a slice of new emails, or of the history."""
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
        """Ask for fewer headers next time; one that breaks the connection on its own is set aside."""
        self.ensure_one()
        if len(uids) > 1:
            self.slice_size = len(uids) // 2
        elif uids:
            self._end_attempt((), (), {uids[0]: error})

    # -- single messages -----------------------------------------------------------------------

    def _begin_attempt(self, uids):
        """Note that ``uids`` are about to be parsed, before anything can go wrong with them."""
        self.ensure_one()
        if not uids:
            return
        again = self.env["member.mail.failure"]._begin_again(self, uids)
        self.in_flight = sorted({*(self.in_flight or ()), *uids} - again)

    def _land(self, uids):
        """These are no longer in flight.

        :return: those of them that had no failure
        """
        self.ensure_one()
        noted = self.in_flight or []
        left = [uid for uid in noted if uid not in uids]
        if left != noted:
            self.in_flight = left
        return set(noted).difference(left)

    def _fail_in_flight(self, uids):
        """Make failures, still in flight, of those of the set ``uids`` that have none."""
        new = sorted(self._land(uids))
        if new:
            Failure = self.env["member.mail.failure"]
            Failure._upsert(self, dict.fromkeys(new), state="in_flight", attempt=True)
            Failure.invalidate_model()
            self.invalidate_recordset(["failure_ids"])

    def _interrupt_attempt(self, uids, error, is_blameless=False):
        """The connection broke during the attempt on ``uids``.

        :param bool is_blameless: it was something else, which is none of these emails' fault
        """
        self.ensure_one()
        self._fail_in_flight(set(uids))
        failures = self.env["member.mail.failure"]._of(self, uids)
        words = self.account_id._for_responsible()._explain(error)
        failures._note_interruption(words, alone=len(uids) == 1 and not is_blameless)
        self.invalidate_recordset(["failure_ids"])

    def _end_attempt(self, done, gone, failures):
        """Close the attempts on some messages.

        :param done: UIDs that are filed, or no longer wanted
        :param gone: UIDs that the server no longer has
        :param failures: dict of UID to Failure, MailboxError or text, of what is to be retried
        """
        self.ensure_one()
        Failure = self.env["member.mail.failure"]
        self._land({*done, *gone, *failures})
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
        """The failures to retry now, including what was in flight in a scan that crashed."""
        self.ensure_one()
        # The account's scan lock is ours: what is in flight was left by a process that is gone.
        self._fail_in_flight(set(self.in_flight or ()))
        failures = self.failure_ids.filtered(lambda f: f.uidvalidity == self.uidvalidity)
        failures.filtered(lambda f: f.state == "in_flight")._note_death()
        # Fewest attempts first: if every attempt breaks the connection, the guilty one is found.
        return failures.filtered("is_due").sorted(lambda f: (f.attempts, f.uid))
