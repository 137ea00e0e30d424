"""The parts of an email, each decoded once: from its transfer encoding, and to text."""

import re
from dataclasses import dataclass

from . import transfer
from .charset import clean, decode, decoded, is_stateful
from .charsets.labels import codec_of
from .defects import CHARSET_GUESSED, NO_PARTS, TEXT_CUT
from .parts import (
    HEADERS,
    MESSAGES,
    Part,
    content_id,
    encoding_of,
    file_name,
    is_body,
    location,
    parameter,
    read_header,
    sound_kind,
)
from .protection import BRANCHES

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
    ``files``: pairs of their name as bytes and their content. ``is_plain``: it is ASCII or UTF-8, and
    says nothing else. ``flow`` is how a text flows (RFC 3676): '', "flowed" or "delsp". ``header`` is
    the header of a message, or of what is left of one, within the message. ``smime_type`` is that
    parameter of its type. ``inside`` is what :mod:`~.containers` found in it. ``content_id`` and
    ``location`` are those of a ParsedAttachment.
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
    is_plain: bool = False
    flow: str = ""
    header: Part | None = None
    smime_type: str = ""
    inside: object = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A multipart: ``children`` are Leaf and Branch; in an alternative they are the same in several
    forms. ``protection`` is SIGNED or ENCRYPTED of :mod:`~.protection`, if it is for that."""

    is_alternative: bool
    children: tuple
    protection: str = ""


@dataclass(frozen=True, slots=True)
class Leaves:
    """The parts of an email, decoded: ``root`` is a Leaf or a Branch, ``each`` are all Leafs in reading
    order, ``defects`` what was wrong. ``charset`` is that of the texts, by which headers with bytes
    beyond ASCII are read; '' if it isn't known, or UTF-8."""

    root: Leaf | Branch
    each: tuple[Leaf, ...]
    charset: str = ""
    defects: tuple = ()


def leaves_of(split):
    """Decode the parts of an email.

    :param Split split:
    :return: Leaves
    """
    decoder = _Decoder(_named_charset(split.root), [], list(split.defects))
    root = decoder.node(split.root)
    defects = tuple(dict.fromkeys(decoder.defects))
    return Leaves(root, tuple(decoder.each), decoder.charset, defects)


def _named_charset(part):
    """The charset that the first text names, if it is one for headers, too."""
    if part.is_multipart():
        return next(filter(None, map(_named_charset, part.get_payload())), "")
    return _for_headers(parameter(part, "charset")) if part.get_content_maintype() == "text" else ""


def _for_headers(label):
    codec = codec_of(label)
    return "" if codec in ("ascii", "utf-8") or is_stateful(codec) else codec


@dataclass(slots=True)
class _Decoder:
    """Decodes part after part; ``charset`` is known from the first text on."""

    charset: str
    each: list
    defects: list

    def node(self, part):
        kind = sound_kind(part.get_content_type())
        if part.is_multipart():
            children = tuple(map(self.node, part.get_payload()))
            return Branch(kind == "multipart/alternative", children, BRANCHES.get(kind, ""))
        if kind.startswith("multipart/"):
            # Its boundary is missing or wrong, so all of it is text.
            self.defects.append(NO_PARTS)
            kind = "text/plain"
        data = transfer.decode(part.raw, encoding_of(part, kind))
        leaf = self._body(part, kind, data) if is_body(part, kind) else self._file(part, kind, data)
        self.each.append(leaf)
        return leaf

    def _file(self, part, kind, data):
        text = ""
        if kind.startswith("message/") and kind not in MESSAGES:
            text = clean(decode(data))
        return Leaf(
            kind,
            data,
            file_name(part, self.charset),
            content_id(part),
            text=text,
            header=_header(kind, data),
            smime_type=parameter(part, "smime-type"),
            location=location(part),
        )

    def _body(self, part, kind, data):
        if len(data) > MAX_TEXT_BYTES:
            data = data[:MAX_TEXT_BYTES]
            self.defects.append(TEXT_CUT)
        label = _charset(part, kind, data)
        found = decoded(data, label)
        if found.is_guess:
            self.defects.append(CHARSET_GUESSED)
        self.charset = self.charset or _for_headers(found.codec)
        rest, files = data, ()
        if kind != "text/html" and b"begin " in data:
            rest, files = transfer.uuencoded(data)
        text = clean(found.text)
        return Leaf(
            kind,
            data,
            is_body=True,
            charset=label,
            text=text,
            shown=clean(decode(rest, label)) if files else text,
            files=tuple(files),
            is_plain=found.codec in ("ascii", "utf-8") and not found.is_guess,
            flow=_flow(part),
            header=_header(kind, data),
        )


def _header(kind, data):
    return read_header(data[:_HEADER_BYTES].lstrip(b"\r\n")) if kind in HEADERS else None


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
