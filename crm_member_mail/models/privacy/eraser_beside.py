import re
from base64 import b64decode

from odoo import SUPERUSER_ID, Command, api, models
from odoo.fields import Domain

from ...mailbox.mime.people.recipients import recipients
from ..sending.draft_recipients import formatted

#: A link to a message, as it appears in the notification templates.
_LINK = re.compile(r"/action-crm_member_mail\.action_message/(\d{1,18})(?!\d)")


# A file of its own: the messages, and what else there is about them, are two things.
class MemberMailEraser(models.AbstractModel):
    """What there is about a person's emails besides the messages."""

    _inherit = "member.mail.eraser"

    @api.model
    def _erase_beside(self, person, ids):
        """Erase what else tells about a person's emails; done before the messages ``ids`` are erased.

        :return: what was erased, in words: list of lines
        """
        drafts = self._erase_drafts(person, ids)
        notifications = self._erase_notifications(person, ids)
        failures = self._erase_failures(person)
        lookups = self._erase_lookups(person)
        trusted = self._erase_trusted(person)
        wizards = self._erase_wizards(person, ids)
        lines = [
            (drafts, self.env._("Drafts: %s", drafts)),
            (notifications, self.env._("Notifications: %s", notifications)),
            (failures, self.env._("Emails that were not filed: %s", failures)),
            (lookups, self.env._("Addresses to search for: %s", lookups)),
            (trusted, self.env._("Trusted senders: %s", trusted)),
            (wizards, self.env._("Email searches and exports: %s", wizards)),
        ]
        return [line for number, line in lines if number]

    @api.model
    def _of_companies(self, person, path):
        return Domain(path, "in", person.companies.ids)

    @api.model
    def _mentioning(self, names, person):
        """The domain of records with a text field that mentions an address of a person."""
        escaped = [re.sub(r"([\\%_])", r"\\\1", form) for form in person.spellings]
        return Domain.OR(Domain(name, "=ilike", f"%{form}%") for name in names for form in escaped)

    @api.model
    def _erase_drafts(self, person, ids):
        """Erase drafts that answer one of the messages, go to nobody else, or were opened on a contact;
        remove the person from the others."""
        Draft = self.env["member.mail.draft"].sudo()
        recipients = ("email_to", "email_cc", "email_bcc")
        partner_ids = person.partners.ids
        drafts = Draft.search(
            self._of_companies(person, "account_id.company_id")
            & (
                Domain("answered_id", "in", ids)
                | Domain("partner_ids", "in", partner_ids)
                | Domain("recipient_ids", "in", partner_ids)
                | (Domain("res_model", "=", "res.partner") & Domain("res_id", "in", partner_ids))
                | self._mentioning((*recipients, "subject", "body"), person)
            )
        )
        kept = Draft
        for draft in drafts:
            of_contact = draft.res_model == "res.partner" and draft.res_id in partner_ids
            if of_contact or draft.answered_id.id in ids:
                continue
            if any(person.is_named_in(draft[name]) for name in ("subject", "body")):
                continue
            values = {name: _without(draft[name], person) for name in recipients}
            if any(values.values()) or draft.recipient_ids - person.partners:
                gone = [Command.unlink(partner_id) for partner_id in partner_ids]
                draft.write({**values, "partner_ids": gone, "recipient_ids": gone})
                kept |= draft
        (drafts - kept).unlink()
        return len(drafts)

    @api.model
    def _erase_notifications(self, person, ids):
        """Erase the notifications about new emails in Odoo's queues that name one of the messages."""
        servers = self.env["ir.mail_server"].sudo().with_context(active_test=False).search(
            [("member_mail_account_ids.company_id", "in", person.companies.ids)]
        )  # fmt: skip
        mails = self.env["mail.mail"].sudo().search(
            Domain("mail_server_id", "in", servers.ids)
            & Domain("member_mail_message_id", "=", False)
        )  # fmt: skip
        ids = set(ids)
        named = mails.filtered(
            lambda mail: (
                person.is_named_in(mail.reply_to)
                or not ids.isdisjoint(map(int, _LINK.findall(mail.body_html or "")))
            )
        )
        pushes = self.env["mail.push"].sudo().search(
            [("member_mail_message_id", "in", list(ids))]
        )  # fmt: skip
        number = len(named) + len(pushes)
        named.unlink()
        pushes.unlink()
        return number

    @api.model
    def _erase_failures(self, person):
        """Forget the content of emails that were not filed, where it names the person; the rows stay,
        without any content, so that the emails are not tried again."""
        # As Odoo itself: nobody opens them.
        Failure = self.env["member.mail.failure"].with_user(SUPERUSER_ID)
        failures = Failure.search(self._of_companies(person, "folder_id.account_id.company_id"))
        named = Failure
        for failure in failures:
            # Without prefetching: one of them may be large.
            raw = b64decode(failure.with_prefetch().raw or b"")
            if person.is_in_email(raw) or person.is_named_in(failure.error):
                named |= failure
            failure.invalidate_recordset(["raw"], flush=False)
        named.write({"raw": False, "error": False, "state": "ignored"})
        return len(named)

    @api.model
    def _erase_lookups(self, person):
        lookups = self.env["member.mail.lookup"].sudo().search(
            self._of_companies(person, "account_id.company_id")
            & Domain("address", "in", list(person.addresses))
        )  # fmt: skip
        lookups.unlink()
        return len(lookups)

    @api.model
    def _erase_trusted(self, person):
        Trusted = self.env["member.mail.trusted.sender"].sudo()
        trusted = Trusted.search([("email", "in", list(person.addresses))])
        trusted.unlink()
        return len(trusted)

    @api.model
    def _erase_wizards(self, person, ids):
        """Erase what users searched for and exported, which Odoo would keep for some hours."""
        lines = self.env["member.mail.trace.line"].sudo().search(
            Domain("message_id", "in", ids)
            | Domain("partner_id", "in", person.partners.ids)
            | self._mentioning(("subject", "explanation", "contact_email"), person)
        )  # fmt: skip
        Trace = self.env["member.mail.trace"].sudo()
        traces = lines.trace_id | Trace.search(self._mentioning(("query",), person))
        exports = self.env["member.mail.export"].sudo().search(
            [("partner_ids", "in", person.partners.ids)]
        )  # fmt: skip
        number = len(traces) + len(exports)
        traces.unlink()
        exports.unlink()
        return number


def _without(text, person):
    """The recipients of a draft, as text, without a person."""
    if not person.is_named_in(text):
        return text
    return "; ".join(
        formatted(found.name, found.email) if found.valid else found.email
        for found in recipients(text)
        if found.email not in person.addresses
    )
