"""The parts of an email: from bytes to a tree of `email.message.Message`, in bounded time.

Python's own parser (`email.feedparser`) reads a message line by line and compares each line with the
boundaries of all multiparts around it, so 12 MB of short lines nested in 45 multiparts take it 13 s; it
changes line ends, so that files without a transfer encoding come out changed; and it ends a header at
the first odd line. Here each multipart is cut at its boundary, from the outside inwards, without
looking at single lines. ``test_fuzz`` compares both.
"""

import re
from dataclasses import dataclass

from .defects import HEADER_CUT, TOO_DEEP, TOO_MANY_PARTS
from .header_lines import opened
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
    splitter = _Splitter(opened(data), limits)
    root = splitter.root()
    return Split(root, root, len(data), tuple(splitter.defects))


class _Splitter:
    def __init__(self, data, limits):
        self.data = data
        self.limits = limits
        self.parts = 1
        self.header_budget = _PART_HEADERS
        self.searched = self.candidates = 0
        self.defects = []

    def note(self, defect):
        if defect not in self.defects:
            self.defects.append(defect)

    def root(self):
        """The message; its parts are found level by level, not by recursion."""
        size = len(self.data)
        root, body = self.header(0, size, self.limits.header_bytes, True)
        level = [(root, body, size)]
        for depth in range(self.limits.depth + 1):
            level = [
                below
                for part, start, end in level
                for below in self.split(part, start, end, depth < self.limits.depth)
            ]
        return root

    def split(self, part, start, end, may_nest):
        """Give ``part`` what lies between two positions: parts of its own, or ``raw``.

        :return: list of (part, start, end) of the parts
        """
        slices = []
        if part.get_content_maintype() == "multipart":
            if may_nest:
                slices, end = self.slices(start, end, _boundary(part))
            else:
                self.note(TOO_DEEP)
                start = end
        inner = []
        for begin, finish in slices:
            if self.parts >= self.limits.parts:
                self.note(TOO_MANY_PARTS)
                break
            self.parts += 1
            child, body = self.header(begin, finish, self.header_budget, False)
            self.header_budget -= min(body - begin, self.header_budget)
            if part.get_content_subtype() == "digest":
                child.set_default_type("message/rfc822")
            inner.append((child, body, finish))
        if inner:
            part.set_payload([child for child, _start, _end in inner])
        else:
            part.raw = self.data[start:end]
        return inner

    def slices(self, start, end, boundary):
        """Where the parts of a multipart begin and end (RFC 2046 section 5.1.1).

        :return: list of (begin, end); and, when that is empty, where the text ends that is in their
            place
        """
        found, finish = [], end
        if boundary:
            found, finish = self._slices(start, end, boundary)
        if not found:
            # The header names none, or a wrong one. The line end before the body counts.
            first = max(start - 1, 0)
            used = _USED_BOUNDARY.search(self.data, first, min(end, first + _UNNAMED))
            if used:
                return self._slices(start, end, used[1].rstrip())
        return found, finish

    def _slices(self, start, end, boundary):
        data, delimiter = self.data, b"--" + boundary
        slices, begin, position = [], None, start
        self.searched += end - start
        if self.searched > _SEARCHED:
            self.note(TOO_DEEP)
            return [], start
        if data.startswith(delimiter, start):
            found = start
        else:
            found = self._next(delimiter, start, end)
        while found >= 0:
            self.candidates += 1
            if self.candidates > _CANDIDATES or len(slices) > self.limits.parts:
                self.note(TOO_MANY_PARTS)
                break
            position = found + len(delimiter)
            line_end = data.find(b"\n", position, end)
            line_end = end if line_end < 0 else line_end
            rest = data[position : min(line_end, position + 100)].rstrip(b" \t\r")
            if rest in (b"", b"--"):
                if begin is not None:
                    slices.append((begin, self._without_line_end(begin, found)))
                if rest:
                    return slices, found
                begin = min(line_end + 1, end)
            found = self._next(delimiter, line_end, end)
        # The last part has no end in an email that was cut off.
        return (slices if begin is None else [*slices, (begin, end)]), end

    def header(self, start, end, max_bytes, is_root):
        part, body, is_cut = part_at(self.data, start, end, max_bytes, is_root)
        if is_cut:
            self.note(HEADER_CUT)
        return part, body

    def _next(self, delimiter, start, end):
        found = self.data.find(b"\n" + delimiter, start, end)
        return found + 1 if found >= 0 else -1

    def _without_line_end(self, begin, end):
        if end > begin and self.data[end - 1] == 10:
            end -= 1
        if end > begin and self.data[end - 1] == 13:
            end -= 1
        return end


def _boundary(part):
    try:
        boundary = (part.get_boundary() or "").replace("\n", "")
        return boundary.encode("utf-8", "surrogateescape")
    except (ValueError, LookupError, TypeError):
        return b""
