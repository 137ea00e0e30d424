"""What one part of an email says about itself: its type, its place, its file name."""

import email.message
import re

from . import transfer
from .charset import clean, decode_words
from .file_names import attachment_name, eml_name
from .splitter import Part

#: Types of a message within a message.
MESSAGES = frozenset(("message/rfc822", "message/global", "message/news"))


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
    """The Content-ID without angle brackets, or else the Content-Location (RFC 2557)."""
    location = str(part.get("Content-Location") or "").strip()
    name = str(part.get("Content-ID") or location).strip().strip("<>").strip()
    return clean(name)[:998]


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


def file_name(part):
    """The name that a part gives its file, made safe; '' when it gives none."""
    try:
        name = part.get_filename() or ""
        if "\ufffd" in name:
            # Raw bytes in the header, which the parser can't decode.
            copy = email.message.Message()
            for header, value in part.raw_items():
                if header.lower() in ("content-type", "content-disposition"):
                    copy[header] = decode_words(str(value).encode("ascii", "surrogateescape"))
            name = copy.get_filename() or name
    except (ValueError, LookupError, TypeError, UnicodeError):
        name = ""
    return attachment_name(decode_words(name))


#: Extensions of types for which Python's table has none, or several.
_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "application/pgp-signature": "asc",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "message/delivery-status": "txt",
}


def invented_name(kind, number):
    """A name for the ``number``-th file, which came without one."""
    if kind == "text/calendar":
        return "invite.ics"
    if shown_kind(kind) != kind:
        return f"{kind.rpartition('/')[2]}.txt"
    return f"attachment-{number}.{_ENDINGS.get(kind, 'bin')}"
