"""Bounces: what mail systems report about an email that was sent, as delivery status notifications
(RFC 3464) or, from servers that don't know these, in words."""

import re

from ...errors import clean_detail
from ...types import BounceReport, ReportedRecipient
from ..addresses import canonical
from ..calendar.dates import moment
from .report_fields import emails_of, groups_of
from .returned import (
    comparable,
    ids_in_words,
    returned_in_words,
    returned_part,
    subjects_in_words,
)

#: Characters of a bounce that are read.
_LONGEST = 200_000

_STATUS = frozenset(("message/delivery-status", "message/global-delivery-status"))
_ACTIONS = frozenset(("failed", "delayed", "delivered", "relayed", "expanded"))
_ACTION_OF = {"5.": "failed", "4.": "delayed", "2.": "delivered"}

#: Recipients in one bounce that are read.
_MOST_RECIPIENTS = 100

_ADDRESS = re.compile(r"[\w.+=&'/-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
#: A line with the words of a server: a reply code, or an enhanced one (RFC 3463).
_WORDS = re.compile(r"^.*?\b([45]\d\d[ -]|[45]\.\d{1,3}\.\d{1,3}\b).*$", re.M)
#: A reply code as servers give it for an email (RFC 5321 section 4.2.3), or an enhanced one, in words of
#: any language. 500 is also a number of people, and 501 to 504 are about commands.
_CODE = re.compile(
    r"(?<![\w.,/+-])(?:(?P<later>421|45[0-2]|471)|5[1-57]\d)"
    r"(?:[ -]#?[45]\.\d{1,3}\.\d{1,3}|[ :)-](?!\d))"
    r"|(?<![\w.,])(?P<status>[45])\.\d{1,3}\.\d{1,3}(?![\w,]|\.\d)"
)
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
    r"|return(ed|ing) (mail|(message )?to sender)|mail fail(ed|ure)|mail system error"
    r"|could not send mail|delivering your (mail|message)|did not reach|wasn't able to deliver"
    r"|warning: (could not send )?message|unzustellbar|(nicht|konnte) .{0,60}zugestellt|zustellung"
    r"|no se (ha podido|pudo) (entregar|enviar)|no entregado|error (de|en la) entrega"
    r"|échec (de|lors)|non (remis|distribu)|n'a pas (pu être|été) (remis|distribu)"
    r"|mancat[ao] (consegna|recapito)|non recapitabile|impossibile recapitare"
    r"|onbestelbaar|niet[ -](worden )?((af|be)geleverd|bezorgd)|bezorging .{0,20}mislukt"
    r"|não (foi )?entregue|falha (na|de) entrega|não é possível entregar"
    r"|nedoručite[lľ]n|doručení .{0,20}nezda|nepodarilo sa doručiť|nedoručen"
    r"|(kunde|kunne) (inte|ikke) lever|leveransen misslyck|kan ikke lever|toimitu(s|ksen) epäonn"
    r"|teslim edilemedi|kézbesíthetetlen|kézbesítés .{0,20}nem siker|nu (a putut fi|poate fi) livrat"
    r"|isporuka .{0,20}nije uspjela|δεν ήταν δυνατή η παράδοση|αποτυχία παράδοσης|배달되지|배달하지"
    r"|niedostarcz|nie (można|mogła) .{0,30}dostarcz|недостав|не (удалось|может быть) .{0,30}достав"
    r"|退信|未送达|无法(投递|送达)|無法(傳遞|投遞)"
    r"|配信不能|配信できません|届けられません|반송|전달할 수 없",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"(re|aw|sv|antw|odp|vs)(\[\d+\])?:", re.IGNORECASE)
