"""The content of an email: bodies and files, whatever state it is in."""

import dataclasses
import re
from dataclasses import dataclass, field

from ..html.fence import plain_to_html
from ..html.plain_text import to_text
from ..types import ParsedAttachment
from . import transfer
from .charset import clean, decode, decode_words
from .defects import CHARSET_GUESSED, NO_PARTS, TEXT_CUT, TOO_MANY_PARTS
from .file_names import attachment_name
from .parts import (
    MESSAGES,
    content_id,
    encoding_of,
    file_name,
    invented_name,
    is_body,
    message_name,
    shown_kind,
    sound_kind,
)
from .splitter import Limits, read_header
from .tnef import open_winmail

#: Bytes of one part that are read as text.
MAX_TEXT_BYTES = 8_000_000


@dataclass(slots=True)
class Content:
    """What was found in an email, piece by piece in reading order.

    ``bodies`` are pairs of plain text and HTML, one of which may be ''. ``leaves`` are the parts
    themselves, as :func:`~.identity.content_digest` wants them.
    """

    bodies: list = field(default_factory=list)
    files: list = field(default_factory=list)
    defects: list = field(default_factory=list)
    leaves: list = field(default_factory=list)
    parts: int = 0

    def note(self, defect):
        if defect not in self.defects:
            self.defects.append(defect)


def content_of(message, limits):
    """The Content of a parsed message."""
    content = Content()
    _walk(message, content, limits, depth=0)
    return content


def _walk(part, content, limits, depth):
    content.parts += 1
    if content.parts > limits.parts or depth > limits.depth:
        content.note(TOO_MANY_PARTS)
        return
    kind = sound_kind(part.get_content_type())
    if not part.is_multipart():
        if kind.startswith("multipart/"):
            # Its boundary is missing or wrong, so all of it is text.
            content.note(NO_PARTS)
            kind = "text/plain"
        _add_leaf(part, kind, content)
    elif kind == "multipart/alternative":
        _walk_alternative(part.get_payload(), content, limits, depth)
    else:
        for child in part.get_payload():
            _walk(child, content, limits, depth + 1)


def _walk_alternative(children, content, limits, depth):
    """One body in several forms: the best plain text and the best HTML, and everything else."""
    found = []
    for child in children:
        inner = dataclasses.replace(content, bodies=[])  # the other lists are shared
        _walk(child, inner, limits, depth + 1)
        content.parts = inner.parts
        found.append(inner.bodies)
    plain = rich = ""
    for bodies in found:
        if any(html for _text, html in bodies):
            rich = _joined_html(bodies)
        elif text := _joined_text(bodies):
            plain = plain or text
    if plain or rich:
        content.bodies.append((plain, rich))


def joined(content, limits):
    """The whole body as plain text and as HTML; the HTML is '' when no part was HTML."""
    text = _joined_text(content.bodies)
    html = _joined_html(content.bodies) if any(rich for _plain, rich in content.bodies) else ""
    if max(len(text), len(html)) > limits.body_characters:
        content.note(TEXT_CUT)
    return text[: limits.body_characters], html


def _joined_text(bodies):
    return "\n\n".join(filter(None, (plain or to_text(rich) for plain, rich in bodies))).strip()


def _joined_html(bodies):
    return "<hr>".join(rich or plain_to_html(plain) for plain, rich in bodies if rich or plain)


def _add_leaf(part, kind, content):
    data = transfer.decode(part.raw, encoding_of(part, kind))
    if is_body(part, kind):
        _add_text(part, kind, data, content)
        return
    name = file_name(part)
    content.leaves.append((kind, data))
    if kind in _WINMAIL or name.lower() == "winmail.dat":
        opened = open_winmail(data)
        if opened:
            _add_winmail_body(opened.body, content)
            content.files += opened.files
            return
    if kind in MESSAGES and not name:
        inner = read_header(data[:65536], Limits())
        name = message_name(inner.get("Subject"))
    elif kind.startswith("message/") and kind not in MESSAGES:
        data = clean(decode(data)[0]).encode()
        if not data.strip():
            return
    name = name or invented_name(kind, len(content.files) + 1)
    content.files.append(ParsedAttachment(name, shown_kind(kind), data, content_id(part)))


_WINMAIL = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))


def _add_winmail_body(body, content):
    plain, rich = body
    if not content.bodies:
        if plain or rich:
            content.bodies.append(body)
    elif rich and len(content.bodies) == 1 and not content.bodies[0][1]:
        # Exchange sends the plain text beside the winmail.dat with the formatted one.
        content.bodies[0] = (content.bodies[0][0], rich)


def _add_text(part, kind, data, content):
    """Add a text to the bodies, and the uuencoded files within it to the files."""
    if len(data) > MAX_TEXT_BYTES:
        data = data[:MAX_TEXT_BYTES]
        content.note(TEXT_CUT)
    content.leaves.append((kind, data, _charset(part, kind, data)))
    files = []
    if kind != "text/html" and b"begin " in data:
        data, files = transfer.uuencoded(data)
    body = _text_body(part, kind, data, content)
    if body[0].strip() or body[1].strip():
        content.bodies.append(body)
    for name, inner in files:
        name = attachment_name(decode_words(name)) or invented_name("", len(content.files) + 1)
        content.files.append(ParsedAttachment(name, "application/octet-stream", inner))


def _text_body(part, kind, data, content):
    label = _charset(part, kind, data)
    text, guessed = decode(data, label)
    if guessed and label:
        content.note(CHARSET_GUESSED)
    text = clean(text)
    if kind == "text/html":
        return "", text
    if kind in ("text/enriched", "text/richtext"):
        # RFC 1896 section 3: "<<" is a "<"; single line breaks are blanks.
        text = re.sub(r"<(?!<)[^<>]*>", "", text).replace("<<", "<")
    elif _parameter(part, "format").lower() == "flowed":
        text = _unflowed(text, _parameter(part, "delsp").lower() == "yes")
    return text, ""


def _unflowed(text, delete_space):
    """Paragraphs of format=flowed (RFC 3676) as long lines."""
    lines, open_depth = [], None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:]
        body = body[1:] if body.startswith(" ") else body
        flows = body.endswith(" ") and body != "-- "
        body = body[:-1] if flows and delete_space else body
        if open_depth == depth:
            lines[-1].append(body)
        else:
            lines.append([">" * depth, " " if depth else "", body])
        open_depth = depth if flows else None
    return "\n".join(map("".join, lines))


_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def _charset(part, kind, data):
    label = _parameter(part, "charset") or None
    if kind == "text/html" and not label and (match := _META_CHARSET.search(data, 0, 4096)):
        label = match[1].decode("ascii", "replace")
    return label


def _parameter(part, name):
    """A parameter of Content-Type as text; '' when it is absent or can't be read."""
    try:
        value = part.get_param(name)
    except (ValueError, LookupError, TypeError):
        return ""
    if isinstance(value, tuple):  # RFC 2231: charset, language, value
        value = value[2]
    return value if isinstance(value, str) else ""
