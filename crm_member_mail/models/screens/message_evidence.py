from typing import NamedTuple

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...mailbox.mime.addresses import canonical
from ...mailbox.mime.people.address_typed import plain

#: How an address on an email leads to a record, the nearest way first.
HAS, HAD, PLAIN, DOMAIN = range(4)
#: The roles in which somebody is on an email, the most telling first.
ROLES = ("from", "to", "cc", "bcc", "resent", "sender", "reply_to")
#: How many people who are no contacts are offered to become ones.
MAX_STRANGERS = 20


class Trace(NamedTuple):
    """That a participant of an email leads to a record: how, and by which address of the record."""

    way: int
    person: models.BaseModel
    address: str


class MemberMailMessage(models.Model):
    """Why a message is filed where it is, as its *Details* say it.

    Nothing of it is stored: it follows from the participants, the addresses that contacts have now, and
    what people decided.
    """

    _inherit = "member.mail.message"

    def get_evidence(self, lead_id=False):
        """Why this message is filed where it is, as far as the user may know.

        :param lead_id: the lead whose Messages tab shows it, perhaps only because of its contact
        :return: dict of `records`, dicts of the `model`, `id` and `name` of each contact and lead, with
            the `reasons` as sentences; `taken_off`, the same of those that it was taken off;
            `strangers`, dicts of the `name` and `email` of people on it who are no contacts, with the
            `contact` that one of them may be, as `id` and `name`; and whether the user `can_create`
            contacts and `can_add` addresses
        :raises AccessError: when the message is not for this user
        """
        self.ensure_one()
        self.check_access("read")
        decisions = self._decisions()
        records, answered = [], self.env["res.partner"]
        for record in self._filed_under():
            reasons = self._reasons(record, decisions.get((record._name, record.id)))
            if reasons is None:
                reasons = [self._other_reason(record)]
                answered |= record if record._name == "res.partner" else answered
            records.append({**_named(record), "reasons": reasons})
        records += self._shown_by_contact(lead_id)
        taken_off = [
            {**_named(record), "reasons": [self._said(decision)]}
            for decision in decisions.values()
            if decision.kind == "taken_off"
            for record in self._readable(decision.partner_id or decision.lead_id)
        ]
        return {
            "records": records,
            "taken_off": taken_off,
            "strangers": self._strangers(answered[:1]),
            "can_create": self.env["res.partner"].has_access("create"),
            "can_add": self.env["res.partner"].has_access("write"),
        }

    # -- inside -------------------------------------------------------------------------------

    def _readable(self, records):
        """Those of contacts or leads, whoever read them, that the user may read."""
        return self.env[records._name].browse(records.ids)._filtered_access("read")

    def _filed_under(self):
        """The contacts and leads that have this message and that the user may read: list."""
        message = self.sudo().with_context(active_test=False)
        leads = message.lead_ids
        assigned = message.conversation_id.assigned_lead_id
        if assigned:
            by_hand = message.filing_ids.filtered(lambda row: row.kind == "filed").lead_id
            leads &= assigned | by_hand
        return [*self._readable(message.partner_ids), *self._readable(leads)]

    def _shown_by_contact(self, lead_id):
        """The lead with this id, if it shows this message though it isn't filed there: list of dicts."""
        leads = self.env["crm.lead"].browse(lead_id or ()).exists()
        if not leads or lead_id in self.sudo().with_context(active_test=False).lead_ids._ids:
            return []
        return [
            {**_named(lead), "reasons": [self.env._("It shows the emails of its contact.")]}
            for lead in leads._filtered_access("read")
            if self.search_count(lead._member_mail_domain() & Domain("id", "=", self.id))
        ]

    def _decisions(self):
        """What people decided: dict of (model, id) to the `member.mail.filing`, of the superuser."""
        found = {}
        for decision in self.sudo().filing_ids:
            record = decision.partner_id or decision.lead_id
            found[record._name, record.id] = decision
        return found

    def _reasons(self, record, decision):
        """The sentences that say why a record has this message; None when nothing on it says so."""
        if decision and decision.kind in ("filed", "conversation"):
            return [self._said(decision)]
        traces = self._traces(record)
        if not traces:
            return None
        best = min(traces, key=lambda t: (t.person.party == "none", t.way, _place(t.person)))
        reasons = [self._role_sentence(record, best.person), self._way_sentence(record, best)]
        return [reason for reason in reasons if reason]

    def _said(self, decision):
        """Who decided it, and when."""
        user, date = decision.user_id, decision.date
        if decision.kind == "conversation":
            conversation = self.sudo().conversation_id
            user, date = conversation.assigned_by, conversation.assigned_on or date
        moment = fields.Datetime.context_timestamp(self, date)
        values = {
            "user": user.sudo().name or self.env._("somebody"),
            "date": format_date(self.env, moment.date(), date_format="long"),
        }
        if decision.kind == "filed":
            return self.env._("Filed by %(user)s on %(date)s.", **values)
        if decision.kind == "taken_off":
            return self.env._("Taken off by %(user)s on %(date)s.", **values)
        return self.env._(
            "%(user)s said on %(date)s that this conversation belongs here.", **values
        )

    def _traces(self, record):
        """How the people on this message lead to a record: list of Trace."""
        contact = record.sudo()
        main = {canonical(contact.email_normalized or "")} - {""}
        former = frozenset()
        is_company = False
        if record._name == "res.partner":
            main |= contact._member_mail_current_addresses()
            addresses = contact.member_mail_address_ids
            former = set(
                addresses.filtered(lambda a: a.origin == "former").mapped("email_normalized")
            )
            is_company = contact.is_company
        plain_of = {plain(address): address for address in sorted(main)}
        domains = {address.rpartition("@")[2] for address in main} if is_company else ()
        traces = []
        for person in self.participant_ids:
            email = person.email or ""
            if email in main:
                traces.append(Trace(HAS, person, email))
            elif email in former:
                traces.append(Trace(HAD, person, email))
            elif plain(email) in plain_of:
                traces.append(Trace(PLAIN, person, plain_of[plain(email)]))
            elif person.partner_id == record and email.rpartition("@")[2] in domains:
                traces.append(Trace(DOMAIN, person, email))
        return traces

    def _role_sentence(self, record, person):
        """What a person is to this message."""
        who = person.name or person.email
        if record._name == "res.partner" and not record.is_company:
            who = record.name or who
        if person.role == "from":
            sender = self.participant_ids.filtered(lambda one: one.role == "sender")[:1]
            if sender:
                return self.env._(
                    "Sent for %(author)s by %(sender)s.",
                    author=who,
                    sender=sender.name or sender.email,
                )
            return self.env._("%s wrote it.", who)
        if person.role == "sender":
            return self.env._("%s sent it.", who)
        if person.role == "reply_to":
            return self.env._("Replies go to %s.", who)
        if person.role == "resent":
            return self.env._("It was redirected to %s.", who)
        if person.role == "to":
            return self.env._("%s is in To.", who)
        if person.role == "cc":
            return self.env._("%s is in Cc.", who)
        return self.env._("%s is in Bcc.", who)

    def _way_sentence(self, record, trace):
        """Why an address is taken for that of a record, unless the record has it."""
        values = {"address": trace.person.email, "name": record.display_name}
        if trace.way == HAD:
            return self.env._("%(name)s had the address %(address)s before.", **values)
        if trace.way == PLAIN:
            return self.env._("%(address)s is taken for %(other)s.", other=trace.address, **values)
        if trace.way == DOMAIN:
            return self.env._("%(name)s has the domain of %(address)s.", **values)
        return False

    def _other_reason(self, record):
        """Why a record has this message, although nobody of it is on it."""
        name = record.display_name
        if self.sudo().report_of_id:
            return self.env._("It is about a message to %s.", name)
        if self.direction == "out":
            return self.env._("It was written for %s.", name)
        field = "partner_ids" if record._name == "res.partner" else "lead_ids"
        domain = [
            ("conversation_id", "=", self.conversation_id.id),
            ("direction", "=", "out"),
            (field, "in", record.ids),
        ]
        if self.search_count(domain, limit=1):
            return self.env._("It answers a message to %s.", name)
        return self.env._("When it was filed, %s had an address that is on it.", name)

    def _strangers(self, answered):
        """The people on this message who are no contacts and none of us.

        :param answered: the contact to whom we wrote what this message answers
        """
        accounts = self._visible_accounts()
        rules = accounts[:1]._match_rules()
        people = {
            person.email: person
            for person in self.participant_ids.sorted(_place, reverse=True)
            if person.email and person.role != "sender"
        }
        others = rules.without_own(people)
        known = self.env["member.mail.matcher"]._match(others, rules)
        contacts = {email for email, one in known.items() if one.partners}
        found = [people[email] for email in people if email in others - contacts]
        found = sorted(found, key=_place)[:MAX_STRANGERS]
        return [
            {
                "name": person.name or "",
                "email": person.email,
                "contact": _named(answered) if answered and person.role == "from" else False,
            }
            for person in found
        ]


def _place(person):
    return ROLES.index(person.role)


def _named(record):
    return {"model": record._name, "id": record.id, "name": record.display_name}
