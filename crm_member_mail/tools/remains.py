"""Looks for a person in whatever is stored, for the check after an erasure.

It shares no code with what erases: a mistake there must not hide itself here. So it is plain, and reads
each text in every way that it might be meant.
"""

import base64
import binascii
import contextlib
import html
import io
import quopri
import re
import urllib.parse
import zipfile
import zlib

#: How deep encodings are undone: an archive in base64 in an email in an email.
MAX_DEPTH = 6
#: Bytes that all the decoded parts of one thing may have together.
MAX_BYTES = 100_000_000

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
_ENCODED_WORD = re.compile(r"=\?([\w.:-]{1,40})(?:\*[\w-]{1,20})?\?([bBqQ])\?([^?\s]{0,500})\?=")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_STREAM = re.compile(rb"stream\r?\n")


class Remains:
    """Finds a person.

    :param addresses: email addresses, in lower case
    :param names: full names
    """

    def __init__(self, addresses, names):
        self._addresses = {
            form for address in addresses for form in _forms(address.lower()) if form
        }
        self._names = [words for name in names if (words := name.split())]

    def named_in(self, data):
        """Whether text or bytes, or anything that is encoded or packed in them, name the person."""
        return any(self._is_in_text(text) for text in _layers(data))

    def address_in(self, data):
        """Whether they have one of the addresses."""
        return any(self._has_address(text) for text in _layers(data))

    def _is_in_text(self, text):
        return self._has_address(text) or self._has_name(text)

    def _has_address(self, text):
        text = text.lower()
        for form in self._addresses:
            position = text.find(form)
            while position >= 0:
                before = text[position - 1] if position else " "
                after = text[position + len(form) :][:2]
                if not (before.isalnum() or before in "_.+-") and not _goes_on(after):
                    return True
                position = text.find(form, position + 1)
        return False

    def _has_name(self, text):
        tokens = lowered = None
        for words in self._names:
            if words[-1].lower() not in text.lower():
                continue
            tokens = tokens or re.findall(r"[\w'’-]+", text)
            lowered = lowered or [token.lower() for token in tokens]
            if len(words) == 1:
                # It may be a word besides: only as names are written.
                if words[0] in tokens or words[0].upper() in tokens:
                    return True
                continue
            parts = [part for word in words for part in re.findall(r"[\w'’-]+", word.lower())]
            turned = parts[-1:] + parts[:-1]
            if _has_run(lowered, parts) or _has_run(lowered, turned):
                return True
        return False


def _has_run(tokens, wanted):
    start = 0
    while wanted:
        try:
            start = tokens.index(wanted[0], start)
        except ValueError:
            return False
        if tokens[start : start + len(wanted)] == wanted:
            return True
        start += 1
    return False


def _goes_on(after):
    """Whether an address goes on with these two characters."""
    if not after:
        return False
    if after[0] == ".":
        return after[1:].isalnum() or after[1:] == "_"
    return after[0].isalnum() or after[0] in "_-"


def _forms(address):
    local, _at, domain = address.rpartition("@")
    domains = {domain}
    for convert in (
        lambda: domain.encode("idna").decode(),
        lambda: domain.encode().decode("idna"),
    ):
        try:
            domains.add(convert())
        except UnicodeError:
            continue
    return {f"{local}@{name}" for name in domains}


def _layers(data):
    """Yields the texts that something contains: itself, and whatever is encoded in it."""
    room, seen = MAX_BYTES, set()
    todo = [(data, 0)]
    while todo:
        item, depth = todo.pop()
        # Bytes and text of the same letters have the same hash.
        key = isinstance(item, bytes), hash(item)
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
    yield data.decode("utf-8", "replace")
    if not data.isascii():
        yield data.decode("latin-1")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:200]:
        for charset in ("utf-16-le", "utf-16-be"):
            yield data.decode(charset, "replace").lstrip("\ufeff")


def _unpacked(data):
    if data[:2] == b"PK":
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
        for match in _STREAM.finditer(data):
            try:
                found.append(zlib.decompressobj().decompress(data[match.end() :], MAX_BYTES // 10))
            except zlib.error:
                continue
    elif data[:2] == b"\x1f\x8b":
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj(31).decompress(data, MAX_BYTES // 2))
    return found


def _decoded(text):
    visible = text.translate(_INVISIBLE)
    if visible != text:
        yield visible
    if "<" in text:
        # With and without what a tag separates.
        yield re.sub(r"<[^<>]*>", "", text)
        yield re.sub(r"<[^<>]*>", " ", text)
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield urllib.parse.unquote(text)
    if "\\" in text:
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
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
