import re

from odoo import fields, models
from odoo.fields import Domain

from ..matching.account_matching import REPORTED_WITHIN
from .member_mail_filer import naive

#: What a report may say that is no failure.
HARMLESS = ("delayed", "delivered", "relayed", "expanded")

#: An enhanced status code (RFC 3463) in the words of a server.
STATUS_CODE = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")


class MemberMailMessage(models.Model):
    """Messages that came back: the reports of mail systems, and what they are about."""

    _inherit = "member.mail.message"

    report_of_id = fields.Many2one(
        "member.mail.message",
        "Reports on",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        # Who sees a report need not see what it is about, and a name would tell its subject.
        groups=fields.NO_ACCESS,
        help="The message of ours that this report of a mail system is about.",
    )

    def _apply_reports(self, reports):
        """Note what reports, which have just been filed, say of our messages. A report counts once: what
        is read again is known, and not filed again.

        :param reports: list of Report, or None where it is none, for each of these messages
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
        """What a report says of the recipients of this message: why it failed, and why by recipient;
        None when it did not.

        Anybody who got a message can make up a report on it. So one counts for nobody but the
        recipients of the message, what it says is shown as what somebody says, and whoever sends
        again sends to those whom we wrote to.

        :param told_by: the filed report
        :param Report report: what it says
        """
        failed = self._failed_recipients(report)
        if not failed:
            return None
        # What is waiting to be sent to others is not stopped by it.
        if self.state in ("outgoing", "sending"):
            for person in self.participant_ids.filtered(lambda p: p.role in ("to", "cc", "bcc")):
                person.failure = failed.get(person.email) or person.failure
            return None
        words = " ".join(
            f"{email}: {text}" if email else text for email, text in list(failed.items())[:10]
        )
        reason = self.env._(
            "It came back, as %(who)s reports. %(words)s",
            who=told_by.email_from or self.env._("a mail system"),
            words=words,
        )
        return reason, failed

    def _failed_recipients(self, report):
        """Whom this message did not reach, as a report says: dict of canonical address to why. The
        address is '' when it names nobody."""
        reached = self._recipients()
        failed = {}
        for person in report.recipients:
            if person.action in HARMLESS:
                continue
            known = [email for email in person.emails if email in reached]
            if not known and len(reached) == 1:
                # One that his mail is forwarded to, or that the report does not name.
                known = reached
            if known or not person.emails:
                failed.setdefault((known or [""])[0], self._explained(person))
        return failed

    def _explained(self, person):
        """Why a ReportedRecipient did not get an email, in plain words and in the server's."""
        code = person.status or next(iter(STATUS_CODE.findall(person.words)), "")
        _class, _dot, reason = code.partition(".")
        explanations = {
            "1.1": self.env._("This address does not exist."),
            "1.10": self.env._("This address does not exist."),
            "1.2": self.env._("The domain of this address does not exist or takes no email."),
            "2.1": self.env._("This mailbox is closed."),
            "2.2": self.env._("The mailbox is full."),
            "2.3": self.env._("The email is too large for this mailbox."),
            "3.4": self.env._("The email is too large for their mail server."),
            "4.1": self.env._("Their mail server can't be reached."),
            "4.4": self.env._("Their mail server can't be found."),
            "4.7": self.env._("Their mail server did not take it for days."),
            "7.1": self.env._("Their mail server refuses to take it."),
        }
        plain = explanations.get(reason) or self.env._("It could not be delivered.")
        return f"{plain} ({person.words})" if person.words else plain


class MemberMailFiler(models.AbstractModel):
    """Which of our messages the reports of a batch are about."""

    _inherit = "member.mail.filer"

    def _reported(self, folder, filed):
        """
        :param filed: list of Filed
        :return: dict of UID to `member.mail.message` of the superuser, of those emails that report on
            a message of ours
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
        # Of two with one Message-ID it is the one that was sent from Odoo.
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
        """Whether the account wants no such mail: its headers looked like those of a report."""
        account = folder.account_id
        return message.is_automatic and account.skip_automatic and folder.role != "sent"
