import base64
import random
from datetime import timedelta, timezone

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain

from ...mailbox.errors import MailboxError, in_one
from ...mailbox.mime.compose import redated, without_bcc
from ...mailbox.mime.message import parse
from ...workers.transactions import clock
from .post_office import Job, PostOffice

#: Minutes after which an email is tried again that the server did not accept: greylisting lets it pass
#: after five to fifteen.
PAUSES = (1, 5, 15, 60, 240)

#: Emails that one run of the job takes on.
BATCH = 500

#: Failures that somebody must act on: trying again would lock the account, or is pointless.
HOPELESS = ("auth", "config", "rejected")

#: How often to try to store the copy of a sent email.
COPY_TRIES = 12


class MailMail(models.Model):
    """Odoo's queue of outgoing mail, as it holds what is sent from email accounts.

    Such a row has none of the email's content in its fields, because administrators read the queue; the
    email itself is a file attached to it. It is not sent by Odoo's job but by one of ours, which knows
    for certain whether an email was sent: it records durably that it starts to send, sends, and records
    the outcome. A row that it finds started but not finished was interrupted, and nobody knows the
    outcome.
    """

    _inherit = "mail.mail"

    member_mail_message_id = fields.Many2one(
        "member.mail.message",
        "Filed message",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    member_mail_source = fields.Binary(
        "Email source",
        readonly=True,
        attachment=True,
        groups=fields.NO_ACCESS,
        help="The whole email.",
    )
    member_mail_recipients = fields.Json(
        "Recipients left",
        readonly=True,
        groups=fields.NO_ACCESS,
        help="The addresses that have not received it.",
    )
    member_mail_attempts = fields.Integer(
        "Sending attempts", readonly=True, groups=fields.NO_ACCESS
    )
    member_mail_copy_due = fields.Boolean(
        "Copy to Sent folder due",
        readonly=True,
        groups=fields.NO_ACCESS,
        help="The email was sent, and its copy is still to be put into the Sent folder.",
    )

    # -- what users do ---------------------------------------------------------------------------

    @api.model
    def _queue_member_mail(self, messages, sources):
        """Put emails into the queue, to be sent at their ``scheduled_date``.

        :param messages: their `member.mail.message` records, of one account
        :param sources: list of their bytes, with their Bcc headers
        """
        account = messages.sudo().sent_account_id
        server = account._outgoing_server()
        mails = self.sudo().create(
            [
                {
                    # Administrators read the queue, but may not read everybody's emails.
                    "subject": self.env._("Email from %s", account.email),
                    "email_from": account.email,
                    "mail_server_id": server.id,
                    "state": "outgoing",
                    "scheduled_date": message.scheduled_date,
                    "member_mail_message_id": message.id,
                    "member_mail_source": base64.b64encode(source),
                    "member_mail_recipients": message._recipients(),
                }
                for message, source in zip(messages.sudo(), sources, strict=True)
            ]
        )
        for moment in set(mails.mapped("scheduled_date")):
            mails._plan(moment)

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        ours = self.filtered("member_mail_message_id")
        if ours:
            ours._plan()
            if post_send_callback:
                post_send_callback(ours.ids)
        return super(MailMail, self - ours).send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            post_send_callback=post_send_callback,
        )

    def _filter_mail_mail_servers(self, mail_servers):
        """Only emails sent for an account go over its server: our rows, and what the superuser created.
        Anybody can choose a server in Odoo's own composer."""
        servers = super()._filter_mail_mail_servers(mail_servers)
        if all(mail.member_mail_message_id for mail in self) or (
            self.sudo().mail_message_id.create_uid.ids == [SUPERUSER_ID]
        ):
            return servers
        return servers.filtered(lambda server: not server.sudo().member_mail_account_ids)

    def _plan(self, moment=None):
        """Have the job run at a moment; right away without one."""
        self.env.ref("crm_member_mail.ir_cron_send").sudo()._trigger(moment)

    def _hurry(self):
        """Send these as soon as possible."""
        now = fields.Datetime.now()
        for mail in self.filtered(lambda mail: mail.state == "outgoing"):
            message = mail.member_mail_message_id
            if message.date > now:
                mail._redate(now)
            mail.scheduled_date = message.scheduled_date = now
        self._plan()

    def _redate(self, moment):
        """Give an email that was scheduled for later the Date at which it is really sent."""
        data = redated(
            base64.b64decode(self.member_mail_source), moment.replace(tzinfo=timezone.utc)
        )
        self.member_mail_source = base64.b64encode(data)
        parsed = parse(data)
        self.member_mail_message_id.write(
            {"date": moment, "headers": parsed.headers, "header_digest": parsed.header_digest}
        )

    def _send_again(self):
        """Send what failed, or may have failed, once more, to those who have not received it."""
        for mail in self:
            message = mail.member_mail_message_id
            message.participant_ids.filtered("failure").failure = False
            mail.member_mail_attempts = 0
            mail._wait(fields.Datetime.now())

    def _went_nowhere(self):
        """Whether nobody has received this email, as far as is known."""
        self.ensure_one()
        message = self.member_mail_message_id
        return message.state != "uncertain" and set(self.member_mail_recipients or ()) == set(
            message._recipients()
        )

    # -- the job ---------------------------------------------------------------------------------

    @api.model
    def _cron_send_member_mail(self):
        """Send what is due; called by ``ir_cron_send``."""
        if self.env["ir.mail_server"]._disable_send():
            return
        seconds = self.env["member.mail.account"]._run_seconds()
        # The other half of the time that the server gives its jobs is for what is then under way.
        done = PostOffice(self.sudo().env, clock(seconds), patience=max(seconds - 10, 10)).run()
        # Without progress there is no point in running again right away.
        left = sum(map(len, self.sudo()._member_mail_due().values())) if done else 0
        self.env["ir.cron"]._commit_progress(done, remaining=left)

    @api.model
    def _member_mail_due(self, but=()):
        """What is to be sent, or stored as a copy, now: dict of `member.mail.account` to `mail.mail`
        rows.

        :param but: ids of the accounts to leave out
        """
        mails = self.search(
            Domain("member_mail_message_id.sent_account_id", "not in", list(but))
            & Domain("member_mail_message_id.trashed", "=", False)
            & Domain("scheduled_date", "<=", fields.Datetime.now())
            & (Domain("state", "=", "outgoing") | Domain("member_mail_copy_due", "=", True)),
            order="scheduled_date, id",
            limit=BATCH,
        )
        return mails.grouped(lambda mail: mail.member_mail_message_id.sent_account_id)

    @api.model
    def _being_sent(self):
        return self.sudo().search([("member_mail_message_id.state", "=", "sending")])

    def _claim(self):
        """Note that this email is being sent.

        :return: the Job; None when it is not to be sent: it was taken back, or somebody else is sending
            it
        """
        self.ensure_one()
        if not self._still_there() or self.state != "outgoing":
            return None
        message = self.member_mail_message_id._for_sender()
        account = message.sent_account_id
        if message.trashed or self.scheduled_date > fields.Datetime.now():
            return None
        sender = message.participant_ids.filtered(lambda person: person.role == "from").email
        if not account.active or sender not in account._sender_addresses():
            self._fail(
                message.env._("%(account)s can no longer send as %(address)s.",
                              account=account.email, address=sender)
            )  # fmt: skip
            return None
        self.write(
            {
                "state": "exception",
                "failure_type": "unknown",
                "failure_reason": message.env._("It is being sent."),
                "member_mail_attempts": self.member_mail_attempts + 1,
            }
        )
        message._set_state("sending", message.failure_reason, message.failure_details)
        failed = set(message.participant_ids.filtered("failure").mapped("email"))
        recipients = [email for email in self.member_mail_recipients if email not in failed]
        data = without_bcc(base64.b64decode(self.member_mail_source))
        return Job(sender, tuple(recipients), data)

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
        self.ensure_one()
        if not self.exists():
            return  # deleted while it was being sent
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
                    outcome.sentence(message.env._),
                    outcome.details(message.env._),
                    scheduled_date=False,
                )
                message._tell_senders()
            else:
                self._note_outage(outcome)
            return
        refused = outcome.refused
        gone = set(self.member_mail_recipients) - set(outcome.accepted)
        self.member_mail_recipients = [e for e in self.member_mail_recipients if e in gone]
        for person in message.participant_ids:
            if person.email in refused and refused[person.email].is_permanent:
                person.failure = refused[person.email].words
        words = _by_address({address: refusal.words for address, refusal in refused.items()})
        if any(not refusal.is_permanent for refusal in refused.values()):
            later = message.env._("The mail server doesn't accept every recipient right now.")
            if self._try_later(later, words):
                return
            for person in message.participant_ids.filtered(lambda p: p.email in refused):
                person.failure = refused[person.email].words
        # It may already have bounced from some of those who received it.
        returned = message.participant_ids.filtered("failure")
        if words:
            self._fail(self._why_refused(message), words)
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

    def _why_refused(self, message):
        """That recipients of this email were refused, in the language of ``message``."""
        if self._went_nowhere():
            return message.env._(
                "The mail server refused the email. Check the recipients' addresses, or contact them "
                "another way."
            )
        return message.env._(
            "The mail server refused some of the recipients. Check their addresses, or contact them "
            "another way."
        )

    def _note_outage(self, error):
        """Record that these emails, for certain, could not be sent because of a MailboxError."""
        for mail in self.exists():
            say = mail.member_mail_message_id._for_sender().env._
            reason, details = error.sentence(say), error.details(say)
            if error.kind in HOPELESS or not mail._try_later(reason, details, error.retry_after):
                mail._fail(reason, details)

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

    # -- the copy in the Sent folder ----------------------------------------------------------------

    def _keep_copy(self):
        """Have a copy put into the Sent folder, unless the provider does that; returns whether."""
        due = self.member_mail_message_id.sent_account_id._keeps_copies()
        if due:
            self.write(
                {
                    "member_mail_copy_due": True,
                    "member_mail_attempts": 0,
                    "scheduled_date": fields.Datetime.now(),
                }
            )
        return due

    def _copy_job(self):
        """The Message-ID, bytes and date (aware) of the copy to store; None when none is due."""
        self.ensure_one()
        if not self._still_there() or not self.member_mail_copy_due:
            return None
        message = self.member_mail_message_id
        data = base64.b64decode(self.member_mail_source)
        return message.rfc_message_id, data, message.date.replace(tzinfo=timezone.utc)

    def _note_copied(self, error=None):
        """Record that the copies are stored; or, with a MailboxError, that they are not."""
        for mail in self.exists():
            message = mail.member_mail_message_id._for_sender()
            tries = mail.member_mail_attempts + 1
            if error and tries < COPY_TRIES:
                moment = fields.Datetime.now() + timedelta(minutes=min(5 * 2**tries, 24 * 60))
                mail.write({"member_mail_attempts": tries, "scheduled_date": moment})
                mail._plan(moment)
                continue
            if error and message.state == "sent":
                reason = message.env._(
                    "The email was sent, but Odoo could not save a copy in the Sent folder. %s",
                    error.sentence(message.env._),
                )
                message._set_state("sent", reason, error.details(message.env._))
            if mail.member_mail_recipients:
                mail.member_mail_copy_due = False  # the others may still be tried again
            else:
                mail.unlink()


def _by_address(words):
    """What mail servers said about recipients, as one text.

    :param words: dict of address to text
    """
    return "; ".join(f"{address}: {text}" for address, text in words.items())
