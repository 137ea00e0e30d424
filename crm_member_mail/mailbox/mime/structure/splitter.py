"""The parts of an email: from bytes to a tree of `email.message.Message`, in bounded time.

Python's own parser (`email.feedparser`) reads a message line by line and compares each line with the
boundaries of all multiparts around it, so 12 MB of short lines nested in 45 multiparts take it 13 s; it
changes line ends, so that files without a transfer encoding come out changed; and it ends a header at
the first odd line. Here each multipart is cut at its boundary, from the outside inwards, without
looking at single lines. ``test_fuzz`` compares both.
"""

import re
from dataclasses import dataclass

from ..defects import HEADER_CUT, TOO_DEEP, TOO_MANY_PARTS
from ..header_lines import opened
from . import transfer
from .parts import HEADER_BYTES, Part, part_at


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one email is read: parts, levels of nesting, bytes of header, characters of body."""

    parts: int = 1000
    depth: int = 50
    header_bytes: int = HEADER_BYTES
    body_characters: int = 2_000_000


#: Bytes of the headers of all parts inside a message.
_PART_HEADERS = 1024 * 1024

#: Bytes that are searched for boundaries, all levels together, and lines that look like boundaries.
_SEARCHED, _CANDIDATES = 1_000_000_000, 200_000

#: How far into a multipart a boundary is looked for that its header does not name.
_UNNAMED = 8192

#: Bytes of the header of a part that are looked at before it is read.
_HEAD = 4096

_BLANK_LINE = re.compile(rb"\n\r*\n")
_NAMED_BOUNDARY = re.compile(
    rb'[\s;]boundary\s{0,9}=\s{0,9}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.I
)
_USED_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\s][^\r\n]{0,200})\r?\nContent-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Split:
    """An email cut into parts, not yet decoded.

    ``root`` is the outermost Part of the tree; only multiparts have parts: a message within the
    message is a leaf of type message/rfc822. ``header`` is the Part with the message's header, mostly
    the same, ``size`` the bytes of the message, ``defects`` what was too much to read.
    """

    root: Part
    header: Part
    size: int
    defects: tuple = ()


def split(data, limits):
    """Cut a message into parts.

    :param bytes data: the message (RFC 5322)
    :param Limits limits:
    :return: Split
    """
    splitter = _Splitter(limits)
    root = splitter.root(opened(data))
    return Split(root, root, len(data), tuple(splitter.defects))


@dataclass(frozen=True, slots=True)
class _Region:
    """What lies between two positions of data."""

    data: bytes
    start: int
    end: int

    def content(self):
        return self.data[self.start : self.end]


class _Splitter:
    def __init__(self, limits):
        self.limits = limits
        self.parts = 1
        self.header_budget = _PART_HEADERS
        self.searched = self.candidates = 0
        self.defects = []

    def note(self, defect):
        if defect not in self.defects:
            self.defects.append(defect)

    def root(self, data):
        """The message; its parts are found level by level, not by recursion."""
        root, body = self.header(_Region(data, 0, len(data)), self.limits.header_bytes, True)
        level = [(root, body)]
        for depth in range(self.limits.depth + 1):
            level = [
                below
                for part, body in level
                for below in self.split(part, body, depth < self.limits.depth)
            ]
            if not level:
                break
        return root

    def split(self, part, body, may_nest):
        """Give ``part`` what its body holds: parts of its own, or ``raw``.

        :return: list of (part, body) of the parts
        """
        regions = []
        if part.about.kind.startswith("multipart/"):
            if may_nest:
                regions, body = self.regions(part, body)
            else:
                self.note(TOO_DEEP)
                body = _Region(body.data, body.end, body.end)
        elif may_nest and self.is_mistyped(part, body):
            regions, _rest = self.between(body, _boundary(part))
        inner = []
        for region in regions:
            if self.parts >= self.limits.parts:
                self.note(TOO_MANY_PARTS)
                break
            self.parts += 1
            child, child_body = self.header(region, self.header_budget, False)
            self.header_budget -= min(child_body.start - region.start, self.header_budget)
            if part.about.kind == "multipart/digest":
                child.set_default_type("message/rfc822")
            inner.append((child, child_body))
        if inner:
            part.set_payload([child for child, _body in inner])
        else:
            part.raw = body.content()
        return inner

    @staticmethod
    def is_mistyped(part, body):
        """Whether a part is a multipart, although its type is another one: it names a boundary, which
        stands before the header of a part."""
        boundary = _boundary(part)
        if not boundary or part.about.kind.startswith("message/"):
            return False
        used = re.compile(
            rb"^--%b[ \t]*\r?\nContent-[A-Za-z-]{1,99}:" % re.escape(boundary), re.M | re.I
        )
        return bool(used.search(body.data, max(body.start - 1, 0), body.end))

    def regions(self, part, body):
        """The parts of a multipart; and, when there are none, the text in their place.

        Some programs encode a multipart as a whole, which RFC 2045 section 6.4 forbids.
        """
        boundary, encoding = _boundary(part), part.about.encoding
        found, rest = self.named_or_used(body, boundary)
        if encoding in ("base64", "quoted-printable") and not (found and _is_plain(found[0])):
            decoded = transfer.decode(body.content(), encoding)
            inside, _rest = self.named_or_used(_Region(decoded, 0, len(decoded)), boundary)
            if inside:
                return inside, rest
        return found, rest

    def named_or_used(self, body, boundary):
        """The parts between the boundaries that the header names or, if there are none, that are used
        (RFC 2046 section 5.1.1).

        :return: list of _Region; and, when that is empty, the text in their place
        """
        found, rest = self.between(body, boundary) if boundary else ([], body)
        if not found:
            # The header names none, or a wrong one. The line end before the body counts.
            first = max(body.start - 1, 0)
            used = _USED_BOUNDARY.search(body.data, first, min(body.end, first + _UNNAMED))
            if used:
                return self.between(body, used[1].rstrip())
        return found, rest

    def between(self, body, boundary):
        data, end = body.data, body.end
        self.searched += end - body.start
        if self.searched > _SEARCHED:
            self.note(TOO_DEEP)
            return [], _Region(data, body.start, body.start)
        regions, begin, closed, shared, inner = [], None, None, 0, b""
        for found, line_end, is_closing in self.delimiters(body, b"--" + boundary):
            if len(regions) > self.limits.parts:
                self.note(TOO_MANY_PARTS)
                break
            if shared:
                # It is in a multipart within this one that has the same boundary.
                within = b"" if is_closing else _declared(data, line_end + 1, end, boundary)
                shared += (within == boundary) - is_closing
                continue
            if is_closing and inner == boundary + b"--":
                continue  # it separates the parts of a multipart within this one
            if begin is not None:
                regions.append(_Region(data, begin, _without_line_end(data, begin, found)))
                begin, inner = None, b""
            if is_closing:
                closed = found if closed is None else closed
            elif closed is None or data[line_end + 1 : line_end + 9].lower() == b"content-":
                begin = min(line_end + 1, end)
                inner = _declared(data, begin, end, boundary)
                shared = int(inner == boundary)
        if begin is not None:
            # The last part has no end in an email that was cut off.
            regions.append(_Region(data, begin, end))
        return regions, _Region(data, body.start, end if closed is None else closed)

    def delimiters(self, body, delimiter):
        """Yields the lines that separate parts: (where it begins, where it ends, whether it closes)."""
        data, end = body.data, body.end
        found = body.start
        if not data.startswith(delimiter, found, end):
            found = _next(data, delimiter, found, end)
        while found >= 0:
            self.candidates += 1
            if self.candidates > _CANDIDATES:
                self.note(TOO_MANY_PARTS)
                return
            position = found + len(delimiter)
            line_end = data.find(b"\n", position, end)
            line_end = end if line_end < 0 else line_end
            rest = data[position : min(line_end, position + 100)].rstrip(b" \t\r")
            if rest in (b"", b"--"):
                yield found, line_end, bool(rest)
            found = _next(data, delimiter, line_end, end)

    def header(self, region, max_bytes, is_root):
        part, body, is_cut = part_at(region.data, region.start, region.end, max_bytes, is_root)
        if is_cut:
            self.note(HEADER_CUT)
        return part, _Region(region.data, body, region.end)


def _next(data, delimiter, start, end):
    found = data.find(b"\n" + delimiter, start, end)
    return found + 1 if found >= 0 else -1


def _without_line_end(data, begin, end):
    if end > begin and data[end - 1] == 10:
        end -= 1
    if end > begin and data[end - 1] == 13:
        end -= 1
    return end


def _is_plain(region):
    """Whether the header of a part is not encoded in quoted-printable."""
    head = region.data[region.start : min(region.start + _HEAD, region.end)]
    return b"=3D" not in _BLANK_LINE.split(head, maxsplit=1)[0]


def _declared(data, start, end, boundary):
    """The boundary that the part which begins at a position names, or the message that it is; b"" unless
    it begins like the boundary around it. Programs that have only one boundary nest so."""
    head = data[start : min(start + _HEAD, end)]
    if boundary not in head:
        return b""
    own, *rest = _BLANK_LINE.split(head, maxsplit=2)
    if rest and b"message/rfc822" in own.lower():
        own = rest[0]
    named = _NAMED_BOUNDARY.search(own)
    return (named[1] or named[2]) if named else b""


def _boundary(part):
    boundary = part.about.parameter("boundary").rstrip().replace("\n", "")
    return boundary.encode("utf-8", "surrogateescape")
