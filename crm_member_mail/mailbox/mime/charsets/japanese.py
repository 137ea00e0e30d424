"""ISO-2022-JP and EUC-JP with all characters that Japanese mail programs send.

Python's codecs know JIS X 0208 alone, without the rows that NEC and IBM added (①, ㈱, 髙), which every
Windows has. Its codec for Windows' own charset, cp932, knows them, and arranges the same rows and cells
in another way.
"""

import functools
import re

_ESCAPE = re.compile(rb"\x1b(?:\$\([A-Z@]|\$[A-Z@]|\([A-Z@]|\.[A-Z])")
#: What the sets after these escapes are; others are left to Python.
_ASCII, _KANA = (b"\x1b(B", b"\x1b(J", b"\x1b(H"), b"\x1b(I"
_DOUBLE = (b"\x1b$@", b"\x1b$B", b"\x1b$(@", b"\x1b$(B")
_PYTHONS = {
    b"\x1b$(D": "iso2022_jp_1",
    b"\x1b$A": "iso2022_jp_2",
    b"\x1b$(C": "iso2022_jp_2",
    b"\x1b$(O": "iso2022_jp_2004",
    b"\x1b$(P": "iso2022_jp_2004",
    b"\x1b$(Q": "iso2022_jp_2004",
}
_PAIRS = re.compile(rb"([\x21-\x7e]{2})|(.)", re.DOTALL)

_EUC = re.compile(
    rb"(?P<ascii>[\x00-\x7f]+)|(?P<double>[\xa1-\xfe]+)|\x8e(?P<kana>[\xa1-\xdf])"
    rb"|(?P<more>\x8f[\xa1-\xfe]{2})|(?P<broken>.)",
    re.DOTALL,
)


#: Escapes in one text that are read here; real ones have some thousands.
_MOST_ESCAPES = 100_000


def from_iso2022(data):
    """The text of ISO-2022-JP (RFC 1468), with U+FFFD in place of what can't be read."""
    if data.count(b"\x1b") > _MOST_ESCAPES:
        return data.decode("iso2022_jp_ext", "replace")
    found, escape, start = [], _ASCII[0], 0
    for match in _ESCAPE.finditer(data):
        found.append(_segment(escape, data[start : match.start()]))
        escape, start = match[0], match.end()
    found.append(_segment(escape, data[start:]))
    return "".join(found)


def _segment(escape, data):
    """The text of what follows one escape, up to the next."""
    if escape in _DOUBLE:
        # Each line ends in ASCII, whether the program says so or not.
        line, line_end, rest = data.partition(b"\n")
        return _doubles(line) + (line_end + rest).decode("cp932", "replace")
    if codec := _PYTHONS.get(escape):
        return (escape + data + b"\x1b(B").decode(codec, "replace")
    if escape == _KANA:
        data = data.translate(_TO_KANA)
    # Half-width kana are sent as they are, too (code page 50221).
    return data.decode("cp932" if escape in (*_ASCII, _KANA) else "ascii", "replace")


_TO_KANA = bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in range(256))


def _doubles(data):
    table = _table()
    return "".join(
        table.get(pair, "\ufffd") if pair else _single(single)
        for pair, single in _PAIRS.findall(data)
    )


def _single(byte):
    """A blank or the like among the pairs; some programs don't shift back before it."""
    return byte.decode() if byte < b"\x21" else "\ufffd"


def from_euc(data):
    """The text of EUC-JP, with U+FFFD in place of what can't be read."""
    table, found = _table(), []
    for match in _EUC.finditer(data):
        piece = match[0]
        match match.lastgroup:
            case "ascii":
                found.append(piece.decode())
            case "double":
                piece = piece.translate(_TO_SEVEN_BITS)
                found += (table.get(piece[at : at + 2], "\ufffd") for at in range(0, len(piece), 2))
            case "kana":
                found.append(match["kana"].decode("cp932"))
            case "more":
                found.append(piece.decode("euc_jp", "replace"))
            case _:
                found.append("\ufffd")
    return "".join(found)


_TO_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))


@functools.cache
def _table():
    """Two bytes of JIS X 0208 to their character."""
    found = {}
    for row in range(0x21, 0x7F):
        for cell in range(0x21, 0x7F):
            lead = (row - 0x21) // 2
            lead += 0x81 if lead < 0x1F else 0xC1
            trail = cell + 0x7E if not row % 2 else cell + 0x1F + (cell > 0x5F)
            try:
                found[bytes((row, cell))] = bytes((lead, trail)).decode("cp932")
            except UnicodeDecodeError:
                continue
    return found
