"""Files in the middle of a text, as mailers before MIME and programs of Usenet send them."""

import binascii
import re

_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{0,255})\r?\n", re.MULTILINE)
_Y_BEGIN = re.compile(rb"^=ybegin ([^\r\n]{0,300} )?name=([^\r\n]{0,255})\r?\n", re.MULTILINE)
_Y_PART = re.compile(rb"=ypart [^\r\n]{0,300}\r?\n")
_Y_END = re.compile(rb"^=yend [^\r\n]{0,300}", re.MULTILINE)

#: yEnc adds 42 to each byte, and 64 more to those behind a "=".
_Y_PLAIN = bytes((byte - 42) % 256 for byte in range(256))
_Y_ESCAPED = bytes((byte - 106) % 256 for byte in range(256))

#: Files that are taken out of one text; the rest stays text.
_MOST = 100


def has_files(data):
    """Whether there may be files in a text; quick."""
    return b"begin " in data or b"=ybegin " in data


def without_files(data):
    """Take the files out of a text: those that are uuencoded (POSIX), and those in yEnc.

    :param bytes data: the text without its transfer encoding
    :return: the bytes without them, and a list of (name as bytes, content)
    """
    rest, files = uuencoded(data)
    more = []
    if b"=ybegin " in rest:
        rest, more = _taken_out(rest, _Y_BEGIN, _from_yenc, _MOST - len(files))
    return rest, files + more


def uuencoded(data):
    """The same for uuencoded files alone."""
    return _taken_out(data, _UU_BEGIN, _from_uu, _MOST)


def _taken_out(data, beginning, read, most):
    """Take out what begins with a match of ``beginning``.

    :param read: a function that returns the content behind a position, and where that ends
    """
    files, kept, position = [], [], 0
    while len(files) < most and (begin := beginning.search(data, position)):
        content, end = read(data, begin.end())
        if content:
            kept.append(data[position : begin.start()])
            files.append((begin[begin.lastindex], content))
            position = end
        elif end == len(data):
            break  # there is no end for any other either
        else:
            kept.append(data[position : begin.end()])
            position = begin.end()
    return b"".join([*kept, data[position:]]), files


def _from_uu(data, position):
    """The content of uuencoded lines, and where they end; b'' when they are invalid or have no end."""
    content = []
    while position < len(data):
        line_end = data.find(b"\n", position)
        line_end = len(data) if line_end < 0 else line_end
        line = data[position:line_end].rstrip(b"\r")
        position = min(line_end + 1, len(data))
        if line.rstrip() == b"end":
            return b"".join(content), position
        if not line or line == b"`":
            continue
        try:
            content.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders pad wrongly: take as many bytes as the line says.
            count = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                content.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                break  # such as the beginning of another file
    return b"", position


def _from_yenc(data, position):
    """The content of yEnc lines, and where they end; b'' when they have no end."""
    end = _Y_END.search(data, position)
    if not end:
        return b"", len(data)
    if part := _Y_PART.match(data, position):
        position = part.end()
    first, *escaped = data[position : end.start()].translate(None, b"\r\n").split(b"=")
    content = [first.translate(_Y_PLAIN)]
    for piece in escaped:
        content += piece[:1].translate(_Y_ESCAPED), piece[1:].translate(_Y_PLAIN)
    return b"".join(content), end.end()
