import json
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailbox.mime.thread import is_thread_index, plain_subject
from ...tools.insert import insert
from .thread_groups import Groups, Thread, is_constant

#: How long after an email an answer without its Message-ID is still taken for one to it.
ANSWERED_WITHIN = timedelta(days=90)
#: Conversations that one Message-ID belongs to: more have a constant in common, nothing else.
MAX_OWNERS = 10
#: Emails of one subject that are looked at.
MAX_NAMESAKES = 500


class MemberMailMessage(models.Model):
    """What an email's subject says about its conversation."""

    _inherit = "member.mail.message"

    plain_subject = fields.Char(
        "Subject without additions", compute="_compute_plain_subject",
        store=True, groups=fields.NO_ACCESS,
        help="Without what answers, lists and gateways add.",
    )  # fmt: skip
    is_answer = fields.Boolean(
        "Answer by its subject", compute="_compute_plain_subject",
        store=True, groups=fields.NO_ACCESS,
        help="The subject begins with Re: or the like.",
    )  # fmt: skip

    # Of those of a subject, the index alone says which are answers.
    _plain_subject_idx = models.Index(
        "(plain_subject, date, is_answer) WHERE plain_subject IS NOT NULL"
    )

    @api.depends("subject")
    def _compute_plain_subject(self):
        for message in self:
            message.plain_subject, message.is_answer = self._plain_subject_of(message.subject)

    @api.model
    def _plain_subject_of(self, subject):
        """The values of ``plain_subject`` and ``is_answer`` for a subject."""
        plain, is_answer = plain_subject(subject)
        return plain or False, is_answer


