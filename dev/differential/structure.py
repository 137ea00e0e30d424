"""What an email is made of, for the rules of ``explained.py``: its texts, and the messages within it."""

import base64
import email
import functools
import re
from dataclasses import dataclass
from datetime import timezone
from email.utils import format_datetime, parsedate_to_datetime

from crm_member_mail.mailbox.mime.message import parse

from .extracts import LOST, file_of, words, words_of_html

#: How deep messages within messages are looked for.
_DEPTH = 6


_ADDRESS_FIELD = re.compile(
    r"^(from|to|cc|bcc)[ \t]*:(.*(?:\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE
)


def address_fields(data):
    """Pairs of the name, in lower case, and the value of the address fields of an email (bytes)."""
    return [(name.lower(), value) for name, value in _ADDRESS_FIELD.findall(_head(data))]


def _head(data):
    return re.split(rb"\n\r?\n", data, maxsplit=1)[0].decode("latin-1")


def from_base64(data):
    """What a parser makes of bytes that it takes for base64, leaving out what is none."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(letters + b"===")


def decoded(data, codec):
    """Bytes as text, without what can't be decoded; None when there is no such codec."""
    try:
        return data.decode(codec, "ignore").replace(LOST, "")
    except (LookupError, UnicodeError):
        return None


def line_behind_base64(file, data):
    """The line that follows a file in the email (bytes) which has it in base64; b"" when there is no
    such file, or when the part ends there."""
    end = base64.b64encode(file).rstrip(b"=")[-20:]  # enough to find it, whatever the lines are
    found = re.search(rb"\s*".join(re.escape(bytes([sign])) for sign in end) + rb"=*\s*(.*)", data)
    line = found[1].rstrip() if end and found else b""
    boundaries = re.findall(rb'boundary="?([^";\r\n]+)', data, re.IGNORECASE)
    return b"" if line.removesuffix(b"--").removeprefix(b"--") in boundaries else line


_DATE_FIELD = re.compile(r"^date[ \t]*:(.*(?:\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_RECEIVED = re.compile(r"^received[ \t]*:(.*(?:\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)


def date_field(data):
    """The Date of an email (bytes) as it stands there; '' when it has none."""
    field = _DATE_FIELD.search(_head(data))
    return field[1] if field else ""


def received_at(data):
    """When an email (bytes) arrived, as its topmost Received field says; None when it doesn't."""
    field = _RECEIVED.search(_head(data))
    return _moment(field[1].rpartition(";")[2].strip()) if field else None


def _moment(value):
    try:
        found = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of an email, as Python sees it: its media type, its transfer encoding, its bytes
    before and after that is undone, the label of its charset, how that reads them, and whether it is one
    of the parts of a multipart/alternative."""

    kind: str
    encoding: str
    raw: bytes
    data: bytes
    label: str
    text: str
    is_choice: bool

    def as_utf8(self):
        """The text if it is valid UTF-8 beyond ASCII, else ''."""
        try:
            return "" if self.data.isascii() else self.data.decode("utf-8")
        except UnicodeDecodeError:
            return ""


@functools.lru_cache(maxsize=8)
def texts_of(data):
    """The Texts of an email (bytes), those of messages within it left out."""
    found = []

    def walk(part, is_choice):
        kind = part.get_content_type()
        if part.is_multipart() and not kind.startswith("message/"):
            for child in part.get_payload():
                walk(child, kind == "multipart/alternative")
        elif kind.startswith("text/"):
            data = part.get_payload(decode=True) or b""
            label = part.get_content_charset() or ""
            encoding = str(part["Content-Transfer-Encoding"] or "").strip().lower()
            raw = part.get_payload().encode("utf-8", "surrogateescape")
            text = _decoded(data, label)
            found.append(Text(kind, encoding, raw, data, label, text, is_choice))

    try:
        walk(email.message_from_bytes(data), False)
    except (ValueError, LookupError, TypeError, AssertionError):
        return ()  # Python's parser gives up on some
    return tuple(found)


def _decoded(data, label):
    try:
        return data.decode(label or "utf-8", "replace")
    except (LookupError, UnicodeError):
        return data.decode("latin-1")


_MESSAGES = ("message/rfc822", "message/global", "message/news")


def messages_within(message):
    """The Inner messages of the files of a ParsedMessage, and of theirs."""
    data = [file.data for file in message.attachments if file.content_type in _MESSAGES]
    return [found for inner in data for found in _opened(inner, _DEPTH)]


@dataclass(frozen=True, slots=True)
class Inner:
    """A message within a message: all its words, header included, and the gists of its files."""

    words: frozenset
    gists: frozenset


@functools.lru_cache(maxsize=8)
def _opened(data, depth):
    message = parse(data)
    files = list(map(file_of, message.attachments))
    found = [Inner(_all_words(message, files), frozenset(file.gist for file in files))]
    if depth:
        for file in message.attachments:
            if file.content_type in _MESSAGES:
                found += _opened(file.data, depth - 1)
    return tuple(found)


def _all_words(message, files):
    text = [
        message.subject,
        message.headers,
        message.text,
        format_datetime(message.date, usegmt=True),
    ]
    text += [f"{address.name} {address.email}" for address in message.addresses]
    text += [f"{file.name} {file.text}" for file in files]
    return words(" ".join(text)) | words_of_html(message.html)
