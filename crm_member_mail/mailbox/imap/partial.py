"""Large messages: their text now, their attachments when somebody wants them.

BODYSTRUCTURE, which is too costly and too fragile for bulk, is requested here for one message at a
time. What the server says about the parts becomes a message in which only the texts have content, and
it is treated like any other message. If the server's answer is unusable, only the beginning of the
message is read.
"""

import dataclasses
import logging
from dataclasses import dataclass

from ..errors import MailboxError
from ..mime import pictures
from ..mime.defects import LARGE, TEXT_CUT, TOO_MANY_PARTS, UNTOLD
from ..mime.identity import partial_digest
from ..mime.message import parse, read_parts
from ..mime.structure import kinds, parts, transfer
from ..mime.structure.enclosures import is_incidental, is_logo
from ..mime.structure.protection import announces_pgp, may_be_container
from ..mime.structure.splitter import Limits, Split
from ..net.numbers import INT_32, number
from ..types import ParsedMessage, RemotePart
from .client import FETCH

__all__ = ["PartialMessage", "fetch_part", "fetch_partial"]

_logger = logging.getLogger(__name__)

#: Bytes of a part that one FETCH requests.
CHUNK = 1024 * 1024

#: Texts of a message that are read: how many, bytes of each, and bytes of all of them.
TEXT_PARTS, TEXT_BYTES, ALL_TEXT_BYTES = 20, 1024 * 1024, 4 * 1024 * 1024

#: Bytes that are read of a message whose structure the server can't give.
BEGINNING = 256 * 1024

#: Bytes that a part may have more than the server said, which may have been mistaken.
SLACK = 32 * 1024 * 1024

_REFUSED = ("protocol", "server_error")


@dataclass(frozen=True, slots=True)
class PartialMessage:
    """A message without the content of its attachments, and what was left on the server."""

    message: ParsedMessage
    parts: tuple[RemotePart, ...]


def fetch_partial(session, summary, limits=None):
    """Read the header and the text of one message of the open folder.

    :param ImapSession session:
    :param Summary summary: of the message
    :param Limits limits: as of `message.parse`
    :return: PartialMessage, or None when the server no longer has this UID
    :raises MailboxError: when the connection fails, or the server refuses even the beginning
    """
    limits = limits or Limits()
    try:
        found = _by_structure(session, summary, limits)
    except MailboxError as error:
        if error.code not in _REFUSED:
            raise
        _logger.info("Can't read the structure of UID %s: %s", summary.uid, error.detail)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        _logger.info("The structure of UID %s is malformed", summary.uid, exc_info=True)
    else:
        return found
    return _by_beginning(session, summary, limits)


def fetch_part(session, uid, part, max_bytes=None):
    """Download one part of a message of the open folder, in chunks.

    :param int uid:
    :param RemotePart part:
    :param int max_bytes: return only this many bytes from the beginning; None: all
    :return: its decoded content, bytes. A part of type message/rfc822 is as it is on the server
    :raises MailboxError: `server_error` when the server has no such part (any more), `too_much` when
        it never ends
    """
    decoder, decoded = transfer.Decoder(part.encoding), bytearray()
    offset, what = 0, f"part {part.section} of UID {uid}"
    while max_bytes is None or len(decoded) < max_bytes:
        item = f"BODY.PEEK[{part.section}]<{offset}.{CHUNK}>"
        allowance = FETCH.plus(part.size)  # servers without partial FETCH send all of it
        answer = session.call("fetch", [uid], [item], allowance=allowance).get(uid)
        whole, chunk = _section(answer, part.section)
        if chunk is None and not (offset and answer):
            raise MailboxError("server_error", f"{what} is missing", session.settings.host)
        decoded += decoder.feed(chunk or b"")
        offset += len(chunk or b"")
        if offset > 2 * part.size + SLACK:
            raise MailboxError("too_much", host=session.settings.host)
        # A short chunk is the last one, unless the server said that there is more (some cut chunks).
        if whole or not chunk or (len(chunk) < CHUNK and offset >= part.size):
            decoded += decoder.close()
            break
    if not offset and part.size:
        # Dovecot says so of a part that does not exist.
        raise MailboxError("server_error", f"{what} is empty", session.settings.host)
    if max_bytes is None and transfer.is_uuencoded(part.encoding):
        return transfer.decode(bytes(decoded), part.encoding)
    if max_bytes is not None:
        del decoded[max_bytes:]
    return bytes(decoded)


