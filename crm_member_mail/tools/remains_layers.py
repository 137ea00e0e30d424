"""The texts that are encoded and packed in others, for the check after an erasure (`remains.py`)."""

import base64
import binascii
import bz2
import contextlib
import html
import io
import lzma
import quopri
import re
import urllib.parse
import zipfile
import zlib

#: How deep encodings are undone: an archive in base64 in an email in an email.
MAX_DEPTH = 6
#: Bytes that all the decoded parts of one thing may have together.
MAX_BYTES = 100_000_000

#: Characters that nobody sees, for `str.translate`.
INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x115F, 0x1160, *range(0x180B, 0x180F), *range(0x200B, 0x2010),
     *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0]
)  # fmt: skip
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1a]")
#: What may be text, where not all is.
_STRETCH = re.compile("[^\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]{8,}")
#: What is decoded in such a stretch.
_CODE = re.compile(
    r"%[0-9A-Fa-f]{2}|&[#\w]{2,10};|\\[u']|=\?|=[0-9A-Fa-f]{2}|=?\r?\n|<[^<>]*>|[A-Za-z0-9+/_-]{12}"
)
_UNSEEN = re.compile(f"[{re.escape(''.join(map(chr, INVISIBLE)))}]")
_ENCODED_WORD = re.compile(r"=\?([\w.:-]{1,40})(?:\*[\w-]{1,20})?\?([bBqQ])\?([^?\s]{0,500})\?=")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
#: Four letters.
_UTF_16 = re.compile(rb"[^\0]\0[^\0]\0[^\0]\0[^\0]\0|\0[^\0]\0[^\0]\0[^\0]\0[^\0]")
_UTF_32 = re.compile(rb"[^\0]\0\0\0[^\0]\0\0\0|\0\0\0[^\0]\0\0\0[^\0]")
_STREAM = re.compile(rb"stream\r?\n")


def layers(data):
    """Yields the texts that something contains: itself, and whatever is encoded in it."""
    room, seen = MAX_BYTES, set()
    todo = [(data, 0)]
    while todo:
        item, depth = todo.pop()
        # Python hashes memory: the same bytes have one hash as bytes, as text, and as UTF-16.
        key = isinstance(item, bytes), len(item), hash(item)
        if not item or key in seen:
            continue
        seen.add(key)
        room -= len(item)
        if room < 0:
            return
        if isinstance(item, bytes):
            found = list(_texts_of(item))
            if depth < MAX_DEPTH:
                found += _unpacked(item)
        else:
            yield item
            found = list(_decoded(item)) if depth < MAX_DEPTH else []
        todo += [(part, depth + 1) for part in found]


def _texts_of(data):
    text = data.decode("utf-8", "replace")
    yield text
    if "\ufffd" in text:
        yield data.decode("latin-1")
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if marked or _UTF_16.search(data):
        for charset in ("utf-16-le", "utf-16-be"):
            yield data.decode(charset, "replace").lstrip("\ufeff")
            yield data[1:].decode(charset, "replace")  # where it begins in the middle of a file
    if _UTF_32.search(data):
        for charset in ("utf-32-le", "utf-32-be"):
            yield data.decode(charset, "replace").lstrip("\ufeff")


def _unpacked(data):
    if b"PK\x05\x06" in data:
        broken = zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError
        with contextlib.suppress(*broken), zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.infolist()
            if sum(info.file_size for info in names) <= MAX_BYTES:
                return [
                    part
                    for info in names
                    for part in (info.filename.encode("utf-8", "replace"), archive.read(info))
                ]
    found = []
    if data[:5] == b"%PDF-":
        for stream in _STREAM.split(data)[1:]:
            try:
                found.append(zlib.decompressobj().decompress(stream, MAX_BYTES // 10))
            except zlib.error:
                continue
    elif data[:2] == b"\x1f\x8b":
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj(31).decompress(data, MAX_BYTES // 2))
    elif data[:3] == b"BZh":
        with contextlib.suppress(OSError, ValueError):
            found.append(bz2.BZ2Decompressor().decompress(data, MAX_BYTES // 2))
    elif data[:6] == b"\xfd7zXZ\0":
        with contextlib.suppress(lzma.LZMAError):
            found.append(lzma.LZMADecompressor().decompress(data, MAX_BYTES // 2))
    return found


def _decoded(text):
    if not text.isascii() and _UNSEEN.search(text):
        yield _UNSEEN.sub("", text)
    if text.count("\ufffd") * 20 > len(text) or _CONTROLS.search(text):
        # What can't be text is left out: decoded in all ways it would only grow.
        yield "\n".join(part for part in _STRETCH.findall(text) if _CODE.search(part))
        return
    if "<" in text:
        # With and without what a tag separates.
        yield re.sub(r"<[^<>]*>", "", text)
        yield re.sub(r"<[^<>]*>", " ", text)
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        plain = urllib.parse.unquote(text)
        yield plain
        # A name in pieces (RFC 2231).
        yield re.sub(r'"?\s{0,9};\s{0,9}(?:file)?name\*\d{1,3}\*?="?', "", plain)
    if "\n " in text or "\n\t" in text:
        yield re.sub(r"\r?\n[ \t]", "", text)
    if "\\" in text:
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
        yield re.sub(r"\\'([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)
    if "=?" in text:
        yield _ENCODED_WORD.sub(_word, re.sub(r"\?=\s+=\?", "?==?", text))
    if re.search(r"=(?:[0-9A-Fa-f]{2}|\r?\n)", text):
        yield quopri.decodestring(text.encode("utf-8", "surrogateescape"))
    for run in _runs(text):
        run = run.rstrip("=").translate({45: 43, 95: 47})
        run = run[: len(run) - (len(run) % 4 == 1)]
        try:
            data = base64.b64decode(run + "=" * (-len(run) % 4))
        except (binascii.Error, ValueError):
            continue
        # Words look like base64, but say nothing.
        start = data[:200]
        printable = sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in start)
        if printable * 10 >= len(start) * 6 or len(run) >= 200:
            yield data


def _runs(text):
    """Yields what may be base64: lines as encoders write them, joined."""
    run, end = [], None
    for match in _BASE64.finditer(text):
        gap = text[end : match.start()] if end is not None else None
        if not (run and len(run[-1]) >= 40 and len(gap) <= 3 and not gap.strip()):
            if sum(map(len, run)) >= 12:
                yield "".join(run)
            run = []
        run.append(match[0])
        end = match.end()
    if sum(map(len, run)) >= 12:
        yield "".join(run)


def _word(match):
    charset, kind, value = match.groups()
    try:
        if kind in "bB":
            data = base64.b64decode(value + "=" * (-len(value) % 4))
        else:
            data = quopri.decodestring(value.replace("_", "=20").encode())
        return data.decode(charset, "replace")
    except (binascii.Error, LookupError, ValueError):
        return match[0]
