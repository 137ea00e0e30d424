"""Who is on an email: the addresses of all its address fields, and what marks list and bulk mail.

Both readings of an email use this, that of its headers and that of the whole message, so that what
matched by the one is filed by the other.
"""

from dataclasses import dataclass

from ...types import Address
from ..addresses import parse_header
from ..charset import decode
from ..header_lines import is_cut_off
from ..message_ids import clean_message_ids

#: The address fields, and the roles they stand for (RFC 5322 sections 3.6.2, 3.6.3 and 3.6.6). The
#: X- fields are what Google Groups and others write when they put their own address into From.
ROLES = {
    "from": "from",
    "x-original-from": "original",
    "x-original-sender": "original",
    "sender": "sender",
    "reply-to": "reply_to",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
    "resent-from": "resent_from",
    "resent-to": "resent",
    "resent-cc": "resent",
    "resent-bcc": "resent",
}

#: Fields that mark what goes to a list (RFC 2369, RFC 2919), and those that name the emails that are
#: answered.
_LISTS = frozenset(("list-id", "list-post", "list-unsubscribe"))
_ANSWERED = ("in-reply-to", "references")

#: All fields that are read here.
FIELDS = (*ROLES, *sorted(_LISTS), "precedence", *_ANSWERED)

#: Values of Precedence that mark bulk mail.
_BULK = ("bulk", "list", "junk")

#: Message-IDs that are looked up to see whether an email answers one of ours, the last ones.
_MOST_ANSWERED = 20


@dataclass(frozen=True, slots=True)
class Parties:
    """``addresses`` are in the order of ROLES. ``is_bulk``: it went to a list, or is a newsletter.
    ``list_id`` is the list's identifier in lower case (RFC 2919), often ''. ``answers`` are the
    Message-IDs that it refers to, the nearest ones first. ``is_odd``: a field names nobody, or From or
    To is missing, so that a server may have picked out the fields in another way than we would."""

    addresses: tuple[Address, ...] = ()
    is_bulk: bool = False
    list_id: str = ""
    answers: tuple[str, ...] = ()
    is_odd: bool = False


def read(values, charset=None):
    """The Parties of an email.

    :param values: dict of lower-case field name to the list of its raw values, str or bytes, of those
        that the email has, at least of those in FIELDS
    :param charset: that of names with bytes beyond ASCII, '' if the email names none; None where that
        is not known, as only the whole message tells
    """
    addresses, is_odd = [], not (values.get("from") and values.get("to"))
    for name, role in ROLES.items():
        if name in values:
            for value in values[name]:
                found = parse_header(value, role)
                is_odd = is_odd or is_cut_off(value, found)
                addresses += found if charset is None else _named(found, value, role, charset)
    return Parties(
        addresses=tuple(addresses),
        is_odd=is_odd,
        is_bulk=not _LISTS.isdisjoint(values) or _word(values.get("precedence")) in _BULK,
        list_id=_list_id(values.get("list-id")),
        answers=_answers(values),
    )


def _named(found, value, role, charset):
    """The addresses with their names in a charset. What that says of the addresses themselves doesn't
    count, because only the whole message tells it."""
    if value.isascii():
        return found
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    named = parse_header(decode(value, charset), role)
    agree = [person.email for person in named] == [person.email for person in found]
    return named if agree else found


def _answers(values):
    answered = []
    for value in values.get("in-reply-to", ()):
        answered += clean_message_ids(value)
    for value in values.get("references", ()):
        answered += clean_message_ids(value)[: -_MOST_ANSWERED - 1 : -1]
    return tuple(dict.fromkeys(answered))[:_MOST_ANSWERED] if answered else ()


def _list_id(found):
    text = _text(found)
    start, end = text.rfind("<"), text.rfind(">")
    return text[start + 1 : end].strip() if 0 <= start < end else text.partition(" ")[0]


def _word(found):
    return _text(found).partition(";")[0].strip()


def _text(found):
    if not found:
        return ""
    value = found[0][:1000]
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return " ".join(value.lower().split())
