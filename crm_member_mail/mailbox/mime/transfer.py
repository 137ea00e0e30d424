"""Transfer encodings (RFC 2045 section 6): decodes content, also piece by piece."""

import binascii
import re
import string

_BASE64 = (string.ascii_letters + string.digits + "+/=").encode()
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))


def decode(data, encoding):
    """Content without its transfer encoding, as far as it can be decoded.

    :param bytes data:
    :param encoding: the value of Content-Transfer-Encoding; an unknown one changes nothing
    :return: bytes
    """
    name = normal(encoding)
    if name == "base64":
        return _from_base64(data)
    if name == "quoted-printable":
        return binascii.a2b_qp(data)
    if name in _UUENCODE:
        _text, files = uuencoded(data)
        return files[0][1] if files else data
    return data


def normal(encoding):
    """The name of a transfer encoding in lower case, without what some mailers add to it."""
    return re.split(r"[;\s]", str(encoding or "")[:100].strip(" \t\r\n\"';").lower())[0]


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
    kept = data.translate(None, _NOT_BASE64)
    blanks = sum(data.count(blank) for blank in (b"\r", b"\n", b" ", b"\t"))
    if (len(data) - len(kept) - blanks) * 8 > len(data):
        return data  # it is labelled Base64 but isn't
    return _pieces(kept) if len(kept) + blanks == len(data) else _piece(kept.partition(b"=")[0])


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
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{0,255})\r?\n", re.MULTILINE)

#: Files that are taken out of one text; the rest stays text.
_UU_FILES = 100


def uuencoded(data):
    """Files in the middle of a text, as mailers before MIME sent them.

    :return: the bytes without them, and a list of (name as bytes, content)
    """
    files, kept, position = [], [], 0
    while len(files) < _UU_FILES and (begin := _UU_BEGIN.search(data, position)):
        content, end = _from_uu(data, begin.end())
        if content:
            kept.append(data[position : begin.start()])
            files.append((begin[1], content))
            position = end
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
