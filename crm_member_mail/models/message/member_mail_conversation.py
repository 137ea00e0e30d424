from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class MemberMailConversation(models.Model):
    """Emails that refer to each other by Message-ID (RFC 5322 section 3.6.4)."""

    _name = "member.mail.conversation"
    _description = "Email Conversation"
    _order = "last_date desc, id desc"
    _rec_name = "subject"

    subject = fields.Char(readonly=True)
    message_ids = fields.One2many(
        "member.mail.message", "conversation_id", "Messages", readonly=True
    )
    last_date = fields.Datetime("Last email on", readonly=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)

    def _unlink_empty(self):
        """Remove those of these conversations that have no messages left."""
        self.search(Domain("id", "in", self.ids) & Domain("message_ids", "=", False)).unlink()

    @api.model
    def _assign(self, company, emails):
        """Find or create the conversation of each email; conversations that an email links are merged.

        Emails are filed in any order, so a reply may come before the email it answers. That is why
        every Message-ID that an email has or mentions is stored with its conversation: two emails are
        in one conversation when their sets of Message-IDs overlap, directly or through others. The
        subject alone never joins anything: it would mix strangers ("Invoice", "Hello").

        :param company: the `res.company` of the emails
        :param list emails: of dicts with `ids` (list of Message-IDs), `subject`, `date`
        :return: the conversations as a list, one for each email
        """
        Reference = self.env["member.mail.reference"].sudo()
        all_ids = {rfc_id for email in emails for rfc_id in email["ids"]}
        known = Reference.search(
            [("company_id", "=", company.id), ("rfc_message_id", "in", list(all_ids))]
        )
        conversation_of = {ref.rfc_message_id: ref.conversation_id for ref in known}
        groups = _connected(
            [[conversation_of.get(rfc_id, rfc_id) for rfc_id in email["ids"]] for email in emails]
        )
        found = defaultdict(self.browse)
        for email, group in zip(emails, groups, strict=True):
            found[group] |= self.union(
                *(conversation_of[rfc_id] for rfc_id in email["ids"] if rfc_id in conversation_of)
            )
        targets = {group: old.sorted("id")[:1] for group, old in found.items()}
        new = [group for group, target in targets.items() if not target]
        created = self.create(
            [
                {"subject": emails[groups.index(group)]["subject"], "company_id": company.id}
                for group in new
            ]
        )
        targets |= dict(zip(new, created, strict=True))
        self._merge(
            {old: targets[group] for group, olds in found.items() for old in olds - targets[group]}
        )
        Reference.create(
            [
                {
                    "rfc_message_id": rfc_id,
                    "company_id": company.id,
                    "conversation_id": targets[group].id,
                }
                for rfc_id, group in {
                    rfc_id: group
                    for email, group in zip(emails, groups, strict=True)
                    for rfc_id in email["ids"]
                }.items()
                if rfc_id not in conversation_of
            ]
        )
        result = [targets[group] for group in groups]
        self._touch(result, [email["date"] for email in emails])
        return result

    @api.model
    def _merge(self, into):
        """Move the messages of each key conversation to its value, and remove the keys."""
        if not into:
            return
        self._take_over(into)
        sources, targets = zip(*((s.id, t.id) for s, t in into.items()), strict=True)
        for table in ("member_mail_message", "member_mail_reference"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET conversation_id = pair.target"
                    " FROM unnest(%s, %s) AS pair(source, target)"
                    " WHERE conversation_id = pair.source",
                    SQL.identifier(table),
                    list(sources),
                    list(targets),
                )  # fmt: skip
            )
        self.env.invalidate_all(flush=False)
        self.browse(sources).unlink()
        assigned = self.browse(targets).sudo().filtered("assigned_lead_id")
        assigned.message_ids._file_with_conversation()

    @api.model
    def _touch(self, conversations, dates):
        """Move `last_date` of each conversation up to its date, in one query."""
        if not conversations:
            return
        self.flush_model(["last_date"])
        self.env.cr.execute(
            """
            UPDATE member_mail_conversation AS c
               SET last_date = GREATEST(c.last_date, latest.date)
              FROM (SELECT id, max(date) AS date
                      FROM unnest(%s, %s::timestamp[]) AS pair(id, date)
                  GROUP BY id) AS latest
             WHERE c.id = latest.id
            """,
            (
                [conversation.id for conversation in conversations],
                [fields.Datetime.to_string(date) for date in dates],
            ),
        )
        self.invalidate_model(["last_date"], flush=False)


def _connected(sets):
    """Number the groups of ``sets`` (lists of hashables) that are linked by common elements.

    >>> _connected([["a", "b"], ["c"], ["b", "d"]])
    [0, 1, 0]
    """
    parent = list(range(len(sets)))

    def root(number):
        while parent[number] != number:
            number = parent[number]
        return number

    first_with = {}
    for number, elements in enumerate(sets):
        for element in elements:
            one, other = root(number), root(first_with.setdefault(element, number))
            parent[max(one, other)] = min(one, other)
    return [root(number) for number in range(len(sets))]
