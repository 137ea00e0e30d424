import random
from dataclasses import dataclass
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ...mailbox.cases import OF_MACHINE
from ...mailbox.errors import MailboxError, in_one
from ...mailbox.mime.compose import without_bcc
from ...mailbox.net.undelivered import what_was_said, why, why_not_sent
from ...tools.spared import spared
from .post_office import LIMITS, Job

#: Minutes after which an email is tried again that the server did not accept: greylisting lets it pass
#: after five to fifteen.
PAUSES = (1, 5, 15, 60, 240)

#: Seconds of the pause after a limit where neither the server nor the phrase book says how long, and how
#: long an email may wait.
PAUSE, LONGEST_WAIT = 900, timedelta(days=3)
#: The pause while our own machine is in trouble.
MACHINE_PAUSE = timedelta(minutes=5)

#: Failures that somebody must act on: trying again would lock the account, or is pointless.
HOPELESS = ("auth", "config", "rejected")


@dataclass(frozen=True, slots=True)
class Standing:
    """How an email in the queue stands at this moment.

    ``is_due`` says that it waits and its time has come, ``recipients`` are those who have not got it,
    ``failed`` those whom it came back from. ``lang`` is the language of the user who sent it, if there
    is one. ``is_last`` says that all other emails of its draft are sent. ``place`` is where its bytes
    are, for `_source`.
    """

    is_due: bool
    attempts: int
    recipients: list
    message_id: int
    account_id: int
    conversation_id: int
    activity_id: int
    draft_id: int
    is_last: bool
    lang: str
    sender: str
    failed: list
    place: str


