from collections import defaultdict
from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from ...mailbox.mime.automatic.returned import comparable
from ...mailbox.net.undelivered import why
from ..matching.account_matching import REPORTED_WITHIN
from .member_mail_filer import naive

#: What a bounce report may say that is no failure.
HARMLESS = ("delayed", "delivered", "relayed", "expanded")

#: How long after an email was sent a bounce that names no Message-ID is tied to it: mail systems give up
#: after five days, and some wait for the weekend to pass.
TIED_WITHIN = timedelta(days=7)

#: By how much the clocks of mail servers may be wrong.
CLOCKS = timedelta(hours=1)

#: Messages of a batch's recipients that a bounce without a Message-ID is compared with.
MOST_COMPARED = 2000


class MemberMailMessage(models.Model):
    """Messages that came back: bounces, and the messages they are about."""

    _inherit = "member.mail.message"

    report_of_id = fields.Many2one(
        "member.mail.message",
        "Bounced or read email",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        # Whoever sees a report may not be allowed to see the email it is about, and its name is the
        # subject.
        groups=fields.NO_ACCESS,
        help="The email from us that this bounce or read receipt is about.",
    )

    def _apply_reports(self, reports):
        """Note what bounces, which have just been filed, say about our messages. A bounce counts once:
        when it is read again, it is known and not filed again. What read receipts say is worked out
        when somebody asks for it.

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
        words, and those by recipient; None when it did not.

        Anybody who got a message can fake a bounce of it. So it counts for the recipients of the
        message only, what it says is shown as somebody's claim, and sending again goes to those whom we
        wrote to.

        :param told_by: the filed bounce
        :param BounceReport report: what it says
        """
        failed = self._failed_recipients(report)
        if not failed:
            return None
        # An email that waits to be sent to others is not stopped by it.
        if self.state in ("outgoing", "sending"):
            for person in self.participant_ids.filtered(lambda p: p.role in ("to", "cc", "bcc")):
                person.failure = failed.get(person.email) or person.failure
            return None
        sentences = {why(words) for words in failed.values()}
        if len(sentences) == 1:
            say = self.env._
            sentence = say(*sentences)
            reason = self.env._("A mail system says that the email did not arrive. %s", sentence)
        else:
            reason = self.env._(
                "A mail system says that the email did not arrive at some recipients."
            )
        details = [_about(email, words) for email, words in list(failed.items())[:10]]
        return reason, "\n".join(filter(None, (told_by.email_from, *details))), failed

    def _failed_recipients(self, report):
        """Whom this message did not reach, as a bounce says: dict of canonical address to the mail
        system's words. The address is '' when it names nobody."""
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
                failed.setdefault((known or [""])[0], _said(person))
        return failed


def _said(person):
    """What a mail system said of a ReportedRecipient, with its status code: a text."""
    words, status = person.words, person.status
    return " ".join(filter(None, (status if status not in words else "", words))) or person.action


def _about(email, text):
    return f"{email}: {text}" if email else text


