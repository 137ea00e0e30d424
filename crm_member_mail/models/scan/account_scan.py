import logging
import time
from datetime import timedelta

from odoo import api, fields, models, modules
from odoo.tools import SQL, config

from odoo.addons.base.models.ir_cron import MIN_TIME_PER_JOB

from ...mailbox.errors import MailboxError
from ...mailbox.imap.fetch import searchable
from ...mailbox.machine import trouble
from ...workers.one_writer import Stopped
from ...workers.transactions import CursorMoved, roll_back
from ...workers.turn import Turn
from ..matching.member_mail_lookup import EVERYBODY, MANY
from .account_desk import LOOKUPS, VISIT_FIELDS
from .concurrent_scan import ConcurrentScan

_logger = logging.getLogger(__name__)

#: Seconds that one run reads at most before the scheduler, or the user, gets a turn.
RUN_SECONDS = 60

#: Seconds after the end of the time for reading at which a connection is cut.
GRACE = 40

#: Defaults of the system parameters ``crm_member_mail.<name>``.
PARAMETERS = {
    "readers": 32, "connections_per_host": 10, "max_message_mb": 25, "poll_seconds": 90
}  # fmt: skip


class MemberMailAccount(models.Model):
    """The scan: read what is new in the mailboxes and file it."""

    _inherit = "member.mail.account"

    @api.model
    def _report_progress(self, processed, remaining):
        """Commit and tell the scheduler how far we are; returns the seconds left for this run."""
        if modules.module.current_test and "ir_cron_progress_id" not in self.env.context:
            return float("inf")
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    @api.model
    def _has_had_turn(self):
        """Whether this run of the job follows another one that took its time: Odoo calls a job that has
        more to do again at once, but others wait, and emails that are to be sent."""
        until = self.env.context.get("cron_end_time")
        if not until:
            return False
        seconds = time.monotonic() - (until - MIN_TIME_PER_JOB)
        return seconds > max(self._run_seconds() / 2, 1) or Turn(self.env, 0).is_over()

    @api.model
    def _run_seconds(self):
        """How long one run of the scheduled job reads: well within the time after which the server
        kills its worker (``limit_time_real_cron``)."""
        limit = self._kill_seconds()
        return min(RUN_SECONDS, limit / 2) if limit else RUN_SECONDS

    @api.model
    def _grace_seconds(self):
        """How long after that a connection is cut: before the server kills its worker, or a mailbox
        that is too slow would never be known as that."""
        limit = self._kill_seconds()
        return min(GRACE, max(limit / 2 - 5, limit / 3)) if limit else GRACE

    @api.model
    def _kill_seconds(self):
        """Seconds after which the server kills a worker; 0: never."""
        limit = config["limit_time_real_cron"]
        if limit == -1:
            limit = config["limit_time_real"]
        return max(limit or 0, 0)

    def _dispatch(self, seconds, with_wanted=False):
        """Scan these accounts, at the same time, in this process.

        :param float seconds: stop at the next opportunity after this time
        :param bool with_wanted: and those that are asked for meanwhile
        :return: the accounts that have more to read
        """
        results = self._scan_all(seconds, with_wanted)
        accounts = self.union(*results)
        return accounts.filtered(lambda account: results.get(account, "unfinished") == "unfinished")

    def action_fetch_now(self):
        """Scan the accounts now, even those that are paused. Returns a notification.

        Reads for a minute at most; the scheduled job reads the rest.

        :raises UserError: the database is not at home
        """
        self.check_access("write")
        self.env["member.mail.home"]._check()
        self.sudo()._mend_clock()
        before = sum(self.mapped("message_count"))
        accounts = self.sudo()
        results = accounts._scan_all(self._run_seconds())
        self.invalidate_recordset()
        problems = [account.error_message for account in self if account.error_message]
        unfinished = accounts.filtered(lambda a: results.get(a, "unfinished") == "unfinished")
        unfinished._scan_soon()
        if problems:
            message = "\n".join(problems)
        elif "busy" in results.values():
            message = self.env._("This mailbox is already being scanned. Check back in a moment.")
        else:
            filed = sum(self.mapped("message_count")) - before
            message = self.env._("New messages filed: %s.", filed)
            if unfinished:
                message += " " + self.env._(
                    "There are more emails. The scan goes on in the background."
                )
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
        """Read what is new in this mailbox and file it; commits as it goes, and raises nothing that the
        mail server or an email is to blame for.

        :param float seconds: stop at the next opportunity after this time
        :return: ``done``, ``unfinished`` (time is up, more to read), ``busy`` (somebody else is
            scanning it) or ``error`` (see ``error_message``)
        """
        self.ensure_one()
        return self._scan_all(seconds).get(self, "unfinished")

    def _scan_all(self, seconds, with_wanted=False):
        """Scan these accounts at the same time: dict of account to what `_scan` returns. None of them
        where the database is not at home."""
        if not self.env["member.mail.home"]._is_at_home():
            return dict.fromkeys(self, "error")
        number = self._parameter
        return ConcurrentScan(
            self,
            seconds,
            readers=number("readers"),
            per_host=number("connections_per_host"),
            message_bytes=self._message_bytes(),
            more=self._wanted if with_wanted else None,
        ).run()

    @api.model
    def _message_bytes(self):
        """The attachments of messages larger than this, in bytes, stay on the server."""
        return self._parameter("max_message_mb") * 1024 * 1024

    @api.model
    def _parameter(self, name):
        """The positive number in the system parameter ``crm_member_mail.<name>``, or its default."""
        value = self.env["ir.config_parameter"].sudo().get_param(f"crm_member_mail.{name}")
        return int(value) if value and value.isdigit() and int(value) else PARAMETERS[name]

    # -- one scan, in the steps of the writer of `ConcurrentScan` ---------------------------------

    def _end_scan(self, desk, outcome):
        """Record how the visit went, and commit.

        :param desk: its AccountDesk
        :param outcome: True when all was read, False when time ran out, or the exception
        :return: as `_scan`
        """
        self.ensure_one()
        desk.log()
        if desk.result and outcome is True:
            return desk.result
        if isinstance(outcome, BaseException):
            roll_back(self.env)
        if isinstance(outcome, CursorMoved | Stopped):
            # Somebody else reads this folder despite the lock: the work is theirs.
            return "busy"
        if isinstance(outcome, MailboxError):
            _logger.debug("Can't read account %s (%s): %s", self.id, outcome.code, outcome)
        elif isinstance(outcome, Exception) and (ours := trouble(outcome)):
            outcome = ours
        elif isinstance(outcome, Exception):
            # A bug of ours with this mailbox must not hold up the others.
            _logger.error("Account %s: the scan failed", self.id, exc_info=outcome)
            outcome = MailboxError("unexpected", type(outcome).__name__)
        elif isinstance(outcome, BaseException):
            raise outcome
        try:
            return desk._transact(lambda: self._note_visit(desk, outcome))
        except MailboxError as error:
            # It can't even be noted. What is due stays due.
            _logger.error("Account %s: %s", self.id, error)
            return "error"

    def _note_visit(self, desk, outcome):
        """As `_end_scan`, for what was read, and for MailboxErrors."""
        self.fetch(VISIT_FIELDS)
        if desk.progress:
            self._announce()
        if desk.filed:
            self._tell_listeners_filed()
        # Somebody has asked for a scan since this one began, perhaps with other settings.
        is_asked_again = not self.next_sync
        if isinstance(outcome, MailboxError):
            if is_asked_again:
                return "unfinished"
            self._note_connection(outcome, desk.progress)
            return "error"
        self._note_connection(None)
        if desk.lacks_folders:
            self._note_lost_folders()
        finished = outcome and not desk.check_waits
        if desk.history_rate:
            self.history_rate = desk.history_rate
        now = fields.Datetime.now()
        # One that has more to read goes on with the next run.
        self._note_times(now, desk.schedule.after(now) if finished else now)
        return "done" if finished and not is_asked_again else "unfinished"

    def _note_times(self, last_sync, next_sync):
        """Store when the account was scanned, and when it is next, unless somebody asked for that.

        Not by `write`, which would cost more than all else that a visit without new emails needs of the
        database; no other field depends on these.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE member_mail_account SET last_sync = %s, write_date = %s, write_uid = %s,
                       next_sync = CASE WHEN next_sync IS NULL THEN NULL ELSE %s END
                 WHERE id = %s
                """,
                last_sync,
                last_sync,
                self.env.uid,
                next_sync,
                self.id,
            )
        )
        self.invalidate_recordset(
            ["last_sync", "next_sync", "write_date", "write_uid"], flush=False
        )

    def _history_since(self):
        """Emails that arrived before this naive UTC datetime are not read; None: all are."""
        self.ensure_one()
        kept = self._kept_since()
        if self.history == "all":
            return kept
        days = 0 if self.history == "new" else int(self.history)
        since = (self.first_scan or fields.Datetime.now()) - timedelta(days=days)
        return max(since, kept) if kept else since

    def _due_lookups(self):
        """The addresses whose earlier emails are to be searched for: ids of `member.mail.lookup`, and
        the addresses. Where searching does not pay, or can't be done, a check is asked for instead.
        """
        self.ensure_one()
        Lookup = self.env["member.mail.lookup"]
        ours = [("account_id", "=", self.id)]
        lookups = Lookup.search(ours, limit=MANY + 1)
        addresses = lookups.mapped("address")
        if not self.first_scan:
            # The first scan finds the emails of these contacts anyway.
            Lookup.search(ours).unlink()
            return (), ()
        many = len(addresses) > MANY or EVERYBODY in addresses
        if many or not all(map(searchable, addresses)):
            Lookup.search(ours).unlink()
            self._request_check()
            return (), ()
        return lookups._ids, tuple(addresses)

    def _waiting_work(self):
        """What needs something besides reading new emails: ids of folders, and LOOKUPS if there are
        addresses to look up."""
        self.ensure_one()
        self.env.cr.execute(
            SQL(
                """
                SELECT f.id FROM member_mail_folder f
                 WHERE f.account_id = %(account)s AND (
                       f.in_flight IS NOT NULL
                    OR EXISTS (SELECT 1 FROM member_mail_failure x
                                WHERE x.folder_id = f.id AND x.uidvalidity = f.uidvalidity
                                  AND (x.state = 'in_flight' OR x.state = 'failed' AND (
                                       x.next_attempt IS NULL OR x.next_attempt <= %(now)s
                                       OR x.tried_with IS DISTINCT FROM %(version)s)))
                    OR EXISTS (SELECT 1 FROM member_mail_removal r
                                WHERE r.folder_id = f.id AND r.uidvalidity = f.uidvalidity)
                    OR EXISTS (SELECT 1 FROM member_mail_location l
                                 JOIN member_mail_message m ON m.id = l.message_id
                                WHERE l.folder_id = f.id AND l.uidvalidity = f.uidvalidity
                                  AND %(policy)s))
                 UNION ALL
                SELECT %(lookups)s
                 WHERE EXISTS (SELECT 1 FROM member_mail_lookup WHERE account_id = %(account)s)
                """,
                account=self.id,
                now=fields.Datetime.now(),
                version=self.env["member.mail.failure"]._addon_version(),
                policy=self._deletion_condition() or SQL("FALSE"),
                lookups=LOOKUPS,
            )
        )
        return {found for (found,) in self.env.cr.fetchall()}
