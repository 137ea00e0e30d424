import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from odoo import models
from odoo.tools import SQL

from ...mailbox.mime.copies import is_same_text
from ...mailbox.mime.message_ids import is_telling
from ...mailbox.mime.thread import plain_subject
from ..conversation.thread_groups import SAME_TIME
from .member_mail_filer import naive

#: How far apart the dates may be of an email and its copy among sent mail with another Message-ID.
SENT_TOGETHER = timedelta(minutes=5)
#: Emails of one Message-ID, and at one time, that an email is compared with.
MAX_COMPARED = 10


@dataclass(frozen=True)
class Face:
    """What two copies of an email have in common, more or less. ``is_whole``: its files are known."""

    rfc_message_id: str
    date: datetime
    direction: str
    subject: str
    is_forged: bool
    text: str = field(repr=False)
    authors: frozenset
    recipients: frozenset
    files: frozenset
    is_whole: bool

    def is_copy_of(self, other):
        """Whether the two are one email, by its Message-ID or else by being sent at one time."""
        same_id = bool(self.rfc_message_id) and self.rfc_message_id == other.rfc_message_id
        span = SAME_TIME if same_id else SENT_TOGETHER
        if (
            self.is_forged
            or other.is_forged
            or self.direction != other.direction
            or self.subject != other.subject
            or abs(self.date - other.date) > span
            or self.authors != other.authors
        ):
            return False
        return (self._is_sent_like(other) if not same_id else self._is_like(other)) and (
            is_same_text(self.text, other.text)
        )

    def _is_sent_like(self, other):
        return (
            self.direction == "out"
            and bool(self.recipients)
            and self.recipients == other.recipients
            and (self.files == other.files or not (self.is_whole and other.is_whole))
            and bool(self.text.strip() or self.files)
        )

    def _is_like(self, other):
        one, two = self.recipients, other.recipients
        if one and two and one.isdisjoint(two):
            return False
        if not (self.is_whole and other.is_whole) or self.files == other.files:
            return True
        # A list may take off files; without a text there is nothing else to know the email by.
        has_text = bool(self.text.strip() and other.text.strip())
        return has_text and (self.files <= other.files or self.files >= other.files)


class Copies:
    """Which emails of a batch are copies of others.

    :param dict stored: UID to the first filed copy, a `member.mail.message` of the superuser
    :param dict beside: UID to the UID of the first copy in the same batch
    :param set reused: UIDs of emails whose Message-ID is that of another email
    """

    def __init__(self, none, stored=(), beside=(), reused=()):
        self._none = none
        self._stored, self._beside, self._reused = dict(stored), dict(beside), set(reused)

    def original_of(self, uid):
        """The message, filed before, that an email is a copy of, or none."""
        return self._stored.get(uid, self._none)

    def thread_of(self, uid):
        """What a conversation is assigned by besides what the email says, as a dict."""
        values = {"is_reused": True} if uid in self._reused else {}
        if uid in self._stored:
            values["conversation"] = self._stored[uid].conversation_id
        return values

    def link(self, messages):
        """Note the copies in the same batch, now that they are filed, and who has read them.

        :param dict messages: UID to the new message
        """
        new = self._none
        for uid, first in self._beside.items():
            messages[uid].copy_of_id = messages[first]
            new |= messages[uid]
        new._update_figures()
        new = new.union(*(messages[uid] for uid in self._stored))
        new._take_over_seen()
        new._take_over_filing()


