"""The records' side of :mod:`..mailbox.reader`: answers a folder's reader, a transaction a call."""

import time

from psycopg2.errors import UniqueViolation

from odoo import modules
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..mailbox.reader import Plan

#: How often a transaction is tried that others got in the way of.
TRIES = 5


class CursorMoved(Exception):
    """The folder's cursor is not where this reader left it: another reader is at work."""


class FolderDesk:
    """Answers the reader of ``folder`` (see the table in :mod:`..mailbox.reader`).

    :param folder: a ``member.mail.folder`` record, of the superuser
    :param clock: a function that returns the seconds left for reading
    """

    def __init__(self, folder, clock):
        self.folder = folder
        self.env = folder.env
        self.time_left = clock
        self._own = None
        self._places = []
        #: Where this reader left the folder: `last_uid` and `history_uid` as it knows them.
        self._cursor = {}

    @staticmethod
    def clock(seconds):
        """A clock that runs out in ``seconds``."""
        end = time.monotonic() + seconds
        return lambda: end - time.monotonic()

    def open(self, status):
        """Compare the server's FolderStatus with the cursor; returns the Plan.

        A changed UIDVALIDITY (RFC 9051 section 2.3.1.1), and a UIDNEXT behind the cursor, mean that
        the UIDs we know say nothing any more: the folder is read again within the account's window,
        and what is filed already is recognised by its identity.
        """
        plan = self._transact(lambda: self._open(status))
        self._cursor = {"last_uid": plan.new_low - 1, "history_uid": plan.history_high}
        return plan

    def _open(self, status):
        folder = self.folder
        new_high = max(status.uidnext - 1, 0)
        known = folder.opened and folder.uidvalidity == status.uidvalidity
        if not known or folder.last_uid > new_high:
            folder._start_over(status.uidvalidity, new_high)
        since = folder.account_id._history_since()
        retries = folder._due_retries()
        skip = folder.failure_ids.filtered(lambda f: f.uidvalidity == folder.uidvalidity)
        return Plan(
            new_low=folder.last_uid + 1,
            new_high=new_high,
            history_high=folder.history_uid,
            history_since=since and since.date(),
            retries=tuple(retries.mapped("uid")),
            skip=frozenset(skip.mapped("uid")),
        )

    def match(self, headers):
        """The UIDs of a slice whose mail is from or to a contact: one query."""
        account = self.folder.account_id
        parties = {
            header.uid: self.env["member.mail.matcher"]._parties(header, self.folder.role, self.own)
            for header in headers
        }
        addresses = {address for found in parties.values() for address in found}
        known = self.env["member.mail.matcher"]._match(addresses, account.company_id)
        self._commit()  # nothing was written: only ends the snapshot before the network is used
        return {uid for uid, found in parties.items() if not known.keys().isdisjoint(found)}

    @property
    def own(self):
        """The canonical addresses which are ours and never a contact's."""
        if self._own is None:
            account = self.folder.account_id
            self._own = account._own_addresses(account.company_id)
        return self._own

    def recognise(self, summaries, history):
        """The UIDs that must be downloaded; what is filed already gets its place with `file`."""
        if history and (since := self.folder.account_id._history_since()):
            # SEARCH SINCE knows days only, in the server's time zone.
            summaries = [
                s
                for s in summaries
                if not s.internal_date or s.internal_date.replace(tzinfo=None) >= since
            ]
        fresh, self._places = self.env["member.mail.filer"]._recognise(self.folder, summaries)
        self._commit()
        return fresh

    def begin(self, uids):
        """Note, durably, that these UIDs are in flight: if they kill us, each is tried alone."""
        self._transact(lambda: self.folder._begin_attempt(uids))

    def file(self, outcome):
        """File an Outcome and move the cursor, in one transaction.

        :raises CursorMoved: when the cursor is not where this reader left it
        """
        places, self._places = self._places, []
        moved = {}
        if outcome.read_to is not None:
            name, value = "last_uid", outcome.read_to
            if outcome.history:
                name, value = "history_uid", outcome.read_to - 1
            moved = {name: value}
        self._transact(lambda: self._file(outcome, places, moved))
        self._cursor |= moved

    def _file(self, outcome, places, moved):
        for name, value in moved.items():
            if not self.folder._move_cursor(name, self._cursor[name], value):
                raise CursorMoved()
        failures = self.env["member.mail.filer"]._file(self.folder, outcome.filed, places, self.own)
        done = [item.raw.uid for item in outcome.filed if item.raw.uid not in failures]
        self.folder._end_attempt([*done, *outcome.gone], outcome.failures | failures)

    def _transact(self, action):
        """Run ``action`` and commit; again when another transaction got in the way."""
        if modules.module.current_test:
            result = action()
            self.env.flush_all()
            return result
        for attempt in range(1, TRIES + 1):
            try:
                result = action()
                # Each answer of the desk is a transaction: rule 1 of docs/architecture.md.
                self.env.cr.commit()  # pylint: disable=invalid-commit
                return result
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, UniqueViolation):
                self.env.cr.rollback()
                if attempt == TRIES:
                    raise
                # A fresh snapshot sees what the other one committed.
                time.sleep(0.05 * attempt)
            except BaseException:
                self.env.cr.rollback()
                raise

    def _commit(self):
        if not modules.module.current_test:
            # No snapshot is held while the reader waits for the network.
            self.env.cr.commit()  # pylint: disable=invalid-commit
