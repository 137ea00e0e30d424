"""Bytes to text, when labels lie and mailers break."""

import base64
import binascii
import quopri
import re
from dataclasses import dataclass

from .charsets.guess import makes_sense, recognised
from .charsets.labels import ISO_2022_JP, codec_of
from .charsets.reading import is_single_byte, read

#: Codecs that say little about text with bytes beyond ASCII.
_VAGUE = ("", "ascii", "utf-8")

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ISO_2022 = ("iso2022", "iso-2022")
_STATEFUL = (*_ISO_2022, "utf-7", "unicode-1-1", "hz", "utf-16", "utf-32")
_SURROGATES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_NON_ASCII = re.compile("[^\x00-\x7f]+")
_BLANKS = re.compile(r"[^\S\u3000]+")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Bytes as text. ``codec`` is that by which they were read; ``is_guess``: the email names no
    charset, or a wrong one."""

    text: str
    codec: str
    is_guess: bool = False


def decode(data, label=None):
    """The text of the bytes of a body or a header: that of `decoded`."""
    return decoded(data, label).text


def decode_as_named(data, label=None):
    """Like `decode`, without looking for another charset, which takes its time."""
    return decoded(data, label, may_search=False).text


def decoded(data, label=None, may_search=True):
    """Decode the bytes of a body or a header, when labels lie and mailers break.

    :param bytes data:
    :param label: the charset that the email names, or None
    :param bool may_search: whether another charset is looked for if this one seems to be wrong
    :return: Decoded
    """
    codec = codec_of(label)
    if data.isascii():
        return _from_ascii(data, codec)
    if codec == ISO_2022_JP and b"\x1b" not in data:
        codec = ""  # it has no bytes beyond ASCII
    if (text := _utf8(data, codec)) is not None:
        return Decoded(text, "utf-8", codec not in ("", "utf-8"))
    if (text := _broken_utf8(data, codec, 1 if codec == "utf-8" else 4)) is not None:
        return Decoded(text, "utf-8", True)
    if data.startswith(_UTF_16) and b"\0" in data:
        return Decoded(read(data, "utf-16"), "utf-16", codec != "utf-16")
    text = read(data, codec) if codec not in _VAGUE else ""
    if text and not _is_doubtful(data, text, codec):
        return Decoded(text, codec)
    if may_search and (found := recognised(data)):
        return Decoded(read(data, found), found, found != codec)
    if (broken := _broken_utf8(data, codec, 1)) is not None:
        return Decoded(broken, "utf-8", True)
    # A few broken bytes must not turn a Chinese email into Western letters.
    if text and text.count("\ufffd") * 10 <= len(text):
        return Decoded(text, codec, not is_single_byte(codec))
    return Decoded(read(data, "cp1252"), "cp1252", True)


def _from_ascii(data, codec):
    """Text of which no byte is beyond ASCII; some charsets write all their characters so."""
    if codec.startswith(("utf-16", "utf-32")) and b"\0" not in data:
        return Decoded(data.decode("ascii"), "ascii", True)
    if is_stateful(codec):
        return Decoded(read(data, codec), codec)
    if b"\x1b$" in data:
        # Mailers before MIME, and some after, send ISO-2022-JP without saying so.
        text = read(data, ISO_2022_JP)
        if "\ufffd" not in text:
            return Decoded(text, ISO_2022_JP, True)
    return Decoded(data.decode("ascii"), "ascii")


def _without_surrogates(data):
    """Bytes with UTF-8 in the place of CESU-8, in which Java and old databases write emoji: as the two
    halves that they have in UTF-16."""
    if b"\xed" not in data:
        return data
    return _SURROGATES.sub(
        lambda match: match[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        .decode("utf-16-le").encode(),
        data,
    )  # fmt: skip


def _utf8(data, codec):
    """The text if it is UTF-8, whatever the email says; None when it isn't.

    UTF-8 under the name of another charset is common. Text in another charset that happens to be valid
    UTF-8 is not, if it is longer than a few characters.
    """
    if codec.startswith(("utf-16", "utf-32")) and b"\0" in data:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    is_wide = codec not in _VAGUE and not is_single_byte(codec)
    return None if is_wide and _count_foreign(text) < 4 else text


def _broken_utf8(data, codec, factor):
    """The text if it is UTF-8 except for some bytes: ``factor`` times as many characters are valid."""
    if not (codec in _VAGUE or is_single_byte(codec)):
        return None
    text = _without_surrogates(data).decode("utf-8-sig", "replace")
    broken = text.count("\ufffd")
    valid = _count_foreign(text) - broken
    return text if valid and valid >= broken * factor else None


def _count_foreign(text):
    return sum(map(len, _NON_ASCII.findall(text)))


def _is_doubtful(data, text, codec):
    """Whether the charset of a text seems to be named wrongly."""
    if codec == "cp1252":
        return True  # what programs name that know no other; `recognised` tells quickly
    return ("\ufffd" in text and not is_single_byte(codec)) or not makes_sense(text)


def clean(text):
    """Text that PostgreSQL can store and people can read: no NUL, no lone surrogates, no controls
    except tab and line feed."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text)