_QUOTED_LINE = re.compile(r"^[ \t]{0,10}>.*$", re.M)
#: A line of a bounce, or of the header in it, with a Message-ID, which looks like an address.
_ID_LINE = re.compile(
    r"^[> \t]{0,10}(?:(?:original-)?message[- ]?id|references|in-reply-to)[ \t]{0,3}[:：].*$",
    re.I | re.M,
)
_COPY_BELOW = re.compile(r"^[ \t]{0,10}-{3}.{0,200}?(copy|original|below)", re.I | re.M)


def read(message, leaves, value):
    """What an email from a mail system reports about another one.

    :param ParsedMessage message: the email; see :class:`~.automatic.Origin`
    :param leaves: its parts, as of `leaves.Leaf`
    :param value: a function that returns the first value of a header field, as for `is_automatic`
    :return: BounceReport, or None when it is no bounce
    """
    failed_recipients = value("x-failed-recipients").decode("utf-8", "replace")
    text = message.text[:_LONGEST]
    below = _COPY_BELOW.search(text)
    own_part = text[: below.start()] if below else text
    blocks = [groups_of(leaf.text) for leaf in leaves if leaf.kind in _STATUS]
    said = _QUOTED_LINE.sub("", own_part[:3000])
    is_known = bool(blocks) or bool(_CAME_BACK.search(f"{message.subject}\n{said}"))
    is_told = bool(blocks) or bool(failed_recipients)
    if not is_told and (_ANSWER.match(message.subject) or not (is_known or _CODE.search(said))):
        return None
    recipients = [person for block in blocks for person in _recipients(block)]
    if not recipients:
        recipients = _guessed(message, own_part, failed_recipients, is_known)
    returned = returned_part(leaves) or returned_in_words(text[below.start() :] if below else "")
    quoted = returned_in_words(text)
    # Its own references may also name earlier emails of the conversation, so they count only if there
    # is nothing better.
    own_ids = message.in_reply_to[:1] or message.references[-1:]
    subject = comparable(returned.subject or quoted.subject)
    arrivals = (group.get("arrival-date", "") for block in blocks for group in block)
    return BounceReport(
        returned.ids or quoted.ids or own_ids,
        tuple(recipients[:_MOST_RECIPIENTS]),
        subject,
        () if subject else subjects_in_words(message.subject, said),
        returned.sent,
        next(filter(None, map(moment, arrivals)), None),
        returned.emails,
        () if returned.ids or quoted.ids else ids_in_words(said),
    )


def _recipients(groups):
    for group in groups:
        action = _action(group)
        if not action:
            continue
        # Starting with the address that was written to, if the server knows it.
        emails = emails_of(group, "original-recipient", "final-recipient")
        status = group.get("status", "").partition(" ")[0][:20]
        diagnostic = group.get("diagnostic-code", "")
        words = diagnostic.partition(";")[2] or diagnostic or group.get("status", "")
        yield ReportedRecipient(emails, action, status, clean_detail(words))


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


def _guessed(message, own_part, failed_recipients, is_known):
    """What can be guessed from a bounce that is written in words.

    :param bool is_known: they are in a language that we know
    """
    if _ARRIVED.search(message.subject):
        action = "delivered"
    elif _LATER.search(f"{message.subject}\n{own_part[:2000]}"):
        action = "delayed"
    elif is_known or failed_recipients or _is_final(own_part):
        action = "failed"
    else:
        action = "delayed"
    match = _WORDS.search(own_part)
    words = clean_detail(match[0] if match else message.subject)
    people = failed_recipients[:_LONGEST] or _ID_LINE.sub("", own_part)
    found = _ADDRESS.findall(people)[:_MOST_RECIPIENTS]
    emails = tuple(dict.fromkeys(filter(None, map(canonical, found))))
    return [ReportedRecipient((email,), action, "", words) for email in emails] or [
        ReportedRecipient((), action, "", words)
    ]


def _is_final(words):
    """Whether one of the codes in a server's words is final."""
    return any(
        not code["later"] and code["status"] != "4" or code[0].endswith("4.4.7")
        for code in _CODE.finditer(words)
    )
