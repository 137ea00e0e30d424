"""The parts of an email, each decoded once: from its transfer encoding, and to text."""

import re
from dataclasses import dataclass

from . import transfer
from .charset import clean, decode
from .defects import CHARSET_GUESSED, NO_PARTS, TEXT_CUT
from .parts import (
    HEADERS,
    MESSAGES,
    Part,
    content_id,
    encoding_of,
    file_name,
    is_body,
    parameter,
    read_header,
    sound_kind,
)

#: Bytes of one part that are read as text.
MAX_TEXT_BYTES = 8_000_000

#: Bytes of a message within the message that are searched for its header.
_HEADER_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts.

    ``kind`` is its media type, ``data`` its content, ``name`` that of its file, made safe, often ''.
    ``is_body``: it is text that is shown in the email itself, in the charset that it names, which is
    ``charset`` (or None). ``text`` is the content of such a part, and of a report
    (message/delivery-status), as text; ``shown`` the same without the uuencoded files in it, which are
    ``files``: pairs of their name as bytes and their content. ``flow`` is how a text flows (RFC 3676):
    '', "flowed" or "delsp". ``header`` is the header of a message, or of what is left of one, within
    the message. ``inside`` is what :mod:`~.containers` found in it.
    """

    kind: str
    data: bytes
    name: str = ""
    content_id: str = ""
    is_body: bool = False
    charset: str | None = None
    text: str = ""
    shown: str = ""
    files: tuple = ()
    flow: str = ""
    header: Part | None = None
    inside: object = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A multipart: ``children`` are Leaf and Branch; in an alternative they are the same in several
    forms."""

    is_alternative: bool
    children: tuple


@dataclass(frozen=True, slots=True)
class Leaves:
    """The parts of an email, decoded: ``root`` is a Leaf or a Branch, ``each`` are all Leafs in reading
    order, ``defects`` what was wrong."""

    root: Leaf | Branch
    each: tuple[Leaf, ...]
    defects: tuple = ()


def leaves_of(split):
    """Decode the parts of an email.

    :param Split split:
    :return: Leaves
    """
    each, defects = [], list(split.defects)
    root = _node(split.root, each, defects)
    return Leaves(root, tuple(each), tuple(dict.fromkeys(defects)))


def _node(part, each, defects):
    kind = sound_kind(part.get_content_type())
    if part.is_multipart():
        children = tuple(_node(child, each, defects) for child in part.get_payload())
        return Branch(kind == "multipart/alternative", children)
    if kind.startswith("multipart/"):
        # Its boundary is missing or wrong, so all of it is text.
        defects.append(NO_PARTS)
        kind = "text/plain"
    data = transfer.decode(part.raw, encoding_of(part, kind))
    leaf = _body(part, kind, data, defects) if is_body(part, kind) else _file(part, kind, data)
    each.append(leaf)
    return leaf


def _file(part, kind, data):
    text, header = "", None
    if kind.startswith("message/") and kind not in MESSAGES:
        text = clean(decode(data)[0])
    if kind in HEADERS:
        header = read_header(data[:_HEADER_BYTES].lstrip(b"\r\n"))
    return Leaf(kind, data, file_name(part), content_id(part), text=text, header=header)


def _body(part, kind, data, defects):
    if len(data) > MAX_TEXT_BYTES:
        data = data[:MAX_TEXT_BYTES]
        defects.append(TEXT_CUT)
    label = _charset(part, kind, data)
    text, guessed = decode(data, label)
    if guessed and label:
        defects.append(CHARSET_GUESSED)
    shown, files = text, ()
    if kind != "text/html" and b"begin " in data:
        rest, files = transfer.uuencoded(data)
        shown = decode(rest, label)[0] if files else text
    header = None
    if kind in HEADERS:
        header = read_header(data[:_HEADER_BYTES].lstrip(b"\r\n"))
    text = clean(text)
    return Leaf(
        kind,
        data,
        is_body=True,
        charset=label,
        text=text,
        shown=clean(shown) if files else text,
        files=tuple(files),
        flow=_flow(part),
        header=header,
    )


def _flow(part):
    if parameter(part, "format").lower() != "flowed":
        return ""
    return "delsp" if parameter(part, "delsp").lower() == "yes" else "flowed"


_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def _charset(part, kind, data):
    label = parameter(part, "charset") or None
    if kind == "text/html" and not label and (match := _META_CHARSET.search(data, 0, 4096)):
        label = match[1].decode("ascii", "replace")
    return label
