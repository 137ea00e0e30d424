import contextlib
import logging
import random
from datetime import timedelta

from odoo import api, fields, models, modules
from odoo.fields import Domain

from ..mailbox.errors import MailboxError
from ..mailbox.folders import list_folders
from ..mailbox.reader import FolderReader
from ..mailbox.session import ImapSession
from .folder_desk import CursorMoved, FolderDesk

_logger = logging.getLogger(__name__)

#: Seconds that "Fetch now" reads before it leaves the rest to the scheduled job.
FETCH_NOW_SECONDS = 60

#: First pause after a failure in minutes (it doubles each time), and the longest one.
FIRST_PAUSE, LONGEST_PAUSE = 15, 24 * 60

#: Kinds of errors which trying again can't mend: somebody must change the settings.
HOPELESS = {"auth", "config"}


class MemberMailAccount(models.Model):
    """The scan: read what is new in the mailbox and file it."""

    _inherit = "member.mail.account"

    @api.model
    def _cron_fetch(self):
        """Scan every account that is due; called each 15 minutes by ``ir_cron_fetch``."""
        accounts = self.sudo().search(self._due_domain(), order="last_sync nulls first, id")
        remaining = len(accounts)
        left = self._report_progress(0, remaining) if remaining else 0
        for account in accounts:
            if left <= 0:
                break
            # What is left unfinished counts as remaining: the scheduler calls again at once.
            finished = account._scan(seconds=left) != "unfinished"
            remaining -= finished
            left = self._report_progress(int(finished), remaining)

    @api.model
    def _report_progress(self, processed, remaining):
        """Commit and tell the scheduler how far we are; returns the seconds left for this run."""
        if modules.module.current_test and "ir_cron_progress_id" not in self.env.context:
            return float("inf")
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    @api.model
    def _due_domain(self):
        """Active accounts; one that failed only once its pause is over, a stopped one never."""
        due = Domain("next_sync", "=", False) | Domain("next_sync", "<=", fields.Datetime.now())
        return Domain("stopped", "=", False) & (Domain("state", "!=", "error") | due)

    def action_fetch_now(self):
        """Scan the accounts now, also those that are paused. Returns a notification.

        Reads for at most a minute; the scheduled job goes on with what is left then.
        """
        self.check_access("write")
        before = sum(self.mapped("message_count"))
        results = [account.sudo()._scan(seconds=FETCH_NOW_SECONDS) for account in self]
        self.invalidate_recordset()
        problems = [account.error_message for account in self if account.error_message]
        if "unfinished" in results:
            self.env.ref("crm_member_mail.ir_cron_fetch").sudo()._trigger()
        if problems:
            message = "\n".join(problems)
        elif "busy" in results:
            message = self.env._("The mailbox is being read right now. Look again in a moment.")
        else:
            filed = sum(self.mapped("message_count")) - before
            message = self.env._("New messages filed: %s.", filed)
            if "unfinished" in results:
                message += " " + self.env._("There is more; reading goes on in the background.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if problems else "success",
                "sticky": bool(problems),
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _scan(self, seconds=float("inf")):
        """Read what is new in this mailbox and file it; commits as it goes, and raises nothing
        that the mail server or an email is to blame for.

        :param float seconds: stop at the next opportunity after so long
        :return: ``done``, ``unfinished`` (time is up, more to read), ``busy`` (somebody else is
            reading it) or ``error`` (see ``error_message``)
        """
        self.ensure_one()
        with self._scan_lock() as locked:
            if not locked:
                return "busy"
            started = fields.Datetime.now()
            try:
                finished = self._read_mailbox(seconds)
            except MailboxError as error:
                self._abandon_transaction()
                self._note_connection(error)
                self._commit_scan()
                _logger.info("Account %s (%s) can't be read: %s", self.id, error.code, error)
                return "error"
            except CursorMoved:
                # Somebody else reads this folder in spite of the lock: the work is theirs.
                self._abandon_transaction()
                return "busy"
            except Exception as error:
                # A bug of ours with this mailbox must not hold up the others.
                self._abandon_transaction()
                _logger.exception("Account %s: the scan failed", self.id)
                self._note_connection(MailboxError("unexpected", type(error).__name__))
                self._commit_scan()
                return "error"
            self._note_connection(None)
            self.last_sync = started
            self.next_sync = self._next_regular_scan()
            self._commit_scan()
            return "done" if finished else "unfinished"

    def _read_mailbox(self, seconds):
        desk_clock = FolderDesk.clock(seconds)
        settings = self._server_settings("imap")
        self._commit_scan()  # no transaction stays open while we wait for the network
        with ImapSession.open(settings) as session:
            self._sync_folders(list_folders(session))
            if not self.first_scan:
                self.first_scan = fields.Datetime.now()
            self._commit_scan()
            readers = [
                FolderReader(session, folder.path, FolderDesk(folder, desk_clock))
                for folder in self.folder_ids.filtered(lambda folder: not folder.missing)
            ]
            readers = [reader for reader in readers if self._open_folder(reader)]
            # New mail of all folders goes before the history of any.
            unfinished = [reader for reader in readers if not reader.read_new()]
            unfinished += [reader for reader in readers if not reader.read_history()]
            for reader in readers:
                reader.retry()
        return not unfinished

    def _open_folder(self, reader):
        try:
            reader.open()
        except MailboxError as error:
            if error.code != "folder_missing":
                raise
            # One folder that is gone or forbidden does not stop the others.
            reader.desk.folder.missing = True
            self._commit_scan()
            return False
        return True

    @contextlib.contextmanager
    def _scan_lock(self):
        """Hold the scan of this account: yields False when another process has it.

        The lock lives in a transaction of its own, because the scan's transaction ends with each
        batch; PostgreSQL lets go of it when the process dies.
        """
        with self.env.registry.cursor() as lock_cr:
            lock_cr.execute(
                "SELECT pg_try_advisory_xact_lock(hashtext('member.mail.account'), %s)", (self.id,)
            )
            yield lock_cr.fetchone()[0]

    def _history_since(self):
        """Mail that arrived before this naive UTC datetime is not read; None: all of it is."""
        self.ensure_one()
        if self.history == "all":
            return None
        days = 0 if self.history == "new" else int(self.history)
        return (self.first_scan or fields.Datetime.now()) - timedelta(days=days)

    def _note_connection(self, error):
        """Record how the connection went: MailboxError, or None when it worked."""
        self.ensure_one()
        if error is None:
            self.write(
                {"state": "connected", "error_message": False, "error_count": 0, "stopped": False}
            )
            return
        count = self.error_count + 1
        pause = min(FIRST_PAUSE * 2 ** min(count - 1, 10), LONGEST_PAUSE)
        # So that the accounts of one host don't all return at once.
        pause *= random.uniform(0.8, 1.0)  # noqa: S311
        if error.retry_after:
            pause = max(pause, error.retry_after / 60)
        stopped = error.kind in HOPELESS
        self.write(
            {
                "state": "error",
                "error_message": str(error),
                "error_count": count,
                "stopped": stopped,
                "next_sync": not stopped and fields.Datetime.now() + timedelta(minutes=pause),
            }
        )

    def _next_regular_scan(self):
        cron = self.env.ref("crm_member_mail.ir_cron_fetch", raise_if_not_found=False)
        planned = cron and cron.sudo().nextcall
        now = fields.Datetime.now()
        return planned if planned and planned > now else now + timedelta(minutes=FIRST_PAUSE)

    def _commit_scan(self):
        """Commit, unless an Odoo test holds the transaction (it may not be committed then)."""
        if modules.module.current_test:
            self.env.flush_all()
        else:
            # What was read stays read, whatever becomes of the rest of the scan.
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _abandon_transaction(self):
        if modules.module.current_test:
            self.env.invalidate_all(flush=False)
        else:
            self.env.cr.rollback()
