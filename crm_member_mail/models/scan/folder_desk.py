"""The records' side of :mod:`...mailbox.reader`: answers a folder's reader, one transaction per
call."""

import time
from dataclasses import dataclass, field
from datetime import timezone

from ...mailbox.desk import SLICE, Failure, Outcome, Plan, Window
from ...mailbox.errors import MailboxError
from ...mailbox.imap.removal import Removal
from ...mailbox.words import _lt
from ...tools import notification_id
from ...workers.transactions import CursorMoved, Desk
from .member_mail_folder import BEGINNING

#: Which field of the folder holds which cursor of the reader.
CURSORS = {"new": "last_uid", "history": "history_uid"}

#: What is recorded about an email that two readings disagree about.
LOST = _lt("Its headers name a contact, but Odoo didn't find them when it read the whole email.")

#: What may have happened to an email on the server; a check counts them.
VERDICTS = ("filed", "stranger", "excluded", "deleted", "failed")


@dataclass
class Slice:
    """What is known about a slice of UIDs.

    ``uids``: those of which there are headers; ``verdicts``: UID to `stranger` or `excluded`, for
    emails that no contact is party to; ``digests``: UID to header digest of the
    others; ``outside``: the UIDs that are outside the account's window, or gone; ``reports``: those that
    may be bounces of our own emails.
    """

    uids: frozenset[int] = frozenset()
    verdicts: dict[int, str] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
    outside: set[int] = field(default_factory=set)
    reports: set[int] = field(default_factory=set)


