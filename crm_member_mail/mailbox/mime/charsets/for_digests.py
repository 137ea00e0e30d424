"""Bytes to text as digests are made of it: as the first version read charsets.

Digests are stored. If this changed along with :mod:`~..charset`, emails that are filed would be filed
again and deleted ones come back. So it stays as it is, mistakes included.
"""

import codecs
import contextlib
import functools
import re

#: Labels that Python doesn't know, or that mean another charset than they say.
_ALIASES = {
    "ansi_x3.110-1983": "latin-1",
    "x-unknown": "utf-8",
    "unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
    "utf8mb4": "utf-8",
    "x-user-defined": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "chinesebig5": "big5hkscs",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "windows-949": "cp949",
    "windows-31j": "cp932",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "cp-850": "cp850",
    "cp-1252": "cp1252",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
    "unicode": "utf-16",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
}
_EIGHT_BIT = re.compile(r"(cp125\d|latin|iso-?8859|mac_|koi8|ascii|cp8\d\d)", re.IGNORECASE)
_NO_CHARSETS = frozenset(
    ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem")
)
_STATEFUL = ("iso2022", "iso-2022", "utf-7", "unicode-1-1", "hz", "utf-16", "utf-32")
_NON_ASCII = re.compile("[^\x00-\x7f]+")


def text_of(data, label=None):
    """The text of bytes as it counts in a digest.

    :param bytes data:
    :param label: the charset that the email names, or None
    """
    codec = _codec(label) if label else ""
    if data.isascii():
        if codec.startswith(_STATEFUL):
            return _with_marks(data, codec)
        if b"\x1b$" in data:
            with contextlib.suppress(UnicodeError):
                return data.decode("iso2022_jp_ext")
        return data.decode("ascii")
    if codec in ("", "ascii", "utf-8", "utf-8-sig") or _EIGHT_BIT.match(codec):
        is_utf8 = codec.startswith("utf-8")
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("utf-8-sig")
        if _is_broken_utf8(data, 1 if is_utf8 else 10):
            return data.decode("utf-8-sig", "replace")
        codec = codec if _EIGHT_BIT.match(codec) and codec != "ascii" else "cp1252"
        return _with_marks(data, codec)
    with contextlib.suppress(UnicodeError):
        return data.decode(codec)
    with contextlib.suppress(UnicodeError):
        return data.decode("utf-8-sig")
    text = _with_marks(data, codec)
    return text if text.count("\ufffd") * 10 <= len(text) else _with_marks(data, "cp1252")


def _with_marks(data, codec):
    try:
        return data.decode(codec, "replace")
    except UnicodeError:  # UTF-16 and UTF-7 may still raise
        return data.decode("cp1252", "replace")


def _is_broken_utf8(data, factor):
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(map(len, _NON_ASCII.findall(text))) - broken > broken * factor


@functools.lru_cache(maxsize=512)
def _codec(label):
    label = (label or "").strip().strip("\"'").lower()
    try:
        info = codecs.lookup(_ALIASES.get(label, label))
    except (LookupError, ValueError, UnicodeError):
        return ""
    if info.name in _NO_CHARSETS or not getattr(info, "_is_text_encoding", True):
        return ""
    return info.name
