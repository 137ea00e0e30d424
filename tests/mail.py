"""Emails for tests, as bytes."""

from datetime import datetime, timezone
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid


def email(
    sender="someone@else.example",
    to="office@club.example",
    cc="",
    subject="Hello",
    text="Hello there.",
    html="",
    message_id="",
    references="",
    date=None,
):
    """A simple email; ``html`` adds an HTML alternative."""
    return _message(sender, to, cc, subject, text, html, message_id, references, date).as_bytes()


def email_with(attachment, filename="note.txt", content_type="text/plain", **options):
    """An email with one attachment of the given bytes."""
    defaults = {
        "sender": "someone@else.example", "to": "office@club.example", "cc": "", "subject": "Hello",
        "text": "See attached.", "html": "", "message_id": "", "references": "", "date": None,
    }  # fmt: skip
    message = _message(**defaults | options)
    maintype, _slash, subtype = content_type.partition("/")
    message.add_attachment(attachment, maintype=maintype, subtype=subtype, filename=filename)
    return message.as_bytes()


def _message(sender, to, cc, subject, text, html, message_id, references, date):
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    if cc:
        message["Cc"] = cc
    message["Subject"] = subject
    message["Date"] = format_datetime(date or datetime.now(timezone.utc))
    message["Message-ID"] = message_id or make_msgid(domain="tests.example")
    if references:
        message["References"] = references
        message["In-Reply-To"] = references.split()[-1]
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message