def one_line(text):
    """Text on one line, with single blanks; the wide blank that is written in Japan stays."""
    return _BLANKS.sub(" ", text).strip()


_WORD = re.compile(r"=\?([^?*\s]*)(?:\*[^?\s]*)?\?([bBqQ])\?([^?\r\n]*)\?=")
#: The same with blanks around the charset, "?" in its text, or without an end, as in a header that
#: somebody cut off.
_ANY_WORD = re.compile(
    r"=\?[ \t]?([^?*\s]{0,60})(?:\*[^?\s]{0,40})?[ \t]?\?"
    r"(?:([bB])\?([^?]*)|([qQ])\?((?:[^?=]|\?(?!=)|=(?!\?[^?\s]{1,60}\?[bBqQ]\?))*))(?:\?=|\??\Z)"
)
_BETWEEN = re.compile(r"(?<=\?=)\s+(?==\?)")


#: Pieces of a header of which another charset is looked for than the one they name.
_SEARCHED = 20


def shown_words(value, charset=None, reader=None):
    """Like `decode_words`, for what people see and nothing depends on: encoded words that no standard
    allows are read, too: cut off, with "?" in them, of Base64 that is joined from pieces, cut within a
    letter of ISO-2022-JP."""
    return decode_words(value, charset, reader, _Tolerant)


class _Strict:
    """How encoded words are found and read."""

    @staticmethod
    def each(value):
        """Yields matches, and the charset, encoding and text of each."""
        for match in _WORD.finditer(value):
            yield match, *match.groups()

    @staticmethod
    def bytes_of(encoding, payload):
        return _word_bytes(encoding, payload)

    @staticmethod
    def goes_on(label, data, more):
        """Whether a word begins in the midst of what the one before it, of the same charset, began."""
        return not is_stateful(label)


class _Tolerant(_Strict):
    @staticmethod
    def each(value):
        for match in _ANY_WORD.finditer(value):
            label, base64_, coded, quoted, text = match.groups()
            yield match, label, base64_ or quoted, coded if base64_ else text

    @staticmethod
    def bytes_of(encoding, payload):
        if encoding in "qQ" or "=" not in payload.rstrip("="):
            return _word_bytes(encoding, payload)
        pieces = [_word_bytes(encoding, piece) for piece in re.split("=+", payload)]
        return b"".join(filter(None, pieces))

    @staticmethod
    def goes_on(label, data, more):
        if not label.startswith(_ISO_2022):
            return not is_stateful(label)
        last = data.rpartition(b"\x1b")[2]
        if not last.startswith(b"$"):
            return False
        # It ends among letters of two bytes.
        return len(last) % 2 == 1 or more.partition(b"\x1b")[2].startswith((b"(B", b"(J"))


def decode_words(value, charset=None, reader=None, words=_Strict):
    """A header value with its encoded words (RFC 2047) decoded, folds undone.

    Adjacent words of one charset are decoded together, because mailers split characters between
    words. What can't be decoded stays as it is.

    :param value: str or bytes
    :param charset: that of bytes beyond ASCII, and of words that name none, if it is known
    :param reader: what makes text of bytes and the name of their charset, if not `decode`
    :param words: which encoded words count; digests are made of what `_Strict` finds
    :return: str
    """
    reader = reader or decode
    if isinstance(value, bytes):
        value = value.decode("ascii", "surrogateescape")
    if not value.isascii():
        if _is_raw(value):
            value = reader(value.encode("utf-8", "surrogateescape"), charset)
    elif "\x1b$" in value:
        value = reader(value.encode("ascii"), charset)
    value = value.replace("\r", "").replace("\n", "")
    if "=?" not in value:
        return clean(value)
    value = _BETWEEN.sub("", value)
    pieces, position, pending = [], 0, None

    def flush():
        nonlocal pending
        if pending:
            is_hasty = reader is decode and len(pieces) > _SEARCHED
            pieces.append((decode_as_named if is_hasty else reader)(pending[1], pending[0]))
            pending = None

    for match, label, encoding, payload in words.each(value):
        raw = words.bytes_of(encoding, payload)
        if raw is None:
            continue
        if match.start() > position:
            flush()
            pieces.append(value[position : match.start()])
        label = label.lower()
        if charset and not codec_of(label):
            label = charset
        # ISO-2022 shifts back at the end of each word, so each is decoded alone.
        if pending and pending[0] == label and words.goes_on(label, pending[1], raw):
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


def _word_bytes(encoding, payload):
    try:
        data = payload.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        data = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(data.replace(b"_", b"=20"), header=False)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(data) % 4 == 1:
        data = data[:-1]
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return None


def is_stateful(codec):
    """Whether text in a charset can't be joined, or read from the midst.

    :param str codec: its codec, or its label in lower case
    """
    return codec.startswith(_STATEFUL)
