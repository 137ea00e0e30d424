"""What the header of an email says of it: when, about what, between whom, in which conversation."""

from dataclasses import dataclass
from datetime import datetime

from . import parties
from .charset import clean, decode_words
from .dates import date_of
from .defects import HEADER_NOT_KEPT
from .message_ids import clean_message_id, clean_message_ids
from .thread import thread_index

#: Message-IDs in References that are kept: the first one, where the conversation began, and the last.
MAX_REFERENCES = 50

#: Bytes of the header that are kept as received.
KEPT_HEADER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Headers:
    """What the header says; most fields are those of ParsedMessage.

    ``text`` is the header as received, ``parties`` a :class:`~.parties.Parties`. ``fields`` are the
    pairs of name and raw value, bytes beyond ASCII as surrogates; ``first`` is the first raw value of
    each field as bytes, which `fetch.fetch_summaries` sees, too, by its lower-case name.
    """

    subject: str
    date: datetime
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    parties: parties.Parties
    thread_index: str
    text: str
    fields: tuple
    first: dict
    defects: tuple = ()

    def value(self, name):
        """The first value of a field, b"" when it is missing."""
        return self.first.get(name, b"")


def headers_of(header, charset="", uid_date=None):
    """Read the header of an email.

    :param Part header:
    :param str charset: that of bytes beyond ASCII, if it is known
    :param uid_date: when the email arrived (INTERNALDATE), or None
    :return: Headers
    """
    fields = tuple((name, str(value)) for name, value in header.raw_items())
    values = {}
    for name, value in fields:
        values.setdefault(name.lower(), []).append(value)
    first = {name: found[0].encode("ascii", "surrogateescape") for name, found in values.items()}
    subject = first.get("subject", b"") + header.subject_rest
    date, defects = date_of(values.get("date", ()), values.get("received", ()), uid_date)
    text, is_cut = _kept(header.block)
    return Headers(
        subject=" ".join(decode_words(subject, charset).split())[:998],
        date=date,
        message_id=clean_message_id(first.get("message-id")),
        in_reply_to=clean_message_ids(first.get("in-reply-to"))[:MAX_REFERENCES],
        references=_capped(clean_message_ids(first.get("references"))),
        parties=parties.read(values, charset),
        thread_index=thread_index(first.get("thread-index", b"")),
        text=text,
        fields=fields,
        first=first,
        defects=(*defects, *((HEADER_NOT_KEPT,) if is_cut else ())),
    )


def _kept(block):
    """A header as text, and whether its end was left out."""
    is_cut = len(block) > KEPT_HEADER_BYTES
    if is_cut:
        line_end = block.rfind(b"\n", 0, KEPT_HEADER_BYTES)
        block = block[: line_end + 1 or KEPT_HEADER_BYTES]
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        text = block.decode("latin-1")
    return clean(text).rstrip("\n"), is_cut


def _capped(ids):
    return ids if len(ids) <= MAX_REFERENCES else ids[:1] + ids[1 - MAX_REFERENCES :]
