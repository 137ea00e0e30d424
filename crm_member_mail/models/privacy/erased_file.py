"""The texts that the bytes of a file or an email hold, in whatever they are written and packed."""

import base64
import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from html import unescape
from quopri import decodestring
from urllib.parse import unquote

#: Of what a file holds packed, bytes that are looked at; and how deep things are packed in others.
MAX_UNPACKED, MAX_DEPTH = 50_000_000, 6

_BROKEN = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, LookupError,
    zlib.error, lzma.LZMAError,
)  # fmt: skip
_EMAIL = re.compile(
    rb"^(?:content-[a-z-]+|from|to|subject|received):", re.IGNORECASE | re.MULTILINE
)
#: Lines as encoders write them, or a long word.
_BASE64 = re.compile(
    rb"(?:[A-Za-z0-9+/_-]{40,}\r?\n[ \t]?)+[A-Za-z0-9+/_-]*={0,2}|[A-Za-z0-9+/_-]{12,}={0,2}"
)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
#: What is worth to be decoded: archives, and text.
_MAGIC = (
    b"PK",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"%PDF-",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xd0\xcf\x11\xe0",
)
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
#: Letters of UTF-16 and UTF-32.
_WIDE, _WIDER = (
    re.compile(rb"(?:[^\0]\0){4}"),
    re.compile(rb"(?:[^\0]\0\0\0){4}|(?:\0\0\0[^\0]){4}"),
)
#: What no text has, and what may be text besides.
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1a]")
_TEXT = re.compile("[^\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]{8,}")
_CODE = re.compile(r"%[0-9A-Fa-f]{2}|&[#\w]{2,10};|\\[u']|=\?|\n[ \t]|<[^<>]*>")
_RTF = re.compile(r"\\'([0-9a-fA-F]{2})")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
#: A name in pieces (RFC 2231).
_PIECES = re.compile(r"\"?\s{0,9};\s{0,9}(?:file)?name\*\d{1,3}\*?=\"?")


def decoded_header(text):
    """The value of a header field as people read it (RFC 2047)."""
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text


def texts_in(data):
    """Yields the texts in the bytes of a file or an email: themselves, and whatever is packed or
    encoded in them; never raises."""
    room, todo, seen = MAX_UNPACKED + len(data), [(data, 0)], set()
    while todo:
        item, depth = todo.pop()
        if not item or len(item) > room or hash(item) in seen:
            continue
        seen.add(hash(item))
        room -= len(item)
        for text in _readings(item):
            yield text
            if text.count("\ufffd") * 20 > len(text) or _CONTROLS.search(text):
                text = "\n".join(part for part in _TEXT.findall(text) if _CODE.search(part))
            yield from _otherwise(text)
        if depth < MAX_DEPTH:
            todo += [(part, depth + 1) for part in _packed(item, room)]


def _readings(data):
    """The texts that bytes may be."""
    text = data.decode("utf-8", "replace")
    yield text
    if data.startswith(_BOMS) or _WIDE.search(data):
        for charset in ("utf-16-le", "utf-16-be"):
            for start in (0, 1):
                yield data[start:].decode(charset, "replace").lstrip("\ufeff")
    if b"\0\0" in data and (data.startswith(_BOMS) or _WIDER.search(data)):
        for charset in ("utf-32-le", "utf-32-be"):
            yield data.decode(charset, "replace").lstrip("\ufeff")
    if "\ufffd" in text:
        yield data.decode("latin-1")


def _otherwise(text):
    """What a text says once its markup and escapes are read."""
    if "<" in text:
        for gap in ("", " "):
            yield unescape(re.sub(r"<[^<>]*>", gap, text))
    elif "&" in text:
        yield unescape(text)
    if re.search(r"\r?\n[ \t]", text):
        yield re.sub(r"\r?\n[ \t]", "", text)  # as calendars and cards fold lines
    if "%" in text:
        yield _PIECES.sub("", unquote(text))
    if "\\" in text:
        yield _RTF.sub(lambda m: bytes.fromhex(m[1]).decode("latin-1"), text)
        yield _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
    if "=?" in text:
        lines = re.sub(r"\r?\n[ \t]", " ", text).split("\n")
        yield "\n".join(decoded_header(line) for line in lines if "=?" in line)


def _packed(data, room):
    """The bytes that are packed in others."""
    for unpack in (_archived, _compressed, _streams, _parts, _encoded):
        try:
            for part in unpack(data, room):
                room -= len(part)
                yield part
        except _BROKEN:
            continue


def _archived(data, room):
    if b"PK\x05\x06" not in data:
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            yield info.filename.encode("utf-8", "replace")
            if info.file_size <= room:
                room -= info.file_size
                try:
                    yield archive.read(info)
                except _BROKEN:
                    continue


def _compressed(data, room):
    for magic, opener in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open)):
        if data.startswith(magic):
            with opener(io.BytesIO(data)) as stream:
                yield stream.read(max(room, 0))


def _streams(data, room):
    if data[:5] != b"%PDF-":
        return
    for stream in re.split(rb"stream\r?\n", data)[1:]:
        try:
            yield zlib.decompressobj().decompress(stream, max(room // 10, 1))
        except zlib.error:
            continue


def _parts(data, _room):
    if not _EMAIL.search(data):
        return
    try:
        parts = list(message_from_bytes(data).walk())
    except Exception:  # whatever is wrong with it is why it was not filed
        return
    for part in parts:
        try:
            lines = [f"{name}: {decoded_header(str(value))}" for name, value in part.items()]
            yield "\n".join([*lines, part.get_filename() or ""]).encode("utf-8", "replace")
            yield part.get_payload(decode=True) or b""
        except Exception:  # noqa: S112 - as above
            continue


def _encoded(data, _room):
    if data.isascii() and re.search(rb"=(?:[0-9A-F]{2}|\r?\n)", data):
        yield decodestring(data)
    for match in _BASE64.finditer(data):
        letters = re.sub(rb"[^A-Za-z0-9+/_-]", b"", match[0]).translate(_URL_SAFE)
        if len(letters) < 12 or letters.isdigit():
            continue
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        found = base64.b64decode(letters + b"=" * (-len(letters) % 4))
        # Words look like base64, but say nothing.
        if found.startswith(_MAGIC) or found[:200].decode("utf-8", "replace").count("\ufffd") <= 1:
            yield found
