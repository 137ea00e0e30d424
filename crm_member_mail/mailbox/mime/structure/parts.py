"""One part of an email: its header, and what that says: its type, its place, its file name.

The policy of the parts is compat32, as if Python had read them: `email` decides what a header and its
parameters mean.
"""

import dataclasses
import email.message
import email.policy
import functools
import re
from dataclasses import dataclass
from email.utils import unquote
from urllib.parse import unquote as unquote_url
from urllib.parse import urljoin

from ..charset import clean, decode, decode_as_named, decode_words, shown_words
from ..header_lines import cut, opened
from . import kinds, transfer, wayward
from .file_names import attachment_name, eml_name

#: Bytes of a header that are read.
HEADER_BYTES = 512 * 1024

#: Bytes of a field that describes a part; Python's `email` takes quadratic time for it.
FIELD_BYTES = 8192

_BLANK_LINE = re.compile(rb"\n\r*\n")

#: A parameter as nearly all are written, which need not be read by `email`.
_SIMPLE_PARAMETER = re.compile(
    r"""[ \t]*([a-z-]+)=(?:"([^"\\;\x80-\U0010ffff]+)"|([a-z0-9._+/:-]+))[ \t]*(?:;|$)""",
    re.IGNORECASE,
)

#: A name with a comment behind it, and escapes of UTF-8.
_COMMENTED = re.compile(r'(?s)\A("[^"]*")\s*\([^()"]*\)\Z')
_ESCAPED = re.compile(
    r"%[CDEce][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]|%[Dd][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]"
)


class Part(email.message.Message):
    """A message or a part of one. ``raw`` is its body as bytes, when it has no parts; ``block`` its
    header as bytes, if it is the message, and ``subject_rest`` the odd lines behind its Subject."""

    def __init__(self, policy=email.policy.compat32):
        super().__init__(policy)
        self.raw = self.block = self.subject_rest = b""
        self._about = None

    @property
    def about(self):
        """What the header says of the part, once it is complete: Description."""
        if self._about is None:
            self._about = _description_of(self)
        return self._about


@dataclass(frozen=True, slots=True)
class Description:
    """What the header of a part says of it.

    ``kind`` is its media type in lower case; '' when that isn't one. ``disposition`` is *attachment*,
    *inline* or the like, often ''. ``encoding`` is the transfer encoding to undo. ``content_id`` is the
    Content-ID without angle brackets, ``location`` the Content-Location (RFC 2557), within the
    Content-Base (RFC 2110) of the part if it has one; often ''. ``typed`` and ``placed`` are
    Content-Type and Content-Disposition as they are, ``parameters`` those of the first by name: text,
    or as `email` has them (RFC 2231). ``is_typed``: there is a Content-Type.

    ``described`` is the file name that Content-Description is, if its ending is a known one.

    ``counted_kind`` is the media type as the content digest sees it, which never changes; ``as_sent``
    the Description of fields that break the grammar, as the digest sees them, else None.
    """

    kind: str
    disposition: str
    encoding: str
    content_id: str
    location: str
    typed: str
    placed: str
    parameters: dict
    is_typed: bool
    counted_kind: str
    described: str = ""
    as_sent: object = None

    def parameter(self, name):
        """A parameter of Content-Type as text; '' when it is absent."""
        value = self.parameters.get(name, "")
        return value[2] if isinstance(value, tuple) else value

    @property
    def is_plain(self):
        """Whether it is all in ASCII."""
        return self.typed.isascii() and self.placed.isascii()

    def name(self, charset="", may_search=True):
        """The name that the part gives its file, made safe; '' when it gives none.

        :param str charset: that of bytes beyond ASCII, if it is known
        :param bool may_search: whether it is looked for if it is wrong, or not known
        """
        reader = functools.partial(shown_words, charset=charset)
        if not may_search:
            reader = functools.partial(reader, reader=decode_as_named)
        placed = _parameters(self.placed, reader) if "filename" in self.placed.lower() else {}
        if name := _name(placed.get("filename"), reader):
            return name
        typed = self.parameters if self.typed.isascii() else _parameters(self.typed, reader)
        return _name(typed.get("name"), reader)

    def role(self, name):
        """What the part is.

        :param str name: of its file, may be ''
        :return: *text*: of the email itself; *inline*: a file that may be shown as text, and is the
            email's text if there is no other; or *file*
        """
        kind, placed = self.kind, self.disposition
        if not kind or not (self.is_typed or not name):
            kind = kinds.of_name(name) if self.kind else ""
            if not kind and (name or placed == "attachment"):
                return "file"
            kind = kind or "text/plain"
        is_text = kind.startswith("text/") and kind not in kinds.CALENDARS
        if not is_text or kind in kinds.NO_WORDS or placed == "attachment":
            return "file"
        return "inline" if name and (placed or kind not in kinds.WRITTEN) else "text"

    def counts_as(self, name):
        """How the content of the part counts in the content digest: *html* or *text* as its letters;
        '' as its bytes. What it is taken for may change from version to version, this never."""
        if self.as_sent:
            return self.as_sent.counts_as(self.as_sent.name())
        kind, placed = self.counted_kind, self.disposition
        if not kind.startswith("text/") or kind == "text/calendar" or placed == "attachment":
            return ""
        return "" if placed and name else "html" if kind == "text/html" else "text"


def read_header(data, max_bytes=HEADER_BYTES):
    """The header of a message as a Part without content."""
    data = opened(data)
    return part_at(data, 0, len(data), max_bytes, True)[0]


