"""Transfer encodings (RFC 2045 section 6): decodes content, also piece by piece."""

import binascii
import re
import string
from dataclasses import dataclass

from .embedded import uuencoded

_BASE64 = (string.ascii_letters + string.digits + "+/=").encode()
_BASE64_AND_BLANKS = _BASE64 + b"\r\n \t"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))

#: Letters in a row that are Base64 even without padding; bytes that are looked at for words.
_CERTAIN, _SAMPLE = 40, 10_000
_QUOTED = re.compile(rb"=(?:[0-9A-F]{2}|\r?\n)")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
#: Words in the line in which Base64 ends.
_TRAILED = re.compile(rb"^([A-Za-z0-9+/]+={1,2})[ \t]+(?=\S)", re.MULTILINE)
_INNER_CAPITAL = re.compile(rb"[a-z][A-Z]")
#: A text of one word.
_WORD = re.compile(rb"\s{0,9}(?:[A-Za-z]?[a-z]{1,38}|[A-Z]{1,39}|[0-9]{1,39})\s{0,9}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text without its transfer encoding: ``data``, and what mailing lists and scanners put before
    and behind it in plain words."""

    data: bytes
    before: bytes = b""
    behind: bytes = b""


def decode(data, encoding):
    """Content without its transfer encoding, as far as it can be decoded.

    :param bytes data:
    :param encoding: the value of Content-Transfer-Encoding; an unknown one changes nothing
    :return: bytes
    """
    name = normal(encoding)
    if name == "base64":
        return _from_base64(data).data
    if name == "quoted-printable":
        return binascii.a2b_qp(data)
    if name in _UUENCODE:
        _text, files = uuencoded(data)
        return files[0][1] if files else data
    return data


def decode_text(data, encoding):
    """The same for a text.

    :return: Text
    """
    if normal(encoding) != "base64":
        return Text(decode(data, encoding))
    text = _from_base64(data)
    if _WORD.fullmatch(data) and (len(data.split()[0]) % 4 or not is_text(text.data)):
        return Text(data)
    return text


def is_text(data):
    """Whether bytes are text in UTF-8, without controls."""
    try:
        return not _CONTROLS.search(data.decode())
    except UnicodeDecodeError:
        return False


def normal(encoding):
    """The name of a transfer encoding in lower case, without what some mailers add to it."""
    found = str(encoding or "")[:100].strip(" \t\r\n\"';").lower()
    return found if found.isalnum() else re.split(r"[;\s]", found)[0]


def is_uuencoded(encoding):
    """Whether the content is uuencoded, so that it can only be decoded as a whole."""
    return normal(encoding) in _UUENCODE


class Decoder:
    """Decodes content in chunks: base64 and quoted-printable; other content stays as it is."""

    def __init__(self, encoding):
        self._name = normal(encoding)
        self._rest = b""

    def feed(self, chunk):
        """The bytes that are complete with ``chunk``."""
        if self._name == "base64":
            data = self._rest + chunk.translate(None, _NOT_BASE64)
            # Padding in the middle ends a piece, whose length is a multiple of four.
            cut = len(data) - len(data) % 4
            self._rest = data[cut:]
            return _pieces(data[:cut])
        if self._name == "quoted-printable":
            data = self._rest + chunk
            # Soft line breaks and trailing blanks can only be told at the end of the line.
            cut = data.rfind(b"\n") + 1
            if not cut and len(data) > 4 * 1024 * 1024:
                cut = len(data)
            self._rest = data[cut:]
            return binascii.a2b_qp(data[:cut])
        return chunk

    def close(self):
        """The bytes that were incomplete until the end."""
        rest, self._rest = self._rest, b""
        return decode(rest, self._name) if rest else b""


def _from_base64(data):
    """Decode Base64, as Text. It may stand between plain words, be damaged, or be none at all."""
    if (whole := _undamaged(data)) is not None:
        return Text(whole)
    trails = 0
    if b"= " in data or b"=\t" in data:  # most have none, and the expression looks at every line
        data, trails = _TRAILED.subn(rb"\1\n", data)
    kept = data.translate(None, _NOT_BASE64)
    strange = len(data.translate(None, _BASE64_AND_BLANKS))
    has_words = trails or ((b" " in data or b"\t" in data) and _are_words(data))
    if not strange and not has_words:
        return Text(_pieces(kept))
    lines = data.split(b"\n")
    start, end = _block(lines)
    block = b"".join(lines[start:end]).translate(None, _NOT_BASE64)
    if _is_certain(block):
        before, behind = b"\n".join(lines[:start]), b"\n".join(lines[end:])
        return Text(_pieces(block), before.strip(), behind.strip())
    if strange * 8 > len(data) or _are_words(data):
        # It is labelled Base64 but isn't.
        return Text(binascii.a2b_qp(data) if _QUOTED.search(data) else data)
    return Text(_piece(kept.partition(b"=")[0]))


def _undamaged(data):
    """What Base64 says in which there is nothing else, as in most, or None."""
    joined = data.replace(b"\r\n", b"").replace(b"\n", b"")
    padding = joined[-2:].count(b"=")
    end = len(joined) - padding
    if len(joined) % 4 or joined.find(b"=", 0, end) >= 0:
        return None
    try:
        found = binascii.a2b_base64(joined)
    except binascii.Error:
        return None
    # What is no Base64 was passed over, and is missing.
    return found if len(found) == len(joined) // 4 * 3 - padding else None


def _block(lines):
    """Where the first lines of Base64 begin and end: two indexes, the same when there are none."""
    filled = [(at, line) for at, line in enumerate(map(_stripped, lines)) if line]
    is_code = [not line.translate(None, _BASE64) for _at, line in filled] + [False]
    start = next(
        (n for n in range(len(filled)) if is_code[n] and _begins(filled, is_code, n)), None
    )
    if start is None:
        return 0, 0
    width, end = len(filled[start][1]), start + 1
    while end < len(filled):
        line, previous = filled[end][1], filled[end - 1][1]
        is_done = len(previous) != width or previous.endswith(b"=")
        if is_code[end]:
            # Another piece; but a line of one word may follow, too.
            if is_done and len(line) % 4:
                break
        elif is_done or not (
            _is_damaged(line, width) or is_code[end + 1] and len(filled[end + 1][1]) == width
        ):
            break
        end += 1
    while start and _is_damaged(filled[start - 1][1], width):
        start -= 1
    return filled[start][0], filled[end - 1][0] + 1


def _is_damaged(line, width):
    """Whether a line beside others of Base64 is one of them, but for a byte or two."""
    if width < _CERTAIN or b" " in line or len(line.translate(None, _BASE64)) > 2:
        return False
    return abs(len(line) - width) <= 2 or (len(line) < width and line.endswith(b"="))


def _is_certain(block):
    """Whether letters are Base64, and no words: long, padded, capitals in the midst, or text when they
    are decoded."""
    if len(block) >= _CERTAIN or b"=" in block[-2:] or len(_INNER_CAPITAL.findall(block)) > 1:
        return True
    return not _WORD.fullmatch(block) and len(block) > 3 and is_text(_pieces(block))


def _stripped(line):
    return line.strip(b" \t\r")


def _begins(filled, is_code, number):
    """Whether a line of letters is Base64 rather than a word."""
    size = len(filled[number][1])
    return size >= len(filled[number + 1][1]) if is_code[number + 1] else size % 4 == 0


def _are_words(data):
    """Whether there are lines with several words in them."""
    several = [words for words in map(bytes.split, data[:_SAMPLE].split(b"\n")) if len(words) > 1]
    count = sum(map(len, several))
    return count > 0 and sum(len(word) for words in several for word in words) < count * 20


def _pieces(data):
    """Decode Base64 that some mailers join from pieces, with padding in between."""
    if b"=" not in data.rstrip(b"="):
        return _piece(data.rstrip(b"="))
    return b"".join(map(_piece, re.split(rb"=+", data)))


def _piece(data):
    if len(data) % 4 == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


_UUENCODE = frozenset(("x-uuencode", "uuencode", "x-uue", "x-uu", "uue"))