class MailMail(models.Model):
    """What becomes of an email in the queue: it is claimed, sent, and its outcome noted.

    Nearly all are sent at once to all their recipients. For these, the number of queries counts: what
    has to be known is read in one, and what is told to the pages is told by whoever sends them.
    """

    _inherit = "mail.mail"

    def _standing(self, lock):
        """The Standing of this email, whose row is locked; None if there is none, or it is locked.

        :param SQL lock: what to do if somebody else has locked it
        """
        self.ensure_one()
        self.env.flush_all()
        query = SQL(STANDING, mail=self.id, now=fields.Datetime.now(), lock=lock)
        rows = self.env.execute_query(query)
        return Standing(*rows[0]) if rows else None

    def _claim(self):
        """Note that this email is being sent.

        :return: the Job; None when it is not to be sent: it was taken back, or somebody else is sending
            it
        """
        now = self._standing(SQL("SKIP LOCKED"))
        if not now or not now.is_due:
            return None
        message = self.env["member.mail.message"].browse(now.message_id)
        account = self.env["member.mail.account"].browse(now.account_id or ())
        account.fetch(["active", "email", "aliases"])
        if not account.active or now.sender not in account._sender_addresses():
            message = message._for_sender()
            self._fail(
                message.env._("%(account)s can no longer send as %(address)s.",
                    account=account.email, address=now.sender)
            )  # fmt: skip
            return None
        teller = self.with_context(lang=now.lang) if now.lang else message._for_sender()
        self.write(
            {
                "state": "exception",
                "failure_type": "unknown",
                "failure_reason": teller.env._("It is being sent."),
                "member_mail_attempts": now.attempts + 1,
            }
        )
        if now.activity_id:
            with spared(self.env, "Activities about emails that were not sent"):
                self.env["mail.activity"].browse(now.activity_id).unlink()
        message.state = "sending"
        recipients = [email for email in now.recipients if email not in now.failed]
        return Job(message.id, now.sender, tuple(recipients), without_bcc(self._source(now.place)))

    def _still_there(self):
        """Whether this row exists and nobody else changes it; then it is locked, and read again."""
        locked = self.try_lock_for_update()
        self.invalidate_recordset()
        return bool(locked)

    def _note_interrupted(self):
        if self._still_there() and self.member_mail_message_id.state == "sending":
            message = self.member_mail_message_id._for_sender()
            host = message.sent_account_id.smtp_host or ""
            reason = message.env._("Odoo was interrupted")
            self._note_outcome(MailboxError("uncertain", reason, host))

    def _note_outcome(self, outcome):
        """Record the outcome of sending this email.

        :param outcome: Delivery, or MailboxError
        """
        now = self._standing(SQL())
        if not now:
            return  # deleted while it was being sent
        if not isinstance(outcome, MailboxError) and outcome.message_id:
            self.member_mail_message_id._note_given_ids({now.message_id: outcome.message_id})
        if not isinstance(outcome, MailboxError) and not (
            outcome.refused or now.failed or set(now.recipients) - set(outcome.accepted)
        ):
            self._note_delivered(now)
            return
        message = self.member_mail_message_id._for_sender()
        if isinstance(outcome, MailboxError):
            if outcome.code == "uncertain" and "sent" in message.location_ids.folder_id.mapped(
                "role"
            ):
                # The scan found it there while it was being sent.
                self._note_sent(is_stored=True)
            elif outcome.code == "uncertain":
                self.failure_reason = outcome.in_words(message.env._)
                message._set_state(
                    "uncertain",
                    why_not_sent(outcome, message.env._),
                    what_was_said(outcome, message.env._),
                    scheduled_date=False,
                )
                message._tell_senders()
            else:
                self._note_outage(outcome)
            return
        refused = outcome.refused
        gone = set(self.member_mail_recipients) - set(outcome.accepted)
        self.member_mail_recipients = [e for e in self.member_mail_recipients if e in gone]
        said = {address: refusal.words for address, refusal in refused.items()}
        for person in message.participant_ids:
            if person.email in refused and refused[person.email].is_permanent:
                person.failure = said[person.email]
        words = _by_address(said)
        if any(not refusal.is_permanent for refusal in refused.values()):
            later = message.env._("The mail server doesn't accept every recipient right now.")
            if self._try_later(later, words):
                return
            for person in message.participant_ids.filtered(lambda p: p.email in refused):
                person.failure = said[person.email]
        # It may already have bounced from some of those who received it.
        returned = message.participant_ids.filtered("failure")
        if words:
            self._fail(self._why_refused(message, refused), words)
        elif returned:
            self._fail(
                message.env._(
                    "The email bounced. Check the recipients' addresses, or contact them another way."
                ),
                _by_address({person.email: person.failure for person in returned}),
            )
        elif self.member_mail_recipients:
            self._fail(message.failure_reason, message.failure_details)
        else:
            self._note_sent()

    def _note_delivered(self, now):
        """Record that everybody who had not got this email has it now, and nobody failed.

        :param Standing now: how it stood before
        """
        message = self.env["member.mail.message"].browse(now.message_id)
        self.write(
            {
                "state": "sent",
                "failure_reason": False,
                "failure_type": False,
                "member_mail_recipients": [],
                # Where the provider keeps a copy, the row goes together with others, too.
                **self._copy_values(),
            }
        )
        message.write(
            {
                "state": "sent",
                "failure_reason": False,
                "failure_details": False,
                "scheduled_date": False,
                "handed_over": fields.Datetime.now(),
            }
        )
        # It counts from now on, so dates can only move up.
        self.env["member.mail.last.date"]._note(message_ids=message.ids)
        message._update_answers([now.conversation_id])
        if now.is_last:
            self.env["member.mail.draft"].browse(now.draft_id or ()).unlink()

    def _why_refused(self, message, refused):
        """That recipients of this email were refused (dict of address to Refusal), in the language of
        ``message``."""
        sentences = {why(refusal.words, "") for refusal in refused.values()}
        if self._went_nowhere() and len(sentences) == 1 and "" not in sentences:
            say = message.env._
            return say(*sentences)
        if self._went_nowhere():
            return message.env._(
                "The mail server refused the email. Check the recipients' addresses, or contact them "
                "another way."
            )
        return message.env._("The email did not reach some of the recipients.")

    def _note_outage(self, error):
        """Record that these emails, for certain, could not be sent because of a MailboxError. They go on
        waiting if an administrator has just said that the database is a copy."""
        if error.code == "not_at_home":
            return
        if error.code in LIMITS:
            self.exists()._put_off(error)
            return
        if error.code in OF_MACHINE:
            self.exists()._bide(error)
            return
        self.exists().member_mail_message_id.sent_account_id._note_attempt(error)
        for mail in self.exists():
            say = mail.member_mail_message_id._for_sender().env._
            reason, details = why_not_sent(error, say), what_was_said(error, say)
            if error.kind in HOPELESS or not mail._try_later(reason, details, error.retry_after):
                mail._fail(reason, details)

    def _put_off(self, error):
        """Send these emails, and all others of their accounts, when the pause is over that a
        MailboxError asks for. They don't fail, unless that has been going on for days."""
        now = fields.Datetime.now()
        resumes = now + timedelta(seconds=int(error.retry_after or PAUSE))
        accounts = self.member_mail_message_id.sent_account_id
        accounts.filtered(lambda a: a.sending_resumes != resumes).sending_resumes = resumes
        for mail, reason, details in self._that_wait_on(error):
            # The one that was refused comes last: perhaps it is only that one.
            pause = timedelta(minutes=mail.state != "outgoing")
            mail._wait(resumes + pause, reason, details)

    def _that_wait_on(self, error):
        """Those of these emails that go on waiting, each with the sentence and the details of a
        MailboxError; the others, for which that has been going on for days, fail."""
        earliest = fields.Datetime.now() - LONGEST_WAIT
        for mail in self:
            message = mail.member_mail_message_id
            say = message._for_sender().env._
            reason, details = why_not_sent(error, say), what_was_said(error, say)
            if message.date < earliest:
                mail._fail(reason, details)
            else:
                yield mail, reason, details

    def _bide(self, error):
        """Send these emails when our own machine works again, which a MailboxError says it doesn't: no
        attempt counts. They don't fail, unless that has been going on for days."""
        now = fields.Datetime.now()
        for mail, reason, details in self._that_wait_on(error):
            mail.member_mail_attempts -= mail.state != "outgoing" and mail.member_mail_attempts > 0
            mail._wait(now + MACHINE_PAUSE, reason, details)

    def _try_later(self, reason, details, seconds=None):
        """Try this email again after a pause; False when it has been tried often enough."""
        self.ensure_one()
        tries = self.member_mail_attempts
        if self.state == "outgoing":  # it never came to an attempt
            tries += 1
            self.member_mail_attempts = tries
        if tries > len(PAUSES):
            return False
        # Emails that failed together should not all come back together.
        minutes = PAUSES[max(tries, 1) - 1] * random.uniform(1.0, 1.2)  # noqa: S311
        pause = timedelta(seconds=int(max(minutes * 60, seconds or 0)))
        self._wait(fields.Datetime.now() + pause, reason, details)
        return True

    def _wait(self, moment, reason=False, details=False):
        self.write(
            {
                "state": "outgoing",
                "scheduled_date": moment,
                "failure_reason": in_one(reason, details),
                "failure_type": False,
            }
        )
        self.member_mail_message_id._set_state("outgoing", reason, details, scheduled_date=moment)
        self._plan(moment)

    def _fail(self, reason, details=False):
        self.write(
            {
                "state": "exception",
                "failure_type": "unknown",
                "failure_reason": in_one(reason, details),
            }
        )
        self.member_mail_message_id._mark_failed(reason, details)
        if not self._went_nowhere():
            self._keep_copy()

    def _hold_back(self):
        """Mark emails that wait as not sent: the original of this database may have sent them."""
        for mail in self:
            message = mail.member_mail_message_id._for_sender()
            mail._fail(
                message.env._(
                    "It waited while the email accounts were switched off, because the database had "
                    "been copied or moved. Perhaps it was sent from there."
                )
            )

    def _note_sent(self, is_stored=False):
        """Record that these emails reached all their recipients.

        :param bool is_stored: they are in the Sent folder
        """
        for mail in self:
            mail.member_mail_recipients = []
            mail.member_mail_message_id._mark_sent()
            mail.write({"state": "sent", "failure_reason": False, "failure_type": False})
            if is_stored or not mail._keep_copy():
                mail.unlink()


