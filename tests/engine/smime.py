"""Containers of S/MIME for tests: signed and encrypted as programs do it, and BER by hand."""

import datetime
import functools
import zlib

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

PKCS7 = bytes.fromhex("2a864886f70d0107")
DATA, SIGNED, ENVELOPED = PKCS7 + b"\x01", PKCS7 + b"\x02", PKCS7 + b"\x03"
COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
AUTH_ENVELOPED = bytes.fromhex("2a864886f70d0109100117")

ENTITY = "Content-Type: text/plain; charset=utf-8\r\n\r\nGrüße, signed.\r\n".encode()


@functools.cache
def _signer():
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ana")])
    begin = datetime.datetime(2026, 1, 1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=365))
        .sign(key, SHA256())
    )
    return certificate, key


def signed(entity, detached=False):
    """A SignedData as programs make it, in DER."""
    options = [pkcs7.PKCS7Options.Binary]
    if detached:
        options.append(pkcs7.PKCS7Options.DetachedSignature)
    certificate, key = _signer()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(entity).add_signer(certificate, key, SHA256())
    return builder.sign(Encoding.DER, options)


def encrypted(entity):
    """An EnvelopedData as programs make it, in DER."""
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(entity).add_recipient(_signer()[0])
    return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def element(tag, content):
    """An element of DER."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def open_element(tag, content):
    """An element of BER that does not say how long it is."""
    return bytes([tag, 0x80]) + content + b"\x00\x00"


def container(kind, octets, make=element):
    """A container whose content is the element ``octets``, without signatures."""
    encapsulated = make(0x30, element(0x06, DATA) + make(0xA0, octets))
    content = make(0x30, element(0x02, b"\x01") + make(0x31, b"") + encapsulated + make(0x31, b""))
    return make(0x30, element(0x06, kind) + make(0xA0, content))


def streamed(entity, size=1000):
    """A SignedData as it is streamed: in pieces, and nothing says how long it is."""
    pieces = (entity[at : at + size] for at in range(0, len(entity), size))
    octets = b"".join(element(0x04, piece) for piece in pieces)
    return container(SIGNED, open_element(0x24, octets), open_element)


def compressed(entity):
    """A CompressedData (RFC 3274)."""
    return container(COMPRESSED, element(0x04, zlib.compress(entity)))
