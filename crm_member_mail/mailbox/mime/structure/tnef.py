"""winmail.dat: Outlook's own container (TNEF) for bodies and files."""

import logging
from dataclasses import dataclass, field

from ...types import ParsedAttachment
from ..charset import clean, decode
from . import kinds
from .file_names import attachment_name

try:
    import tnefparse
except ImportError:  # an optional package: without it, the file stays as it is
    tnefparse = None

_logger = logging.getLogger(__name__)

_MAGIC = b"\x78\x9f\x3e\x22"

#: Larger files, and those with more files in them, stay closed: the parser is slow.
_MAX_BYTES, _MAX_FILES = 50_000_000, 200


@dataclass(frozen=True, slots=True)
class Opened:
    """The content of a winmail.dat: a pair of plain text and HTML, and files."""

    body: tuple
    files: list = field(default_factory=list)


def open_winmail(data):
    """Open a winmail.dat (MS-OXTNEF).

    :param bytes data:
    :return: Opened, or None when it can't be read; then the file itself is the attachment
    """
    if tnefparse is None or len(data) > _MAX_BYTES or not data.startswith(_MAGIC):
        return None
    try:
        tnef = tnefparse.TNEF(data)
        if len(tnef.attachments) > _MAX_FILES:
            return None
        charset = tnef.codepage or ""
        files = [
            _file(item, number, charset) for number, item in enumerate(tnef.attachments, start=1)
        ]
        html = _text(getattr(tnef, "htmlbody", None), charset)
        text = _text(tnef.body, charset)
    except Exception:  # the parser raises anything on malformed data
        _logger.info("Can't open a winmail.dat", exc_info=True)
        return None
    return Opened((text, html), files) if files or text or html else None


def _text(value, charset):
    if isinstance(value, bytes):
        value = decode(value, charset)
    return clean(value or "")


def _file(item, number, charset):
    data = bytes(item.data or b"")
    name = attachment_name(_text(_name(item), charset).strip("\0"))
    kind = kinds.of_file("", name, data)
    return ParsedAttachment(name or kinds.invented_name(kind, number), kind, data)


def _name(item):
    try:
        return item.long_filename() or item.name
    except UnicodeDecodeError:  # it is in the charset of the sender's system
        return item._name
