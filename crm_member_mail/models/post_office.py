"""Sends what waits in the queue: a thread for each account that sends, and one writer.

A thread logs in to its account's outgoing server, and for each email in turn asks the writer whether it
may send it, sends it, and tells what came of it. Before the first byte is sent it is durably noted that
the email is being sent (``sending``), and a lock says that somebody is at it. What is found in that
state without anybody at it was interrupted: it may have been sent, so it is not sent again.
"""

import logging
from dataclasses import dataclass, field

from ..mailbox import sent_copy
from ..mailbox.errors import MailboxError
from ..mailbox.session import ImapSession
from ..mailbox.smtp import SmtpSession
from .desk import Desk
from .one_writer import OneWriter, Stopped
from .scan_locks import ScanLocks

_logger = logging.getLogger(__name__)

#: Accounts that send at the same time.
SENDERS = 8
#: Seconds that storing the copies of one account may take.
COPY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Job:
    """An email to hand over: the envelope's sender and recipients, and the bytes."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes = field(repr=False)


class PostOffice(Desk):
    """Works off a part of the queue.

    :param mails: the `mail.mail` rows that are due, of the superuser
    :param clock: a function that returns the seconds left for it
    """

    def __init__(self, mails, clock):
        super().__init__(mails.env, clock)
        self._writer = OneWriter()
        by_account = mails.grouped(lambda mail: mail.member_mail_message_id.sent_account_id)
        self._waiting = list(by_account.items())
        self._busy = 0

    def run(self):
        """Send them all, or what there is time for."""
        with ScanLocks(self.env.registry, "mail.mail") as self._locks:
            self._settle_interrupted()
            try:
                self._start()
                while self._busy:
                    self._writer.answer()
                    self._start()
            finally:
                self._writer.stop()

    # -- the writer's side -----------------------------------------------------------------------

    def _settle_interrupted(self):
        """Note of what is being sent, and nobody is at it any more, that nobody knows."""
        for mail in self._transact(self.env["mail.mail"]._being_sent):
            if self._locks.acquire(mail):
                self._transact(mail._note_interrupted)
                self._locks.release(mail)

    def _start(self):
        while self._waiting and self._busy < SENDERS and self.time_left() > 0:
            account, mails = self._waiting.pop(0)
            letters = mails.filtered(lambda mail: mail.state == "outgoing")
            copies = mails - letters
            try:
                smtp = account._server_settings("smtp") if letters else None
            except MailboxError as error:
                self._outage(letters, error)
                smtp = None
            try:
                imap = account._server_settings("imap") if account._keeps_copies() else None
            except MailboxError as error:
                self._copied(copies, error)
                imap = None
            self._transact(lambda: None)  # nothing stays open while we wait for the network
            self._busy += 1
            self._writer.start(self._work, smtp, imap, list(letters), list(copies))

    def _claim(self, mail):
        """The Job of an email, noted as being sent; None when it is not to be sent any more."""
        if not self._locks.acquire(mail):
            return None
        job = self._transact(mail._claim)
        if job is None:
            self._locks.release(mail)
        return job

    def _note(self, mail, outcome):
        self._transact(lambda: mail._note_outcome(outcome))
        self._locks.release(mail)

    def _outage(self, mails, error):
        mails = self.env["mail.mail"].union(*mails)
        self._transact(lambda: mails._note_outage(error))

    def _copy_job(self, mail):
        """What `sent_copy.store` wants of an email that was sent; None when there is none to store."""
        return self._transact(mail._copy_job)

    def _copied(self, mails, error=None):
        mails = self.env["mail.mail"].union(*mails)
        self._transact(lambda: mails._note_copied(error))

    def _end(self):
        self._busy -= 1

    # -- the threads' side -----------------------------------------------------------------------

    def _work(self, smtp, imap, letters, copies):
        try:
            if smtp:
                copies += self._send(smtp, letters)
            if imap and copies:
                self._store(imap, copies)
        except Stopped:
            _logger.info("Sending stopped, because the writer did")
        except Exception:
            _logger.exception("Sending failed")
        finally:
            self._writer.leave(self._end)

    def _send(self, settings, letters):
        """Send the emails of an account; returns those that were sent."""
        ask, sent = self._writer.ask, []
        session = None
        try:
            while letters and self.time_left() > 0:
                if session is None:
                    try:
                        session = SmtpSession.open(settings)
                    except MailboxError as error:
                        ask(self._outage, letters, error)
                        break
                mail = letters.pop(0)
                job = ask(self._claim, mail)
                if job is None:
                    continue
                outcome = _handed_over(session, job)
                ask(self._note, mail, outcome)
                if not isinstance(outcome, MailboxError):
                    sent.append(mail)
                if not session.is_open:
                    session = None
        finally:
            if session is not None:
                session.close()
        return sent

    def _store(self, settings, mails):
        """Put copies of what was sent into the Sent folder."""
        ask = self._writer.ask
        jobs = [(mail, job) for mail in mails if (job := ask(self._copy_job, mail))]
        if not jobs:
            return
        try:
            with ImapSession.open(settings, COPY_SECONDS) as session:
                while jobs:
                    mail, (message_id, data, date) = jobs[0]
                    sent_copy.store(session, data, message_id, date)
                    ask(self._copied, [mail])
                    jobs.pop(0)
        except MailboxError as error:
            ask(self._copied, [mail for mail, _job in jobs], error)


def _handed_over(session, job):
    """The Delivery of an email, or the MailboxError that stood in its way."""
    try:
        return session.send(job.sender, job.recipients, job.data)
    except MailboxError as error:
        return error
    except Exception as error:  # a bug of ours: nobody knows how far it came
        _logger.exception("Sending failed")
        session.client.close()
        return MailboxError("uncertain", type(error).__name__, session.settings.host)
