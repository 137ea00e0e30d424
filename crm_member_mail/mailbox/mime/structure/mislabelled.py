"""Content in another transfer encoding than its part names: Base64 that nobody names, and words that are
called Base64. Only where that is sure; the digest sees what the part says."""

import re

from . import kinds, transfer
from .transfer import Text

#: Letters of Base64 that are no word, and those that tell what a file is.
_LEAST, _BEGINNING = 40, 64

_LINE = re.compile(rb"\s*([A-Za-z0-9+/]{%d,}={0,2})\s" % _LEAST)
_ALL = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_ADDRESS = re.compile(rb"\s*(?:[a-z]{2,8}://|www\.)[!-~]{3,2000}\s*", re.IGNORECASE)
#: A word behind the last letters of Base64.
_WORD_BEHIND = re.compile(rb"(?:=[ \t]{0,99}|\n)\r?\n\s{0,99}([A-Za-z]{2,39}[.!]?)\s{0,99}\Z")
_TAIL = 200


def text_of(raw, encoding):
    """A text whose transfer encoding is another one than its part says.

    :param bytes raw: as it was sent
    :param str encoding: as the part says
    :return: Text, or None
    """
    if encoding == "base64":
        return _from_words(raw)
    data = _from_base64(raw)
    # What is decoded has to be words: what some program shows in Base64 on purpose is not.
    if data and not _CONTROLS.search(data) and data.count(b" ") * 80 >= len(data):
        return Text(data)
    return None


def _from_words(raw):
    if _ADDRESS.fullmatch(raw[: 2 * 1024 + 1]):
        return Text(raw)
    behind = _WORD_BEHIND.search(raw, max(len(raw) - _TAIL, 0))
    if not behind:
        return None
    whole = transfer.decode_text(raw, "base64")
    if whole.behind or transfer.is_text(whole.data):
        return None
    text = transfer.decode_text(raw[: behind.start(1)], "base64")
    return Text(text.data, text.before, behind[1])


def file_of(raw, encoding):
    """The content of a file in Base64 whose part does not say so; None when it is none.

    :param bytes raw: as it was sent
    :param str encoding: as the part says
    """
    if encoding == "base64":
        return None
    begin = raw[:_BEGINNING].lstrip()[: _BEGINNING // 2]
    if not _ALL.fullmatch(begin) or not kinds.of_bytes(transfer.decode(begin, "base64")):
        return None
    return _from_base64(raw)


def _from_base64(raw):
    """Content that is nothing but lines of Base64; None when it isn't."""
    if not _LINE.match(raw + b"\n" if len(raw) < 1000 else raw):
        return None
    letters = b"".join(raw.split())
    if len(letters) % 4 or not _ALL.fullmatch(letters):
        return None
    return transfer.decode(letters, "base64")
