"""Bytes to :class:`~.types.ParsedMessage`: the best readable result of any email, never a crash."""

import dataclasses
import re
from datetime import datetime, timedelta, timezone
from email.utils import mktime_tz, parsedate_tz
from urllib.parse import unquote

from ..types import ParsedMessage
from . import authenticity, automatic, bounce_report, parties, read_receipt
from .charset import clean, decode, decode_words
from .content import content_of, joined
from .defects import HEADER_NOT_KEPT
from .identity import clean_message_id, clean_message_ids, content_digest, header_digest
from .splitter import Limits, read
from .thread import thread_index

__all__ = ["Limits", "assemble", "digest_of", "parse", "references"]

#: Message-IDs in References that are kept: the first one, where the conversation began, and the last.
MAX_REFERENCES = 50

#: Bytes of the header that are kept as received.
KEPT_HEADER_BYTES = 64 * 1024

_EARLIEST = datetime(1980, 1, 1, tzinfo=timezone.utc)


def parse(data, *, uid_date=None, limits=None):
    """Parse one email.

    :param bytes data: the message (RFC 5322) as received
    :param uid_date: when it arrived (INTERNALDATE), an aware datetime; used if its own date is missing
        or implausible
    :param Limits limits: anything beyond is left out and noted in ``defects``
    :return: ParsedMessage
    """
    limits = limits or Limits()
    headers, defects = read(data, limits)
    content = content_of(headers, limits)
    message = assemble(headers, content, len(data), uid_date, limits, defects)
    return dataclasses.replace(message, content_digest=content_digest(content.leaves))


def digest_of(data):
    """The header digest of a message (bytes), which tells it apart from others."""
    return _Headers(read(data, Limits(parts=1, depth=0))[0]).digest()


def assemble(root, content, size, uid_date, limits, defects=()):
    """The ParsedMessage made of a header and a content; its ``content_digest`` is still ''.

    :param email.message.Message root: with the header
    :param Content content:
    :param int size: bytes of the whole message
    :param uid_date: as for `parse`
    :param defects: defects that were found before
    """
    headers = _Headers(root)
    text, html = joined(content, limits)
    if not content.bodies:
        text = _calendar_summary(content.files)
    shown = references(html)
    header, is_cut = _kept_header(root.block)
    if is_cut:
        content.note(HEADER_NOT_KEPT)
    people = parties.read(headers.values)
    message = ParsedMessage(
        subject=" ".join(decode_words(headers.first("subject") + root.subject_rest).split())[:998],
        date=_date(headers, uid_date),
        message_id=clean_message_id(headers.first("message-id")),
        in_reply_to=clean_message_ids(headers.first("in-reply-to"))[:MAX_REFERENCES],
        references=_capped(clean_message_ids(headers.first("references"))),
        addresses=people.addresses,
        text=text,
        html=html,
        attachments=tuple(
            dataclasses.replace(file, inline=True) if file.content_id.lower() in shown else file
            for file in content.files
        ),
        header_digest=headers.digest(),
        content_digest="",
        size=size,
        is_automatic=automatic.is_automatic(headers.first),
        defects=tuple(dict.fromkeys([*defects, *content.defects])),
        headers=header,
        authentication=authenticity.read(root.raw_items()),
        is_bulk=people.is_bulk,
        list_id=people.list_id,
        answers=people.answers,
        thread_index=thread_index(headers.first("thread-index")),
    )
    if receipt := read_receipt.read(message, content.leaves):
        return dataclasses.replace(message, receipt=receipt)
    return dataclasses.replace(
        message, report=bounce_report.read(message, content.leaves, headers.first)
    )


def _kept_header(block):
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


class _Headers:
    """The raw header values of a message: ``values`` is a dict of lower-case name to a list of str, in
    which bytes beyond ASCII are surrogates."""

    def __init__(self, message):
        self.values = {}
        for name, value in message.raw_items():
            self.values.setdefault(name.lower(), []).append(str(value))

    def first(self, name):
        """The first value as its raw bytes, which `fetch.fetch_summaries` sees, too."""
        values = self.values.get(name)
        return values[0].encode("ascii", "surrogateescape") if values else b""

    def digest(self):
        return header_digest(
            *(self.first(name) for name in ("message-id", "from", "date", "subject"))
        )


def _date(headers, uid_date):
    now = datetime.now(timezone.utc)
    latest = (uid_date or now) + timedelta(days=1)
    received = headers.first("received").rpartition(b";")[2]
    for value in (headers.first("date"), received):
        found = _moment(value.decode("ascii", "replace"))
        if found and _EARLIEST <= found <= latest:
            return found
    return uid_date or now


def _moment(value):
    try:
        return datetime.fromtimestamp(mktime_tz(parsedate_tz(value)), timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError, IndexError):
        return None


def _capped(ids):
    return ids if len(ids) <= MAX_REFERENCES else ids[:1] + ids[1 - MAX_REFERENCES :]


_SOURCE = re.compile(
    r"""(?:src|background)\s{0,20}=\s{0,20}["']?\s{0,20}([^"'\s>]+)""", re.IGNORECASE
)


def references(html):
    """The Content-IDs and Content-Locations that HTML refers to, in lower case."""
    found = _SOURCE.findall(html)
    return {
        unquote(re.sub(r"^cid:", "", name, flags=re.IGNORECASE)).strip("<>").lower()
        for name in found
    } - {""}


def _calendar_summary(files):
    """The text of an invitation that has no body."""
    for file in files:
        if file.content_type == "text/calendar":
            event = decode(file.data)[0].partition("BEGIN:VEVENT")
            # The event comes after the time zones; without one, there is only the calendar.
            lines = re.sub(r"\r?\n[ \t]", "", event[2] or event[0]).splitlines()
            fields = {}
            for line in lines:
                name, colon, value = line.partition(":")
                if colon:
                    fields.setdefault(name.partition(";")[0].upper(), value)
            names = ("SUMMARY", "DTSTART", "DTEND", "LOCATION", "DESCRIPTION")
            found = [
                re.sub(r"\\(.)", r"\1", fields[name].replace("\\n", "\n"))
                for name in names
                if name in fields
            ]
            return clean("\n".join(found))
    return ""
