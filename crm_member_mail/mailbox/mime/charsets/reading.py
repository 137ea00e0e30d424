"""Bytes read by a codec, with U+FFFD in place of what is broken."""

import re

from .japanese import from_euc, from_iso2022
from .labels import EUC_JP, ISO_2022_JP

_SINGLE_BYTE = re.compile(r"cp(?!932|949)\d|iso8859|koi8|mac|hp-roman|kz|ptcp|tis")

#: What text in these charsets really is when it has bytes that are control characters in them.
_WINDOWS = {
    "iso8859-2": "cp1250",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
_C1 = re.compile(rb"[\x80-\x9f]")

#: Characters of Windows' GBK; a lone 0x80 is its euro sign.
_GBK = re.compile(
    rb"[\x00-\x7f]+|[\x81-\xfe](?:[\x40-\x7e\x80-\xfe]|[0-9][\x81-\xfe][0-9])|(\x80)|.", re.DOTALL
)


def is_single_byte(codec):
    """Whether each byte is a character in a charset."""
    return bool(_SINGLE_BYTE.match(codec))


def read(data, codec):
    """The text of bytes.

    :param bytes data:
    :param str codec: as from :func:`~.labels.codec_of`, not ''
    """
    if codec == ISO_2022_JP:
        return from_iso2022(data)
    if codec == EUC_JP:
        return from_euc(data)
    if codec in _WINDOWS and _C1.search(data):
        codec = _WINDOWS[codec]
    if codec == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        codec = "utf-16-be" if data[::2].count(0) > data[1::2].count(0) else "utf-16-le"
    try:
        text = data.decode(codec, "replace")
    except UnicodeError:  # UTF-16 and UTF-7 may still raise
        return data.decode("cp1252", "replace")
    if "\ufffd" in text and codec in _OTHERWISE:
        text = min(text, _OTHERWISE[codec](data), key=lambda found: found.count("\ufffd"))
    return text


def _gbk(data):
    return "".join(
        "€" if match[1] else match[0].decode("gb18030", "replace") for match in _GBK.finditer(data)
    )


#: How else a charset may be read, if that leaves more: Windows has a euro sign in all of them.
_OTHERWISE = {"gb18030": _gbk, "big5hkscs": lambda data: data.decode("cp950", "replace")}