def part_at(data, start, end, max_bytes, is_root):
    """The part of which ``data[start:end]`` is the whole.

    :return: the Part, still without its body; where that begins; and whether the header was longer
        than ``max_bytes``, so that its end was left out
    """
    part, is_cut = Part(), False
    if data.startswith((b"\n", b"\r\n"), start, end):
        return part, data.index(b"\n", start) + 1, False
    blank = _BLANK_LINE.search(data, start, min(end, start + max_bytes))
    header_end, body = (blank.start(), blank.end()) if blank else (end, end)
    if header_end - start > max_bytes:
        # In the rest, only the blank line at its end matters.
        blank = _BLANK_LINE.search(data, start + max_bytes, end) if is_root else None
        body = blank.end() if blank else end
        line_end = data.rfind(b"\n", start, start + max_bytes)
        header_end = line_end if line_end > start else start + max_bytes
        is_cut = True
    header = cut(data[start:header_end], bool(blank), is_part=not is_root)
    for name, value in header.fields:
        if name[:8].lower() == b"content-":
            value = value[:FIELD_BYTES]
        part.set_raw(name.decode("ascii"), value.decode("ascii", "surrogateescape"))
    part.subject_rest = header.subject_rest
    if header.end is not None:
        body = start + header.end
    if is_root:
        part.block = data[start : min(header_end, body)]
    return part, body, is_cut


def first_of(values, name):
    """The first of the raw values of a field, as bytes; b"" when it is missing.

    :param values: lists of values by lower-case name, bytes beyond ASCII as surrogates
    """
    found = values.get(name)
    return found[0].encode("ascii", "surrogateescape") if found else b""


def new_part(kind, parameters=""):
    """A part without content, of a media type with ``; name="value"`` pairs."""
    part = Part()
    part["Content-Type"] = kind + parameters
    return part


def _description_of(part):
    fields = {}
    for name, value in part.raw_items():
        if name[:1] in "cC":
            fields.setdefault(name.lower(), []).append(value)
    sent = {name: values[0] for name, values in fields.items()}
    meant, default = wayward.meant(fields), part.get_default_type()
    about = _described(meant, default)
    if meant == sent:
        return about
    return dataclasses.replace(about, as_sent=_described(sent, default))


def _described(fields, default_type):
    typed = fields.get("content-type", default_type)
    first = typed[:300].partition(";")[0].strip()
    counted = kind = kinds.checked(first)
    if not kind and (words := first.strip("\"'").split()):
        kind = kinds.checked(words[0])
    placed = fields.get("content-disposition", "")
    content_id = fields.get("content-id", "").strip().strip("<>").strip()
    return Description(
        kind,
        placed.partition(";")[0].strip().lower(),
        _encoding(fields.get("content-transfer-encoding"), kind),
        clean(content_id)[:998] if content_id else "",
        _location(fields) if "content-location" in fields else "",
        typed,
        placed,
        _parameters(typed),
        "content-type" in fields,
        "text/plain" if counted.startswith("multipart/") else counted or "text/plain",
        _described_name(fields.get("content-description")),
    )


def _described_name(value):
    name = attachment_name(shown_words(value[:1000])) if value else ""
    return name if kinds.of_name(name) else ""


def _location(fields):
    value, base = (
        clean(decode_words(fields.get(name, "").strip().strip('<>"')))[:2000]
        for name in ("content-location", "content-base")
    )
    try:
        return urljoin(base, value) if value else ""
    except ValueError:
        return value


def _parameters(value, reader=None):
    """The parameters of a field by name.

    :param reader: what makes text of bytes beyond ASCII and of encoded words
    """
    position = value.find(";") + 1
    if not position:
        return {}
    found = {}
    while match := _SIMPLE_PARAMETER.match(value, position):
        found.setdefault(match[1].lower(), match[2] or match[3])
        position = match.end()
    if position == len(value):
        return found
    if not value.isascii():
        # Raw bytes, which the parser can't decode; some are halves of letters.
        reader = reader or functools.partial(decode_words, reader=decode_as_named)
        value = reader(value.encode("ascii", "surrogateescape"))
    field = email.message.Message()
    field["x"] = value
    try:
        pairs = field.get_params(header="x")[1:]
    except (ValueError, LookupError, TypeError):
        return {}
    found = {}
    for name, value in pairs:
        # Some write a name in two ways; that of RFC 2231 has all of its letters.
        if name.lower() not in found or isinstance(value, tuple):
            found[name.lower()] = value
    return found


def message_name(subject, charset=""):
    """The file name for a message within the message.

    :param subject: str or bytes, may be empty
    :param charset: that of bytes beyond ASCII, if it is known
    """
    return eml_name(shown_words(subject[:2000], charset))


def subject_of(header):
    """The Subject of a header (a Part), as bytes, and the charset that its text names."""
    values = {name.lower(): [value] for name, value in reversed([*header.raw_items()])}
    return first_of(values, "subject"), header.about.parameter("charset")


def _encoding(value, kind):
    encoding = transfer.normal(value)
    if kind.startswith("message/") and encoding != "base64":
        return ""  # RFC 2046 section 5.2 allows none, and a label that names one is wrong
    return encoding


def _name(value, reader):
    if not value:
        return ""
    if isinstance(value, tuple):  # RFC 2231: charset, language, value
        value = decode(value[2].encode("latin-1", "replace"), value[0])
        return attachment_name(reader(value))
    return attachment_name(_unescaped(reader(_bare(value))))


def _bare(value):
    """A name without quotes, however they are written, or a comment behind them."""
    value = _COMMENTED.sub(r"\1", value.strip().replace("\t", " "))
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1]
    if value[:1] == '"' and value.count('"') == 1:
        return value[1:]
    return unquote(value)


def _unescaped(name):
    """A name without the escapes of URLs, if it has letters beyond ASCII in them."""
    if not _ESCAPED.search(name):
        return name
    try:
        return unquote_url(name, errors="strict")
    except UnicodeDecodeError:
        return name
