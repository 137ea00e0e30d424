"""Sends what waits in the queue: a thread for each account that sends, and one writer.

A thread signs in to its account's outgoing server. For each email in turn it asks the writer whether it
may send it, sends it, and reports the outcome, which is noted together with the next claim. Before the
first byte is sent, it is recorded durably that the email is being sent (``sending``), and a lock says
that somebody is sending it. An email found in that state without anybody sending it was interrupted: it
may have been sent, so it is not sent again.

What an email costs does not depend on how many wait: its bytes are read when its turn comes, and dropped
when it has left. What can be done for many at once is done for many: looking into the queue, telling the
pages, noting copies.
"""

import contextlib
import logging
import time
from dataclasses import dataclass, field, replace

import psycopg2

from odoo import api

from ...mailbox.errors import MailboxError
from ...mailbox.imap.sent_copy import SentFolder
from ...mailbox.imap.session import ImapSession
from ...mailbox.machine import trouble
from ...mailbox.smtp.session import SmtpSession
from ...workers.one_writer import OneWriter, Stopped
from ...workers.record_locks import RecordLocks
from ...workers.transactions import Desk
from ..account.sign_ins import SignIns
from ..filing.held_rules import AT_WORK

_logger = logging.getLogger(__name__)

#: Accounts that send at the same time.
SENDERS = 8
#: Seconds after which the queue is checked again, while a slow server holds up an account.
LOOK_AGAIN = 2.0
#: Seconds between two notifications to the pages; between them is told at once what changed meanwhile.
TELL_AGAIN = 1.0
#: Copies that are looked for in the Sent folder, and noted as stored, together.
COPIES = 50
#: Codes of refusals to take more for the moment: Odoo waits, and nobody has done anything wrong.
LIMITS = {"sending_limit", "throttled"}
#: Seconds for which it is tried to record an outcome while the database can't be reached, or has no
#: room.
NOTE_SECONDS = 30
#: How often it is tried to record an outcome while others get in the way, for some ten seconds. If
#: that fails, nobody knows any more whether the email was sent.
NOTE_TRIES = 20


