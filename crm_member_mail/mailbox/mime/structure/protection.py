"""Emails that are signed or encrypted: S/MIME (RFC 8551), PGP/MIME (RFC 3156), and PGP in a text.

What is signed is opened and shown, but no signature is checked. What is encrypted stays a file, and a
sentence stands in the place of its text.
"""

import html
import re

from ...words import _lt
from . import cms

SIGNED, ENCRYPTED = cms.SIGNED, cms.ENCRYPTED

#: What stands in the place of a text that can't be read. Stored in English, like the defects, and
#: translated when it is shown.
NOTICE = _lt(
    "This email is encrypted, and Odoo has no key. Read it in your email program, or open its file in a"
    " program that has the key."
)

#: Multiparts (RFC 1847) of something signed and its signature, and of something encrypted.
BRANCHES = {"multipart/signed": SIGNED, "multipart/encrypted": ENCRYPTED}

#: Types of a container of S/MIME; its usual name is ``smime.p7m``.
CONTAINERS = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))

#: The type, and the most bytes, of a part that announces encryption by PGP: it says "Version: 1". Files
#: that somebody encrypted and attached have that type, too.
_PGP_ENCRYPTED, _ANNOUNCEMENT = "application/pgp-encrypted", 200

#: Containers within containers that are opened. "Triple wrapped" (RFC 2634) is signed twice.
MAX_LAYERS = 4

#: Bytes that all compressed containers of one email may become.
MAX_INFLATED = 32_000_000

_ENCRYPTED_TYPES = frozenset(("enveloped-data", "authenveloped-data", "encrypted-data"))
_ENTITY = re.compile(rb"(?:\A|\n)(?:Content-[A-Za-z-]{1,40}|MIME-Version)[ \t]*:", re.IGNORECASE)
_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")

#: What is in no text, in whatever charset.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")

#: Bytes of a signed content that tell what it is.
_HEAD = 8192


def announces_pgp(kind, size):
    """Whether a part, by its media type and its bytes, only announces that the next one is encrypted."""
    return kind == _PGP_ENCRYPTED and size <= _ANNOUNCEMENT


def says_version(kind, data):
    """Whether a part is such an announcement without the type, as some servers pass it on."""
    return (
        kind == "application/octet-stream" and data[:_ANNOUNCEMENT].strip().lower() == b"version: 1"
    )


def is_encrypted_by_pgp(name, data):
    """Whether a file is a text that is encrypted by PGP, and no document such as ``offer.pdf.asc``."""
    stem, _dot, _ending = name.rpartition(".")
    return data[:100].lstrip().startswith(_BEGIN_MESSAGE.encode()) and "." not in stem


def is_document(name):
    """Whether a container is a document that somebody signed or encrypted by itself, rather than an
    email: ``Contract.pdf.p7m``, or Italy's invoices, ``….xml.p7m``.

    :param str name: of its file
    """
    stem, _dot, extension = name.lower().rpartition(".")
    return extension == "p7m" and "." in stem


def is_container(kind, name, data):
    """Whether a part is a container by its first bytes, where neither type nor name say anything."""
    return kind == "application/octet-stream" and not name and cms.begins(data)


#: The name of a container of a whole email.
_USUAL = "smime.p7m"


def is_named_file(name):
    """Whether a container has a name that somebody gave it, as which it may hold a document."""
    return name.lower().endswith(".p7m") and name.lower() != _USUAL


def may_be_container(kind, name):
    """Whether a part may be the container of a whole email, by its media type and its file name."""
    is_one = kind in CONTAINERS or name.lower().endswith(".p7m")
    return is_one and not is_document(name)


def open_container(kind, name, smime_type, data, room=MAX_INFLATED):
    """What a part is, if it is a container of S/MIME.

    :param str kind: its media type; any will do if its name ends in ``.p7m``
    :param str name: of its file, may be ''
    :param str smime_type: the parameter smime-type, may be ''
    :param bytes data: its content
    :param int room: bytes that a compressed content may have
    :return: SIGNED, ENCRYPTED or ''; and the MIME entity that it holds, b'' when it is none or is closed
    """
    if not (kind in CONTAINERS or name.lower().endswith(".p7m") or is_container(kind, name, data)):
        return "", b""
    is_mail = not is_document(name)
    container = cms.read(data)
    if container is None:
        if kind in CONTAINERS and is_mail and smime_type.lower() in _ENCRYPTED_TYPES:
            return ENCRYPTED, b""
        # Exchange calls clear-signed emails that as well.
        return "", data if _is_entity(data) else b""
    if container.kind == ENCRYPTED:
        return ENCRYPTED if is_mail else "", b""
    content, mark = container.content, SIGNED
    if container.kind == cms.COMPRESSED:
        content, mark = cms.inflated(content, room), ""
    if _is_entity(content):
        return mark, content.lstrip(b"\r\n")
    if content and is_mail and _is_text(content):
        return mark, b"\r\n" + content  # some programs sign a text without a header
    return mark if content and is_mail and not is_named_file(name) else "", b""


def _is_entity(data):
    """Whether these are the bytes of a MIME entity (RFC 2045 section 2.4)."""
    head = data[:_HEAD].lstrip(b"\r\n").replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return bool(_FIELD.match(head) and _ENTITY.search(head))


def _is_text(data):
    head = data[:_HEAD]
    return not (_CONTROL.search(head) or head.startswith(b"%PDF-"))


_BEGIN_MESSAGE, _END_MESSAGE = "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"
_BEGIN_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_BEGIN_SIGNATURE, _END_SIGNATURE = "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----"


def encrypted_text(text):
    """Whether a text begins with an encrypted message (RFC 9580 section 6.2).

    :return: the text behind it, None when it begins with none
    """
    text = text.strip()
    return text.partition(_END_MESSAGE)[2].strip() if text.startswith(_BEGIN_MESSAGE) else None


def encrypted_file(source):
    """The encrypted message within a text or HTML, as the bytes of a file."""
    block = _BEGIN_MESSAGE + source.partition(_BEGIN_MESSAGE)[2].partition(_END_MESSAGE)[0]
    lines = html.unescape(re.sub(r"<[^<>]*>", "\n", block)).splitlines()
    begin, *lines = [line.strip() for line in lines if line.strip()]
    fields = [line for line in lines if ":" in line]
    content = [line for line in lines if ":" not in line]
    return "\n".join([begin, *fields, "", *content, _END_MESSAGE, ""]).encode()


def clear_signed(text):
    """The words of a text that begins with a PGP signature's frame (RFC 9580 section 7), without it.

    :return: str, '' when it begins with none
    """
    text = text.strip()
    words, signature, rest = text.partition(f"\n{_BEGIN_SIGNATURE}")
    if not signature or not text.startswith(_BEGIN_SIGNED):
        return ""
    # Before the first blank line, it is said how it was signed.
    words = re.split(r"\n[ \t]*\n", words, maxsplit=1)[-1]
    words = re.sub(r"^- ", "", words, flags=re.MULTILINE)
    after = rest.partition(_END_SIGNATURE)[2]
    return "\n\n".join(filter(None, (words.strip("\n"), after.strip())))
