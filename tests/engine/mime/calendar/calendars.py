"""Calendars for tests, and what is read of them."""

from crm_member_mail.mailbox.mime.calendar import invitation
from crm_member_mail.mailbox.types import ParsedAttachment


def calendar(*lines, method="REQUEST", before=()):
    """A calendar with an event of these lines."""
    found = ["BEGIN:VCALENDAR", f"METHOD:{method}", *before]
    found += ["BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(found).encode()


def read(*lines, **options):
    return of(calendar(*lines, **options))


def of(data, kind="text/calendar", name="invite.ics"):
    return invitation.read([ParsedAttachment(name, kind, data)])


def when(*lines, **options):
    """The event's time, as its words say it."""
    return invitation.words(read(*lines, **options))