# A file of its own: what an email is, and which others it is like, are two things.
class MemberMailFiler(models.AbstractModel):
    """Finds what is one email although its digests differ."""

    _inherit = "member.mail.filer"

    def _find_copies(self, folder, items, readings):
        """Which new emails are copies of others that gateways or lists changed; at most four queries.

        A Message-ID alone is no evidence, because everybody who got an email knows it.

        :return: Copies
        """
        none = self.env["member.mail.message"].sudo()
        wanted = self._alike(folder, items, readings)
        times = Counter(item.message.message_id for item in items)
        faces = {
            item.raw.uid: self._face(item, folder, readings[item.raw.uid])
            for item in items
            if item.raw.uid in wanted or times[item.message.message_id] > 1
        }
        if not faces:
            return Copies(none)
        filed = self._faces(none.browse({id_ for ids in wanted.values() for id_ in ids}))
        stored, beside, reused, seen = {}, {}, set(), {}
        for uid, face in faces.items():
            for message in filter(filed.get, none.browse(wanted.get(uid, ()))):
                if face.is_copy_of(filed[message]):
                    stored[uid] = message.copy_of_id or message
                    break
            same = seen.setdefault(face.rfc_message_id, [])
            if uid not in stored and is_telling(face.rfc_message_id):
                first = next((o for o in same[:MAX_COMPARED] if face.is_copy_of(faces[o])), None)
                if first is not None and first in stored:
                    stored[uid] = stored[first]
                elif first is not None:
                    beside[uid] = beside.get(first, first)
                elif same or any(
                    filed[m].rfc_message_id == face.rfc_message_id
                    for m in none.browse(wanted.get(uid, ()))
                ):
                    reused.add(uid)
            same.append(uid)
        return Copies(none, stored, beside, reused)

    def _alike(self, folder, items, readings):
        """The messages that emails are worth comparing with: dict of UID to ids. One query."""
        rows = self.env.execute_query(
            SQL(
                CANDIDATES,
                company=folder.company_id.id,
                folder=folder.id or 0,
                span=SAME_TIME,
                sent_span=SENT_TOGETHER,
                limit=MAX_COMPARED,
                emails=json.dumps(
                    [
                        {
                            "uid": item.raw.uid,
                            "rfc_id": rfc_id if is_telling(rfc_id) else None,
                            "subject": plain_subject(item.message.subject)[0],
                            "date": naive(item.message.date).isoformat(),
                            "is_sent": readings[item.raw.uid].reading.outgoing,
                            "recipients": item.message.emails("to", "cc")[:MAX_COMPARED],
                        }
                        for item in items
                        for rfc_id in [item.message.message_id]
                    ]
                ),
            )
        )
        found = {}
        for uid, message_id in rows:
            found.setdefault(uid, []).append(message_id)
        return found

    def _face(self, item, folder, reading):
        message, people = item.message, reading.people
        outgoing = reading.reading.outgoing
        return Face(
            rfc_message_id=message.message_id,
            date=naive(message.date),
            direction="out" if outgoing else "in",
            subject=plain_subject(message.subject)[0],
            is_forged=self._authenticity(message, folder, outgoing) == "failed",
            text=message.text,
            authors=_emails(people, "from"),
            recipients=_emails(people, "to", "cc"),
            # As Odoo computes the checksum of an attachment.
            files=frozenset(
                hashlib.sha1(file.data, usedforsecurity=False).hexdigest()
                for file in message.attachments
            ),
            is_whole=not item.is_partial,
        )

    def _faces(self, messages):
        """The Face of each filed message, by message. Three queries."""
        messages.fetch(
            ["rfc_message_id", "date", "direction", "plain_subject", "authenticity", "body_text",
             "is_partial", "copy_of_id", "conversation_id"]
        )  # fmt: skip
        people = messages.participant_ids.grouped("message_id")
        files = self.env["ir.attachment"].sudo().search_fetch(
            [("res_model", "=", messages._name), ("res_id", "in", messages.ids),
             ("res_field", "=", False)],
            ["res_id", "checksum"],
        ).grouped("res_id")  # fmt: skip
        return {
            message: Face(
                rfc_message_id=message.rfc_message_id or "",
                date=message.date,
                direction=message.direction,
                subject=message.plain_subject or "",
                is_forged=message.authenticity == "failed",
                text=message.body_text or "",
                authors=_emails(people.get(message, ()), "from"),
                recipients=_emails(people.get(message, ()), "to", "cc"),
                files=frozenset(file.checksum for file in files.get(message.id, ())),
                is_whole=not message.is_partial,
            )
            for message in messages
        }


def _emails(people, *roles):
    return frozenset(person["email"] for person in people if person["role"] in roles)


# Emails with the same Message-ID at about the same time; and those sent at one time with the same
# subject, unless they lie in this folder already: there they are two.
CANDIDATES = """
WITH email AS MATERIALIZED (
         SELECT * FROM jsonb_to_recordset(%(emails)s::jsonb)
             AS email(uid bigint, rfc_id text, subject text, date timestamp, is_sent boolean,
                      recipients jsonb))
SELECT email.uid, near.id
  FROM email
CROSS JOIN LATERAL (
       SELECT m.id FROM member_mail_message AS m
        WHERE m.rfc_message_id = email.rfc_id AND m.company_id = %(company)s
          AND m.date BETWEEN email.date - %(span)s AND email.date + %(span)s
     ORDER BY m.id LIMIT %(limit)s) AS near
 UNION
SELECT email.uid, near.id
  FROM email
CROSS JOIN LATERAL (
       SELECT m.id FROM member_mail_message AS m
        WHERE m.plain_subject = email.subject AND m.company_id = %(company)s
          AND m.date BETWEEN email.date - %(sent_span)s AND email.date + %(sent_span)s
          AND m.direction = 'out'
          AND EXISTS (SELECT FROM member_mail_participant AS p
                       WHERE p.message_id = m.id AND p.role IN ('to', 'cc')
                         AND email.recipients ? p.email)
          AND NOT EXISTS (SELECT FROM member_mail_location AS place
                           WHERE place.message_id = m.id AND place.folder_id = %(folder)s)
     ORDER BY m.id LIMIT %(limit)s) AS near
 WHERE email.is_sent
 ORDER BY 1, 2
"""