@dataclass(frozen=True, slots=True)
class Job:
    """An email to hand over: the id of its message, the envelope's sender and recipients, and the
    bytes."""

    message_id: int
    sender: str
    recipients: tuple[str, ...]
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Handed:
    """An email that was handed over, and what became of it: Delivery, or MailboxError."""

    mail: object
    job: Job
    outcome: object

    def note(self):
        """Record it, in the writer."""
        self.mail._note_outcome(self.outcome)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy to store: the row of its email, what the Sent folder has to know, and the ``place`` of the
    bytes, as `_source` of the row wants it."""

    mail: object
    message_id: str
    date: object
    place: str


class PostOffice(Desk):
    """Works off the queue.

    :param env: an environment of the superuser
    :param Turn clock: the time that it has
    :param float patience: seconds that a server may take to answer once it has an email
    :param only: the ids of the rows to send, without storing copies; None for all that is due
    """

    def __init__(self, env, clock, patience, only=None):
        super().__init__(env(context={**env.context, AT_WORK: True}), clock)
        self._patience, self._only = patience, only
        self._writer = OneWriter()
        #: The ids of the accounts that a thread is sending for, and of those that made no progress.
        self._busy, self._idle = set(), set()
        #: The incoming servers of accounts that a thread is sending for, by account id; and of those
        #: whose copies wait until another account's connection to the same server has ended.
        self._hosts, self._crowded = {}, {}
        #: When to look into the queue again, and when pages may be told again.
        self._look_at = self._tell_at = 0.0
        #: The ids of messages whose state has changed without the pages being told.
        self._changed = set()
        self._sign_ins = SignIns(env.registry, self._writer.ask)

    def run(self):
        """Send what is due, and what becomes due meanwhile, as long as there is time.

        :return: how many emails it tried to send
        """
        self._done = 0
        with RecordLocks(self.env.registry, "mail.mail") as self._locks, self._sign_ins:
            self._settle_interrupted()
            try:
                self._start()
                while self._busy:
                    self._writer.answer(self._pause())
                    self._start()
                    self._tell()
            finally:
                self._writer.stop()
            self._tell(at_once=True)
        return self._done

    # -- the writer's side -----------------------------------------------------------------------

    def _settle_interrupted(self):
        """Record that nobody knows the outcome of emails in the state ``sending`` that nobody is
        sending."""
        for mail in self._transact(self.env["mail.mail"]._being_sent):
            if self._locks.acquire(mail):
                self._transact(mail._note_interrupted)
                self._locks.release(mail)

    def _pause(self):
        """Seconds after which there is something to do although nobody asks."""
        moments = [self._look_at, self._tell_at] if self._changed else [self._look_at]
        return max(min(moments) - time.monotonic(), 0)

    def _start(self):
        """Start a thread for each account that has something to send and has none yet, now and then."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_AGAIN
        self.time_left.look()
        if self.time_left() <= 0 or len(self._busy) >= SENDERS:
            return
        for account, letters, copies in self._transact(self._due):
            if len(self._busy) >= SENDERS:
                break
            if letters and (pause := self._transact(account._sending_pause)):
                self._outage(letters, pause)
                letters = []
                if not copies:
                    continue
            if letters:
                letters = self._transact(
                    lambda a=account, due=letters: a._paced(due, self._only is not None)
                )
                if not letters and not copies:
                    continue
            # One look brings so many emails: there may be other accounts behind these.
            self._look_at = now
            keeps_copies = account._keeps_copies()
            host = keeps_copies and (account.imap_host or "").strip().rstrip(".")
            # Nothing stays open while we wait for the network.
            self._transact(lambda: None)
            self._busy.add(account.id)
            self._hosts[account.id] = host
            self._writer.start(self._work, account, keeps_copies, letters, copies)

    def _tell(self, at_once=False):
        """Tell the pages what has changed, unless they were told just now."""
        now = time.monotonic()
        if self._changed and (at_once or now >= self._tell_at):
            self._tell_at = now + TELL_AGAIN
            messages = self.env["member.mail.message"].browse(self._changed)
            self._changed = set()
            self._transact(lambda: messages.exists()._notify("changed"))

    def _due(self):
        """What is to be done: list of (account, rows to send, rows whose copy to store). Others do the
        same, so a row may be gone when this transaction is over."""
        but = self._busy | self._idle | self._crowded.keys()
        due = self.env["mail.mail"]._member_mail_due(but, self._only)
        return [
            (
                account,
                # Each by itself: reading one must not bring what is to be read of all others.
                [mail.with_prefetch() for mail in mails if mail.state == "outgoing"],
                [mail.with_prefetch() for mail in mails if mail.state != "outgoing"],
            )
            for account, mails in due.items()
        ]

    def _claim(self, mail):
        """The Job of an email, recorded as being sent; None when it is no longer to be sent."""
        if not self._locks.acquire(mail):
            return None
        try:
            job = self._transact(mail._claim)
        except Exception:
            self._release(mail)
            raise
        if job is None:
            self._locks.release(mail)
        else:
            self._changed.add(job.message_id)
        return job

    def _release(self, mails):
        """Release rows after something went wrong, perhaps with the database."""
        with contextlib.suppress(psycopg2.Error):
            self._locks.release(mails)

    def _note(self, handed):
        """Record what became of an email (Handed)."""
        try:
            self._transact(handed.note, NOTE_TRIES)
        except (psycopg2.Error, MailboxError) as error:
            _logger.warning("What became of an email can't be noted yet: %s", str(error).strip())
            self._note_elsewhere(handed)
        self._noted(handed)

    def _note_elsewhere(self, handed):
        """Record it over another connection, as soon as the database takes it: it was restarted, or had
        no room. Otherwise nobody would know any more whether the email was sent."""
        end = time.monotonic() + NOTE_SECONDS
        while True:
            try:
                with self.env.registry.cursor() as cr:
                    env = api.Environment(cr, self.env.uid, self.env.context)
                    replace(handed, mail=handed.mail.with_env(env)).note()
                return
            except psycopg2.Error:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    def _noted(self, handed):
        self._done += 1
        self._changed.add(handed.job.message_id)
        self._release(handed.mail)

    def _turn(self, handed, mail):
        """Record what became of an email, and claim the next one, with one commit for both; returns the
        Job of that, as `_claim`."""
        try:
            if not self._locks.acquire(mail):
                self._note(handed)
                return None
        except psycopg2.Error:
            self._note(handed)
            raise
        try:
            job = self._transact(lambda: (handed.note(), mail._claim())[1], NOTE_TRIES)
        except Exception:
            # Whatever is wrong with the next one, what is known of this one must not be lost.
            self._note(handed)
            self._release(mail)
            raise
        self._noted(handed)
        if job is None:
            self._locks.release(mail)
        else:
            self._changed.add(job.message_id)
        return job

    def _urgent(self, account, letters):
        """What has become due of an account meanwhile and doesn't wait behind one email each to many."""
        rows = self._transact(
            lambda: self.env["mail.mail"]._member_mail_urgent(account, self._rows(letters).ids)
        )
        return [mail.with_prefetch() for mail in rows]

    def _outage(self, mails, error):
        self._transact(lambda: self._rows(mails)._note_outage(error))

    def _learn(self, account, max_size):
        """Store that the account could sign in, and how large an email its server accepts."""

        def action():
            account._note_max_size(max_size)
            account._note_attempt(None)

        self._transact(action)

    def _works(self, account):
        """Store that the account's server took an email."""
        self._transact(lambda: account._note_sending(None))

    def _copies_due(self, mails):
        """The copies to store of these emails, list of Copy; not those that somebody else is
        storing."""
        held = self._locks.acquire(self._rows(mails))
        copies = self._transact(held._copies_due)
        self._locks.release(held - self._rows(copy.mail for copy in copies))
        return copies

    def _source(self, copy):
        return self._transact(lambda: copy.mail._source(copy.place))

    def _copied(self, mails, error=None):
        rows = self._rows(mails)
        if not self._must_wait(rows, error):
            self._transact(lambda: rows._note_copied(error))
        self._locks.release(rows)

    def _forget(self, mails):
        """Record that emails that were sent need no copy of ours; returns how many."""
        copies = self._copies_due(mails)
        self._copied([copy.mail for copy in copies])
        return len(copies)

    def _not_copied(self, held, others, error):
        """Record that copies could not be stored: those that are ``held``, and those whose turn did not
        come."""
        self._copied([*held, *self._locks.acquire(self._rows(others))], error)

    def _rows(self, mails):
        return self.env["mail.mail"].union(*mails)

    def _must_wait(self, mails, error):
        """Whether these copies can't be stored only because of our other connections to the server, and
        stay due until one of those has ended."""
        if not error or error.code != "too_many_connections":
            return False
        account_id = self._transact(
            lambda: mails.exists().member_mail_message_id.sent_account_id[:1].id
        )
        host = self._hosts.get(account_id)
        others = [other for busy, other in self._hosts.items() if busy != account_id]
        if not host or host not in others:
            return False
        self._crowded[account_id] = host
        return True

    def _end(self, account, progress):
        self._look_at = 0.0
        self._busy.discard(account.id)
        host = self._hosts.pop(account.id, None)
        if not progress and account.id not in self._crowded:
            # What is due there stays due: the next run tries again.
            self._idle.add(account.id)
        waiting = {busy for busy, wanted in self._crowded.items() if wanted == host}
        for account_id in waiting - {account.id}:
            del self._crowded[account_id]

    # -- the threads' side -----------------------------------------------------------------------

    def _work(self, account, keeps_copies, letters, copies):
        progress = 0
        try:
            smtp = self._settings(account, "smtp", letters, self._outage)
            if smtp:
                sent = self._send(account, smtp, letters)
                copies += sent
                progress += len(sent)
            if self._only is not None and keeps_copies:
                return  # somebody waits
            if not keeps_copies:
                progress += self._writer.ask(self._forget, copies)
            elif imap := self._settings(account, "imap", copies, self._copied):
                progress += self._store(account, imap, copies)
        except Stopped:
            _logger.info("Sending stopped, because the writer stopped")
        except Exception as error:
            known = error if isinstance(error, MailboxError) else trouble(error)
            if known:
                _logger.error("Sending from account %s failed: %s", account.id, known)
            else:
                _logger.exception("Sending failed")
                known = MailboxError("unexpected", type(error).__name__)
            if letters:  # nobody waits for them without a word
                with contextlib.suppress(Stopped, MailboxError):
                    self._writer.ask(self._outage, letters, known)
        finally:
            self._writer.leave(self._end, account, progress)

    def _settings(self, account, protocol, mails, note):
        """The ServerSettings for some ``mails``; None without any, or with a note on them when there are
        no settings."""
        if not mails:
            return None
        try:
            return self._sign_ins.settings(account, protocol)
        except MailboxError as error:
            self._writer.ask(note, mails, error)
            return None

    def _renewal(self, account, protocol):
        """What an engine's session calls for a new access token."""
        return lambda refused: self._sign_ins.settings(account, protocol, refused)

    def _send(self, account, settings, letters):
        """Send the emails of an account; returns those that were sent."""
        ask, sent = self._writer.ask, []
        session, handed = None, None  # the last one, while its outcome is still to be noted
        look_at = time.monotonic() + LOOK_AGAIN
        try:
            while letters and self.time_left() > 0:
                if self._only is None and len(letters) > 1 and time.monotonic() >= look_at:
                    letters[:0] = ask(self._urgent, account, letters)
                    look_at = time.monotonic() + LOOK_AGAIN
                if session is None:
                    try:
                        session = SmtpSession.open(settings, renew=self._renewal(account, "smtp"))
                        settings = session.settings
                        ask(self._learn, account, session.max_size)
                    except MailboxError as error:
                        ask(self._outage, letters, error)
                        break
                mail = letters[0]
                last, handed = handed, None
                try:
                    job = ask(self._turn, last, mail) if last else ask(self._claim, mail)
                except MailboxError as error:
                    # It could not be read, or not be claimed.
                    del letters[0]
                    ask(self._outage, [mail], error)
                    continue
                del letters[0]
                if job is None:
                    continue
                outcome = self._handed_over(session, job)
                handed = Handed(mail, job, outcome)
                if isinstance(outcome, MailboxError) and outcome.code in LIMITS:
                    # Whoever goes on asking is locked out.
                    ask(self._note, handed)
                    handed = None
                    ask(self._outage, letters, outcome)
                    break
                if not isinstance(outcome, MailboxError):
                    if not sent and outcome.accepted:
                        ask(self._works, account)
                    sent.append(mail)
                if not session.is_open:
                    # Signing in again takes its time.
                    ask(self._note, handed)
                    session, handed = None, None
            if handed:
                ask(self._note, handed)
        finally:
            if session is not None:
                session.close()
        return sent

    def _store(self, account, settings, mails):
        """Put copies of what was sent into the Sent folder; returns how many."""
        ask, stored, copies, done = self._writer.ask, 0, [], 0
        try:
            with contextlib.ExitStack() as stack:
                folder = None
                while mails:
                    part, mails = mails[:COPIES], mails[COPIES:]
                    copies, done = ask(self._copies_due, part), 0
                    if not copies:
                        continue
                    if folder is None:
                        renew = self._renewal(account, "imap")
                        session = ImapSession.open(settings, self._patience, renew)
                        folder = SentFolder(stack.enter_context(session))
                    missing = folder.missing([copy.message_id for copy in copies])
                    for copy in copies:
                        if copy.message_id in missing:
                            folder.add(ask(self._source, copy), copy.date)
                        done += 1
                    ask(self._copied, [copy.mail for copy in copies])
                    stored += done
                    copies, done = [], 0
        except MailboxError as error:
            held = [copy.mail for copy in copies]
            if done:
                ask(self._copied, held[:done])
            ask(self._not_copied, held[done:], mails, error)
        return stored + done

    def _handed_over(self, session, job):
        """The Delivery of an email, or the MailboxError that prevented it."""
        try:
            return session.send(job.sender, job.recipients, job.data, self._patience)
        except MailboxError as error:
            return error
        except Exception as error:  # a bug of ours: nobody knows how far it got
            _logger.exception("Sending failed")
            session.client.close()
            return MailboxError("uncertain", type(error).__name__, session.settings.host)
