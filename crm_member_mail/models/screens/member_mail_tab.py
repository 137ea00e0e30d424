from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.html.pictures import own_pictures
from ..account.visibility import OF_RECORD, visible_account_ids

#: What a Messages tab may belong to.
MODELS = ("res.partner", "crm.lead")
#: Conversations, or messages, on a page of the tab unless it asks for another number.
PAGE, MAX_PAGE = 30, 200
#: Messages of a record that are counted, the newest ones, as lists of Odoo count.
MAX_COUNTED = 10_000
#: Unread ones that are counted of these.
MAX_UNREAD = 1_000
#: Messages of one conversation that the tab shows, the newest ones.
MAX_THREAD = 500
#: What the tab can be limited to: name to domain.
FILTERS = {
    "in": Domain("direction", "=", "in"),
    "out": Domain("direction", "=", "out"),
    "unread": Domain("is_unread", "=", True),
    "attachments": Domain("has_attachments", "=", True),
}
HEAD = (
    "subject", "date", "direction", "state", "preview", "correspondent",
    "has_attachments", "is_automatic", "authenticity", "protection", "conversation_id",
    "account_ids", "participant_ids", "is_news", "failure_reason", "failure_details", "scheduled_date",
    "sender_user_id",
)  # fmt: skip
#: The sender of a message without a From.
NOBODY = {
    "role": "from",
    "name": "",
    "email": "",
    "partner_id": False,
    "failure": "",
    "failure_reason": "",
}


