import re

from odoo import fields, models
from odoo.fields import Domain

from ...mailbox.errors import in_one
from ..matching.account_matching import REPORTED_WITHIN
from .member_mail_filer import naive

#: What a bounce report may say that is no failure.
HARMLESS = ("delayed", "delivered", "relayed", "expanded")

#: An enhanced status code (RFC 3463) in a server's words.
STATUS_CODE = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")


class MemberMailMessage(models.Model):
    """Messages that came back: bounces, and the messages they are about."""

    _inherit = "member.mail.message"

    report_of_id = fields.Many2one(
        "member.mail.message",
        "Bounced email",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        # Whoever sees a bounce may not be allowed to see the email it is about, and its name is the
        # subject.
        groups=fields.NO_ACCESS,
        help="The email from us that this bounce is about.",
    )

    def _apply_reports(self, reports):
        """Note what bounces, which have just been filed, say about our messages. A bounce counts once:
        when it is read again, it is known and not filed again.

        :param reports: list of BounceReport, or None for a message that is no bounce, for each of these
            messages
        """
        failures = {}
        for message, report in zip(self, reports, strict=True):
            about = message.report_of_id
            if about and report:
                failure = about._for_sender()._failure_of(message, report)
                if failure:
                    failures[about] = failure
        self._mark_failures(failures)

    def _failure_of(self, told_by, report):
        """What a bounce says about the recipients of this message: why it failed, the mail server's
        words, and why by recipient; None when it did not.

        Anybody who got a message can fake a bounce of it. So it counts for the recipients of the
        message only, what it says is shown as somebody's claim, and sending again goes to those whom we
        wrote to.

        :param told_by: the filed bounce
        :param BounceReport report: what it says
        """
        failed = self._failed_recipients(report)
        if not failed:
            return None
        explained = {email: in_one(*why) for email, why in failed.items()}
        # An email that waits to be sent to others is not stopped by it.
        if self.state in ("outgoing", "sending"):
            for person in self.participant_ids.filtered(lambda p: p.role in ("to", "cc", "bcc")):
                person.failure = explained.get(person.email) or person.failure
            return None
        some = list(failed.items())[:10]
        sentences = [_about(email, plain) for email, (plain, _words) in some]
        details = [_about(email, words) for email, (_plain, words) in some if words]
        reason = self.env._(
            "The email bounced, according to %(who)s. %(words)s",
            who=told_by.email_from or self.env._("a mail system"),
            words=" ".join(sentences),
        )
        return reason, "; ".join(details), explained

    def _failed_recipients(self, report):
        """Whom this message did not reach, as a bounce says: dict of canonical address to why,
        as of `_explained`. The address is '' when it names nobody."""
        reached = self._recipients()
        failed = {}
        for person in report.recipients:
            if person.action in HARMLESS:
                continue
            known = [email for email in person.emails if email in reached]
            if not known and len(reached) == 1:
                # An address that the email was forwarded to, or that the bounce does not name.
                known = reached
            if known or not person.emails:
                failed.setdefault((known or [""])[0], self._explained(person))
        return failed

    def _explained(self, person):
        """Why a ReportedRecipient did not get an email: in plain words, and in the server's."""
        code = person.status or next(iter(STATUS_CODE.findall(person.words)), "")
        _class, _dot, reason = code.partition(".")
        explanations = {
            "1.1": self.env._("This address does not exist."),
            "1.10": self.env._("This address does not exist."),
            "1.2": self.env._("The domain of this address does not exist or doesn't accept email."),
            "2.1": self.env._("This mailbox is closed."),
            "2.2": self.env._("This mailbox is full."),
            "2.3": self.env._("The email is too large for this mailbox."),
            "3.4": self.env._("The email is too large for their mail server."),
            "4.1": self.env._("Their mail server can't be reached."),
            "4.4": self.env._("Their mail server can't be found."),
            "4.7": self.env._("Their mail server did not accept the email for several days."),
            "7.1": self.env._("Their mail server refuses the email."),
        }
        plain = explanations.get(reason) or self.env._("The email could not be delivered.")
        return plain, person.words


def _about(email, text):
    return f"{email}: {text}" if email else text


class MemberMailFiler(models.AbstractModel):
    """Finds out which of our messages the bounces of a batch are about."""

    _inherit = "member.mail.filer"

    def _reported(self, folder, filed):
        """
        :param filed: list of Filed
        :return: dict of UID to `member.mail.message` of the superuser, of those emails that are bounces
            of a message of ours
        """
        ids = {
            rfc_id
            for item in filed
            if item.message.report
            for rfc_id in item.message.report.message_ids
        }
        if not ids:
            return {}
        found = self.env["member.mail.message"].sudo().search(
            Domain("rfc_message_id", "in", list(ids))
            & Domain("direction", "=", "out")
            & Domain("company_id", "=", folder.company_id.id)
            & Domain("trashed", "=", False)
        )  # fmt: skip
        # Of two messages with the same Message-ID, it is the one sent from Odoo.
        by_id = {m.rfc_message_id: m for m in found.sorted(lambda m: bool(m.sent_account_id))}
        about = {}
        for item in filed:
            arrival = naive(item.summary.internal_date or item.message.date)
            for rfc_id in item.message.report.message_ids if item.message.report else ():
                message = by_id.get(rfc_id)
                if message and message.date >= arrival - REPORTED_WITHIN:
                    about.setdefault(item.raw.uid, message)
        return about

    def _is_left_out(self, folder, message):
        """Whether the account does not want this email: by its headers it might have been a bounce."""
        account = folder.account_id
        return message.is_automatic and account.skip_automatic and folder.role != "sent"
