"""What a report returns of the email that it is about: its header, as a part or quoted in words."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from ..addresses import parse_header
from ..calendar.dates import moment
from ..charset import decode_words
from ..message_ids import clean_message_id

#: Fields of the original email that hold its Message-ID, or the one it had before a server changed it.
_ID_FIELDS = ("Message-ID", "X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID")

#: Parts that are looked at for the original, and recipients of it.
_PARTS, _RECIPIENTS = 20, 100
#: Characters of a report that are searched for a quoted header.
_LONGEST = 200_000
#: Lines and characters of one that may name the subject in some language, and how many are kept.
_LINES, _LINE, _SUBJECTS = 200, 300, 40

_QUOTED_FIELD = re.compile(
    r"^[> \t]{0,10}(message-id|subject|date):[ \t]{0,10}(?:\n[ \t]{1,10})?([^\n]{1,998})",
    re.I | re.M,
)
_REFERRING = re.compile(r"[> \t]{0,10}(references|in-reply-to):", re.I)
_ID_IN_WORDS = re.compile(r"<[^<>\s@]{1,400}@[^<>\s@]{1,400}>")
_IN_QUOTES = re.compile(r"""["“„«「『‘]([^"”“»」』’\n]{1,200})["”“»」』’]""")


@dataclass(frozen=True, slots=True)
class Returned:
    """The header fields of the email that was returned: ``ids``, ``subject`` (decoded), ``sent`` (its
    date, aware) and ``emails`` (canonical addresses of its recipients)."""

    ids: tuple[str, ...] = ()
    subject: str = ""
    sent: datetime | None = None
    emails: tuple[str, ...] = ()


def returned_part(leaves):
    """The Returned email among the parts of a report: one with a Message-ID if there is one, else any;
    None without."""
    found = [_returned(leaf.header) for leaf in leaves if leaf.header][:_PARTS]
    told = [one for one in found if one.ids or one.subject or one.sent]
    return next((one for one in told if one.ids), None) or next(iter(told), None)


def _returned(header):
    def value(name):
        return str(header.get(name) or "")

    ids = filter(None, (clean_message_id(value(name)) for name in _ID_FIELDS))
    people = (person for name in ("To", "Cc") for person in parse_header(value(name), "to"))
    return Returned(
        tuple(dict.fromkeys(ids)),
        decode_words(value("Subject")),
        moment(value("Date")),
        tuple(dict.fromkeys(person.email for person in people))[:_RECIPIENTS],
    )


def returned_in_words(text):
    """The Returned email whose header is quoted in a text, as far as it is."""
    fields = {}
    for name, value in _QUOTED_FIELD.findall(text[:_LONGEST]):
        fields.setdefault(name.lower(), value.strip())
    named = fields.get("message-id", "")
    found = clean_message_id(named) if "<" in named or "@" in named else ""
    return Returned(
        (found,) if found else (),
        decode_words(fields.get("subject", "")),
        moment(fields.get("date", "")),
    )


def ids_of(message, leaves, named=""):
    """The Message-IDs of the one email that a report is about, the likeliest first.

    The report's own references may also name earlier emails of the conversation, so they count only if
    there is nothing better.

    :param ParsedMessage message: the report
    :param leaves: its parts, as of `leaves.Leaf`
    :param str named: the Message-ID that a field of the report names
    """
    if named and (found := clean_message_id(named)):
        return (found,)
    part = returned_part(leaves)
    if part and part.ids:
        return part.ids
    return returned_in_words(message.text).ids or message.in_reply_to[:1] or message.references[-1:]


def ids_in_words(text):
    """What may be Message-IDs in a text, whatever its language calls them: tuple."""
    lines = (line for line in text[:20_000].split("\n") if not _REFERRING.match(line))
    found = (match for line in lines for match in _ID_IN_WORDS.findall(line))
    return tuple(dict.fromkeys(map(clean_message_id, found)))[:20]


def subjects_in_words(subject, text):
    """What may be the returned subject, in whatever language a report is: behind a colon of its own
    subject (*Undeliverable: Welcome*) or of a line of its text, or in quotes. As of `comparable`.

    :param str subject: of the report
    :param str text: its text, without what it returns
    """
    found = []
    for line in (subject, *text.split("\n", _LINES)[:_LINES]):
        line = line[:_LINE].replace("：", ":")
        rest = line
        for _number in range(4):
            rest = rest.partition(":")[2]
            found.append(rest)
        found += _IN_QUOTES.findall(line)
    wanted = map(comparable, found)
    return tuple(dict.fromkeys(one for one in wanted if len(one) > 1))[:_SUBJECTS]


def comparable(subject):
    """A subject as it is compared with others: without regard to case, blanks and forms of letters."""
    return " ".join(unicodedata.normalize("NFKC", subject or "").casefold().split())
