"""The parts of an email, each decoded once: from its transfer encoding, and to text."""

import html
import re
from dataclasses import dataclass

from ..charset import clean, decode, decoded, is_stateful
from ..charsets.labels import codec_of
from ..defects import CHARSET_GUESSED, NO_PARTS, TEXT_CUT
from . import embedded, kinds, mislabelled, transfer
from .parts import Part, read_header
from .protection import BRANCHES

#: Bytes of one part that are read as text, and of a file that may be shown as text, too.
MAX_TEXT_BYTES, SHORT_BYTES = 8_000_000, 4000

#: Bytes of a message within the message that are searched for its header.
_HEADER_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts.

    ``kind`` is its media type, ``data`` its content, ``name`` that of its file, made safe, often ''.
    ``role``: see :class:`~.parts.Description`. ``text`` is the content of what is or may be shown as
    text, and of a report (message/delivery-status), without the files that are in the midst of it:
    ``files``, pairs of their name as bytes and their content. ``flow`` is how a text flows (RFC 3676):
    '', "flowed" or "delsp". ``header`` is the header of a message, or of what is left of one, within
    the message. ``smime_type`` is that parameter of its type. ``inside`` is what :mod:`~.containers`
    found in it. ``content_id`` and ``location`` are those of a ParsedAttachment.

    For the content digest: ``counts_as``, see :class:`~.parts.Description`; ``charset`` is what the part
    names, or None; ``counted`` is its content, if that counts in another form than in ``data``;
    ``is_plain``: all of its content is ``text``, in ASCII or UTF-8.
    """

    kind: str
    data: bytes
    name: str = ""
    content_id: str = ""
    role: str = "file"
    text: str = ""
    files: tuple = ()
    flow: str = ""
    header: Part | None = None
    smime_type: str = ""
    inside: object = None
    location: str = ""
    counts_as: str = ""
    charset: str | None = None
    is_plain: bool = False
    counted: bytes | None = None


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


#: A text that is HTML, whatever its type: that of programs which name none.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]{0,200}>\s*)?(?:<!doctype\s+html\b|<html[\s>])",
    re.IGNORECASE,
)


def _named_charset(part):
    """The charset that the first text names, if it is one for headers, too."""
    if part.is_multipart():
        return next(filter(None, map(_named_charset, part.get_payload())), "")
    about = part.about
    return _for_headers(about.parameter("charset")) if about.kind.startswith("text/") else ""


def _for_headers(label):
    codec = codec_of(label)
    return "" if codec in ("ascii", "utf-8") or is_stateful(codec) else codec


#: Texts and names of which another charset is looked for than the one they name.
_SEARCHED = 20


@dataclass(slots=True)
class _Decoder:
    """Decodes part after part; ``charset`` is known from the first text on."""

    charset: str
    each: list
    defects: list
    searches: int = 0

    def node(self, part):
        if part.is_multipart():
            children = tuple(map(self.node, part.get_payload()))
            kind = part.about.kind
            return Branch(kind == "multipart/alternative", children, BRANCHES.get(kind, ""))
        leaf = self._leaf(part)
        self.each.append(leaf)
        return leaf

    def _leaf(self, part):
        about, kind = part.about, part.about.kind
        name = about.name(self.charset, self._may_search(about.is_plain))
        role = about.role(name)
        if kind.startswith("multipart/"):
            # Its boundary is missing or wrong, so all of it is text.
            self.defects.append(NO_PARTS)
            kind, role = "text/plain", "text"
        if role == "text":
            text = transfer.decode_text(part.raw, about.encoding)
            if not kinds.of_bytes(text.data):
                counted = _counted(about, part.raw, _decoded_text)
                if better := mislabelled.text_of(part.raw, about.encoding):
                    counted, text = text.data if counted is None else counted, better
                return self._text(about, kind or "text/plain", name, text, counted)
        data, text = transfer.decode(part.raw, about.encoding), ""
        counted = _counted(about, part.raw, transfer.decode)
        if better := mislabelled.file_of(part.raw, about.encoding):
            counted, data = data if counted is None else counted, better
        label = _charset(about, kind, data)
        if role == "inline" and (kind in kinds.WRITTEN or len(data) <= SHORT_BYTES):
            text = self._decoded(data[:MAX_TEXT_BYTES], label).text
        elif kind.startswith("message/") and kind not in kinds.MESSAGES:
            text = decode(data)
        return Leaf(
            kind if about.is_typed or not name else "",
            data,
            name or about.described,
            about.content_id,
            role=role if text else "file",
            text=clean(text),
            flow=_flow(about),
            header=_header(kind, data),
            smime_type=about.parameter("smime-type"),
            location=about.location,
            counts_as=about.counts_as(name),
            charset=_counted_charset(about, kind, data),
            counted=counted,
        )

    def _text(self, about, kind, name, text, counted):
        data, sent = _whole(kind, text), kind
        if kind == "text/plain" and _PAGE.match(data):
            kind = "text/html"
        if len(data) > MAX_TEXT_BYTES:
            data = data[:MAX_TEXT_BYTES]
            self.defects.append(TEXT_CUT)
        label = _charset(about, kind, data)
        rest, files = data, ()
        if kind != "text/html" and embedded.has_files(data):
            rest, files = embedded.without_files(data)
        found = self._decoded(rest, label)
        self.charset = self.charset or _for_headers(found.codec)
        return Leaf(
            kind,
            data,
            role="text",
            text=clean(found.text),
            files=tuple(files),
            flow=_flow(about),
            header=_header(kind, data),
            counts_as=about.counts_as(name),
            charset=_counted_charset(about, sent, data),
            is_plain=self._is_plain(about, found) and counted is None and not files,
            counted=counted,
        )

    @staticmethod
    def _is_plain(about, found):
        return found.codec in ("ascii", "utf-8") and not (found.is_guess or about.as_sent)

    def _may_search(self, is_plain):
        self.searches += not is_plain
        return self.searches <= _SEARCHED

    def _decoded(self, data, label):
        found = decoded(data, label, self._may_search(data.isascii()))
        if found.is_guess:
            self.defects.append(CHARSET_GUESSED)
        return found


def _counted(about, raw, decode_):
    """The content of a part by its transfer encoding as the digest sees it; None if that is the same."""
    sent = about.as_sent
    return decode_(raw, sent.encoding) if sent and sent.encoding != about.encoding else None


def _decoded_text(raw, encoding):
    return transfer.decode_text(raw, encoding).data


def _whole(kind, text):
    """A text with what stands before and behind it."""
    if not (text.before or text.behind):
        return text.data
    around = (text.before, text.behind)
    if kind == "text/html":
        around = (html.escape(words.decode("latin-1")).encode("latin-1") for words in around)
        around = (b"<pre>%b</pre>" % words if words else b"" for words in around)
    before, behind = around
    return b"\n\n".join(filter(None, (before, text.data, behind)))


def _header(kind, data):
    return read_header(data[:_HEADER_BYTES].lstrip(b"\r\n")) if kind in kinds.HEADERS else None


def _flow(about):
    if about.parameter("format").lower() != "flowed":
        return ""
    return "delsp" if about.parameter("delsp").lower() == "yes" else "flowed"


_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def _charset(about, kind, data):
    label = about.parameter("charset") or None
    if kind == "text/html" and codec_of(label) in ("", "ascii"):
        label = _meta_charset(data) or label
    return label


def _counted_charset(about, kind, data):
    about = about.as_sent or about
    label = about.parameter("charset") or None
    return _meta_charset(data) if kind == "text/html" and not label else label


def _meta_charset(data):
    match = _META_CHARSET.search(data, 0, 4096)
    return match[1].decode("ascii", "replace") if match else None
