"""What the header of an email says of it: when, about what, between whom, in which conversation."""

from dataclasses import dataclass
from datetime import datetime

from .calendar.dates import date_of
from .charset import clean, one_line, shown_words
from .defects import HEADER_NOT_KEPT
from .message_ids import clean_message_id, clean_message_ids
from .people import parties
from .structure.parts import first_of
from .thread import thread_index

#: Message-IDs in References that are kept: the first one, where the conversation began, and the last.
MAX_REFERENCES = 50

#: Bytes of the header that are kept as received.
KEPT_HEADER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Headers:
    """What the header says; most fields are those of ParsedMessage.

    ``text`` is the header as received, ``parties`` a :class:`~.parties.Parties`. ``fields`` are the
    pairs of name and raw value, bytes beyond ASCII as surrogates; ``values`` the lists of values by
    lower-case name.
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
    values: dict
    defects: tuple = ()

    def value(self, name):
        """The first value of a field as its raw bytes, which `fetch.fetch_summaries` sees, too; b""
        when it is missing."""
        return first_of(self.values, name)


def headers_of(header, charset="", uid_date=None):
    """Read the header of an email.

    :param Part header:
    :param str charset: that of bytes beyond ASCII, if it is known
    :param uid_date: when the email arrived (INTERNALDATE), or None
    :return: Headers
    """
    fields = tuple(header.raw_items())
    values = {}
    for name, value in fields:
        values.setdefault(name.lower(), []).append(value)

    def first(name):
        return first_of(values, name)

    date, defects = date_of(values.get("date", ()), values.get("received", ()), uid_date)
    text, is_cut = _kept(header.block)
    subject = first("subject") + header.subject_rest
    return Headers(
        subject=one_line(shown_words(subject, charset))[:998],
        date=date,
        message_id=clean_message_id(first("message-id")),
        in_reply_to=clean_message_ids(first("in-reply-to"))[:MAX_REFERENCES],
        references=_capped(clean_message_ids(first("references"))),
        parties=parties.read(values, charset),
        thread_index=thread_index(first("thread-index")),
        text=text,
        fields=fields,
        values=values,
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