def _by_structure(session, summary, limits):
    items = [f"BODY.PEEK[HEADER]<0.{limits.header_bytes}>", "BODYSTRUCTURE"]
    answer = session.call("fetch", [summary.uid], items).get(summary.uid)
    if not answer:
        return None
    _whole, header = _section(answer, "HEADER")
    structure = _Structure(answer[b"BODYSTRUCTURE"], limits)
    if structure.inline and not structure.texts:
        # A text that is a file, too, is the message's text if there is no other.
        structure = _Structure(answer[b"BODYSTRUCTURE"], limits, structure.inline)
    if header is None or structure.is_hollow:
        raise ValueError("There is no header or no content in the answer")
    if structure.texts:
        wanted = [
            f"BODY.PEEK[{section}]<0.{TEXT_BYTES}>" for section, _size, _part in structure.texts
        ]
        answer = session.call("fetch", [summary.uid], wanted).get(summary.uid)
        if not answer:
            return None
    defects = [LARGE]
    for section, size, part in structure.texts:
        _whole, data = _section(answer, section)
        if data is None and size:
            raise ValueError(f"Part {section} is not in the answer")
        part.raw = data or b""
        if size > TEXT_BYTES and part not in structure.containers:
            defects.append(TEXT_CUT)
    if structure.cut:
        defects.append(TOO_MANY_PARTS)
    header = parts.read_header(header, limits.header_bytes)
    split = Split(structure.root, header, summary.size, tuple(defects))
    message = read_parts(split, summary.internal_date, limits)
    if structure.containers or TEXT_CUT in defects:
        message = dataclasses.replace(message, attachments=())  # any may be cut in two
    remote = tuple(
        dataclasses.replace(
            part, incidental=part.incidental or is_logo(part, part.size, bool(message.html))
        )
        for part in pictures.marked(structure.remote, message.html)
    )
    return PartialMessage(_identified(message, summary), remote)


def _by_beginning(session, summary, limits):
    item = f"BODY.PEEK[]<0.{BEGINNING}>"
    answer = session.call("fetch", [summary.uid], [item]).get(summary.uid)
    _whole, data = _section(answer, "")
    if data is None:
        return None
    message = parse(data[:BEGINNING], uid_date=summary.internal_date, limits=limits)
    # Any file in there may be cut in two, so none is kept.
    message = dataclasses.replace(
        message, attachments=(), size=summary.size, defects=(UNTOLD, *message.defects)
    )
    return PartialMessage(_identified(message, summary), ())


def _identified(message, summary):
    """``message`` with the digests by which it is recognised the next time."""
    header_digest = summary.header_digest or message.header_digest
    return dataclasses.replace(
        message,
        header_digest=header_digest,
        content_digest=partial_digest(header_digest, summary.size),
    )


def _section(answer, section):
    """A section in an answer: whether it is complete, and its bytes (or None)."""
    start = f"BODY[{section}]".encode()
    for key, value in (answer or {}).items():
        if isinstance(key, bytes) and key.upper().startswith(start) and isinstance(value, bytes):
            # Servers without partial FETCH answer with everything, and without <0>.
            return b"<" not in key, value
    return False, None


