from html import escape
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, is_html_empty, str2bool

from ...mailbox.html.quotes import is_forward
from ...mailbox.html.viewer import Viewer
from ...mailbox.net.undelivered import why
from ..message.viewer import document, inline_images
from .member_mail_tab import NOBODY

PARAMETER = "crm_member_mail.show_odoo_mail"
#: How many of Odoo's emails with a contact the tab considers, the newest ones.
MAX_ODOO_MAIL = 500
#: What to show of them where only some messages are wanted; a filter that is not here shows none.
ODOO_FILTERS = {
    "in": SQL("bool_or(found.incoming)"),
    "out": SQL("NOT bool_or(found.incoming)"),
    "attachments": SQL(
        "EXISTS (SELECT FROM message_attachment_rel AS file WHERE file.message_id = message.id)"
    ),
}
FAILED, WAITING = ("exception", "bounce"), ("ready", "process", "outgoing")


# A file of its own: these emails are read where Odoo keeps them, none of them is ours.
class MemberMailTab(models.AbstractModel):
    """The emails that Odoo itself exchanged with a contact: quotations, invoices, what is written in a
    chatter, and the replies to it.

    They stay in ``mail.message``; the tab shows them as cards that lead to the document.
    ``mail.message`` and the document decide who may see what.
    """

    _inherit = "member.mail.tab"

    @api.model
    def get_odoo_mail(self, message_id):
        """What is shown of an open card besides its text: dict of `author`, `recipients` and
        `attachments`, as in `get_messages`.

        :raises AccessError: when it is not visible to this user
        """
        message = self._odoo_message(message_id)
        notified = message.notification_ids.filtered(
            lambda one: one.notification_type == "email" and one.notification_status != "canceled"
        )
        mails = message.mail_ids.filtered(lambda mail: not mail.is_notification)
        contacts = notified.res_partner_id | mails.recipient_ids
        readable = self._readable_contacts(contacts | message.author_id)
        addresses = [one.mail_email_address for one in notified if not one.res_partner_id]
        return {
            "author": self._odoo_author(message, readable),
            "recipients": [
                *(_person("to", contact) for contact in contacts & readable),
                *({**NOBODY, "role": "to", "email": email} for email in addresses if email),
            ],
            "attachments": [
                {
                    "id": file.id,
                    "name": file.name,
                    "mimetype": file.mimetype,
                    "size": file.file_size,
                    "inline": False,
                }
                for file in message.attachment_ids.sorted("id")
            ],
        }

    @api.model
    def get_odoo_mail_html(self, message_id, show_images=False, quotes=False):
        """The text of a card as a document for the sandboxed frame: see ``get_viewer_html`` of the
        messages."""
        message = self._odoo_message(message_id)
        viewer = Viewer(
            images=lambda ids: inline_images(message.attachment_ids, ids),
            show_images=bool(show_images),
            own_host=urlsplit(self.get_base_url()).netloc,
            fold_quotes=not quotes and not is_forward(message.subject or ""),
        )
        body = viewer.clean(message.body or "")
        if is_html_empty(body):
            body = f'<div class="text">{escape(_event(message))}</div>'
        notes = {
            "blocked-images": viewer.blocked,
            "images": int(bool(show_images)),
            "quotes": int(viewer.has_quotes),
            "ending": int(viewer.has_ending),
        }
        return document(body, notes, show_images)

    # -- for get_page -------------------------------------------------------------------------

    def _odoo_mail(self, record, only):
        """What Odoo exchanged with a contact or lead and the user may read, newest first.

        :return: dict of the id of a ``mail.message`` to (its date, whether it was received)
        """
        value = self.env["ir.config_parameter"].sudo().get_param(PARAMETER)
        if not str2bool(value or "true", True) or (only and only not in ODOO_FILTERS):
            return {}
        rows = [
            row
            for row in self._odoo_rows(record, ODOO_FILTERS.get(only, SQL("TRUE")))
            # Of a module that is no longer installed.
            if not row[1] or row[1] in self.env
        ]
        found = self.env["mail.message"].browse(row[0] for row in rows)
        allowed = set(found._filtered_access("read")._ids)
        filed = self._filed_as_well(record, [row for row in rows if row[0] in allowed])
        return {
            id_: (date, incoming)
            for id_, _model, rfc_id, date, incoming in rows
            if id_ in allowed and rfc_id not in filed
        }

    def _odoo_rows(self, record, condition):
        """(id, model, Message-ID, date, whether it was received) of the newest of Odoo's emails with a
        contact or lead, no matter who may read them."""
        # Not part of the query: nobody knows beforehand how few they are.
        contact_ids = self._odoo_contacts(record)
        for model in ("mail.message", "mail.notification", "mail.mail"):
            self.env[model].flush_model()
        sources = [
            SQL(
                "SELECT mail_message_id AS id, FALSE AS incoming FROM mail_notification"
                " WHERE res_partner_id = ANY(%s) AND notification_type = 'email'"
                " AND notification_status IS DISTINCT FROM 'canceled'",
                contact_ids,
            ),
            # What templates send notifies nobody except the recipients themselves.
            SQL(
                "SELECT mail.mail_message_id, FALSE FROM mail_mail_res_partner_rel AS recipient"
                " JOIN mail_mail AS mail ON mail.id = recipient.mail_mail_id"
                " WHERE recipient.res_partner_id = ANY(%s) AND mail.is_notification IS NOT TRUE"
                " AND mail.state <> 'cancel'",
                contact_ids,
            ),
            SQL(
                "SELECT id, TRUE FROM mail_message"
                " WHERE author_id = ANY(%s) AND message_type = 'email'",
                contact_ids,
            ),
        ]
        if record._name == "crm.lead":
            sources += self._odoo_sources_of_lead(record)
        return self.env.execute_query(
            SQL(
                """
                SELECT message.id, message.model, message.message_id, message.date,
                       bool_or(found.incoming)
                  FROM (%(sources)s) AS found
                  JOIN mail_message AS message ON message.id = found.id
             LEFT JOIN mail_message_subtype AS subtype ON subtype.id = message.subtype_id
                 WHERE message.date IS NOT NULL
                   AND message.message_type <> 'user_notification'
                   -- Notes are not emails, even where somebody is notified of them by email.
                   AND NOT (message.message_type IN ('comment', 'email')
                            AND (message.is_internal IS TRUE OR subtype.internal IS TRUE))
                   -- What this addon sends and announces through Odoo's queue.
                   AND (message.model IS NULL OR message.model NOT LIKE 'member.mail.%%')
                   AND NOT EXISTS (SELECT FROM mail_mail AS ours
                                    WHERE ours.mail_message_id = message.id
                                      AND ours.member_mail_message_id IS NOT NULL)
              GROUP BY message.id
                HAVING %(condition)s
              ORDER BY message.date DESC, message.id DESC
                 LIMIT %(limit)s
                """,
                sources=SQL(" UNION ALL ").join(sources),
                condition=condition,
                limit=MAX_ODOO_MAIL,
            )
        )

    def _odoo_sources_of_lead(self, lead):
        """What came to the lead itself, and what went to an address that is no contact's."""
        return [
            SQL(
                "SELECT message.id, TRUE FROM mail_message AS message"
                " LEFT JOIN res_partner AS author ON author.id = message.author_id"
                " WHERE message.model = 'crm.lead' AND message.res_id = %s"
                " AND message.message_type = 'email' AND author.partner_share IS NOT FALSE",
                lead.id,
            ),
            SQL(
                "SELECT message.id, FALSE FROM mail_message AS message"
                " JOIN mail_notification AS told ON told.mail_message_id = message.id"
                " WHERE message.model = 'crm.lead' AND message.res_id = %s"
                " AND told.notification_type = 'email' AND told.mail_email_address IS NOT NULL"
                " AND told.notification_status IS DISTINCT FROM 'canceled'",
                lead.id,
            ),
        ]

    def _odoo_contacts(self, record):
        """The ids of the contact and of its people, archived ones too, no matter who may read them."""
        contact = record.partner_id if record._name == "crm.lead" else record
        contact.flush_model(["parent_id"])
        rows = self.env.execute_query(
            SQL(
                "WITH RECURSIVE people (id) AS (SELECT %s::int UNION SELECT child.id"
                " FROM res_partner AS child JOIN people ON child.parent_id = people.id)"
                " SELECT id FROM people",
                contact.id or None,
            )
        )
        return [id_ for [id_] in rows if id_]

    def _filed_as_well(self, record, rows):
        """The Message-IDs of what is already shown, because one of the mailboxes holds it too."""
        rfc_ids = [rfc_id for _id, _model, rfc_id, *_rest in rows if rfc_id]
        if not rfc_ids:
            return set()
        domain = record._member_mail_domain() & Domain("rfc_message_id", "in", rfc_ids)
        messages = self.env["member.mail.message"].search_fetch(domain, ["rfc_message_id"])
        return set(messages.mapped("rfc_message_id"))

    def _odoo_cards(self, record, mail):
        """What a line of the list shows of each of Odoo's messages.

        :param dict mail: a part of what `_odoo_mail` found
        :return: dict of id to a card: `kind` is "odoo"; `who` is the person on the other side, as in
            `_people`; `document` a dict of `model`, `id`, `type` and `name`, or False; `failure` what
            a server said because it did not arrive, or "", and `failure_reason` what that means
        """
        messages = self.env["mail.message"].sudo().browse(mail)
        if not messages:
            return {}
        messages.fetch(
            [
                "subject", "body", "author_id", "email_from", "model", "res_id", "attachment_ids",
                "subtype_id",
            ]
        )  # fmt: skip
        deliveries = self._odoo_deliveries(record, messages)
        contacts = messages.author_id.union(*(people for people, *_rest in deliveries.values()))
        readable = self._readable_contacts(contacts)
        documents = self._odoo_documents(record, messages)
        cards, say = {}, self.env._
        for message in messages:
            date, incoming = mail[message.id]
            people, emails, failure, waiting = deliveries[message]
            author = self._odoo_author(message, readable)
            recipients = [_person("to", contact) for contact in people & readable] + [
                {**NOBODY, "role": "to", "email": email} for email in emails
            ]
            shown = documents.get((message.model, message.res_id), False)
            cards[message.id] = {
                "kind": "odoo",
                "key": f"o{message.id}",
                "odoo_id": message.id,
                "subject": message.subject or (shown and shown["name"]) or "",
                "date": fields.Datetime.to_string(date),
                "direction": "in" if incoming else "out",
                "preview": message.preview or _event(message),
                "author": author,
                "who": author if incoming else (recipients or [NOBODY])[0],
                "document": shown,
                "has_attachments": bool(message.attachment_ids),
                "failure": failure,
                "failure_reason": failure and say(why(failure)),
                "is_waiting": waiting,
            }
        return cards

    def _odoo_deliveries(self, record, messages):
        """For each message: who of this contact or lead got it (contacts, and addresses that are no
        contact's), why it did not arrive at one of them ("" if it did), and whether it waits to be
        sent."""
        partners = messages.author_id.browse(self._odoo_contacts(record))
        result = {message: [partners.browse(), [], "", False] for message in messages}

        def add(message, people, email, status, failure):
            values = result[message]
            values[0] |= people & partners
            values[1] += [email] if email else []
            values[2] = values[2] or (failure if status in FAILED else "")
            values[3] = values[3] or status in WAITING

        to_them = Domain("res_partner_id", "in", partners.ids)
        if record._name == "crm.lead":
            to_them |= Domain("mail_email_address", "!=", False)
        for told in messages.env["mail.notification"].search(
            to_them
            & Domain("mail_message_id", "in", messages.ids)
            & Domain("notification_type", "=", "email")
        ):
            add(
                told.mail_message_id, told.res_partner_id, told.mail_email_address,
                told.notification_status, told.format_failure_reason(),
            )  # fmt: skip
        for mail in messages.env["mail.mail"].search(
            [("mail_message_id", "in", messages.ids), ("is_notification", "=", False)]
        ):
            add(
                mail.mail_message_id, mail.recipient_ids, "", mail.state,
                mail.failure_reason or self.env._("Unknown error"),
            )  # fmt: skip
        return result

    def _odoo_documents(self, record, messages):
        """The documents of these messages that the user may read, except the one they are looking at:
        dict of (model, id) to a dict."""
        ids = {}
        for message in messages:
            if message.model in self.env and message.res_id:
                ids.setdefault(message.model, set()).add(message.res_id)
        result = {}
        for model, its_ids in ids.items():
            documents = self.env[model].with_context(active_test=False).browse(sorted(its_ids))
            if not documents.browse().has_access("read"):
                continue
            for shown in documents.exists()._filtered_access("read"):
                if shown != record:
                    result[model, shown.id] = {
                        "model": model,
                        "id": shown.id,
                        "type": _kind(shown),
                        "name": shown.display_name,
                    }
        return result

    # -- inside -------------------------------------------------------------------------------

    def _odoo_message(self, message_id):
        """A ``mail.message`` that the user may read, as superuser."""
        self.env["member.mail.message"].check_access("read")  # only who has a Messages tab
        message = self.env["mail.message"].browse(message_id)
        message.check_access("read")
        return message.sudo()

    def _readable_contacts(self, contacts):
        contacts = contacts.sudo(False)._filtered_access("read")
        contacts.fetch(["name", "email_normalized"])
        return contacts

    def _odoo_author(self, message, readable):
        if author := message.author_id.sudo(False) & readable:
            return _person("from", author)
        return {**NOBODY, "email": message.email_from or ""}


def _event(message):
    """What a message without text says: that something happened to its document."""
    return message.subtype_id.description or message.subtype_id.name or ""


def _kind(document):
    """What a document is called: "Invoice", "Quotation", "Opportunity"."""
    if document._name == "crm.lead":
        return dict(document._fields["type"]._description_selection(document.env))[document.type]
    # Orders and invoices use it to say what they are at the moment.
    name = document["type_name"] if "type_name" in document._fields else ""
    return name or document.env["ir.model"]._get(document._name).name


def _person(role, contact):
    return {
        "role": role,
        "name": contact.name or "",
        "email": contact.email_normalized or "",
        "partner_id": contact.id,
    }
