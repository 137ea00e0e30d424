"""CMS (RFC 5652), the container of S/MIME: of which kind one is, and what it holds.

Only the way to the content is read, because no signature is checked here. Libraries parse all of a
container, and join the pieces of a streamed one in quadratic time (`asn1crypto`: 56 s for 25 MB); here
each byte is looked at once, and a container that was cut off still gives its beginning. It is BER
(X.690), which allows elements of unknown length and strings in pieces; Outlook and OpenSSL send both.
"""

import zlib
from dataclasses import dataclass, field

from . import transfer

SIGNED, COMPRESSED, ENCRYPTED = "signed", "compressed", "encrypted"

#: Object identifiers: 1.2.840.113549.1.7.x of PKCS #7 and 1.2.840.113549.1.9.16.1.x of S/MIME.
_PKCS7 = bytes.fromhex("2a864886f70d0107")
_SMIME = bytes.fromhex("2a864886f70d01091001")
_KINDS = {
    _PKCS7 + b"\x02": SIGNED,
    _PKCS7 + b"\x03": ENCRYPTED,
    _PKCS7 + b"\x04": ENCRYPTED,  # signedAndEnvelopedData, of PKCS #7 1.5
    _PKCS7 + b"\x06": ENCRYPTED,
    _SMIME + b"\x09": COMPRESSED,
    _SMIME + b"\x17": ENCRYPTED,  # authEnvelopedData, RFC 5083
}

_OID, _OCTETS, _SEQUENCE, _OCTETS_IN_PIECES, _CONTENT = 0x06, 0x04, 0x30, 0x24, 0xA0

#: Elements of one container that are looked at, and how deep strings in pieces may be nested.
_ELEMENTS, _DEPTH = 400_000, 16


@dataclass(frozen=True, slots=True)
class Container:
    """``kind`` is SIGNED, COMPRESSED or ENCRYPTED; ``content`` what is within: b'' when that is
    elsewhere (a detached signature), encrypted, or nothing at all (certificates)."""

    kind: str
    content: bytes = field(default=b"", repr=False)


def read(data):
    """Read a container as far as its content.

    :param bytes data: BER or DER; base64, with or without the lines of PEM, is taken as well
    :return: Container, or None when it is none of those above
    """
    reader = _Reader(_binary(data))
    try:
        reader.enter(_SEQUENCE)
        kind = _KINDS.get(reader.oid())
        if kind in (None, ENCRYPTED):
            return kind and Container(kind)
        # SignedData and CompressedData begin alike: a version, algorithms, EncapsulatedContentInfo.
        for tag in (_CONTENT, _SEQUENCE):
            reader.enter(tag)
        reader.skip()
        reader.skip()
        end = reader.enter(_SEQUENCE)
        reader.oid()
        is_within = reader.finds(_CONTENT, end)
        return Container(kind, reader.octets() if is_within else b"")
    except (IndexError, ValueError):
        return None


def begins(data):
    """Whether a container, in BER or DER, begins here."""
    return data[:1] == b"\x30" and any(kind in data[1:24] for kind in _KINDS)


def inflated(data, room):
    """The content of a compressed container (RFC 3274), of at most ``room`` bytes; b'' when it is larger
    or is not ZLIB."""
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(data, max(room, 1))
    except zlib.error:
        return b""
    return b"" if inflater.unconsumed_tail else content


def _binary(data):
    start = data[:64].lstrip()
    if start.startswith(b"-----BEGIN "):
        data = data.partition(b"\n")[2].partition(b"-----END ")[0]
    elif not start.startswith(b"MI"):  # a sequence, in base64
        return data
    return transfer.decode(data, "base64")


class _Reader:
    """Goes through the elements of BER from front to back."""

    def __init__(self, data):
        self.data = data
        self.at = self.elements = 0

    def header(self):
        """Go to the content of the next element.

        :return: its tag, and where it ends; None when only its own end will tell
        :raises IndexError: at the end of the data
        :raises ValueError: when it is malformed, or there are too many elements
        """
        self.elements += 1
        tag, length = self.data[self.at], self.data[self.at + 1]
        if self.elements > _ELEMENTS or tag & 0x1F == 0x1F:
            raise ValueError("Not what a container of S/MIME has")
        self.at += 2
        if length == 0x80:
            return tag, None
        if length > 0x80:
            size = length & 0x7F
            length = int.from_bytes(self.data[self.at : self.at + min(size, 8)], "big")
            self.at += size
        return tag, self.at + length

    def enter(self, tag):
        """Go into the next element, which must have this tag.

        :return: where it ends, as `header` does
        """
        found, end = self.header()
        if found != tag:
            raise ValueError("Another element")
        return end

    def finds(self, tag, end):
        """Whether the next element, before ``end``, has this tag; then go into it."""
        there = (end is None or self.at < end) and self.data[self.at] == tag
        if there:
            self.header()
        return there

    def oid(self):
        """The object identifier that comes next, as bytes."""
        tag, end = self.header()
        if tag != _OID or end is None:
            raise ValueError("No object identifier")
        start, self.at = self.at, end
        return self.data[start:end]

    def skip(self):
        """Go past the next element."""
        depth = 0
        while True:
            tag, end = self.header()
            if end is None:
                depth += 1
            elif tag == 0 and depth:
                depth -= 1  # the end of an element of unknown length
            else:
                self.at = end
            if not depth:
                return

    def octets(self):
        """The string of octets that comes next; its beginning, when the rest was cut off."""
        tag, end = self.header()
        if tag == _OCTETS and end is not None:
            return self.data[self.at : end]
        if tag != _OCTETS_IN_PIECES:
            raise ValueError("No octets")
        pieces, ends = [], [end]
        while ends and self.at + 1 < len(self.data):
            if ends[-1] is not None and self.at >= ends[-1]:
                ends.pop()
                continue
            tag, end = self.header()
            if tag == _OCTETS and end is not None:
                pieces.append(self.data[self.at : end])
                self.at = end
            elif tag == 0:
                ends.pop()
            elif tag == _OCTETS_IN_PIECES and len(ends) < _DEPTH:
                ends.append(end)
            else:
                raise ValueError("No octets")
        return b"".join(pieces)
