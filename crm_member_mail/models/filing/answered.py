import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.mime.message_ids import clean_message_ids, is_telling
from ..conversation.threads import ANSWERED_WITHIN

#: Emails to a new contact whose answers are searched for.
MOST_SENT = 50

_FIELD = re.compile(r"^(in-reply-to|references):(.*)$", re.IGNORECASE | re.MULTILINE)


class MemberMailMessage(models.Model):
    """Message-IDs that providers and relays give our emails in place of ours."""

    _inherit = "member.mail.message"

    @api.model
    def _note_given_ids(self, ids):
        """Note which Message-IDs our emails have elsewhere, so that what answers or returns those finds
        them. A constant number of queries; none without any.

        :param dict ids: of message id to Message-ID
        """
        messages = (
            self.sudo()
            .browse(ids)
            .filtered(lambda m: ids[m.id] not in (m.rfc_message_id, m.provider_message_id))
        )
        if not messages:
            return
        for message in messages:
            message.provider_message_id = ids[message.id]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO member_mail_reference"
                " (rfc_message_id, conversation_id, company_id, number)"
                " SELECT * FROM unnest(%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [ids[message.id] for message in messages],
                [message.conversation_id.id for message in messages],
                [message.company_id.id for message in messages],
                [0] * len(messages),
            )
        )
        self.env["member.mail.reference"].invalidate_model(flush=False)

    def _answered_ids(self):
        """The Message-IDs that an email answers, and all that it refers to: tuple, set."""
        fields = {"in-reply-to": (), "references": ()}
        for name, value in _FIELD.findall(re.sub(r"\n[ \t]+", " ", self.headers or "")):
            fields[name.lower()] = clean_message_ids(value)
        answered = fields["in-reply-to"] or fields["references"][-1:]
        return answered, {*answered, *fields["references"]}


