"""Bounces: what mail systems report about an email that was sent, as delivery status notifications
(RFC 3464) or, from servers that don't know these, in words."""

import re

from ..errors import clean_detail
from ..types import BounceReport, ReportedRecipient
from .addresses import canonical
from .automatic import is_from_mail_system
from .charset import clean, decode
from .identity import clean_message_id
from .splitter import Limits, read_header

#: Characters of a bounce that are read.
_LONGEST = 200_000

_STATUS = frozenset(("message/delivery-status", "message/global-delivery-status"))
_ORIGINALS = frozenset(
    ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers",
     "message/rfc822-headers")
)  # fmt: skip
_ACTIONS = frozenset(("failed", "delayed", "delivered", "relayed", "expanded"))
_ACTION_OF = {"5.": "failed", "4.": "delayed", "2.": "delivered"}

#: Recipients in one bounce that are read.
_MOST_RECIPIENTS = 100

#: The header of the original email in a bounce without parts (qmail, Exim).
_QUOTED_ID = re.compile(r"^[> \t]{0,10}message-id:[ \t]{0,10}(<[^<>\s]{1,900}>)", re.I | re.M)
_ADDRESS = re.compile(r"[\w.+=&'/-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
#: A line with the words of a server: a reply code, or an enhanced one (RFC 3463).
_WORDS = re.compile(r"^.*?\b([45]\d\d[ -]|[45]\.\d{1,3}\.\d{1,3}\b).*$", re.M)
_LATER = re.compile(
    r"\b(delay|will (be retried|keep trying|continue)|still being|not yet been delivered"
    r"|warning: |verzögert|retard[ée]|en attente|se reintentar|in ritardo|vertraagd)",
    re.IGNORECASE,
)
_ARRIVED = re.compile(r"\b(success|successful(ly)?|relayed|erfolgreich)\b", re.IGNORECASE)
#: Phrases that identify a bounce without status fields.
_CAME_BACK = re.compile(
    r"undeliver|not (yet )?(be(en)? )?delivered"
    r"|(could ?n[o']t|unable to|failed to|can ?not) (be )?deliver"
    r"|delivery[ -](status|(has )?fail|incomplete|delay|problem|report|notification)|failure notice"
    r"|returned (mail|to sender)|delivering your (mail|message)|did not reach|wasn't able to deliver"
    r"|warning: (could not send )?message|unzustellbar|(nicht|konnte) .{0,60}zugestellt|zustellung"
    r"|no se (ha podido|pudo) (entregar|enviar)|no entregado|error (de|en la) entrega"
    r"|échec (de|lors)|non (remis|distribu)|n'a pas (pu être|été) (remis|distribu)"
    r"|mancat[ao] (consegna|recapito)|non recapitabile|impossibile recapitare"
    r"|onbestelbaar|niet (worden )?(af|be)geleverd|não (foi )?entregue|falha (na|de) entrega"
    r"|niedostarcz|nie (można|mogła) .{0,30}dostarcz|недостав|не (удалось|может быть) .{0,30}достав"
    r"|退信|未送达|无法(投递|送达)|無法(傳遞|投遞)"
    r"|配信不能|配信できません|届けられません|반송|전달할 수 없",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"(re|aw|sv|antw|odp|vs)(\[\d+\])?:", re.IGNORECASE)
_QUOTED_LINE = re.compile(r"^[ \t]{0,10}>.*$", re.M)
_COPY_BELOW = re.compile(r"^[ \t]{0,10}-{3}.{0,200}?(copy|original|below)", re.I | re.M)
#: Fields of the original email that hold its Message-ID, or the one it had before a server changed it.
_ID_FIELDS = ("Message-ID", "X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID")


def read(message, leaves, failed_recipients=""):
    """What an email reports about another one.

    Only mail systems send bounces: what others forward or make up doesn't count, and neither does an
    answer that a person wrote from such an address.

    :param ParsedMessage message: the email
    :param leaves: its parts, as in `content.Content`
    :param str failed_recipients: its header X-Failed-Recipients
    :return: BounceReport, or None when it is no bounce
    """
    if not is_from_mail_system(message):
        return None
    text = message.text[:_LONGEST]
    below = _COPY_BELOW.search(text)
    own_part = text[: below.start()] if below else text
    blocks = [_fields(leaf[1]) for leaf in leaves if leaf[0] in _STATUS]
    if not blocks and not failed_recipients:
        said = _QUOTED_LINE.sub("", own_part[:3000])
        if _ANSWER.match(message.subject) or not _CAME_BACK.search(f"{message.subject}\n{said}"):
            return None
    ids = _ids_of(message, leaves, text)
    if not ids:
        return None
    recipients = [person for block in blocks for person in _recipients(block)]
    if not recipients:
        recipients = _guessed(message, own_part, failed_recipients)
    return BounceReport(ids, tuple(recipients[:_MOST_RECIPIENTS]))


def _ids_of(message, leaves, text):
    """The Message-IDs of the one email that a bounce is about. Its own references may also name earlier
    emails of the conversation, so they count only if there is nothing better."""
    for leaf in leaves:
        if leaf[0] in _ORIGINALS and (ids := _original_ids(leaf[1])):
            return ids
    quoted = _QUOTED_ID.search(text)
    if quoted:
        return (clean_message_id(quoted[1]),)
    return message.in_reply_to[:1] or message.references[-1:]


def _original_ids(data):
    header = read_header(data[:65_536].lstrip(b"\r\n"), Limits())
    ids = (clean_message_id(str(header.get(name) or "")) for name in _ID_FIELDS)
    return tuple(dict.fromkeys(filter(None, ids)))


def _fields(data):
    """The groups of fields in a delivery status (RFC 3464 section 2.1): list of dicts."""
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
        action = _action(group)
        if not action:
            continue
        # Starting with the address that was written to, if the server knows it.
        emails = [
            email
            for name in ("original-recipient", "final-recipient")
            for email in _emails(group.get(name, ""))
        ]
        status = group.get("status", "").partition(" ")[0][:20]
        diagnostic = group.get("diagnostic-code", "")
        words = diagnostic.partition(";")[2] or diagnostic or group.get("status", "")
        yield ReportedRecipient(tuple(dict.fromkeys(emails)), action, status, clean_detail(words))


def _action(group):
    """The action for a recipient; if it is missing or unknown, what the status implies."""
    said = re.match(r"[a-z]*", group.get("action", "").lower())[0]
    if said in _ACTIONS:
        return said
    if said.startswith("fail"):
        return "failed"
    if "final-recipient" in group or "original-recipient" in group:
        return _ACTION_OF.get(group.get("status", "")[:2], "")
    return ""


def _emails(value):
    """The canonical addresses that a recipient field may mean; some are in xtext (RFC 3461)."""
    text = value[:2000].rpartition(";")[2].strip().strip("<>")
    plain = re.sub(r"\+([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), text)
    return filter(None, map(canonical, (text, plain)))


def _guessed(message, own_part, failed_recipients):
    """What can be guessed from a bounce that is written in words."""
    if _ARRIVED.search(message.subject):
        action = "delivered"
    elif _LATER.search(f"{message.subject}\n{own_part[:2000]}"):
        action = "delayed"
    else:
        action = "failed"
    match = _WORDS.search(own_part)
    words = clean_detail(match[0] if match else message.subject)
    found = _ADDRESS.findall(failed_recipients[:_LONGEST] or own_part)[:_MOST_RECIPIENTS]
    emails = tuple(dict.fromkeys(filter(None, map(canonical, found))))
    return [ReportedRecipient((email,), action, "", words) for email in emails] or [
        ReportedRecipient((), action, "", words)
    ]