class FolderDesk(Desk):
    """Answers the reader of ``folder`` (see the table in :mod:`...mailbox.desk`).

    :param account_desk: the AccountDesk of the visit
    :param folder: a ``member.mail.folder`` record, of the superuser
    """

    def __init__(self, account_desk, folder):
        super().__init__(account_desk.env, account_desk.time_left)
        self.account_desk = account_desk
        self.folder = folder.with_prefetch()
        self._role = folder.role
        self._places = []
        #: Where this reader left the folder, as it knows it: field name to UID.
        self._cursor = {}
        #: The slice that is being read, and the one before, whose last emails are filed meanwhile.
        self._slice, self._before = Slice(), Slice()
        #: How many messages of the history were left, and when.
        self._history_left = None

    @property
    def rules(self):
        return self.account_desk.rules

    def open(self, status):
        """Compare the server's FolderStatus with the cursors; returns the Plan.

        A changed UIDVALIDITY (RFC 9051 section 2.3.1.1), and a UIDNEXT behind the cursor, mean that the
        UIDs we know are worthless: the folder is read again within the account's window, and what is
        already filed is recognised by its identity.
        """
        plan = self._transact(lambda: self._open(status))
        self._cursor = {
            "last_uid": plan.new_low - 1,
            "history_uid": plan.history.high if plan.history else 0,
            "check_uid": plan.check.high if plan.check else 0,
        }
        return plan

    def _open(self, status):
        folder = self.folder
        new_high = max(status.uidnext - 1, 0)
        known = folder.opened and folder.uidvalidity == status.uidvalidity
        if not known or folder.last_uid > new_high:
            folder._start_over(status.uidvalidity, new_high)
        if folder.missing:
            folder.write({"missing": False, "refusal": False})
        if status.mailbox_id and folder.mailbox_id != status.mailbox_id:
            folder.mailbox_id = status.mailbox_id
        folder._plan_history()
        folder._plan_check()
        retries = folder._due_retries()
        skip = folder.failure_ids.filtered(lambda f: f.uidvalidity == folder.uidvalidity)
        since = _day(folder.account_id._history_since())
        history = check = None
        if folder.history_uid and not folder.account_id.history_paused:
            low, high = _day(folder.history_since), _day(folder.history_before)
            history = Window(folder.history_uid, low, high)
            self.account_desk.check_waits |= bool(folder.check_uid)
        elif folder.check_uid:
            check = Window(folder.check_uid, since)
        return Plan(
            new_low=folder.last_uid + 1,
            new_high=new_high,
            history=history,
            check=check,
            kept=tuple(skip.filtered(lambda f: f.gone and f.is_due).mapped("uid")),
            retries=tuple(retries.filtered(lambda f: not f.gone).mapped("uid")),
            skip=frozenset(skip.mapped("uid")),
            lookups=self.account_desk.lookups,
            since=since,
            slice=folder.slice_size or SLICE,
            removes=folder._may_remove(),
            to_trash=folder.account_id.provider_id.delete_via_trash,
        )

    def sent_ids(self):
        """The Message-IDs of the last emails that we sent to whom is looked up. Sent mail is read first,
        so those are filed by now."""
        if self._role == "sent":
            return ()
        filer, account = self.env["member.mail.filer"], self.account_desk.account
        return self._transact(
            lambda: filer._sent_ids(self.account_desk.lookups, account.company_id)
        )

    def kept(self, uid):
        """The bytes that were kept of an email which the server no longer has."""
        Failure = self.env["member.mail.failure"]
        return self._transact(lambda: Failure._kept_bytes(self.folder, uid))

    def match(self, headers):
        """The UIDs of a slice whose emails are filed: those with a contact among their parties, and
        answers to messages of ours. A constant number of queries, mostly two or three."""
        self.account_desk.note_read(len(headers))
        filer = self.env["member.mail.filer"]
        decisions = self._transact(lambda: filer._decide(headers, self._role, self.rules))
        matched = {uid for uid, decision in decisions.items() if decision.is_match}
        left = {uid: d.why for uid, d in decisions.items() if uid not in matched}
        drafts = {uid for uid, why in left.items() if why == "draft"}
        self._before = self._slice
        self._slice = Slice(
            frozenset(decisions),
            {uid: why for uid, why in left.items() if uid not in drafts},
            outside=drafts,
        )
        # A bounce of our own email comes from nobody's contact. It is a stranger's until its content
        # says which of our messages it is about.
        reports = {uid for uid, decision in decisions.items() if decision.may_report}
        if reports and self.account_desk.sends:
            self._slice.reports = reports
            matched |= reports
        return matched

    def recognise(self, summaries, any_time):
        """The UIDs that must be downloaded; what is already filed gets its location with `file`.

        :param bool any_time: also what arrived before the account's window
        """
        account = self.folder.account_id
        since = account._kept_since() if any_time else account._history_since()
        if since:
            # SEARCH SINCE knows days only, in the server's time zone. What arrived in the very second
            # of the first scan was there before it.
            outside = {
                s.uid for s in summaries if s.internal_date and s.internal_date <= _utc(since)
            }
            summaries = [s for s in summaries if s.uid not in outside]
            self._slice.outside |= outside
        # Our own notifications, back in a mailbox that we read; and what the account leaves out.
        echoes = {s.uid for s in summaries if notification_id.is_ours(self.env, s.message_id)}
        if account.skip_automatic and self._role != "sent":
            automatic = {s.uid for s in summaries if s.is_automatic}
            if self.account_desk.sends:
                self._slice.reports |= {s.uid for s in summaries if s.is_report}
            # Whether a bounce or a read receipt is about our emails, only its content says; what is
            # filed no longer counts as excluded.
            self._slice.verdicts = dict.fromkeys(automatic, "excluded") | self._slice.verdicts
            echoes |= automatic - self._slice.reports
        self._slice.verdicts.update(dict.fromkeys(echoes, "excluded"))
        summaries = [s for s in summaries if s.uid not in echoes]
        self._slice.digests = {summary.uid: summary.header_digest for summary in summaries}
        fresh, self._places = self._transact(lambda: self._recognise(summaries))
        return fresh

    def _recognise(self, summaries):
        filer = self.env["member.mail.filer"]
        fresh, places = filer._recognise(self.folder, summaries)
        old = filer._too_old_places(self.folder, places)
        self._slice.outside.update(summary.uid for _message_id, summary in old)
        return fresh, [place for place in places if place not in old]

    def begin(self, uids):
        """Note, durably, that these UIDs are in flight: if they crash us, each is tried alone."""
        self._transact(lambda: self.folder._begin_attempt(uids))

    def interrupted(self, uids, error, is_blameless=False):
        """The connection broke while these UIDs were in flight: each is tried alone, soon.

        :param bool is_blameless: it was something else, which is none of these emails' fault
        """
        self._transact(lambda: self.folder._interrupt_attempt(uids, error, is_blameless))

    def file(self, outcome):
        """File an Outcome and move the cursor, in one transaction.

        :raises CursorMoved: when the cursor is not where this reader left it
        :raises MailboxError: their attachments can't be stored
        """
        places, self._places = self._places, []
        moved = {}
        if outcome.cursor:
            name = CURSORS[outcome.cursor]
            moved = {name: outcome.read_to if name == "last_uid" else outcome.read_to - 1}
        try:
            done, failed = self._transact(lambda: self._file(outcome, places, moved))
        except MailboxError as error:
            # The disk is to blame, and none of these emails.
            self.interrupted([filed.summary.uid for filed in outcome.filed], error, True)
            raise
        self._cursor |= moved
        self.account_desk.note_outcome(done, failed)
        for each in (self._slice, self._before):
            each.outside.update(outcome.gone)
        self.account_desk.progress = True
        if outcome.cursor == "history":
            now = time.monotonic()
            if self._history_left:
                left, since = self._history_left
                self.account_desk.note_history(left - outcome.left, now - since)
            self._history_left = outcome.left, now
        if outcome.filed:
            self.account_desk.note_filed(len(outcome.filed))
            self._forget()

    def _file(self, outcome: Outcome, places, moved):
        """As `file`; returns how many emails are dealt with, and how many failed."""
        folder = self.folder
        self._move(moved)
        if outcome.cursor:
            folder._note_progress(outcome.cursor, outcome.left)
        filer, its_slice = self.env["member.mail.filer"], self._slice_of(outcome)
        its_slice.outside.update(
            item.raw.uid for item in outcome.filed if filer._is_too_old(folder, item.message)
        )
        failures = filer._file(
            folder, outcome.filed, places, self.rules, is_new=outcome.cursor == "new"
        )
        data_of = {item.raw.uid: item.raw.data for item in outcome.filed}
        failures = {uid: Failure(error, data_of[uid]) for uid, error in failures.items()}
        done = [uid for uid in data_of if uid not in failures]
        failures = outcome.failures | failures
        items = [item for item in outcome.filed if item.raw.uid not in failures]
        failures |= self._lost(items, its_slice)
        done = [uid for uid in done if uid not in failures]
        for uid in its_slice.reports & failures.keys() & its_slice.verdicts.keys():
            # It may be a stranger's: nothing of it is kept.
            failures[uid] = Failure(failures[uid].error)
        folder._end_attempt(done, outcome.gone, failures)
        return len(done), len(failures)

    def _slice_of(self, outcome):
        """The Slice that an Outcome is of."""
        uids = {item.raw.uid for item in outcome.filed} | outcome.failures.keys()
        is_before = self._slice.uids.isdisjoint(uids) and not self._before.uids.isdisjoint(uids)
        return self._before if is_before else self._slice

    def _lost(self, items, its_slice):
        """What matched by its headers and was neither filed nor left out for a reason, which must never
        happen: dict of UID to Failure.

        :param items: the Filed emails that were handed over and raised no error
        :param Slice its_slice: that they are of
        """
        explained = its_slice.outside | its_slice.verdicts.keys()
        left = {item.raw.uid: item for item in items if item.raw.uid not in explained}
        for uid in self.folder._placed(left.keys()) if left else ():
            del left[uid]
        filer = self.env["member.mail.filer"]
        left = {
            uid: item
            for uid, item in left.items()
            if item.headers
            and not filer._is_echo(item.message)
            and not filer._is_left_out(self.folder, item.message)
        }
        for uid in self.folder._buried({u: i.message.header_digest for u, i in left.items()}):
            del left[uid]
        if not left:
            return {}
        # A contact may have been deleted meanwhile.
        rules = self.rules
        parties = {uid: rules.parties(item.headers, self._role) for uid, item in left.items()}
        known = self.env["member.mail.matcher"]._match(set().union(*parties.values()), rules)
        lost = {uid for uid, found in parties.items() if not known.keys().isdisjoint(found)}
        answers = {uid: left[uid].headers.answers for uid in left.keys() - lost if parties[uid]}
        lost |= filer._answered(rules, answers).keys()
        return {uid: Failure(LOST, left[uid].raw.data) for uid in lost}

    def _move(self, moved):
        for name, value in moved.items():
            if not self.folder._move_cursor(name, self._cursor[name], value):
                raise CursorMoved()

    def stumble(self, uids, error):
        """The connection broke over the headers of ``uids``: ask for fewer at once next time."""
        self._transact(lambda: self.folder._stumble(uids, error))

    def vanished(self, uids, high, unlisted):
        """Forget the locations, up to UID ``high``, that are not among ``uids``, which are all that the
        server lists, and note how many more it counts."""

        def action():
            self.folder._forget_places(uids, high)
            self.folder._note_unlisted(unlisted)

        self._transact(action)

    def checked(self, uids, next_uid):
        """Count what happened to ``uids``; the check goes on at ``next_uid`` (0: it is complete)."""

        def action():
            self._move({"check_uid": next_uid})
            self.folder._count(uids, self._slice)

        self._transact(action)
        self._cursor["check_uid"] = next_uid
        self.account_desk.progress = True

    def removals(self):
        """What is to be deleted from the server: list of Removal."""
        rows = self._transact(self.folder._removals)
        return [Removal(*row) for row in rows]

    def removed(self, results):
        """Note what happened to each Removal (see :func:`...mailbox.imap.removal.remove`)."""
        self._transact(lambda: self.folder._removed(results))

    def cannot_remove(self, error):
        """Tell whoever looks after the account why nothing can be deleted from the server."""

        def action():
            account = self.folder.account_id._for_responsible()
            account.deletion_problem = error.in_lines(account.env._)

        self._transact(action)


def _day(moment):
    """The date of a naive UTC datetime, None for the beginning of time."""
    return moment.date() if moment and moment != BEGINNING else None


def _utc(moment):
    return moment.replace(tzinfo=timezone.utc)
