from odoo import fields, models
from odoo.fields import Domain

#: What a report may say that is no failure.
HARMLESS = ("delayed", "delivered", "relayed", "expanded")


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
        help="The message of ours that this report of a mail system is about.",
    )

    def _apply_reports(self, reports):
        """Note what reports, which have just been filed, say of our messages. A report counts once: what
        is read again is known, and not filed again.

        :param reports: list of Report, or None where it is none, for each of these messages
        """
        for message, report in zip(self, reports, strict=True):
            if message.report_of_id and report:
                message.report_of_id._apply_report(message, report)

    def _apply_report(self, told_by, report):
        """
        :param told_by: the filed report
        :param Report report: what it says
        """
        reached = set(self._recipients())
        failed = {}
        for person in report.recipients:
            if person.action not in HARMLESS:
                # An address that we did not write to is one that a recipient's mail is forwarded to.
                known = [email for email in person.emails if email in reached]
                failed[(known or person.emails or ("",))[0]] = person.words
        if set(failed) == {""} and len(reached) == 1:
            failed = {next(iter(reached)): failed[""]}
        if not failed:
            return
        words = "; ".join(
            f"{email}: {text}" if email else text for email, text in list(failed.items())[:10]
        )
        self._mark_failed(
            self.env._("It came back from %(who)s. %(words)s", who=told_by.email_from, words=words),
            {email: words for email, words in failed.items() if email in reached},
        )


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
        )  # fmt: skip
        by_id = {message.rfc_message_id: message for message in found}
        about = {}
        for item in filed:
            for rfc_id in item.message.report.message_ids if item.message.report else ():
                if rfc_id in by_id:
                    about.setdefault(item.raw.uid, by_id[rfc_id])
        return about
