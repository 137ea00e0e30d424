"""The structure of an email: from bytes to bodies and files, whatever state it is in.

Python's `email` with the compat32 policy reads it: that policy raises on nothing, where the newer
one does on real mail. What costs it time without bound, many parts and deep nesting, is cut off
before.
"""

import email.message
import email.policy
import itertools
import re
from dataclasses import dataclass, field
from email.parser import BytesParser

from .charset import clean, decode, decode_words
from .html import plain_to_html, to_text
from .tnef import open_winmail
from .types import ParsedAttachment


@dataclass(frozen=True, slots=True)
class Limits:
    """What of one email is read: parts, parts that hold parts, levels of nesting, bytes of header,
    characters of body."""

    parts: int = 1000
    multiparts: int = 100
    depth: int = 50
    header_bytes: int = 512 * 1024
    body_characters: int = 2_000_000


@dataclass(slots=True)
class Content:
    """What was found in an email, piece by piece in reading order.

    ``bodies`` are pairs of plain text and HTML, of which one may be ''.
    """

    bodies: list = field(default_factory=list)
    files: list = field(default_factory=list)
    defects: list = field(default_factory=list)
    parts: int = 0

    def note(self, defect):
        if defect not in self.defects:
            self.defects.append(defect)


def read(data, limits):
    """Parse the structure of ``data`` within ``limits``.

    :return: an `email.message.Message`, and a list of what had to be cut off
    """
    data, defects = _bounded(data, limits)
    parser = BytesParser(policy=email.policy.compat32)
    try:
        return parser.parsebytes(data), defects
    except RecursionError:
        defects.append("The parts are nested too deep; only the beginning is shown.")
        return parser.parsebytes(data, headersonly=True), defects


def _bounded(data, limits):
    defects = []
    # mbox files begin with a line of their own.
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    end = _header_end(data)
    if end > limits.header_bytes:
        cut = data.rfind(b"\n", 0, limits.header_bytes)
        data = data[: max(cut, 0) or limits.header_bytes] + data[end:]
        defects.append("The header was too long; a part of it was left out.")
    data = _LONG_FIELD.sub(lambda match: match[0][:FIELD_BYTES], data)
    boundaries, cut = set(), None
    for number, match in enumerate(_BOUNDARY.finditer(data)):
        if number == limits.multiparts:
            # Python's parser compares each line with all the boundaries it is within.
            cut = match.start()
            break
        boundaries.add(match[1] or match[2])
    if boundaries:
        names = b"|".join(map(re.escape, sorted(boundaries, key=len, reverse=True)))
        lines = re.finditer(rb"\n--(?:" + names + rb")", data)
        last = next(itertools.islice(lines, limits.parts * 2, None), None)
        cut = min(filter(None, (cut, last and last.start())), default=None)
    if cut:
        data = data[:cut]
        defects.append("There were too many parts; the last ones were left out.")
    return data, defects


#: Bytes of a field that describes a part; Python's `email` takes quadratic time for it.
FIELD_BYTES = 8192

