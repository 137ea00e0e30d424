"""MIME in the text of an email: programs that write a blank line before the header of their parts, leave
out the type of the whole, or the line end before a boundary, so that a text is what should be parts."""

import re

#: Bytes in which it begins, and in which parts are looked at.
_HEAD, _SAMPLE = 8192, 200_000

_HEADER = re.compile(
    rb"\s*((?:(?:MIME-Version|Content-[a-z-]{1,40}|X-[a-z-]{1,60})[ \t]*:[^\n]*\n"
    rb"(?:(?:[ \t]|(?:boundary|charset|name|filename)=)[^\n]*\n)*)+)\r?\n",
    re.IGNORECASE,
)
_TYPE = re.compile(
    rb"^Content-Type[ \t]*:[ \t]*[a-z]{1,20}/[a-z0-9.+-]{1,80}", re.IGNORECASE | re.M
)
_PARTS = re.compile(
    rb"\s*(?:[^\n]{0,200}\bMIME\b[^\n]{0,200}\n(?:[^\n-][^\n]{0,200}\n|\r?\n){0,6})?"
    rb"--([^\s\"\\][^\r\n\"\\]{0,69})[ \t]*\r?\n(?=Content-[a-z-]{1,40}:)",
    re.IGNORECASE,
)
_KIND = re.compile(
    rb"(?:[^\n]+\n){0,9}?Content-Type[ \t]*:[ \t]*([a-z]+/[a-z0-9.+-]+)", re.IGNORECASE
)
_NAMED = re.compile(rb"name\*?\d?\*?=", re.IGNORECASE)


#: A boundary that is written behind the last word of a line, and what follows it.
_GLUED = re.compile(rb"(?<=[^\s-])--([!#-\[\]-~]{8,70})\Z")
_FOLLOWED = re.compile(rb"\n(?=Content-[a-z-]{1,40}:)", re.IGNORECASE)
_LINE = 200


def may_be_entity(data):
    """Whether a text may be one; quick."""
    return b"Content-" in data[:_HEAD] or b"\nContent-" in data


def entity_of(data, kind="text/plain", charset=""):
    """The MIME entity that a text is; b"" when it is only a text.

    :param bytes data: without its transfer encoding
    :param str kind: its media type
    :param charset: that which it names, may be empty
    """
    return (kind == "text/plain" and _by_beginning(data)) or _glued(data, kind, charset)


def _by_beginning(data):
    head = data[:_HEAD]
    if (header := _HEADER.match(head)) and _TYPE.search(header[1]):
        return data[header.start(1) :]
    parts = _PARTS.match(head)
    if not parts:
        return b""
    mark = b"--" + parts[1].rstrip()
    if data.count(b"\n" + mark, parts.end()) == 0:
        return b""
    kind = b"alternative" if _are_forms(data[parts.start(1) - 2 :][:_SAMPLE], mark) else b"mixed"
    return b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n' % (kind, mark[2:]) + data


def _glued(data, kind, charset):
    """The same of a text that ends in a boundary, with the parts that follow it."""
    found, start = None, 0
    for line_end in _FOLLOWED.finditer(data):
        line = data[max(line_end.start() - _LINE, 0) : line_end.start()].rpartition(b"\n")[2]
        if found := _GLUED.search(line.rstrip(b" \t\r")):
            start = line_end.start() - len(line) + found.start()
            break
    if not found:
        return b""
    mark = b"--" + found[1]
    label = b'; charset="%b"' % charset.encode("ascii", "replace") if charset else b""
    first = b"Content-Type: %b%b\r\n\r\n%b" % (kind.encode(), label, data[:start])
    rest = data[start:]
    if rest.rstrip().endswith(mark + b"--"):
        rest = rest.rstrip().removesuffix(mark + b"--") + b"\r\n" + mark + b"--"
    data = mark + b"\r\n" + first + b"\r\n" + rest
    form = b"alternative" if _are_forms(data[:_SAMPLE], mark) else b"mixed"
    return b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n' % (form, found[1]) + data


def _are_forms(data, mark):
    """Whether parts are a plain text and the same as HTML."""
    pieces = [piece.lstrip(b" \t\r\n") for piece in (b"\n" + data).split(b"\n" + mark)[1:]]
    found = [_KIND.match(piece) for piece in pieces if not piece.startswith(b"--")]
    kinds = [match[1].lower() for match in found if match]
    return kinds == [b"text/plain", b"text/html"] and not _NAMED.search(data)
