import re

from odoo import SUPERUSER_ID, fields, models
from odoo.tools import SQL

from .erased_file import decoded_header

#: Texts of a message in which a person may occur.
TEXTS = (
    "subject", "body_text", "preview", "failure_reason", "failure_details", "defects",
)  # fmt: skip
#: What the person who wrote an email wrote.
WRITTEN = ("subject", "body_text", "preview")
#: Texts of an event.
EVENT_TEXTS = ("title", "place", "description")


class MemberMailMessage(models.Model):
    """Emails that others keep when a person is erased."""

    _inherit = "member.mail.message"

    is_redacted = fields.Boolean(
        "Kept without a person",
        readonly=True,
        copy=False,
        help="A person was erased from this email at their request. Odoo no longer shows the original.",
    )

    def _redact(self, person):
        """Remove a person from these emails, of the superuser.

        What the person wrote goes, with its files. From what others wrote go the links, the
        participants, the header fields and files that name the person, and the addresses and names in
        the text. The original on the mail server is not given out any more.

        :param person: the Person
        """
        self._note_access("delete")
        self._stop_sending()
        partners, erased = person.partners, self.env._("(erased)")
        participants = self.participant_ids.filtered(
            lambda one: one.email in person.addresses or one.partner_id in partners
        )
        writers = participants.filtered(lambda one: one.role in ("from", "sender")).message_id
        writers |= self.filtered(lambda message: message.author_id in partners)
        others = self.participant_ids - participants
        for name in ("name", "failure"):
            others.filtered(lambda one, name=name: person.is_mentioned_in(one[name]))[name] = False
        participants.unlink()
        self._unlink_person(person)
        self._redact_files(person, writers)
        self.fetch(["headers"])
        for message in self:
            values = message._without(person)
            if message in writers:
                values |= message._written(values, erased)
            outgoing = message.direction == "out"
            roles = ("to", "cc", "bcc", "resent") if outgoing else ("from",)
            people = message.participant_ids.filtered(lambda one, roles=roles: one.role in roles)
            names = [one.name or one.email or "" for one in people]
            values["correspondent"] = ", ".join(names)[:256] or erased
            if message in writers or person.is_mentioned_in(message.email_from):
                values |= {"email_from": erased, "author_id": False}
            if message.read_by in person.addresses:
                values["read_by"] = False
            message.write({**values, "is_redacted": True})
        self._notify("changed")

    def _written(self, values, erased):
        """What is left of an email that the person wrote, as values to write: nothing they wrote.

        :param dict values: what is left of it if somebody else wrote it
        """
        texts = {name: self[name] and erased for name in (*WRITTEN, *TEXTS)}
        body = self.body and f"<p>{erased}</p>"
        event = values.get("invitation")
        if event:
            words = {name: event[name] and erased for name in EVENT_TEXTS if name in event}
            texts["invitation"] = {**event, **words}
        return {**texts, "body": body, "headers": ""}

    def _without(self, person):
        """What is left of an email that somebody else wrote, as values to write."""
        erased = self.env._("(erased)")
        people = [*self.participant_ids.mapped("name"), *self.partner_ids.mapped("name")]
        words = {word for name in people for word in (name or "").split()}
        person = person.with_given_names(person.given_names - words)
        values = {
            name: person.without(self[name], erased)
            for name in TEXTS
            if person.is_mentioned_in(self[name])
        }
        values["body"] = person.without_html(self.body or "", erased)
        values["headers"] = _headers_without(self.headers or "", person)
        if self.invitation:
            values["invitation"] = _event_without(self.invitation, person, erased)
        return values

    def _redact_files(self, person, writers):
        """Remove the files of these emails that a person sent, and those that name the person.

        :param writers: the emails that the person wrote
        """
        # As Odoo itself: nobody opens them.
        files = self.env["ir.attachment"].with_user(SUPERUSER_ID).search_fetch(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)],
            ["name", "description", "index_content", "store_fname", "db_datas", "res_id"],
        )  # fmt: skip
        gone = files.filtered(
            lambda file: (
                file.res_id in writers._ids
                or any(
                    person.is_mentioned_in(file[name])
                    for name in ("name", "description", "index_content")
                )
                # Without prefetching: one of them may be large.
                or person.is_in_file(file.with_prefetch().raw or b"")
            )
        )
        files.invalidate_recordset(["raw"], flush=False)
        remote = self.remote_attachment_ids.filtered(
            lambda file: file.message_id in writers or person.is_mentioned_in(file.name)
        )
        touched = self.browse(gone.mapped("res_id")) | remote.message_id
        gone.unlink()
        remote.unlink()
        self.env.invalidate_all(flush=True)
        for message in touched:
            left = message.attachment_ids or message.remote_attachment_ids
            message.write(
                {
                    "has_attachments": message.has_attachments and bool(left),
                    "is_partial": message.is_partial and bool(message.remote_attachment_ids),
                }
            )

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
    DELETE FROM member_mail_copy_filing AS by_copy
     WHERE by_copy.message_id = ANY(%(ids)s)
       AND (by_copy.partner_id = ANY(%(partners)s)
            OR by_copy.lead_id IN (SELECT id FROM crm_lead AS lead
                                 WHERE lead.partner_id = ANY(%(partners)s)
                                    OR lead.email_normalized = ANY(%(forms)s)))
    """,
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
        name: person.without(event[name], erased)
        for name in EVENT_TEXTS
        if person.is_mentioned_in(event.get(name))
    }
    return {
        **event,
        **texts,
        "guests": guests,
        "organizer": None if organizer and _is_guest(organizer, person) else organizer,
    }


def _is_guest(guest, person):
    return guest["email"] in person.addresses or person.is_mentioned_in(guest["name"])


def _headers_without(headers, person):
    """A header without the fields that name a person."""
    kept = []
    for field in re.split(r"\n(?![ \t])", headers):
        text = " ".join(field.split())
        if not person.is_mentioned_in(text) and not person.is_mentioned_in(decoded_header(text)):
            kept.append(field)
    return "\n".join(kept)
