import dataclasses
from datetime import date, datetime

from babel.dates import get_day_names

from odoo import api, fields, models
from odoo.tools import format_date, format_time
from odoo.tools.misc import babel_locale_parse, get_lang

from ...mailbox.html.fence import plain_to_html

#: Names of guests that are shown.
MAX_GUESTS = 12


def stored(invitation):
    """An :class:`~...mailbox.types.Invitation`, or None, as the value of the field."""
    if not invitation:
        return False
    values = dataclasses.asdict(invitation)
    if not invitation.is_alone:
        del values["description"]  # the email says it better
    return values


class MemberMailMessage(models.Model):
    """The event in a calendar that an email brings, in the words and the time zone of who reads it."""

    _inherit = "member.mail.message"

    invitation = fields.Json("Event of a calendar", readonly=True)
    # Few messages have one; who looks for a guest need not go through the others.
    _invitation_idx = models.Index("(id) WHERE invitation IS NOT NULL")

    invitation_shown = fields.Json("Event", compute="_compute_invitation_shown")

    @api.depends("invitation", "participant_ids")
    @api.depends_context("lang", "tz", "uid")
    def _compute_invitation_shown(self):
        """A dict of `kind` (the method, or update), `heading`, `title` and `rows`, pairs of label and
        text; False without an event."""
        for message in self:
            event = message.invitation
            message.invitation_shown = event and {
                "kind": "update" if _is_update(event) else event["method"],
                "heading": message._event_heading(event),
                "title": event["title"] or self.env._("(no title)"),
                "rows": message._event_rows(event),
            }

    def _event_heading(self, event):
        """What the email wants with its event, in a few words."""
        method = event["method"]
        if method in ("reply", "counter", "refresh"):
            return self._answer_heading(method, event["guests"][:1])
        if _is_update(event):
            return self.env._("Updated invitation")
        return {
            "request": self.env._("Invitation"),
            "cancel": self.env._("Cancelled"),
            "add": self.env._("Invitation to another date"),
            "declinecounter": self.env._("The proposed time was declined"),
        }.get(method) or self.env._("Event")

    def _answer_heading(self, method, guests):
        sender = self.participant_ids.filtered(lambda person: person.role == "from")[:1]
        guest = guests[0] if guests else {"name": "", "email": "", "answer": ""}
        who = guest["name"] or sender.name or guest["email"] or sender.email or ""
        if method == "counter":
            return self.env._("%s proposes another time", who)
        if method == "refresh":
            return self.env._("%s asks for the latest version", who)
        return {
            "accepted": self.env._("%s accepts", who),
            "declined": self.env._("%s declines", who),
            "tentative": self.env._("%s might come", who),
        }.get(guest["answer"]) or self.env._("%s answers", who)

    def _event_rows(self, event):
        organizer, guests = event["organizer"], event["guests"]
        is_answer = event["method"] in ("reply", "counter", "refresh")
        rows = [
            (self.env._("When"), self._event_time(event["start"], event["end"])),
            (self.env._("Repeats"), self._event_recurrence(event["recurrence"])),
            (self.env._("Where"), event["place"]),
            (self.env._("Organized by"), organizer and (organizer["name"] or organizer["email"])),
            (self.env._("Invited"), "" if is_answer else self._event_guests(guests)),
        ]
        return [[label, text] for label, text in rows if text]

    def _event_guests(self, guests):
        answers = {
            "accepted": self.env._("accepted"),
            "declined": self.env._("declined"),
            "tentative": self.env._("maybe"),
        }
        names = []
        for guest in guests[:MAX_GUESTS]:
            name, answer = guest["name"] or guest["email"], answers.get(guest["answer"])
            names.append(f"{name} ({answer})" if answer else name)
        shown, more = ", ".join(names), len(guests) - MAX_GUESTS
        if more > 0:
            return self.env._("%(names)s and %(count)s more", names=shown, count=more)
        return shown

    def _event_time(self, start, end):
        """When an event is, as a text; '' when that is not known."""
        if not start:
            return ""
        first, last = self._local(start), self._local(end or start)
        words = self._day_and_time(first)
        if last != first:
            is_same_day = last.timetuple()[:3] == first.timetuple()[:3]
            words += f" – {self._time(last) if is_same_day else self._day_and_time(last)}"
        is_unknown = start["zone"] and not start["utc"]
        return f"{words} ({start['zone']})" if is_unknown else words

    def _day_and_time(self, moment):
        day = format_date(self.env, moment, date_format="full")
        return f"{day}, {self._time(moment)}" if isinstance(moment, datetime) else day

    def _time(self, moment):
        return format_time(self.env, moment.time(), time_format="short")

    def _local(self, moment):
        """The date or datetime of an EventTime for the user: in their zone, if its zone is known."""
        if moment["utc"]:
            return fields.Datetime.context_timestamp(self, datetime.fromisoformat(moment["utc"]))
        if "T" in moment["local"]:
            return datetime.fromisoformat(moment["local"])
        return date.fromisoformat(moment["local"])

    def _event_recurrence(self, rule):
        """How often an event is, as a text; '' when it is once."""
        if not rule:
            return ""
        number = rule["interval"]
        once, several = {
            "day": (self.env._("Every day"), self.env._("Every %s days", number)),
            "week": (self.env._("Every week"), self.env._("Every %s weeks", number)),
            "month": (self.env._("Every month"), self.env._("Every %s months", number)),
            "year": (self.env._("Every year"), self.env._("Every %s years", number)),
        }[rule["unit"]]
        words = [once if number == 1 else several]
        if rule["weekdays"]:
            locale = babel_locale_parse(get_lang(self.env).code)
            names = get_day_names("abbreviated", locale=locale)
            words.append(", ".join(names[day] for day in rule["weekdays"]))
        if rule["count"]:
            words.append(self.env._("%s times", rule["count"]))
        if rule["until"]:
            until = format_date(self.env, date.fromisoformat(rule["until"]))
            words.append(self.env._("until %s", until))
        return ", ".join(words)

    def _is_event_alone(self):
        """Whether the email has no text besides its event."""
        return bool(self.invitation and self.invitation["is_alone"])

    def _shown_body(self):
        """The HTML below the event: that of the email, or what the event's calendar says besides."""
        if self._is_event_alone():
            return plain_to_html(self.invitation["description"])
        return self.body or ""


def _is_update(event):
    return event["method"] == "request" and event["sequence"] > 0