class MemberMailTab(models.AbstractModel):
    """What the Messages tab of a contact or lead asks for.

    Every method works with the rights of the user: they see the messages of the mailboxes they may see,
    on contacts and leads they may read.
    """

    _name = "member.mail.tab"
    _description = "Messages Tab"

    @api.model
    def get_page(self, res_model, res_id, flat=False, query="", only=None, offset=0, limit=PAGE):
        """Conversations, or messages where ``flat``, newest first.

        The number of queries does not depend on how many there are.

        :param str res_model: res.partner or crm.lead
        :param bool flat: each message by itself
        :param str query: words to find, as in ``_search_domain`` of the messages
        :param str only: a name of FILTERS
        :return: dict of `cards`, `total` (number of cards), `messages` and `unread` (numbers of
            messages, the latter no matter what is searched for, 1,000 at most), `is_capped` (there
            may be more than these: only the newest ones are counted), `odoo` (number of cards of Odoo's
            own emails), `marks`: what to highlight (`get_search_marks`), `watch`: dict of
            model to the ids of the records whose messages these are, and
            `elsewhere`: where there are messages that this page can't show (sentences). A card is a
            dict of what `_heads` has of its newest message, its `key`, the number of its messages
            (`count`) and of the unread ones (`unread`), and the ids of those that were found (`found`,
            only with a query); or what `_odoo_cards` has. A query does not search Odoo's own emails.
        """
        record = self._record(res_model, res_id)
        Message = self._messages()
        # The record's emails are looked up once, not in each query.
        everything = record._member_mail_domain().optimize_full(Message)
        domain = everything & FILTERS.get(only, Domain.TRUE)
        if query.strip():
            domain &= Message._search_domain(query)
        odoo = {} if query.strip() else self._odoo_mail(record, only)
        offset, limit = max(offset, 0), min(max(limit, 1), MAX_PAGE)
        most = max(MAX_COUNTED, 10 * (offset + limit))
        newest = self._newest_sql(everything, most)
        is_narrowed = bool(query.strip() or only)
        if only == "unread" and not query.strip():
            found = self._newest_sql(domain, most, Message._first_unread_sql())
        else:
            found = self._narrowed_sql(domain, most) if is_narrowed else newest
        page = self._groups(found, flat, offset, limit, odoo, counts_unread=not is_narrowed)
        groups, total, messages, looked_at, unread_mail = page
        if only == "unread" and not query.strip():
            unread_mail = min(messages, MAX_UNREAD)
        elif is_narrowed:
            unread_mail = self._unread_of(newest)
        ours = [group for group in groups if not group.is_odoo]
        keys = [group.key for group in ours]
        heads = iter(self._heads(Message.browse(group.newest for group in ours)))
        odoo_cards = self._odoo_cards(
            record, {group.key: odoo[group.key] for group in groups if group.is_odoo}
        )
        shown = {id_: group.key for group in ours for id_ in group.ids}
        marks = self._marks(shown)
        leads = {} if flat else self._leads(keys)
        cards = []
        for group in groups:
            key = group.key
            if group.is_odoo:
                cards.append(odoo_cards[key])
                continue
            head = next(heads)
            clip, failed, unread = marks[key]
            cards.append(
                {
                    **head,
                    "key": f"{'m' if flat else 'c'}{key}",
                    "count": group.count,
                    "unread": int(head["is_unread"]) if flat else unread,
                    "has_attachments": clip,
                    "authenticity": "failed" if failed else head["authenticity"],
                    "found": [key] if flat else group.ids if query.strip() else [],
                    "lead": leads.get(key, False),
                }
            )
        return {
            "cards": cards,
            "total": total,
            "messages": messages,
            "is_capped": looked_at >= most,
            "odoo": len(odoo),
            "unread": unread_mail,
            "watch": self._watched(record),
            "marks": Message.get_search_marks(query) if query.strip() else {},
            "elsewhere": [] if cards or is_narrowed else self._elsewhere(record),
        }

    @api.model
    def get_thread(self, res_model, res_id, conversation_id):
        """The messages of a conversation that belong to a contact or lead, oldest first, as dicts (see
        `_heads`) with `is_unread`; of a very long conversation, the newest ones. Of the copies of an
        email, the one that was filed first."""
        record = self._record(res_model, res_id)
        return self._thread(
            record._member_mail_domain() & Domain("conversation_id", "=", conversation_id)
        )

    @api.model
    def get_conversation(self, message_id):
        """The same for the conversation of a message, under whomever its messages are filed."""
        message = self.env["member.mail.message"].browse(message_id)
        message.check_access("read")
        return self._thread(Domain("conversation_id", "=", message.conversation_id.id or 0))

    def _thread(self, domain):
        messages = self.env["member.mail.message"].search_fetch(domain, HEAD, limit=MAX_THREAD)
        first = {}
        for message in messages.sorted("id").sudo():
            first.setdefault(message.copy_of_id.id or message.id, message.id)
        shown = messages[::-1].filtered(lambda message: message.id in set(first.values()))
        shown._note_preview()
        return self._heads(shown)

    @api.model
    def get_messages(self, ids):
        """What is shown of open messages besides their text: list of dicts, in the order of ``ids``.

        For each message its head (see `_heads`), `participants` (people with `read_on`), `attachments`,
        `remote_attachments`, `leads`, what was wrong with it (`defects`) and the event that it brings
        (`invitation`, see `_compute_invitation_shown`).

        :raises AccessError: when one of them is not visible to this user
        """
        messages = self.env["member.mail.message"].browse(ids).exists()
        messages.check_access("read")
        result = self._heads(messages)
        people = self._people(messages)
        for message, values in zip(messages, result, strict=True):
            shown = own_pictures(message.body)
            readers = [fields.Datetime.to_string(p.read_on) or "" for p in message.participant_ids]
            values |= {
                "participants": [
                    {**person, "read_on": read_on}
                    for person, read_on in zip(people[message], readers, strict=True)
                ],
                "attachments": [
                    {
                        "id": file.id,
                        "name": file.name,
                        "mimetype": file.mimetype,
                        "size": file.file_size,
                        "inline": file.id in shown,
                    }
                    for file in message.attachment_ids.sorted("id")
                ],
                "remote_attachments": [
                    {"id": remote.id, "name": remote.name, "size": remote.size}
                    for remote in message.remote_attachment_ids
                ],
                "defects": message.defects_shown,
                "invitation": message.invitation_shown,
            }
        messages._note_preview()
        messages.filtered("invitation")._note_access("open")
        return result

    # -- inside -------------------------------------------------------------------------------

    def _messages(self):
        """`member.mail.message`, to search those of a record."""
        return self.env["member.mail.message"].with_context(**{OF_RECORD: True})

    def _record(self, res_model, res_id):
        if res_model not in MODELS:
            raise UserError(self.env._("There are no messages on %s.", res_model))
        record = self.env[res_model].browse(res_id)
        record.check_access("read")
        return record

    def _marks(self, shown):
        """What is said of a conversation (or message) because of any of its messages (or copies): dict
        of key to whether there are files, whether one is forged, and the number of unread ones.

        :param shown: dict of the id of a message to the key of its group
        """
        if not shown:
            return {}
        Message = self._messages()
        query = Message._search(Domain("id", "in", list(shown)))
        Message.flush_model(["has_attachments", "authenticity", "copy_of_id"])
        table = SQL.identifier(query.table)
        unread = FILTERS["unread"].optimize_full(Message)
        query.add_join(
            "JOIN",
            "shown",
            SQL(
                "(SELECT * FROM unnest(%s, %s) AS shown(id, key))",
                list(shown),
                list(shown.values()),
            ),
            SQL("shown.id = %s.id", table),
        )
        query.groupby = SQL("shown.key")
        rows = self.env.execute_query(
            query.select(
                "shown.key",
                SQL("bool_or(%s.has_attachments)", table),
                # As the user sees it: copies may say different things.
                SQL(
                    "bool_or(%s = 'failed')",
                    Message._field_to_sql(query.table, "authenticity", query),
                ),
                SQL(
                    "count(DISTINCT %s) FILTER (WHERE %s)",
                    Message._email_sql(table),
                    unread._to_sql(Message, query.table, query),
                ),
            )
        )
        return {key: marks for key, *marks in rows}

    def _leads(self, keys):
        """The opportunities that conversations belong to and that the user may read: dict of id to dict
        of `id` and `name`."""
        conversations = self.env["member.mail.conversation"].browse(keys)
        if not conversations._has_field_access(conversations._fields["lead_id"], "read"):
            return {}
        return {
            talk.id: {"id": talk.lead_id.id, "name": talk.lead_id.display_name}
            for talk in conversations
            if talk.lead_id
        }

    def _watched(self, record):
        if record._name == "crm.lead":
            return {"crm.lead": record.ids, "res.partner": record.partner_id.ids}
        return {"res.partner": record.ids}

    def _heads(self, messages):
        """What a line of the list shows of each message, as a list of dicts.

        `who` is the person on the other side (the sender of a received message, the first recipient of
        a sent one) and `sender` the sender: dicts as in `_people`. `copies` are those of the email that
        the user may see, if there is more than this one: list of dicts of `id`, `subject` and
        `accounts`.
        """
        copies = messages._copies_by_email()
        shown = messages.union(*copies.values())
        shown.fetch(HEAD)
        # Who has one mailbox need not be told which one it is.
        has_several = len(visible_account_ids(self.env)) > 1
        held = shown._visible_accounts() if has_several else ()
        names = {account.id: account.email for account in held}
        people = self._people(messages)
        result = []
        for message in messages:
            senders = [person for person in people[message] if person["role"] == "from"]
            others = [p for p in people[message] if p["role"] == "resent"] or [
                p for p in people[message] if p["role"] in ("to", "cc", "bcc")
            ]
            outgoing = message.direction == "out"
            result.append(
                {
                    "id": message.id,
                    "conversation_id": message.conversation_id.id,
                    "subject": message.subject or "",
                    "date": fields.Datetime.to_string(message.date),
                    "direction": message.direction,
                    "state": message.state,
                    "failure_reason": message.failure_reason or "",
                    "failure_details": message.failure_details or "",
                    "scheduled_date": fields.Datetime.to_string(message.scheduled_date) or "",
                    "preview": message.preview_shown,
                    "correspondent": message.correspondent or "",
                    "sender": (senders or [NOBODY])[0],
                    "who": ((others if outgoing else senders) or [NOBODY])[0],
                    "has_attachments": message.has_attachments,
                    "is_automatic": message.is_automatic,
                    "is_news": message.is_news,
                    "is_unread": any(copy.is_unread for copy in copies[message]),
                    "authenticity": message.authenticity or "",
                    "protection": message.protection or "",
                    "accounts": [names[id_] for id_ in message.account_ids._ids if id_ in names],
                    "copies": [
                        {
                            "id": copy.id,
                            "subject": copy.subject or "",
                            "accounts": [
                                names[id_] for id_ in copy.account_ids._ids if id_ in names
                            ],
                        }
                        for copy in copies[message]
                        if len(copies[message]) > 1
                    ],
                }
            )
        return result

    def _people(self, messages):
        """The people on each message: dict of message to a list of dicts of `role`, `name`, `email` and
        `partner_id`, for a contact that the user may read, or False."""
        contacts = messages.participant_ids.partner_id._filtered_access("read")
        contacts.fetch(["name"])
        return {
            message: [
                {
                    "role": person.role,
                    "name": person.name or (person.partner_id & contacts).name or "",
                    "email": person.email or "",
                    "partner_id": (person.partner_id & contacts).id,
                    "failure": person.failure or "",
                    "failure_reason": person.failure_reason or "",
                }
                for person in message.participant_ids
            ]
            for message in messages
        }