_LONG_FIELD = re.compile(
    rb"^content-[a-z-]+:(?:[^\n]{%d}[^\n]*|(?:[^\n]*\n[ \t]){20})(?:[^\n]*\n[ \t])*[^\n]*"
    % FIELD_BYTES,
    re.IGNORECASE | re.MULTILINE,
)
_BOUNDARY = re.compile(
    rb"""\bboundary\s{0,10}=\s{0,10}(?:"([^"\n]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE
)


def _header_end(data):
    match = re.search(rb"\r?\n\r?\n", data)
    return match.start() if match else len(data)


def content_of(message, limits):
    """The Content of a parsed message."""
    content = Content()
    _walk(message, content, limits, depth=0)
    return content


def _walk(part, content, limits, depth):
    content.parts += 1
    if content.parts > limits.parts or depth > limits.depth:
        content.note("There were too many parts; the last ones were left out.")
        return
    kind = part.get_content_type()
    if part.is_multipart() and kind.startswith("multipart/"):
        children = part.get_payload()
        if kind == "multipart/alternative":
            _walk_alternative(children, content, limits, depth)
        else:
            for child in children:
                _walk(child, content, limits, depth + 1)
    elif part.is_multipart():
        _add_embedded(part, content)
    else:
        if kind.startswith("multipart/"):
            # Its boundary is missing or wrong: what there is, is text.
            content.note("The parts of this email can't be told apart.")
            kind = "text/plain"
        _add_leaf(part, kind, content, limits)


def _walk_alternative(children, content, limits, depth):
    """One body in several forms: the best plain text and the best HTML, and whatever else is there."""
    found = []
    for child in children:
        inner = Content(parts=content.parts)
        _walk(child, inner, limits, depth + 1)
        content.parts = inner.parts
        content.files += inner.files
        for defect in inner.defects:
            content.note(defect)
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
    """The whole body as plain text and as HTML; the HTML is '' when no part of it was."""
    text = _joined_text(content.bodies)
    html = _joined_html(content.bodies) if any(rich for _plain, rich in content.bodies) else ""
    if max(len(text), len(html)) > limits.body_characters:
        content.note("The text was too long; its end was left out.")
    return text[: limits.body_characters], html


def _joined_text(bodies):
    return "\n\n".join(filter(None, (plain or to_text(rich) for plain, rich in bodies))).strip()


def _joined_html(bodies):
    return "<hr>".join(rich or plain_to_html(plain) for plain, rich in bodies if rich or plain)


def _add_leaf(part, kind, content, limits):
    try:
        data = part.get_payload(decode=True) or b""
    except (ValueError, LookupError, AssertionError):
        data = str(part.get_payload()).encode("utf-8", "replace")
        content.note("A part could not be decoded.")
    name = _filename(part)
    disposition = (part.get_content_disposition() or "").lower()
    if kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
        opened = open_winmail(data)
        if opened:
            content.bodies += [opened.body] if any(opened.body) else []
            content.files += opened.files
            return
    is_body = disposition != "attachment" and not (name and disposition)
    if kind.startswith("text/") and is_body and kind != "text/calendar":
        body = _text_body(part, kind, data, content)
        if body[0].strip() or body[1].strip():
            content.bodies.append(body)
        return
    if kind == "text/calendar":
        name = name or "invite.ics"
    location = str(part.get("Content-Location") or "").strip()
    content_id = str(part.get("Content-ID") or location).strip().strip("<>").strip()
    content.files.append(
        ParsedAttachment(name or _invented(kind, content), kind, data, clean(content_id)[:998])
    )


def _text_body(part, kind, data, content):
    label = _charset(part)
    if kind == "text/html" and not label:
        match = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w.:-]+)", data[:4096], re.IGNORECASE)
        label = match[1].decode("ascii") if match else None
    text, guessed = decode(data, label)
    if guessed and label:
        content.note("A charset was named wrongly and had to be guessed.")
    text = clean(text)
    if kind == "text/html":
        return "", text
    if kind in ("text/enriched", "text/richtext"):
        # RFC 1896 section 3: "<<" is a "<"; single line breaks are blanks.
        text = re.sub(r"<(?!<)[^<>]*>", "", text).replace("<<", "<")
    elif str(part.get_param("format") or "").lower() == "flowed":
        text = _unflowed(text, str(part.get_param("delsp") or "").lower() == "yes")
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


def _charset(part):
    label = part.get_param("charset")
    if isinstance(label, tuple):  # RFC 2231: charset, language, value
        label = label[2]
    return label if isinstance(label, str) else None


def _add_embedded(part, content):
    """A message within the message becomes a file, as mail readers show it."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if inner is None:
        return
    kind = part.get_content_type()
    if kind != "message/rfc822":
        # Delivery reports have headers only; they read as text.
        text = "\n\n".join(
            "\n".join(f"{name}: {decode_words(str(value))}" for name, value in block.items())
            for block in payload
        )
        if text.strip():
            content.files.append(
                ParsedAttachment(
                    _filename(part) or f"{kind.rpartition('/')[2]}.txt",
                    "text/plain",
                    clean(text).encode(),
                )
            )
        return
    try:
        data = inner.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        content.note("A forwarded message could not be kept whole.")
        data = str(inner.get_payload()).encode("utf-8", "replace")
    subject = decode_words(str(inner.get("Subject") or "")).strip()
    name = _filename(part) or safe_name(f"{subject or 'message'}.eml")
    content.files.append(ParsedAttachment(name, "message/rfc822", data))


def _filename(part):
    try:
        name = part.get_filename() or ""
        if "\ufffd" in name:
            # Raw bytes in the header, which the parser calls an unknown charset.
            copy = email.message.Message()
            for header, value in part.raw_items():
                if header.lower() in ("content-type", "content-disposition"):
                    copy[header] = decode_words(str(value).encode("ascii", "surrogateescape"))
            name = copy.get_filename() or name
    except (ValueError, LookupError, TypeError, UnicodeError):
        name = ""
    return safe_name(decode_words(name))


#: Characters that have no place in a file's name: separators, and what turns text around.
_UNSAFE = re.compile('[/\\\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\n\t]')


def safe_name(name):
    """A file's name without folders, controls and tricks of direction, of at most 150 characters."""
    name = (
        clean(name).replace("\\", "/").rpartition("/")[2]
        if "/" in name or "\\" in name
        else clean(name)
    )
    name = _UNSAFE.sub("_", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if len(name) > 150:
        name = (
            f"{stem[: 149 - len(extension)]}.{extension}"
            if dot and len(extension) < 20
            else name[:150]
        )
    return name


#: Endings that Python's table of types lacks or has several of.
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


def _invented(kind, content):
    ending = _ENDINGS.get(kind) or "bin"
    return f"attachment-{len(content.files) + 1}.{ending}"
