import re

from odoo import models
from odoo.tools import SQL

#: Texts of a message in which an address may occur.
TEXTS = (
    "subject", "body", "body_text", "preview", "failure_reason", "failure_details", "defects",
)  # fmt: skip


class MemberMailMessage(models.Model):
    """Emails that others keep when a person is erased."""

    _inherit = "member.mail.message"

    def _redact(self, person):
        """Remove a person from these emails, of the superuser: the links, the participants, the header
        fields that name the person, and the addresses in the text.

        :param person: the Person
        """
        self._note_access("delete")
        pattern, partners, erased = person.pattern, person.partners, self.env._("(erased)")
        participants = self.participant_ids.filtered(
            lambda one: one.email in person.addresses or one.partner_id in partners
        )
        senders = participants.filtered(lambda one: one.role == "from").message_id
        others = self.participant_ids - participants
        others.filtered(lambda one: person.is_named_in(one.failure)).failure = False
        participants.unlink()
        self._unlink_person(person)
        self.fetch(["headers"])
        for message in self:
            outgoing = message.direction == "out"
            roles = ("to", "cc", "bcc", "resent") if outgoing else ("from",)
            people = message.participant_ids.filtered(lambda one, roles=roles: one.role in roles)
            names = [one.name or one.email or "" for one in people]
            values = {
                name: pattern.sub(erased, message[name])
                for name in TEXTS
                if person.is_named_in(message[name])
            }
            if message.invitation:
                values["invitation"] = _event_without(message.invitation, person, erased)
            values["correspondent"] = ", ".join(names)[:256] or erased
            values["headers"] = _headers_without(message.headers or "", person)
            if message in senders:
                values |= {"email_from": erased, "author_id": False}
            elif message.author_id in partners:
                values["author_id"] = False
            if message.read_by in person.addresses:
                values["read_by"] = False
            message.write(values)
        self._notify("changed")

    def _unlink_person(self, person):
        """Stop filing these emails under the contacts and leads of a Person."""
        self.env.flush_all()
        params = {
            "ids": self.ids, "partners": person.partners.ids, "forms": person.spellings
        }  # fmt: skip
        for query in UNLINK:
            self.env.cr.execute(SQL(query, **params))
        self.invalidate_recordset(
            ["partner_ids", "lead_ids", "participant_ids", "filing_ids"], flush=False
        )


UNLINK = (
    """
    DELETE FROM member_mail_message_partner_rel
     WHERE message_id = ANY(%(ids)s) AND partner_id = ANY(%(partners)s)
    """,
    """
    DELETE FROM member_mail_message_lead_rel AS filed USING crm_lead AS lead
     WHERE filed.message_id = ANY(%(ids)s) AND lead.id = filed.lead_id
       AND (lead.partner_id = ANY(%(partners)s) OR lead.email_normalized = ANY(%(forms)s))
    """,
    """
    DELETE FROM member_mail_filing AS filing
     WHERE filing.message_id = ANY(%(ids)s)
       AND (filing.partner_id = ANY(%(partners)s)
            OR filing.lead_id IN (SELECT id FROM crm_lead AS lead
                                   WHERE lead.partner_id = ANY(%(partners)s)
                                      OR lead.email_normalized = ANY(%(forms)s)))
    """,
)


def _event_without(event, person, erased):
    """The event of an invitation without a person."""
    guests = [guest for guest in event["guests"] if not _is_guest(guest, person)]
    organizer = event["organizer"]
    texts = {
        name: person.pattern.sub(erased, event[name])
        for name in ("title", "place", "description")
        if person.is_named_in(event.get(name))
    }
    return {
        **event,
        **texts,
        "guests": guests,
        "organizer": None if organizer and _is_guest(organizer, person) else organizer,
    }


def _is_guest(guest, person):
    return guest["email"] in person.addresses or person.is_named_in(guest["name"])


def _headers_without(headers, person):
    """A header without the fields that name a person."""
    names = [name.lower() for name in person.partners.mapped("name") if name]
    kept = []
    for field in re.split(r"\n(?![ \t])", headers):
        text = " ".join(field.lower().split())
        if not person.is_named_in(text) and not any(name in text for name in names):
            kept.append(field)
    return "\n".join(kept)
