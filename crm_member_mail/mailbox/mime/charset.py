"""Bytes to text, when labels lie and mailers break."""

import base64
import binascii
import codecs
import contextlib
import functools
import quopri
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
    # WHATWG Encoding Standard: these labels are used for their Windows supersets.
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

#: Labels that are no better than a guess: eight-bit charsets, in which UTF-8 bytes are valid text, but
#: nonsense.
_EIGHT_BIT = re.compile(r"(cp125\d|latin|iso-?8859|mac_|koi8|ascii|cp8\d\d)", re.IGNORECASE)

#: Codecs from bytes to text that are no charsets of emails; some raise unusual errors.
_NO_CHARSETS = {
    "idna",
    "punycode",
    "undefined",
    "unicode-escape",
    "raw-unicode-escape",
    "mbcs",
    "oem",
}

_NON_ASCII = re.compile("[^\x00-\x7f]+")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def decode(data, label=None):
    """Decode the bytes of a body or a header.

    :param bytes data:
    :param label: the charset that the email names, or None
    :return: the text, and whether the charset had to be guessed
    """
    codec = _codec(label) if label else ""
    if data.isascii():
        if _is_stateful(codec):
            return _with_marks(data, codec), False
        if b"\x1b$" in data:
            # Mailers before MIME, and some after, send ISO-2022-JP without saying so.
            with contextlib.suppress(UnicodeError):
                return data.decode("iso2022_jp_ext"), True
        return data.decode("ascii"), False
    if codec in ("", "ascii", "utf-8", "utf-8-sig") or _EIGHT_BIT.match(codec):
        # UTF-8 with another label is common; text in another charset that happens to be valid UTF-8
        # is not.
        is_utf8 = codec.startswith("utf-8")
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("utf-8-sig"), not is_utf8
        if _is_broken_utf8(data, 1 if is_utf8 else 10):
            return data.decode("utf-8-sig", "replace"), True
        codec = codec if _EIGHT_BIT.match(codec) and codec != "ascii" else "cp1252"
        return _with_marks(data, codec), is_utf8 or codec != _codec(label)
    with contextlib.suppress(UnicodeError):
        return data.decode(codec), False
    with contextlib.suppress(UnicodeError):
        return data.decode("utf-8-sig"), True
    # A few broken bytes must not turn a Chinese email into Western letters.
    text = _with_marks(data, codec)
    if text.count("\ufffd") * 10 <= len(text):
        return text, True
    return _with_marks(data, "cp1252"), True


def _with_marks(data, codec):
    """Decoded text with U+FFFD in place of invalid bytes."""
    try:
        return data.decode(codec, "replace")
    except UnicodeError:  # UTF-16 and UTF-7 may still raise
        return data.decode("cp1252", "replace")


def _is_broken_utf8(data, factor):
    """Whether data is UTF-8 except for some bytes: ``factor`` times as many characters are valid."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(map(len, _NON_ASCII.findall(text))) - broken > broken * factor


def clean(text):
    """Text that PostgreSQL can store and people can read: no NUL, no lone surrogates, no controls
    except tab and line feed."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text)


_WORD = re.compile(r"=\?([^?*\s]*)(?:\*[^?\s]*)?\?([bBqQ])\?([^?\r\n]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?)")


def decode_words(value):
    """A header value with its encoded words (RFC 2047) decoded, folds undone.

    Adjacent words of one charset are decoded together, because mailers split characters between
    words. What can't be decoded stays as it is.

    :param value: str or bytes; bytes beyond ASCII are read as UTF-8, else as Windows-1252
    :return: str
    """
    if isinstance(value, bytes):
        value = value.decode("ascii", "surrogateescape")
    if not value.isascii():
        value = decode(value.encode("utf-8", "surrogateescape"))[0] if _is_raw(value) else value
    elif "\x1b$" in value:
        value = decode(value.encode("ascii"))[0]
    value = value.replace("\r", "").replace("\n", "")
    if "=?" not in value:
        return clean(value)
    value = _BETWEEN.sub(r"\1\2", value)
    pieces, position, pending = [], 0, None

    def flush():
        nonlocal pending
        if pending:
            pieces.append(decode(pending[1], pending[0])[0])
            pending = None

    for match in _WORD.finditer(value):
        raw = _word_bytes(match)
        if raw is None:
            continue
        if match.start() > position:
            flush()
            pieces.append(value[position : match.start()])
        label = match[1].lower()
        # ISO-2022 shifts back at the end of each word, so each is decoded alone.
        if pending and pending[0] == label and not _is_stateful(label):
            pending = (label, pending[1] + raw)
        else:
            flush()
            pending = (label, raw)
        position = match.end()
    flush()
    pieces.append(value[position:])
    return clean("".join(pieces))


def _is_raw(value):
    return any("\udc80" <= character <= "\udcff" for character in value)


def _word_bytes(match):
    payload = match[3]
    try:
        data = payload.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        data = payload.encode("utf-8", "replace")
    if match[2] in "qQ":
        return quopri.decodestring(data.replace(b"_", b"=20"), header=False)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(data) % 4 == 1:
        data = data[:-1]
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return None


def _is_stateful(label):
    label = (label or "").lower()
    return label.startswith(
        ("iso2022", "iso-2022", "utf-7", "unicode-1-1", "hz", "utf-16", "utf-32")
    )


@functools.lru_cache(maxsize=512)
def _codec(label):
    """The Python codec for a charset label; '' when there is none from bytes to text."""
    label = (label or "").strip().strip("\"'").lower()
    name = _ALIASES.get(label, label)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    # zlib, hex, rot13 and the like are codecs, but no charsets.
    if info.name in _NO_CHARSETS or not getattr(info, "_is_text_encoding", True):
        return ""
    return info.name
