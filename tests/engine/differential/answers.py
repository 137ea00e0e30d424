"""What foreign parsers answer, as tests say it, and what `make differential` makes of it."""

from dataclasses import asdict
from datetime import datetime, timezone

from crm_member_mail.mailbox.mime.message import parse
from dev.differential.compare import Results, compare
from dev.differential.extracts import File, gist, sha256

ARRIVAL = datetime(2026, 5, 1, tzinfo=timezone.utc)


def file(name, kind, data):
    """A file as a foreign parser answers it."""
    is_text = kind.startswith(("text/", "message/"))
    text = data.decode("utf-8", "replace") if is_text else ""
    return asdict(File(name, kind, len(data), sha256(data), gist(data), text))


def answer(data, **changes):
    """The answer of a foreign parser that reads an email as ours does, but for the changes."""
    message = parse(data, uid_date=ARRIVAL)
    people = [(address.role, [address.name, address.email]) for address in message.addresses]
    agreed = {
        "from": [person for role, person in people if role == "from"],
        "to": [person for role, person in people if role in ("to", "cc", "bcc")],
        "date": None if message.date == ARRIVAL else message.date.isoformat(),
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "files": [file(f.filename, f.content_type, f.data) for f in message.attachments],
    }
    return agreed | changes


def compared(data, **changes):
    """The Results of one email and a foreign parser that reads it otherwise in some ways."""
    results = Results(arrival=ARRIVAL)
    compare("some.eml", data, {"other": answer(data, **changes)}, results)
    return results


def lost(data, **changes):
    """What is missing in ours without an explanation: dict of the kind to the items."""
    return {difference.kind: difference.items for difference in compared(data, **changes).left}
