"""One part of an email: its header, and what that says: its type, its place, its file name.

The policy of the parts is compat32, as if Python had read them: `email` decides what a header and its
parameters mean.
"""

import email.message
import email.policy
import re
from email.utils import unquote
from urllib.parse import urljoin

from . import transfer
from .charset import clean, decode, decode_words
from .file_names import attachment_name, eml_name
from .header_lines import cut, opened

#: Types of a message within a message.
MESSAGES = frozenset(("message/rfc822", "message/global", "message/news"))

#: Types that begin with the header of a message.
HEADERS = MESSAGES | {
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
}

#: Bytes of a header that are read.
HEADER_BYTES = 512 * 1024

#: Bytes of a field that describes a part; Python's `email` takes quadratic time for it.
FIELD_BYTES = 8192

_BLANK_LINE = re.compile(rb"\n\r*\n")


class Part(email.message.Message):
    """A message or a part of one. ``raw`` is its body as bytes, when it has no parts; ``block`` its
    header as bytes, if it is the message, and ``subject_rest`` the odd lines behind its Subject."""

    def __init__(self, policy=email.policy.compat32):
        super().__init__(policy)
        self.raw = self.block = self.subject_rest = b""


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
        _set_field(part, name.decode("ascii"), value)
    part.subject_rest = header.subject_rest
    if header.end is not None:
        body = start + header.end
    if is_root:
        part.block = data[start : min(header_end, body)]
    return part, body, is_cut


def _set_field(part, name, value):
    if name[:8].lower() == "content-":
        value = value[:FIELD_BYTES]
    part.set_raw(name, value.decode("ascii", "surrogateescape"))


_KIND = re.compile(r"[!#-.0-9^-~]{1,100}/[!#-.0-9^-~]{1,100}")


def sound_kind(kind):
    """A media type in lower case; text/plain if it isn't one (RFC 2045 section 5.2)."""
    kind = kind.lower()
    return kind if _KIND.fullmatch(kind) else "text/plain"


def new_part(kind, parameters=""):
    """A part without content, of a media type with ``; name="value"`` pairs."""
    part = Part()
    part["Content-Type"] = kind + parameters
    return part


def is_body(part, kind):
    """Whether a part is text that is shown in the email itself."""
    disposition = disposition_of(part)
    return (
        kind.startswith("text/")
        and kind != "text/calendar"
        and disposition != "attachment"
        and not (disposition and file_name(part))
    )


def disposition_of(part):
    """``attachment``, ``inline`` or the like; '' when there is none."""
    return str(part.get("Content-Disposition") or "").partition(";")[0].strip().lower()


def content_id(part):
    """The Content-ID without angle brackets; '' when there is none."""
    return clean(str(part.get("Content-ID") or "").strip().strip("<>").strip())[:998]


def location(part):
    """The Content-Location (RFC 2557), within the Content-Base (RFC 2110) of the part if it has one; ''
    when there is none."""
    value, base = (
        clean(decode_words(str(part.get(name) or "").strip().strip('<>"')))[:2000]
        for name in ("Content-Location", "Content-Base")
    )
    try:
        return urljoin(base, value) if value else ""
    except ValueError:
        return value


def parameter(part, name):
    """A parameter of Content-Type as text; '' when it is absent or can't be read."""
    try:
        value = part.get_param(name)
    except (ValueError, LookupError, TypeError):
        return ""
    if isinstance(value, tuple):  # RFC 2231: charset, language, value
        value = value[2]
    return value if isinstance(value, str) else ""


def shown_kind(kind):
    """The media type of a file: delivery reports and the like are read as text."""
    return "text/plain" if kind.startswith("message/") and kind not in MESSAGES else kind


def message_name(subject):
    """The file name for a message within the message."""
    return eml_name(decode_words(str(subject or "")[:2000]))


def encoding_of(part, kind):
    """The transfer encoding to undo, in lower case; '' when there is none."""
    encoding = transfer.normal(part.get("Content-Transfer-Encoding"))
    if kind.startswith("message/") and encoding != "base64":
        return ""  # RFC 2046 section 5.2 allows none, and a label that names one is wrong
    return encoding


def file_name(part, charset=""):
    """The name that a part gives its file, made safe; '' when it gives none.

    :param str charset: that of bytes beyond ASCII, if it is known
    """
    return _name_in(part, "content-disposition", "filename", charset) or _name_in(
        part, "content-type", "name", charset
    )


def _name_in(part, field, name, charset):
    raw = next((raw for key, raw in part.raw_items() if key.lower() == field), "")
    if name not in raw.lower():
        return ""
    try:
        if not raw.isascii():
            # Raw bytes, which the parser can't decode.
            part = email.message.Message()
            part[field] = decode_words(raw.encode("ascii", "surrogateescape"), charset)
        value = part.get_param(name, header=field) or ""
    except (ValueError, LookupError, TypeError, UnicodeError):
        return ""
    if isinstance(value, tuple):  # RFC 2231: charset, language, value
        value = decode(value[2].encode("latin-1", "replace"), value[0])
    return attachment_name(decode_words(unquote(value), charset))


#: Extensions of types for which Python's table has none, or several.
_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "message/delivery-status": "txt",
}

#: The names by which programs know files that come along with an email.
_NAMES = {
    "application/pgp-encrypted": "encrypted.asc",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-signature": "smime.p7s",
    "text/calendar": "invite.ics",
}


def invented_name(kind, number):
    """A name for the ``number``-th file, which came without one."""
    if kind in _NAMES:
        return _NAMES[kind]
    if shown_kind(kind) != kind:
        return f"{kind.rpartition('/')[2]}.txt"
    return f"attachment-{number}.{_ENDINGS.get(kind, 'bin')}"
