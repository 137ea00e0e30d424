"""Media types: what they are of, and what a file is whose type says nothing."""

import re

#: Types of a message within a message.
MESSAGES = frozenset(("message/rfc822", "message/global", "message/news"))

#: Types that begin with the header of a message.
HEADERS = MESSAGES | {
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
}

#: What text is written in that is the email itself. Text of other types is a file if it has a name.
WRITTEN = frozenset(
    ("text/plain", "text/html", "text/enriched", "text/richtext", "text/rfc822-headers")
)

#: Types of text that nobody reads as it is.
NO_WORDS = frozenset(("text/calendar", "text/rtf"))

#: Forms of a text for watches and for pages that some providers show in its place.
FOR_OTHERS = frozenset(("text/x-amp-html", "text/watch-html"))

#: Calendars, which are files even without a name.
CALENDARS = frozenset(
    ("text/calendar", "application/ics", "application/calendar", "text/x-vcalendar")
)

UNKNOWN = "application/octet-stream"
_SAY_NOTHING = frozenset(
    ("", UNKNOWN, "application/x-octet-stream", "octet/stream", "application/unknown",
     "application/x-unknown", "application/x-unknown-content-type", "unknown/unknown",
     "application/binary", "application/file", "application/download", "application/x-download",
     "application/force-download")
)  # fmt: skip

_KIND = re.compile(r"[!#-.0-9^-~]{1,100}/[!#-.0-9^-~]{1,100}")

_WORD, _OPEN = "application/vnd.openxmlformats-officedocument", "application/vnd.oasis.opendocument"
#: Types by the endings of names. None that a browser would run.
_BY_NAME = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
    "docx": f"{_WORD}.wordprocessingml.document",
    "xlsx": f"{_WORD}.spreadsheetml.sheet",
    "pptx": f"{_WORD}.presentationml.presentation",
    "odt": f"{_OPEN}.text",
    "ods": f"{_OPEN}.spreadsheet",
    "odp": f"{_OPEN}.presentation",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "log": "text/plain",
    "csv": "text/csv",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "eml": "message/rfc822",
    "json": "application/json",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "heic": "image/heic",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "zip": "application/zip",
    "gz": "application/gzip",
    "7z": "application/x-7z-compressed",
    "rar": "application/vnd.rar",
    "p7m": "application/pkcs7-mime",
    "p7s": "application/pkcs7-signature",
}

#: First bytes of files that are no text.
_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
    b"PK\x03\x04": "application/zip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "application/x-ole-storage",
    b"\x1f\x8b\x08": "application/gzip",
    b"7z\xbc\xaf\x27\x1c": "application/x-7z-compressed",
    b"Rar!\x1a\x07": "application/vnd.rar",
    b"ID3": "audio/mpeg",
    b"OggS": "audio/ogg",
}
_STARTS = tuple(_SIGNATURES)
#: Files that others are made of.
_CONTAINERS = ("application/zip", "application/x-ole-storage")
_SIGNED = frozenset(_SIGNATURES.values()) - set(_CONTAINERS) - {"audio/mpeg", "audio/ogg"}

#: Extensions for files without a name.
_ENDINGS = {kind: ending for ending, kind in reversed(_BY_NAME.items())} | {
    "text/html": "html",
    "text/rtf": "rtf",
    "image/svg+xml": "svg",
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
    "text/x-vcalendar": "invite.vcs",
}


def sound(kind):
    """A media type in lower case; text/plain if it isn't one (RFC 2045 section 5.2)."""
    return checked(kind) or "text/plain"


def checked(kind):
    """The same, but '' if it isn't one."""
    kind = kind.lower()
    return kind if _KIND.fullmatch(kind) else ""


def shown(kind):
    """The media type of a file: delivery reports and the like are read as text."""
    return "text/plain" if kind.startswith("message/") and kind not in MESSAGES else kind


def of_bytes(data):
    """The media type that the first bytes of a file tell; '' when it may be text, or anything."""
    if data.startswith(_STARTS):
        return next(kind for start, kind in _SIGNATURES.items() if data.startswith(start))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return ""


def of_name(name):
    """The media type that the ending of a name tells; '' when it tells none."""
    return _BY_NAME.get(name.rpartition(".")[2].lower(), "")


def of_file(kind, name, data):
    """The media type of a file.

    :param str kind: as the email says; '' when that isn't one
    :param str name: may be ''
    :param bytes data: its content
    """
    if kind not in _SAY_NOTHING:
        return shown(kind)
    told, named = of_bytes(data), of_name(name)
    if told:
        return named if named and told in _CONTAINERS else told
    return named if named and (not data or named not in _SIGNED) else UNKNOWN


def invented_name(kind, number):
    """A name for the ``number``-th file, which came without one."""
    if kind in _NAMES:
        return _NAMES[kind]
    if shown(kind) != kind:
        return f"{kind.rpartition('/')[2]}.txt"
    return f"attachment-{number}.{_ENDINGS.get(kind, 'bin')}"
