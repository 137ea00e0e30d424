"""What mail programs call charsets.

The labels are those of the WHATWG Encoding Standard, and what else is common. It also says which charset
is really meant: mostly a superset, as the Windows charsets are of those of ISO 8859.
"""

import codecs
import functools
import re

import webencodings

#: Charsets of Japan that :mod:`~.japanese` reads instead of Python.
ISO_2022_JP, EUC_JP = "iso-2022-jp", "euc-jp"

#: What is really meant by codecs of Python, by their names in normal form.
_MEANT = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "euc_jp": EUC_JP,
    "utf-16-le": "utf-16",  # unless a byte order mark says otherwise
    "utf-8-sig": "utf-8",
}

#: Labels that say nothing.
_EMPTY = frozenset(
    ("", "x-unknown", "unknown", "unknown-8bit", "x-user-defined", "default", "none", "8bit", "7bit",
     "binary", "base64", "quoted-printable", "ansi", "true", "false", "null")
)  # fmt: skip

_ASCII = ("us-ascii", "ascii", "ascii-us", "ansi_x3.4-1968", "cp20127", "iso646-us")

#: Labels in no standard. Those that Python knows need not be here.
_OTHERS = {
    "ansi_x3.110-1983": "windows-1252",
    "chinesebig5": "big5",
    "big-5": "big5",
    "big5-eten": "big5",
    "gb-2312": "gbk",
    "gbk2312": "gbk",
    "gb": "gbk",
    "chs": "gbk",
    "x-euc-cn": "gbk",
    "euckr": "euc-kr",
    "ks_c_5601": "euc-kr",
    "eucjp": "euc-jp",
    "eucjp-win": "euc-jp",
    "eucjp-ms": "euc-jp",
    "euc": "euc-jp",
    "x-euc": "euc-jp",
    "shiftjis": "shift_jis",
    "sjis-win": "shift_jis",
    "x-sjis-jp": "shift_jis",
    "x-johab": "johab",
    "iso2022jp": "iso-2022-jp",
    "iso-2022-jp-ms": "iso-2022-jp",
    "iso-ir-111": "koi8-r",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "tis620": "windows-874",
    "macroman": "macintosh",
    "mac": "macintosh",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "x-mac-turkish": "mac_turkish",
    "x-mac-greek": "mac_greek",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-2-0-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "csunicode11utf7": "utf-7",
    "ucs-2": "utf-16",
    "x-iso-10646-ucs-2-be": "utf-16",
    "x-iso-10646-ucs-2-le": "utf-16",
    "unicode": "utf-16",
    "utf": "utf-8",
    "cswindows31j": "shift_jis",
}

#: Numbers of Microsoft's code pages that aren't in the name of a codec.
_PAGES = {
    "932": "shift_jis", "936": "gbk", "949": "euc-kr", "950": "big5", "1200": "utf-16",
    "1201": "utf-16-be", "10000": "macintosh", "10007": "mac_cyrillic", "20866": "koi8-r",
    "20932": "euc-jp", "21866": "koi8-u", "38598": "iso-8859-8", "50220": "iso-2022-jp",
    "50221": "iso-2022-jp", "50222": "iso-2022-jp", "51932": "euc-jp", "51949": "euc-kr",
    "52936": "hz", "54936": "gb18030", "65000": "utf-7", "65001": "utf-8",
}  # fmt: skip

_PAGE = re.compile(
    r"(?:x-|ms-)?(?:windows|win|cp|ibm|dos|ms-cp|ccsid|code-?page|cs(?:windows|ibm))[-_ ]?0*(\d{3,5})"
)
_ISO_PAGE = 28590
_ISO_8859 = re.compile(r"(?:cs|x-)?(?:iso)?[-_ ]?8859[-_ ]?(1[0-6]|[1-9])")
_LATIN = re.compile(r"(?:x-)?latin[-_ ]?(\d{1,2})")
_UTF_8 = re.compile(r"(?:x-)?(?:utf[-_ ]?8|unicode(?:11|20)utf8)")

#: Codecs from bytes to text that are no charsets of emails; some raise unusual errors.
_NO_CHARSETS = frozenset(
    ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem")
)


#: What codecs are called that the Encoding Standard knows by another name.
_CALLED = {
    "cp932": "shift_jis",
    "cp949": "euc-kr",
    "big5hkscs": "big5",
    "cp874": "windows-874",
}


def label_of(codec):
    """The label of a codec that `codec_of` returned, as mail programs know it."""
    known = webencodings.lookup(_CALLED.get(codec, codec))
    return known.name if known else codec


@functools.lru_cache(maxsize=512)
def codec_of(label):
    """The codec that reads what a label names.

    :param label: as in the email; may be None
    :return: the name of one of Python's codecs in its normal form, ``ascii``, ``iso-2022-jp`` or
        ``euc-jp``; '' when the label names none, or nothing
    """
    label = re.split(r"[;,\s]", (label or "")[:100].strip(" \t\r\n\"'`"), maxsplit=1)[0].lower()
    label = label.strip("\"'`")
    if label in _EMPTY or not label.isascii():
        return ""
    if label in _ASCII:
        return "ascii"
    return _known(label) or _known(_variant(label))


def _known(label):
    found = webencodings.lookup(label)
    name = found.codec_info.name if found else label
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    # zlib, hex, rot13 and the like are codecs, but no charsets.
    if info.name in _NO_CHARSETS or not getattr(info, "_is_text_encoding", True):
        return ""
    return ISO_2022_JP if info.name.startswith("iso2022_jp") else _MEANT.get(info.name, info.name)


def _variant(label):
    """The usual form of a label in which a program varies it."""
    if _UTF_8.match(label):
        return "utf-8"
    if page := _PAGE.match(label):
        number = page[1]
        if number in _PAGES:
            return _PAGES[number]
        if 0 < int(number) - _ISO_PAGE < 17:
            return f"iso-8859-{int(number) - _ISO_PAGE}"
        return f"cp{number}"
    if iso := _ISO_8859.match(label):
        return f"iso-8859-{iso[1]}"
    if latin := _LATIN.match(label):
        return f"latin{latin[1]}"
    return _OTHERS.get(label, label)