class MemberMailFiler(models.AbstractModel):
    """Finds out which of our messages emails answer, whoever wrote them."""

    _inherit = "member.mail.filer"

    @api.model
    def _answered(self, rules, answers_of):
        """Which of our own messages emails answer. Two queries, and some more only where an email
        answers what is mentioned in a conversation.

        :param MatchRules rules: of the account that holds the emails
        :param answers_of: dict of UID to the Message-IDs that an email refers to, the nearest first
        :return: dict of UID to `member.mail.message` of the superuser
        """
        ids = {rfc_id for answers in answers_of.values() for rfc_id in answers}
        if not ids:
            return {}
        found = self.env["member.mail.message"].sudo().search_fetch(
            (
                Domain("rfc_message_id", "in", list(ids))
                | Domain("provider_message_id", "in", list(ids))
            )
            & Domain("direction", "=", "out")
            & Domain("company_id", "=", rules.company_id)
            & Domain("trashed", "=", False),
            ["rfc_message_id", "provider_message_id"],
            order="id desc",
        )  # fmt: skip
        by_id = {message.provider_message_id: message for message in found}
        by_id |= {message.rfc_message_id: message for message in found}
        nearest = {
            uid: next((by_id[rfc_id] for rfc_id in answers if rfc_id in by_id), None)
            for uid, answers in answers_of.items()
        }
        # A relay may have replaced the ID of ours.
        rest = {uid: answers[0] for uid, answers in answers_of.items() if not nearest[uid]}
        replaced = self._replaced_ids(rules, set(rest.values()))
        nearest |= {uid: replaced.get(rfc_id) for uid, rfc_id in rest.items()}
        return {uid: message for uid, message in nearest.items() if message}

    @api.model
    def _sent_ids(self, addresses, company):
        """The Message-IDs of the last emails that we sent to these canonical addresses: list."""
        sent = self.env["member.mail.message"].sudo().search_fetch(
            Domain("direction", "=", "out")
            & Domain("company_id", "=", company.id)
            & Domain("trashed", "=", False)
            & Domain(
                "participant_ids",
                "any",
                Domain("email", "in", list(addresses)) & Domain("role", "in", ("to", "cc", "bcc")),
            ),
            ["rfc_message_id", "provider_message_id"],
            order="date desc, id desc",
            limit=MOST_SENT,
        )  # fmt: skip
        ids = {rfc_id for one in sent for rfc_id in (one.rfc_message_id, one.provider_message_id)}
        return list(filter(is_telling, ids))

    def _replaced_ids(self, rules, ids):
        """Which of our messages have these Message-IDs elsewhere, as answers to them show.

        Somebody whom we wrote to answers the ID under the subject of our email, to us alone; no email
        that is filed has the ID, and none before ours mentions it. So it is that of our email.

        :return: dict of Message-ID to `member.mail.message` of the superuser
        """
        ids = list(filter(is_telling, ids))
        mentioned = self.env["member.mail.reference"].sudo().search_fetch(
            [("company_id", "=", rules.company_id), ("rfc_message_id", "in", ids)],
            ["rfc_message_id", "conversation_id"],
        ) if ids else ()  # fmt: skip
        if not mentioned:
            return {}
        wanted = mentioned.grouped("rfc_message_id")
        Message = self.env["member.mail.message"].sudo()
        taken = Message.search_fetch(
            [("company_id", "=", rules.company_id), ("rfc_message_id", "in", list(wanted))],
            ["rfc_message_id"],
        )
        for rfc_id in taken.mapped("rfc_message_id"):
            del wanted[rfc_id]
        talks = Message.search_fetch(
            [
                ("conversation_id", "in", mentioned.conversation_id.ids),
                ("trashed", "=", False),
                ("is_automatic", "=", False),
            ],
            ["conversation_id", "direction", "date", "plain_subject", "is_answer", "headers"],
            order="date, id",
        ).grouped("conversation_id")
        found = {}
        for rfc_id, rows in wanted.items():
            talk = talks.get(rows.conversation_id) if len(rows) == 1 else None
            if talk and (message := _the_answered(rfc_id, talk, rules)):
                found[rfc_id] = message
        return found

    def _note_returned_ids(self, items, readings):
        """Note the Message-IDs that bounces give for our emails, where nothing better told them.

        :param items: the Filed emails that have just been filed
        :param readings: dict of UID to PartyReading
        """
        given = {}
        for item in items:
            report, about = item.message.report, readings[item.raw.uid].about
            if report and about and not about.provider_message_id:
                rfc_id = next(iter(report.message_ids), "")
                if is_telling(rfc_id) and rfc_id != about.rfc_message_id:
                    given.setdefault(about.id, rfc_id)
        if given:
            taken = self.env["member.mail.message"].sudo().search_fetch(
                [("rfc_message_id", "in", list(given.values()))], ["rfc_message_id"]
            )  # fmt: skip
            known = set(taken.mapped("rfc_message_id"))
            given = {id_: rfc_id for id_, rfc_id in given.items() if rfc_id not in known}
        self.env["member.mail.message"]._note_given_ids(given)


def _the_answered(rfc_id, talk, rules):
    """The message of ours, in a conversation by date, that has another Message-ID elsewhere; or
    None."""
    for answer in talk:
        if answer.direction != "in" or not answer.is_answer:
            continue
        people = answer.participant_ids
        recipients = people.filtered(lambda p: p.role in ("to", "cc")).mapped("email")
        if (
            answer._answered_ids()[0] != (rfc_id,)
            or not recipients
            or not all(map(rules.is_own, recipients))
        ):
            continue
        authors = set(people.filtered(lambda p: p.role == "from").mapped("email"))
        ours = talk.filtered(
            lambda m, answer=answer, authors=authors: (
                m.direction == "out"
                and m.plain_subject == answer.plain_subject
                and answer.date - ANSWERED_WITHIN <= m.date <= answer.date
                and not authors.isdisjoint(m._recipients())
            )
        )[-1:]
        before = ours | talk.filtered(lambda m, ours=ours: ours and m.date < ours.date)
        if ours and not any(rfc_id in m._answered_ids()[1] for m in before):
            return ours
    return None
