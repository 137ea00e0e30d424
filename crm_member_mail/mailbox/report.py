"""Reports of mail systems about an email that was sent: delivery status notifications (RFC 3464), and
what servers send that do not know them."""

import re

from .addresses import canonical
from .automatic import is_from_mail_system
from .charset import clean, decode
from .errors import clean_detail
from .identity import clean_message_id
from .splitter import Limits, read_header
from .types import Report, ReportedRecipient

#: Characters of a report that are looked at.
_LONGEST = 200_000

_STATUS = frozenset(("message/delivery-status", "message/global-delivery-status"))
_ORIGINALS = frozenset(
    ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers",
     "message/rfc822-headers")
)  # fmt: skip
_ACTIONS = frozenset(("failed", "delayed", "delivered", "relayed", "expanded"))

#: The header of the original within a report that has no parts (qmail, Exim).
_QUOTED_ID = re.compile(r"^[> \t]{0,10}message-id:[ \t]{0,10}(<[^<>\s]{1,900}>)", re.I | re.M)
_ADDRESS = re.compile(r"[\w.+=&'/-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
#: A line with the words of a server: a reply code, or an enhanced one (RFC 3463).
_WORDS = re.compile(r"^.*?\b([45]\d\d[ -]|[45]\.\d{1,3}\.\d{1,3}\b).*$", re.M)
_LATER = re.compile(
    r"\b(delayed|will (be retried|keep trying|continue)|still being|not yet been delivered"
    r"|warning: |verzögert|retard[ée]|en attente|se reintentar)",
    re.IGNORECASE,
)


def read(message, leaves, failed_recipients=""):
    """What an email reports of another one.

    :param ParsedMessage message: the email
    :param leaves: its parts, as of `mime.Content`
    :param str failed_recipients: its header X-Failed-Recipients
    :return: Report, or None when it is no report
    """
    blocks = [_fields(leaf[1]) for leaf in leaves if leaf[0] in _STATUS]
    is_known = bool(blocks) or bool(failed_recipients)
    if not is_known and not is_from_mail_system(message):
        return None
    ids = [_id_of(leaf[1]) for leaf in leaves if leaf[0] in _ORIGINALS]
    text = message.text[:_LONGEST]
    ids += [clean_message_id(found) for found in _QUOTED_ID.findall(text)]
    ids += [*message.in_reply_to, *message.references]
    ids = tuple(dict.fromkeys(filter(None, ids)))
    if not ids:
        return None
    recipients = [person for block in blocks for person in _recipients(block)]
    if not recipients:
        recipients = _guessed(message, text, failed_recipients)
    return Report(ids, tuple(recipients))


def _id_of(data):
    header = read_header(data[:65_536], Limits())
    return clean_message_id(str(header.get("Message-ID") or ""))


def _fields(data):
    """The groups of fields of a delivery status (RFC 3464 section 2.1): list of dicts."""
    text = clean(decode(data[:_LONGEST])[0])
    groups = [{}]
    name = ""
    for line in text.split("\n"):
        if not line.strip():
            groups.append({})
            name = ""
        elif line[0] in " \t" and name:
            groups[-1][name] += f" {line.strip()}"
        else:
            name, _colon, value = line.partition(":")
            name = name.strip().lower()
            groups[-1].setdefault(name, value.strip())
    return groups


def _recipients(groups):
    for group in groups:
        action = group.get("action", "").partition(";")[0].partition(" ")[0].lower()
        if action not in _ACTIONS:
            continue
        # The address that was written to, where the server knows it.
        emails = [
            canonical(group.get(name, "").rpartition(";")[2].strip().strip("<>"))
            for name in ("original-recipient", "final-recipient")
        ]
        status = group.get("status", "").partition(" ")[0]
        words = group.get("diagnostic-code", "").partition(";")[2] or group.get("status", "")
        yield ReportedRecipient(tuple(dict.fromkeys(filter(None, emails))), action, status,
                                clean_detail(words))  # fmt: skip


def _guessed(message, text, failed_recipients):
    """What can be told from a report in words."""
    own_part = re.split(r"^-{3,}.*(copy|original|below).*$", text, maxsplit=1, flags=re.I | re.M)[0]
    action = "delayed" if _LATER.search(f"{message.subject}\n{own_part[:2000]}") else "failed"
    match = _WORDS.search(own_part)
    words = clean_detail(match[0] if match else message.subject)
    found = _ADDRESS.findall(failed_recipients or own_part)[:50]
    emails = tuple(dict.fromkeys(filter(None, map(canonical, found))))
    return [ReportedRecipient((email,), action, "", words) for email in emails] or [
        ReportedRecipient((), action, "", words)
    ]