class _Structure:
    """A BODYSTRUCTURE (RFC 9051 section 7.5.2) as a message without content.

    ``root`` is that message, with its texts only; ``texts`` are (section, size, part) of them and
    ``remote`` the RemoteParts of everything else. ``containers`` are the parts that count as both: the
    text of a signed email may be at their beginning. ``inline`` is the section of the first file that
    may be the text; it is one when it is given. ``cut``: there was more than the limits allow;
    ``is_hollow``: it is a multipart in which the server found nothing (its boundary is wrong).
    """

    def __init__(self, body, limits, text_section=""):
        self.texts, self.remote, self.containers, self.cut = [], [], [], False
        self.inline, self._text_section, self._charset = "", text_section, ""
        self._limits = limits
        self._parts = self._bytes = 0
        self.root = self._part(body, "", 0) or parts.new_part("text/plain")
        self.is_hollow = self.root.is_multipart() and not (self._bytes or self.remote)

    def _part(self, body, section, depth):
        """The part of ``body`` with the texts below it; None when there are none."""
        self._parts += 1
        if self._parts > self._limits.parts or depth > self._limits.depth:
            self.cut = True
            return None
        if not isinstance(body[0], bytes):
            children = [
                self._part(child, f"{section}.{number}" if section else str(number), depth + 1)
                for number, child in enumerate(body[0], start=1)
            ]
            children = [child for child in children if child is not None]
            part = parts.new_part(f"multipart/{_text(body[1])}")
            part.set_payload(children)
            # That something is encrypted counts even if nothing of it is read.
            is_encrypted = part.get_content_type() == "multipart/encrypted"
            return part if children or is_encrypted else None
        return self._leaf(body, section or "1")

    def _leaf(self, body, section):
        kind = kinds.sound(f"{_text(body[0])}/{_text(body[1])}")
        part = parts.new_part(kind, _parameters(body[2]))
        part["Content-Transfer-Encoding"] = _text(body[5])
        if disposition := _disposition(body):
            part.add_header("Content-Disposition", _text(disposition[0]).lower())
            part.replace_header(
                "Content-Disposition", part["Content-Disposition"] + _parameters(disposition[1])
            )
        if body[3]:
            part["Content-ID"] = _text(body[3])
        if isinstance(location := _location(body, kind), bytes):
            part["Content-Location"] = _text(location)
        size = number(body[6], INT_32) or 0
        budget = self._bytes + min(size, TEXT_BYTES) <= ALL_TEXT_BYTES
        about = part.about
        name = about.name(self._charset)
        role = about.role(name)
        is_container = may_be_container(kind, name)
        is_read = role == "text" or section == self._text_section or is_container
        is_read = is_read and budget and len(self.texts) < TEXT_PARTS
        if is_read:
            self._bytes += min(size, TEXT_BYTES)
            self.texts.append((section, size, part))
            self._charset = self._charset or about.parameter("charset")
        elif role == "inline" and kind in kinds.WRITTEN:
            self.inline = self.inline or section
        if is_container:
            self.containers.append(part)
        if is_container or not (is_read or announces_pgp(kind, size)):
            self._leave(about, name, section, size, body)
        return part if is_read else None

    def _leave(self, about, name, section, size, body):
        # A container that is as large as this has files in it.
        kind = about.kind
        incidental = size <= TEXT_BYTES and is_incidental(kind, name)
        if not name and kind in kinds.MESSAGES:
            envelope = body[7] if len(body) > 7 else None
            name = parts.message_name(_text(envelope[1]) if isinstance(envelope, tuple) else "")
        name = name or kinds.invented_name(kind, len(self.remote) + 1)
        self.remote.append(
            RemotePart(
                section,
                name,
                kinds.of_file(kind, name, b""),
                about.encoding,
                size,
                about.content_id,
                location=about.location,
                incidental=incidental,
            )  # fmt: skip
        )


def _disposition(body):
    """The disposition, a pair of type and parameters; servers put it in different places."""
    for item in body[7:]:
        if (
            isinstance(item, tuple)
            and len(item) == 2
            and isinstance(item[0], bytes)
            and (item[1] is None or isinstance(item[1], tuple))
        ):
            return item
    return None


def _location(body, kind):
    # Text has its number of lines before that; a message also an envelope and a structure.
    index = 10 + (1 if kind.startswith("text/") else 3 if kind == "message/rfc822" else 0)
    return body[index] if len(body) > index else None


def _parameters(pairs):
    """Parameters as they are written in a header field."""
    text = ""
    if isinstance(pairs, tuple):
        for name, value in zip(pairs[::2], pairs[1::2], strict=False):
            quoted = _text(value).replace("\\", "\\\\").replace('"', '\\"')
            text += f'; {_text(name)}="{quoted}"'
    return text[: parts.FIELD_BYTES]


def _text(value):
    if isinstance(value, bytes):
        value = value.decode("ascii", "surrogateescape")
    return "" if value is None else " ".join(str(value).split())