class MemberMailConversation(models.Model):
    """Which conversation an email belongs to.

    Emails are filed in any order, so a reply may come before the email it answers. That is why every
    Message-ID that an email has or mentions is stored with its conversation. Two emails are in one
    conversation when they share

    * a Message-ID (or Outlook's Thread-Index), and a person who is not one of us, or the subject: the
      ID alone may be a placeholder, or one that a device gives to all that it sends;
    * or else the subject and a person, if the later one is an answer by its subject, comes within
      ANSWERED_WITHIN, and begins a conversation that lacks its beginning. Such an answer has no
      reference, or one to an ID that a relay replaced.

    What people arranged is never joined by this.
    """

    _inherit = "member.mail.conversation"

    @api.model
    def _assign(self, company, emails):
        """Find or create the conversation of each email; conversations that an email links are merged.

        The number of queries does not depend on how many emails there are.

        :param company: the `res.company` of the emails
        :param list emails: of dicts with `ids` (list of Message-IDs, its own first, then the nearest
            first), `subject`, `date`, and optionally `own` (its Message-ID), `parties` (canonical
            addresses that are not ours, and ``#`` with the id of a contact), `conversation` (a record
            that it belongs to in any case) and `is_reused` (its Message-ID is also that of another
            email)
        :return: the conversations as a list, one for each email
        """
        self.env.flush_all()
        threads = [Thread(number, email) for number, email in enumerate(emails)]
        self._drop_constants(company, threads)
        owners = self._owners(company, threads)
        groups = Groups(threads)
        self._join_by_ids(threads, owners, groups)
        self._join_by_subject(company, threads, groups)
        targets = self._targets(company, threads, groups)
        self._own_ids(company, threads, owners, groups, targets)
        result = [targets[thread.number] for thread in threads]
        self._touch(result, [thread.date for thread in threads])
        return result

    @api.model
    def _drop_constants(self, company, threads):
        """Forget Message-IDs that several different emails have. One query."""
        ids = {rfc_id for thread in threads for rfc_id in thread.ids}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT rfc_message_id, min(date), max(date), array_agg(DISTINCT plain_subject)
                  FROM member_mail_message
                 WHERE company_id = %s AND rfc_message_id = ANY(%s) AND copy_of_id IS NULL
                   AND authenticity IS DISTINCT FROM 'failed'
              GROUP BY rfc_message_id
                """,
                company.id,
                [rfc_id for rfc_id in ids if not is_thread_index(rfc_id)],
            )
        )
        uses = defaultdict(list)
        for rfc_id, first, last, subjects in rows:
            uses[rfc_id] += [(first, subjects[0]), (last, subjects[-1])]
        constant = {rfc_id for rfc_id, found in uses.items() if is_constant(found)}
        for thread in threads:
            if thread.own:
                found = [*uses[thread.own], (thread.date, thread.subject or None)]
                if thread.is_reused or is_constant(found):
                    # It may name the first email that had it, but neither this one nor an answer.
                    constant.add(thread.own)
                else:
                    uses[thread.own] = found
        for thread in threads:
            thread.ids = [rfc_id for rfc_id in thread.ids if rfc_id not in constant]

    @api.model
    def _owners(self, company, threads):
        """The conversations that Message-IDs belong to: dict of Message-ID to a dict of their ids to the
        references' numbers. One query."""
        ids = {rfc_id for thread in threads for rfc_id in thread.ids}
        known = self.env["member.mail.reference"].sudo().search_fetch(
            [("company_id", "=", company.id), ("rfc_message_id", "in", list(ids))],
            ["rfc_message_id", "conversation_id", "number"],
            order="number",
        )  # fmt: skip
        owners = defaultdict(dict)
        for ref in known:
            owners[ref.rfc_message_id][ref.conversation_id.id] = ref.number
        return owners

    @api.model
    def _own_ids(self, company, threads, owners, groups, targets):
        """Note which conversations the Message-IDs of emails belong to now."""
        new = []
        for thread in threads:
            target, root = targets[thread.number].id, groups.root(thread.number)
            for rfc_id in thread.ids:
                numbers = owners[rfc_id]
                if len(numbers) >= MAX_OWNERS or target in numbers:
                    continue
                if any(groups.find(("c", id_)) == root for id_ in numbers):
                    continue  # it belonged to a conversation that is merged into this one
                number = max(numbers.values(), default=-1) + 1
                numbers[target] = number
                new.append(
                    {
                        "rfc_message_id": rfc_id,
                        "company_id": company.id,
                        "conversation_id": target,
                        "number": number,
                    }
                )
        insert(self.env["member.mail.reference"].sudo(), new)

    @api.model
    def _join_by_ids(self, threads, owners, groups):
        wanted = {id_ for ids in owners.values() for id_ in ids}
        wanted.update(thread.conversation.id for thread in threads if thread.conversation)
        known = self._known(wanted, threads)
        for conversation_id, (first, is_arranged, _marks) in known.items():
            groups.add(("c", conversation_id), first, is_arranged)
        for thread in threads:
            if thread.conversation:
                groups.join(thread.number, ("c", thread.conversation.id))
        common = defaultdict(set)
        for thread in threads:
            for rfc_id in thread.ids:
                common[rfc_id].add(thread.number)
        # What two emails share: an ID with a person or the subject.
        shared = {}
        for rfc_id, ids in owners.items():
            for conversation_id in ids:
                for mark in known[conversation_id][2]:
                    shared.setdefault((rfc_id, mark), []).append(("c", conversation_id))
        for thread in threads:
            for rfc_id in thread.ids:
                if rfc_id in owners or len(common[rfc_id]) > 1:
                    for mark in thread.marks:
                        for other in shared.setdefault((rfc_id, mark), [thread.number]):
                            groups.join(thread.number, other)

    @api.model
    def _known(self, ids, threads):
        """What is filed in conversations: dict of id to the date of the first message, whether it is
        arranged by hand, and those of the marks of ``threads`` that are in it. One query."""
        parties = {mark for thread in threads for mark in thread.marks if mark[0] == "party"}
        subjects = {thread.subject for thread in threads if thread.subject}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id, min(m.date), bool_or(c.is_arranged),
                       array_agg(DISTINCT p.email) || array_agg(DISTINCT '#' || p.partner_id),
                       array_agg(DISTINCT m.plain_subject)
                            FILTER (WHERE m.plain_subject = ANY(%(subjects)s))
                  FROM member_mail_conversation AS c
             LEFT JOIN member_mail_message AS m ON m.conversation_id = c.id
             LEFT JOIN member_mail_participant AS p
                    ON p.message_id = m.id
                   AND (p.email = ANY(%(parties)s) OR '#' || p.partner_id = ANY(%(parties)s))
                 WHERE c.id = ANY(%(ids)s)
              GROUP BY c.id
                """,
                ids=list(ids),
                parties=[email for _kind, email in parties],
                subjects=list(subjects),
            )
        )
        return {
            id_: (
                first,
                bool(is_arranged),
                {("party", email) for email in emails or () if email}
                | {("subject", subject) for subject in found or ()},
            )
            for id_, first, is_arranged, emails, found in rows
        }

    @api.model
    def _join_by_subject(self, company, threads, groups):
        """Give conversations that begin with an answer the email that it answers. One query."""
        before = [t for t in threads if t.is_answer and groups.begins_with(t)]
        rows = self.env.execute_query(
            SQL(
                NEIGHBOURS,
                company=company.id,
                emails=json.dumps(
                    [
                        {
                            "number": thread.number,
                            "subject": thread.subject,
                            "date": fields.Datetime.to_string(thread.date),
                            "parties": [email for kind, email in thread.marks if kind == "party"],
                            "before": thread in before,
                        }
                        for thread in threads
                        if thread.subject
                    ]
                ),
                span=ANSWERED_WITHIN,
                limit=MAX_NAMESAKES,
            )
        )
        links = []
        for number, conversation_id, date, first, is_arranged, is_before in rows:
            groups.add(("c", conversation_id), first, is_arranged)
            links.append((is_before, date, number, ("c", conversation_id)))
        by_subject = defaultdict(list)
        for thread in sorted(threads, key=lambda t: t.date):
            if thread.subject:
                by_subject[thread.subject].append(thread)
        for thread in before:
            earlier = [
                other
                for other in by_subject[thread.subject]
                if other is not thread
                and timedelta() <= thread.date - other.date <= ANSWERED_WITHIN
                and not thread.parties.isdisjoint(other.parties)
                and groups.root(other.number) != groups.root(thread.number)
            ]
            links += [(True, other.date, thread.number, other.number) for other in earlier[-1:]]
        # The nearest email before an answer, and the nearest one before each that lacks its beginning.
        nearest = {}
        date_of = {thread.number: thread.date for thread in threads}
        for is_before, date, number, other in links:
            key, date = (number, date) if is_before else (other, date_of[number])
            if key not in nearest or nearest[key][0] < date:
                nearest[key] = (date, number, other)
        for _date, number, other in nearest.values():
            groups.join(number, other)

    @api.model
    def _targets(self, company, threads, groups):
        """The conversation of each group: dict of a thread's number to a record."""
        members = defaultdict(list)
        for node in list(groups.parent):
            if isinstance(node, tuple):
                members[groups.root(node)].append(node[1])
        arranged, targets, into = groups.arranged, {}, {}
        for thread in threads:
            root = groups.root(thread.number)
            if root in targets:
                continue
            # The oldest, unless people arranged another one.
            olds = sorted(members[root], key=lambda id_: (("c", id_) not in arranged, id_))
            if olds:
                targets[root] = self.browse(olds[0])
                into |= dict.fromkeys(map(self.browse, olds[1:]), targets[root])
        new = {
            groups.root(thread.number): thread
            for thread in reversed(threads)
            if groups.root(thread.number) not in targets
        }
        last = {}
        for thread in threads:
            root = groups.root(thread.number)
            last[root] = max(thread.date, last.get(root, thread.date))
        created = self.create(
            [
                {
                    "subject": thread.full_subject,
                    "company_id": company.id,
                    "last_date": last[root],  # or the row would be written twice
                }
                for root, thread in new.items()
            ]
        )
        targets |= dict(zip(new, created, strict=True))
        self._merge(into)
        return {thread.number: targets[groups.root(thread.number)] for thread in threads}


