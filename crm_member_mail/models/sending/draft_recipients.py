from dataclasses import asdict
from email.utils import formataddr

from odoo import api, models
from odoo.fields import Domain

from ...mailbox.mime.addresses import canonical
from ...mailbox.mime.people.address_typed import addresses_as_typed
from ...mailbox.mime.people.recipients import recipients
from ...mailbox.types import Address

#: Recipients of one email; more than that is a mailing, for which there are other tools.
MAX_RECIPIENTS = 100
#: So many of those who are left out are named.
NAMED = 20


class MemberMailDraft(models.Model):
    """Whom an email goes to: contacts or plain addresses, as editable text."""

    _inherit = "member.mail.draft"

    @api.model
    def check_recipients(self, text):
        """The recipients in what somebody typed or pasted; what a draft is sent to is read alike.

        :return: list of dicts of `name`, `email` (canonical, or as typed where it is no address) and
            `valid`
        """
        return [asdict(recipient) for recipient in recipients(text)]

    @api.model
    def get_recipient_suggestions(self, term, limit=8):
        """Contacts whose name or address contains ``term``, and others with whom the user exchanged
        emails: list of dicts of `name`, `email` and `partner_id` (False for the latter)."""
        term = " ".join((term or "").split())
        if len(term) < 2:
            return []
        Partner = self.env["res.partner"]
        found = Partner.search_fetch(
            (Domain("name", "ilike", term) | Domain("email", "ilike", term))
            & Domain("email", "!=", False),
            ["name", "email"],
            limit=limit,
        )
        result = {}
        for partner in found:
            email = next(iter(addresses_as_typed(partner.email)), "")
            if email:
                result.setdefault(
                    email, {"name": partner.name or "", "email": email, "partner_id": partner.id}
                )
        if len(result) < limit:
            people = self.env["member.mail.participant"].search_fetch(
                Domain("email", "=ilike", f"{_escaped(term.lower())}%")
                & Domain("message_id.is_automatic", "=", False)
                # Whoever pretends to be somebody else is not offered as them.
                & Domain("message_id.authenticity", "!=", "failed"),
                ["name", "email"],
                order="id desc",
                limit=limit * 4,
            )
            for person in people:
                email = person.email
                if canonical(email or "") and len(result) < limit:
                    result.setdefault(
                        email, {"name": person.name or "", "email": email, "partner_id": False}
                    )
        return list(result.values())[:limit]

    def _addresses(self, role):
        """The recipients of a role (to, cc, bcc): list of Address."""
        self.ensure_one()
        found = recipients(self[f"email_{role}"])
        return [Address(role, person.name, person.email) for person in found if person.valid]

    def _targets(self):
        """Who gets an email of their own: dict of the contacts, or leads, with an address to
        Address. Those who don't want any more are left out."""
        reachable = self._reachable()
        unwanted = self.env["mail.blacklist"]._unsubscribed(a.email for a in reachable.values())
        return {
            record: address
            for record, address in reachable.items()
            if address.email not in unwanted
        }

    def _reachable(self):
        """Whom the one email each is for, if they have an address: dict of the contacts, or leads, to
        Address."""
        self.ensure_one()
        if self.res_model == "crm.lead":
            leads = self.sudo().lead_ids.sudo(False)
            found = {
                lead: (
                    lead.contact_name or lead.partner_id.name or lead.partner_name,
                    lead.email_from or lead.partner_id.email,
                )
                for lead in leads
            }
        else:
            found = {partner: (partner.name, partner.email) for partner in self.recipient_ids}
        addresses = {
            record: Address("to", name or "", next(iter(addresses_as_typed(text or "")), ""))
            for record, (name, text) in found.items()
        }
        return {record: address for record, address in addresses.items() if address.email}

    def _named(self, records):
        """The names of contacts or leads that are left out, as one text; '' without any."""
        names = [record.display_name for record in records[:NAMED]]
        if len(records) > NAMED:
            names.append(self.env._("%s more", len(records) - NAMED))
        return ", ".join(names)

    def _find_problem(self):
        """What keeps this email from being sent, as a sentence, or False."""
        self.ensure_one()
        texts = (self.email_to, self.email_cc, self.email_bcc)
        people = [person for text in texts for person in recipients(text)]
        wrong = [person.email for person in people if not person.valid]
        if not self.account_id:
            return self.env._("Choose an account to send the email from.")
        if self.mode == "each":
            if not self.recipient_count and self.unsubscribed_count:
                return self.env._(
                    "None of these contacts can be written to: they have unsubscribed, or have no email "
                    "address."
                )
            if not self.recipient_count:
                return self.env._("None of these contacts has an email address.")
        elif wrong:
            return self.env._(
                "%s is not an email address. Enter it like name@example.com.", wrong[0]
            )
        elif not people:
            return self.env._("Add at least one recipient.")
        elif len(people) > MAX_RECIPIENTS:
            return self.env._(
                "An email can have at most %s recipients. To reach more people, select the "
                "contacts in their list and send each of them their own email.",
                MAX_RECIPIENTS,
            )
        if self.attachment_size > self.size_limit:
            return self.env._(
                "The attachments are %(size)s in total, but the mail server accepts at most "
                "%(limit)s. Remove some of them.",
                size=_megabytes(self.attachment_size),
                limit=_megabytes(self.size_limit),
            )
        return False


def formatted(name, email):
    """A recipient as the fields of a draft have it."""
    # Names stay readable here; they are encoded in the email's header.
    if name and not name.isascii():
        name = name.replace("\\", "").replace('"', "'")
        return f'"{name}" <{email}>'
    return formataddr((name or "", email))


def _escaped(term):
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _megabytes(size):
    return f"{size / 1_000_000:.1f} MB"
