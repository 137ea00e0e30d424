from odoo import api, fields, models

from ..account.visibility import OF_RECORD

#: Emails that the notification area counts.
MAX_COUNTED = 1_000
#: Entries that it lists, the newest ones.
MAX_ENTRIES = 20


class MemberMailNews(models.Model):
    """What Odoo's notification area shows of new emails: an entry for each contact or lead."""

    _inherit = "member.mail.news"

    @api.model
    def get_news(self):
        """The new emails that the user was told of and has not read, as far as they may see them now.

        The number of queries does not depend on how many there are.

        :return: dict of `count` (number of emails, 1,000 at most), `more` (of those that are not in the
            entries) and `entries`, the newest first. An entry is a dict of `key`, the contact or lead
            (`res_model`, `res_id`, False if the user may read neither), its `name`, the ids of its
            messages (`message_ids`, the newest first), and the `sender`, `subject` and `date` of the
            newest one.
        """
        messages = self._to_read(limit=MAX_COUNTED)
        messages.fetch(["correspondent", "subject", "create_date", "partner_ids", "author_id"])
        about = self._about(messages)
        grouped = {}
        for message in messages:
            key = about[message] or message.correspondent or ""
            grouped.setdefault(key, []).append(message)
        entries = [
            self._entry(about[found[0]], found) for found in list(grouped.values())[:MAX_ENTRIES]
        ]
        listed = sum(len(entry["message_ids"]) for entry in entries)
        return {"count": len(messages), "more": len(messages) - listed, "entries": entries}

    @api.model
    def get_alert(self, message_ids):
        """What pops up in a page of the user that was told of new emails: those that they have not read
        meanwhile, as far as they may see them now.

        :param list message_ids: of the emails
        :return: dict of `count` and, unless that is 0, the newest one's `message_id`, `sender` and
            `subject`
        """
        messages = self._to_read(self.env["member.mail.message"].browse(message_ids))
        if not messages:
            return {"count": 0}
        newest = messages[0]
        return {
            "count": len(messages),
            "message_id": newest.id,
            "sender": newest.correspondent or "",
            "subject": newest.subject or "",
        }

    @api.model
    def get_place(self, message_id):
        """Where a message is read with its conversation.

        :param int message_id: of an email
        :return: dict of `res_model` and `res_id`, the contact or lead in whose Messages tab it is, and
            `conversation_id`; False if the user may read none of them
        """
        message = self.env["member.mail.message"].with_context(**{OF_RECORD: True})
        message = message.browse(message_id).exists()._filtered_access("read")
        record = message and self._about(message)[message]
        return bool(record) and {
            "res_model": record._name,
            "res_id": record.id,
            "conversation_id": message.conversation_id.id,
        }

    @api.model
    def _about(self, messages):
        """Whom messages are listed under: dict of message to the contact who wrote or, without one,
        the first contact or lead that it is filed under and that the user may read; or None."""
        contacts = (messages.author_id | messages.partner_ids)._filtered_access("read")
        contacts.fetch(["display_name"])
        of_message = {}
        for message in messages:
            found = [message.author_id & message.partner_ids, *message.partner_ids]
            of_message[message] = next((one for one in found if one and one in contacts), None)
        rest = messages.filtered(lambda message: not of_message[message])
        if rest and rest._has_field_access(rest._fields["lead_ids"], "read"):
            leads = rest.lead_ids._filtered_access("read")
            for message in rest:
                of_message[message] = (message.lead_ids & leads)[:1] or None
        return of_message

    @api.model
    def _entry(self, record, messages):
        newest = messages[0]
        sender = newest.correspondent or ""
        return {
            "key": f"{record._name},{record.id}" if record else sender,
            "res_model": record._name if record else False,
            "res_id": record.id if record else False,
            "name": (record.display_name if record else sender) or "",
            "message_ids": [message.id for message in messages],
            "sender": sender,
            "subject": newest.subject or "",
            "date": fields.Datetime.to_string(newest.create_date),
        }


class ResUsers(models.Model):
    """The counter is there when a page opens."""

    _inherit = "res.users"

    def _init_messaging(self, store):
        result = super()._init_messaging(store)
        unread = self.env["member.mail.news"].with_user(self)._to_read(limit=MAX_COUNTED)
        store.add_global_values(memberMailNews={"count": len(unread), "more": 0, "entries": []})
        return result
