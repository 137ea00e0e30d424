"""Files in the middle of a text, as mailers before MIME and programs of Usenet send them."""

import binascii
import re

_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{0,255})\r?\n", re.MULTILINE)
#: The same as some programs write it, and with Base64 (POSIX).
_ANY_UU_BEGIN = re.compile(
    rb"^begin[ \t]{1,9}[0-7]{3,7}[ \t]{1,9}([^\r\n]{0,255})\r?\n", re.MULTILINE
)
_BASE64_BEGIN = re.compile(rb"^begin-base64 [0-7]{3,4} ([^\r\n]{0,255})\r?\n", re.MULTILINE)
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{1,1000}={0,2}[ \t]*\r?\n)+(?====)")
_Y_BEGIN = re.compile(rb"^=ybegin ([^\r\n]{0,300} )?name=([^\r\n]{0,255})\r?\n", re.MULTILINE)
_Y_SIZES = re.compile(rb"=ybegin [^\r\n]{0,60}line=(\d{2,4}) size=(\d{1,12}) ")
_Y_PART = re.compile(rb"=ypart [^\r\n]{0,300}\r?\n")
_Y_END = re.compile(rb"^=yend [^\r\n]{0,300}", re.MULTILINE)

#: yEnc adds 42 to each byte, and 64 more to those behind a "=".
_Y_PLAIN = bytes((byte - 42) % 256 for byte in range(256))
_Y_ESCAPED = bytes((byte - 106) % 256 for byte in range(256))

#: Files that are taken out of one text; the rest stays text.
_MOST = 100


def has_files(data):
    """Whether there may be files in a text; quick."""
    return any(word in data for word in (b"begin ", b"begin\t", b"begin-base64 ", b"=ybegin "))


def without_files(data):
    """Take the files out of a text: those that are uuencoded (POSIX), and those in yEnc. Of one that was
    cut off, what is there is taken.

    :param bytes data: the text without its transfer encoding
    :return: the bytes without them, and a list of (name as bytes, content)
    """
    rest, files = _taken_out(data, _ANY_UU_BEGIN, _from_any_uu, _MOST)
    for sign, beginning, read in (
        (b"begin-base64 ", _BASE64_BEGIN, _from_base64),
        (b"=ybegin ", _Y_BEGIN, _from_yenc),
    ):
        if sign in rest:
            rest, more = _taken_out(rest, beginning, read, _MOST - len(files))
            files += more
    return rest, [(name.strip().strip(b"\"'"), content) for name, content in files]


def uuencoded(data):
    """The same for uuencoded files alone, which have to be complete."""
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


def _from_any_uu(data, position):
    """The same, also of lines that have no end: as many as are whole, and the last one in the data."""
    content, end = _from_uu(data, position)
    if content or not _is_whole_uu(data[position : position + _FULL].rstrip()):
        return content, end
    found = []
    while position < len(data):
        line_end = data.find(b"\n", position)
        is_last, line_end = line_end < 0, len(data) if line_end < 0 else line_end
        line = data[position:line_end].rstrip(b"\r")
        if not _is_whole_uu(line):
            if is_last and _UU_LINE.fullmatch(line):
                bytes_ = binascii.a2b_uu(line.ljust(_FULL)[:_FULL])
                found.append(bytes_[: (len(line) - 1) * 3 // 4])
                position = line_end
            break
        found.append(binascii.a2b_uu(line))
        position = min(line_end + 1, len(data))
    return b"".join(found), position


#: Letters of a line of 45 bytes, as all but the last one are.
_FULL = 61
_UU_LINE = re.compile(rb"M[\x20-\x60]{4,60}")


def _is_whole_uu(line):
    """Whether a line is uuencoded, and as long as it says."""
    if not line or not 33 <= line[0] <= 96 or max(line) > 96 or min(line) < 32:
        return False
    letters = ((line[0] - 32 & 63) + 2) // 3 * 4
    return letters <= len(line) - 1 <= letters + 1


def _from_base64(data, position):
    """The content of lines of Base64, and where they end; b'' when they have no end."""
    found = _BASE64.match(data, position)
    if not found:
        return b"", position
    line_end = data.find(b"\n", found.end())
    try:
        return binascii.a2b_base64(found[0]), len(data) if line_end < 0 else line_end + 1
    except binascii.Error:
        return b"", position


def _from_yenc(data, position):
    """The content of yEnc lines, and where they end; b'' when they have no end and are none."""
    following = data.find(b"\n=ybegin ", position)
    limit = len(data) if following < 0 else following + 1
    end = _Y_END.search(data, position, limit)
    size = None
    if not end:
        size = _size_of_yenc(data, position, limit)
        if size is None:
            return b"", limit
    if part := _Y_PART.match(data, position):
        position = part.end()
    stop = end.start() if end else limit
    first, *escaped = data[position:stop].translate(None, b"\r\n").split(b"=")
    content = [first.translate(_Y_PLAIN)]
    for piece in escaped:
        content += piece[:1].translate(_Y_ESCAPED), piece[1:].translate(_Y_PLAIN)
    return b"".join(content)[:size], end.end() if end else limit


def _size_of_yenc(data, position, limit):
    """The size of a file without an end, if the line behind its beginning is as long as that says."""
    begin = data[data.rfind(b"=ybegin ", 0, position) : position]
    if part := _Y_PART.match(data, position):
        position = part.end()
    line_end = data.find(b"\n", position, limit)
    line = data[position : limit if line_end < 0 else line_end].rstrip(b"\r")
    said = _Y_SIZES.match(begin)
    return int(said[2]) if said and 0 <= len(line) - int(said[1]) <= 1 else None
