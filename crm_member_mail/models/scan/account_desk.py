"""The records' side of :mod:`...mailbox.visit`: answers the visit to one mailbox."""

import logging
import time

from odoo import fields

from ...workers.transactions import Desk
from .folder_desk import FolderDesk

_logger = logging.getLogger(__name__)

#: What a visit may change of an account when it ends.
VISIT_FIELDS = [
    "state", "stopped", "error_code", "error_count", "failing_since", "alert_activity_id",
    "next_sync", "history_rate",
]  # fmt: skip

#: Stands among the ids of folders for addresses to look up.
LOOKUPS = 0

#: Emails after which PostgreSQL is asked to look at tables that it takes for empty.
FIRST = 1_000

#: What decides which folders are opened.
AGENDA_FIELDS = [
    "first_scan", "history", "history_paused", "retention_months", "check_requested",
    "check_number", "deletion_policy", "deletion_days", "left_folders",
]  # fmt: skip


class AccountDesk(Desk):
    """Answers the visit to the mailbox of ``account``.

    :param account: a ``member.mail.account`` record, of the superuser
    :param Schedule schedule: when there are scans
    """

    def __init__(self, account, clock, schedule=None):
        super().__init__(account.env, clock)
        self.account = account
        self.schedule = schedule or account._schedule()
        #: Whether it is known how to sign in, so that the visit can begin.
        self.has_settings = False
        #: Whether the visit has got past signing in.
        self.is_inside = False
        #: Whether the visit achieved anything, even if it ends in an error.
        self.progress = False
        #: Whether a check was asked for that waits until the history is read.
        self.check_waits = False
        self._history_read, self._history_seconds = 0, 0.0
        self._known = None
        self.lookups = ()
        self._lookup_ids = ()
        self._rules = None
        self._sends = None
        #: How new folders are to be read that have the former name of a renamed one, by that name.
        self._vacated = {}
        #: Whether folders that are to be read are gone.
        self.lacks_folders = False
        #: How many emails it filed.
        self.filed = 0
        #: For the log: of how many emails the headers were read, how many were dealt with, and how many
        #: failed, since when.
        self.read = self.done = self.failed = 0
        self.since = time.monotonic()
        #: How the visit went, as `member.mail.account._scan` returns it, if that is stored already.
        self.result = None

    @property
    def sends(self):
        """Whether anything was sent from this account's company lately, so that a mail system's report
        may be a bounce of it."""
        if self._sends is None:
            self._sends = self._transact(self.account._has_sent_lately)
        return self._sends

    def note_filed(self, count):
        """Note that this many emails were filed. After the first thousand of an import, the planner's
        figures are still those of an empty database, and autovacuum may take minutes to come."""
        before, self.filed = self.filed, self.filed + count
        if before < FIRST <= self.filed:
            self._transact(lambda: self.env["member.mail.filer"]._renew_statistics(FIRST))

    def note_read(self, count):
        """Note that the headers of so many emails were read."""
        self.read += count

    def note_outcome(self, done, failed):
        """Note that so many emails were dealt with, and so many failed."""
        self.done += done
        self.failed += failed

    def log(self):
        """One line about a visit that read something."""
        if self.read or self.done or self.failed:
            _logger.info(
                "Account %s: %s read, %s filed, %s failed, %.1f s",
                self.account.id,
                self.read,
                self.done,
                self.failed,
                time.monotonic() - self.since,
            )

    @property
    def history_rate(self):
        """Messages of the history that this visit read per second; 0 when it read none."""
        return self._history_seconds and self._history_read / self._history_seconds

    def take_request(self):
        """Note that whoever asked for a scan of the account gets it now: what is asked for from now on
        is for another one."""

        def action():
            self.account.next_sync = fields.Datetime.now()

        self._transact(action)

    def note_history(self, messages, seconds):
        """Note that this many earlier messages were read in this many seconds."""
        self._history_read += messages
        self._history_seconds += seconds

    @property
    def rules(self):
        """The account's MatchRules, as they were when this visit first needed them."""
        if self._rules is None:
            self._rules = self.account._match_rules()
        return self._rules

    def prepare(self):
        """Read what the visit asks first, in the transaction that its question for the settings ends."""
        self._known = self._known_folders()

    def known_folders(self):
        """The folders of the account that were read before: list of KnownFolder."""
        self.is_inside = True
        return self._transact(self._known_folders) if self._known is None else self._known

    def _known_folders(self):
        return self.env["member.mail.folder"]._known(self.account)

    def samples(self, keys):
        """Messages by which folders can be recognised (see `member.mail.folder._samples`)."""
        return self._transact(lambda: self.env["member.mail.folder"]._samples(keys))

    def renamed(self, found):
        """Give folders the names that they have now.

        :param Found found: what :func:`...mailbox.imap.renamed.find` found out
        """
        self._vacated = self._transact(lambda: self._renamed(found))

    def _renamed(self, found):
        folders = self.account.with_context(active_test=False).folder_ids
        lost = folders.filtered(lambda folder: folder.id in found.lost)
        lost.filtered(lambda folder: folder.sought != found.searched).sought = found.searched
        return folders.filtered(lambda folder: folder.id in found.moves)._follow(found.moves)

    def agenda(self, remote_folders):
        """The folders to open: list of (path, FolderDesk).

        :param remote_folders: list of RemoteFolder, all that the mailbox has
        """
        return self._transact(lambda: self._agenda(remote_folders))

    def _agenda(self, remote_folders):
        account = self.account
        account.fetch(AGENDA_FIELDS + VISIT_FIELDS)
        listed, folders = account._update_folders(remote_folders, self._vacated)
        folders = folders.filtered("active")
        self.lacks_folders = any(folders.mapped("missing"))
        work = account._waiting_work()
        if LOOKUPS in work:
            self._lookup_ids, self.lookups = account._due_lookups()
        if not account.first_scan:
            account.first_scan = fields.Datetime.now()
        account._plan_check()
        status_of = {folder.path: folder.status for folder in remote_folders if folder.selectable}
        # Sent mail is read first: without it a bounce can't be recognised.
        found = [
            (folder.path, FolderDesk(self, folder))
            for folder in folders.sorted(lambda folder: folder.role != "sent")
            if (folder in listed or not folder.missing)
            and (
                self.lookups
                or folder.id in work
                or not folder._is_up_to_date(status_of.get(folder.path))
            )
        ]
        if not found and not self.lookups:
            # Only signing out is left, which can't fail: nothing will be to commit at the end.
            self.result = account._note_visit(self, True)
        return found

    def missing(self, path, words):
        """Remember that the folder at ``path`` can't be opened, and what the server says about that."""

        def action():
            folders = self.account.folder_ids.filtered(lambda folder: folder.path == path)
            if folders.filtered(lambda folder: not folder.missing or folder.refusal != words):
                folders.write({"missing": True, "refusal": words})

        self.lacks_folders = True
        self._transact(action)

    def looked_up(self):
        """Forget the addresses that were looked up in all folders."""

        def action():
            # What was filed, for somebody else, while the contact was not committed yet: its UID is
            # known, so the search passes it over.
            self.env["member.mail.linker"]._link(set(self.lookups))
            self.env["member.mail.lookup"].browse(self._lookup_ids).exists().unlink()

        if self._lookup_ids:
            self._transact(action)
