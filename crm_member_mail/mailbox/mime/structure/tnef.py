"""winmail.dat: Outlook's own container (TNEF) for bodies and files.

The parser believes what a file says of itself: 4,000,000,000 properties in a file of 100 bytes keep it
busy for hours, and for each object of a file it copies all of the rest. So it gets the body and each
attachment by itself, and only after they were counted here.
"""

import logging
import secrets
import struct
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

#: Larger files, and those with more in them, stay closed: the parser is slow. Objects of all, objects of
#: one attachment, and values of MAPI properties.
_MAX_BYTES, _MAX_FILES = 50_000_000, 200
_MAX_OBJECTS, _MAX_EACH, _MAX_VALUES = 10_000, 20, 50_000

#: Bytes at the beginning: signature and key (MS-OXTNEF section 2.1.3.1); and those of an object besides
#: its data.
_HEAD, _FRAME = 6, 11

#: The objects that matter, of the message and of attachments (MS-OXTNEF section 2.1.3.4).
_BODY, _PROPERTIES, _CODEPAGE = 0x800C, 0x9003, 0x9007
_ATTACHMENT, _BEGIN, _TITLE, _DATA = 0x9005, 0x9002, 0x8010, 0x800F
_OF_MESSAGE, _OF_ATTACHMENT = (_BODY, _PROPERTIES), (_ATTACHMENT, _BEGIN, _TITLE, _DATA)

#: Bytes of values of MAPI types that have a fixed size, and types that come with their size (MS-OXCDATA
#: section 2.11.1).
_SHORTS = (0x0002, 0x000B)
_WIDTHS = {
    **dict.fromkeys(_SHORTS, 2),
    **dict.fromkeys((0x0003, 0x0004, 0x000A), 4),
    **dict.fromkeys((0x0005, 0x0006, 0x0007, 0x0014, 0x0040), 8),
    0x0048: 16,
}
_SIZED = (0x0000, 0x000D, 0x001E, 0x001F, 0x0102)

#: What begins a message in a message: the parser would open it, and those in it.
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")

# It logs each oddity of an email as an error of ours.
logging.getLogger("tnefparse").setLevel(logging.CRITICAL)


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
    # Nothing of what the parser gets is the mark of a message, which it would open.
    stand_in = secrets.token_bytes(len(_MESSAGE))
    try:
        pieces = [
            tnefparse.TNEF(piece.replace(_MESSAGE, stand_in), do_checksum=False)
            for piece in _pieces(data)
        ]
        tnef, charset = pieces[0], pieces[0].codepage or ""
        files = [
            _file(item, number, charset, stand_in)
            for number, item in enumerate((i for p in pieces[1:] for i in p.attachments), start=1)
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


def _pieces(data):
    """A winmail.dat in pieces that are one each: first the message, then each attachment.

    :raises ValueError: there is more in it than in any honest one
    """
    head, message, attachments = [data[:_HEAD]], [], []
    counter = _Counter(_MAX_VALUES)
    offset = _HEAD
    for _number in range(_MAX_OBJECTS):
        if offset + _FRAME >= len(data):
            break
        level, name, _kind, size = struct.unpack_from("<BHHI", data, offset)
        end = min(offset + size + _FRAME, len(data))
        if level == 2 and name == _BEGIN:
            attachments.append([])
        if name in (_PROPERTIES, _ATTACHMENT):
            counter.count(data[offset + 9 : end - 2])
        if level == 1 and name == _CODEPAGE:
            head[1:] = [data[offset:end]]
        elif level == 1 and name in _OF_MESSAGE:
            message.append(data[offset:end])
        elif level == 2 and name in _OF_ATTACHMENT and attachments:
            attachments[-1].append(data[offset:end])
        offset = end
    else:
        raise ValueError("too many objects")
    if len(attachments) > _MAX_FILES or any(len(x) > _MAX_EACH for x in (message, *attachments)):
        raise ValueError("too many attachments")
    return [b"".join([*head, *objects]) for objects in (message, *attachments)]


class _Counter:
    """Counts the values of MAPI properties (MS-OXTNEF section 2.1.3.5) where the parser would read them.

    :param int left: how many there may be in all
    """

    def __init__(self, left):
        self._left = left

    def count(self, data):
        """
        :raises ValueError: there are too many
        """
        try:
            self._count(data)
        except struct.error:
            return  # the parser stops there, too

    def _count(self, data):
        number, offset = _number(data, 0)
        self._spend(number)
        for _property in range(number):
            if offset >= len(data):
                return
            kind, name = struct.unpack_from("<HH", data, offset)
            offset += 4
            if name >= 0x8000:  # a named one: a GUID, and a number or a text
                is_text, offset = _number(data, offset + 16)
                size, offset = _number(data, offset)
                offset += _padded(size) if is_text else 0
            many = 0
            if kind & 0x1000:
                many, offset = _number(data, offset)
                self._spend(many)
            offset = self._values(data, offset, kind & ~0x1000, many)

    def _values(self, data, offset, kind, many):
        """The offset behind the values of a property; ``many`` is their number if it may have many."""
        for _value in range(many or 1):
            if kind in _WIDTHS:
                offset += _WIDTHS[kind]
            elif kind in _SIZED:
                parts = 1
                if not many:
                    parts, offset = _number(data, offset)
                    self._spend(parts)
                for _part in range(parts):
                    size, offset = _number(data, offset)
                    offset += _padded(size)
            else:
                raise struct.error  # the parser does not know it, and stops
        return offset + (2 if (many or 1) % 2 and kind in _SHORTS else 0)

    def _spend(self, number):
        self._left -= number
        if self._left < 0:
            raise ValueError("too many properties")


def _number(data, offset):
    """A number of 4 bytes, and the offset behind it."""
    return struct.unpack_from("<I", data, offset)[0], offset + 4


def _padded(size):
    return size + -size % 4


def _file(item, number, charset, stand_in):
    data = bytes(item.data or b"").removeprefix(stand_in).replace(stand_in, _MESSAGE)
    name = attachment_name(_text(_name(item), charset).strip("\0"))
    kind = kinds.of_file("", name, data)
    return ParsedAttachment(name or kinds.invented_name(kind, number), kind, data)


def _name(item):
    try:
        return item.long_filename() or item.name
    except UnicodeDecodeError:  # it is in the charset of the sender's system
        return item._name