class MemberMailFiler(models.AbstractModel):
    """Finds out which of our messages the bounces and read receipts of a batch are about."""

    _inherit = "member.mail.filer"

    def _reported(self, folder, filed):
        """
        :param filed: list of Filed
        :return: dict of UID to `member.mail.message` of the superuser, of those emails that are bounces
            or read receipts of a message of ours
        """
        about = self._named(folder, filed)
        rest = [item for item in filed if item.message.report and item.raw.uid not in about]
        return about | self._tied(folder, rest)

    def _named(self, folder, filed):
        """What the reports of a batch are about, by the Message-IDs in them; as of `_reported`."""
        ids_of = {
            item.raw.uid: (*report.message_ids, *getattr(report, "words", ()))
            for item in filed
            if (report := item.message.report or item.message.receipt)
        }
        ids = {rfc_id for ids in ids_of.values() for rfc_id in ids}
        if not ids:
            return {}
        found = self._sent_messages(
            folder,
            Domain("rfc_message_id", "in", list(ids))
            | Domain("provider_message_id", "in", list(ids)),
        )
        # Of two messages with the same Message-ID, it is the one sent from Odoo.
        found = found.sorted(lambda m: bool(m.sent_account_id))
        by_id = {m.provider_message_id: m for m in found} | {m.rfc_message_id: m for m in found}
        about = {}
        for item in filed:
            # A receipt comes when somebody reads the email, however late.
            since = _arrival(item) - REPORTED_WITHIN if item.message.report else None
            for rfc_id in ids_of.get(item.raw.uid, ()):
                message = by_id.get(rfc_id)
                if message and (not since or message.date >= since):
                    about.setdefault(item.raw.uid, message)
        return about

    def _tied(self, folder, items):
        """What those bounces are about that name no Message-ID of ours, as of `_reported`: the newest
        message that was sent to the same recipient, under the same subject, in the days before. If that
        fits messages of several conversations, it is none of them rather than a guess.

        Two queries, however many bounces there are.
        """
        own = folder.account_id._own_addresses()
        wanted = {item.raw.uid: _addressed(item.message.report) - own for item in items}
        emails = set().union(*wanted.values())
        if not emails:
            return {}
        arrivals = [_arrival(item) for item in items]
        found = self._sent_messages(
            folder,
            Domain("date", ">=", min(arrivals) - TIED_WITHIN)
            & Domain("date", "<=", max(arrivals) + CLOCKS)
            & Domain(
                "participant_ids",
                "any",
                Domain("email", "in", list(emails)) & Domain("role", "in", ("to", "cc", "bcc")),
            ),
            limit=MOST_COMPARED,
        )
        sent_to = defaultdict(list)
        for message in found:
            for email in emails.intersection(message._recipients()):
                sent_to[email].append(message)
        about = {}
        for item in items:
            candidates = {message for email in wanted[item.raw.uid] for message in sent_to[email]}
            if message := _the_one(candidates, item.message.report, _arrival(item)):
                about[item.raw.uid] = message
        return about

    def _report_values(self, about, parsed):
        """What is stored of an email because it reports about one of our messages, as a dict for
        `create`.

        :param about: that message, of the superuser
        :param ParsedMessage parsed: the report
        """
        return {
            "report_of_id": about.id,
            "is_automatic": True,
            "read_by": about._reader_of(parsed.receipt),
        }

    def _sent_messages(self, folder, domain, limit=None):
        """The messages, of the superuser, that a report in a folder may be about."""
        return self.env["member.mail.message"].sudo().search(
            domain
            & Domain("direction", "=", "out")
            & Domain("company_id", "=", folder.company_id.id)
            & Domain("trashed", "=", False),
            limit=limit,
        )  # fmt: skip

    def _is_left_out(self, folder, message):
        """Whether the account does not want this email: by its headers it might have been a bounce."""
        account = folder.account_id
        return message.is_automatic and account.skip_automatic and folder.role != "sent"


def _arrival(item):
    return naive(item.summary.internal_date or item.message.date)


def _addressed(report):
    """The addresses that a BounceReport names as those the email was sent to: set."""
    return {email for person in report.recipients for email in person.emails} | set(
        report.addressed
    )


def _the_one(candidates, report, arrival):
    """Which message a BounceReport is about, of those that were sent to the same recipient; or None.
    What it returns of the message counts, the surest of it first: its date and subject, its subject,
    when the reporting server got it."""
    near = [
        message
        for message in candidates
        if arrival - TIED_WITHIN <= message.date <= arrival + CLOCKS
        and report.subject in ("", comparable(message.subject))
        and _apart(message, report.sent, timedelta(0)) <= timedelta(days=1)
    ]
    fits = [m for m in near if _apart(m, report.sent) <= timedelta(seconds=2)]
    # A Message-ID that is none of ours is another's, unless a relay gave our email another one.
    if not report.message_ids:
        subjects = (report.subject,) if report.subject else report.subjects
        fits = fits or [m for m in near if comparable(m.subject) in subjects]
        if not report.subject:
            fits = fits or [m for m in near if _apart(m, report.accepted) <= CLOCKS]
    if len({message.conversation_id for message in fits}) != 1:
        return None
    return max(fits, key=lambda message: (message.date, message.id))


def _apart(message, moment, unknown=timedelta.max):
    """How long before or after a message's date a moment is; ``unknown`` without one."""
    return abs(message.date - naive(moment)) if moment else unknown