# For each email: the nearest one before it that it may answer; and those after it that may answer it
# and are the first of their conversations.
NEIGHBOURS = """
WITH email AS MATERIALIZED (
         SELECT * FROM jsonb_to_recordset(%(emails)s::jsonb)
             AS email(number int, subject text, date timestamp, parties jsonb, before boolean)),
     found AS (
         SELECT email.number, near.*, TRUE AS is_before
           FROM email
     CROSS JOIN LATERAL (
                SELECT m.conversation_id, m.date
                  FROM (SELECT id, conversation_id, date FROM member_mail_message
                         WHERE company_id = %(company)s AND plain_subject = email.subject
                           AND date BETWEEN email.date - %(span)s AND email.date
                      ORDER BY date DESC, id DESC LIMIT %(limit)s) AS m
                 WHERE EXISTS (SELECT FROM member_mail_participant AS p
                                WHERE p.message_id = m.id
                                  AND (email.parties ? p.email OR email.parties ? ('#' || p.partner_id)))
              ORDER BY m.date DESC, m.id DESC LIMIT 1) AS near
          WHERE email.before
         UNION ALL
         SELECT email.number, near.*, FALSE
           FROM email
     CROSS JOIN LATERAL (
                SELECT m.conversation_id, m.date
                  FROM (SELECT id, conversation_id, date FROM member_mail_message
                         WHERE company_id = %(company)s AND plain_subject = email.subject
                           AND is_answer IS TRUE
                           AND date BETWEEN email.date AND email.date + %(span)s
                      ORDER BY date, id LIMIT %(limit)s) AS m
                 WHERE EXISTS (SELECT FROM member_mail_participant AS p
                                WHERE p.message_id = m.id
                                  AND (email.parties ? p.email OR email.parties ? ('#' || p.partner_id)))
                   AND NOT EXISTS (SELECT FROM member_mail_message AS earlier
                                    WHERE earlier.conversation_id = m.conversation_id
                                      AND earlier.date < m.date)
                   AND NOT EXISTS (SELECT FROM member_mail_conversation AS c
                                    WHERE c.id = m.conversation_id AND c.is_arranged)
              ORDER BY m.date, m.id LIMIT 10) AS near)
SELECT found.number, c.id, found.date,
       (SELECT min(date) FROM member_mail_message WHERE conversation_id = c.id),
       COALESCE(c.is_arranged, FALSE), found.is_before
  FROM found JOIN member_mail_conversation AS c ON c.id = found.conversation_id
"""
