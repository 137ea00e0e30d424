from datetime import timedelta, timezone

from odoo import fields, models

from ...mailbox.cases import OF_MACHINE
from ...mailbox.net.undelivered import what_was_said, why_not_sent
from .post_office import Copy

#: How often to try to store the copy of a sent email.
COPY_TRIES = 12


class MailMail(models.Model):
    """The copies of sent emails, which are put into the Sent folder."""

    _inherit = "mail.mail"

    def _keep_copy(self):
        """Have a copy put into the Sent folder, unless the provider does that; returns whether."""
        due = self.member_mail_message_id.sent_account_id._keeps_copies()
        if due:
            self.write(self._copy_values())
        return due

    def _copy_values(self):
        """The values of an email whose copy is to be stored."""
        return {
            "member_mail_copy_due": True,
            "member_mail_attempts": 0,
            "scheduled_date": fields.Datetime.now(),
        }

    def _copies_due(self):
        """The copies to store of these emails, without those whose rows are gone or that somebody else
        changes: list of Copy."""
        mails = self.try_lock_for_update()
        mails.invalidate_recordset()
        mails.fetch(["member_mail_copy_due", "member_mail_message_id"])
        mails = mails.filtered("member_mail_copy_due")
        mails.member_mail_message_id.fetch(["rfc_message_id", "date"])
        places = mails._places()
        return [
            Copy(
                mail.with_prefetch(),
                mail.member_mail_message_id.rfc_message_id,
                mail.member_mail_message_id.date.replace(tzinfo=timezone.utc),
                places.get(mail.id),
            )
            for mail in mails
        ]

    def _note_copied(self, error=None):
        """Record that the copies are stored; or, with a MailboxError, that they are not. Without one,
        the number of queries does not depend on how many they are."""
        mails = self.exists()
        mails.fetch(["member_mail_attempts", "member_mail_message_id", "member_mail_recipients"])
        if error:
            mails = mails.filtered(lambda mail: not mail._copy_later(error))
        # Those whom it has not reached may still be tried again.
        unreached = mails.filtered("member_mail_recipients")
        unreached.member_mail_copy_due = False
        (mails - unreached).unlink()

    def _copy_later(self, error):
        """Try to store this copy again; False when it was tried often enough, which the message then
        says."""
        message = self.member_mail_message_id._for_sender()
        # What ails our own machine is no attempt.
        tries = self.member_mail_attempts + (error.code not in OF_MACHINE)
        if tries < COPY_TRIES:
            moment = fields.Datetime.now() + timedelta(minutes=min(5 * 2**tries, 24 * 60))
            self.write({"member_mail_attempts": tries, "scheduled_date": moment})
            self._plan(moment)
            return True
        if message.state == "sent":
            reason = message.env._(
                "The email was sent, but Odoo could not save a copy in the Sent folder. %s",
                why_not_sent(error, message.env._),
            )
            message._set_state("sent", reason, what_was_said(error, message.env._))
        return False