STANDING = """
SELECT mail.state = 'outgoing' AND mail.scheduled_date <= %(now)s AND message.trashed IS NULL,
       COALESCE(mail.member_mail_attempts, 0), COALESCE(mail.member_mail_recipients, '[]'), message.id,
       message.sent_account_id, message.conversation_id, message.failure_activity_id,
       message.draft_id,
       NOT EXISTS (SELECT FROM member_mail_message AS other
                    WHERE other.draft_id = message.draft_id AND other.id <> message.id
                      AND other.state <> 'sent'),
       (SELECT partner.lang FROM res_users AS sent_by
          JOIN res_partner AS partner ON partner.id = sent_by.partner_id
         WHERE sent_by.id = message.sender_user_id),
       people.sender, COALESCE(people.failed, '{}'),
       (SELECT store_fname FROM ir_attachment
         WHERE res_model = 'mail.mail' AND res_id = mail.id AND res_field = 'member_mail_source'
         LIMIT 1)
  FROM mail_mail AS mail
  JOIN member_mail_message AS message ON message.id = mail.member_mail_message_id
 CROSS JOIN LATERAL (
       SELECT min(email) FILTER (WHERE role = 'from') AS sender,
              array_agg(email) FILTER (WHERE failure IS NOT NULL) AS failed
         FROM member_mail_participant WHERE message_id = message.id) AS people
 WHERE mail.id = %(mail)s
   FOR UPDATE OF mail %(lock)s
"""


def _by_address(words):
    """What mail servers said about recipients, as one text.

    :param words: dict of address to text
    """
    return "; ".join(f"{address}: {text}" for address, text in words.items())
