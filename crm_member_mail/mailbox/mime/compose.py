"""Writes the emails that we send, as bytes that all mail clients thread and show alike."""

import codecs
import contextlib
import mimetypes
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from email.charset import BASE64, Charset
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr, getaddresses
from urllib.parse import quote

from ..types import Address
from .addresses import canonical
from .charset import clean, decoded
from .charsets.guess import recognised
from .charsets.labels import label_of
from .structure.kinds import of_bytes

#: References in an email: the first one, where the conversation began, and the last ones
#: (RFC 5537 section 3.4.4 does the same for news).
MAX_REFERENCES = 20

#: Characters of a display name, and of a Message-ID of others with its angle brackets: a line in an
#: email has at most 998 bytes (RFC 5322 section 2.1.1), and a Message-ID can't be folded.
MAX_NAME, MAX_ID = 250, 998 - len("In-Reply-To: ")

_HEADERS = {"from": "From", "reply_to": "Reply-To", "to": "To", "cc": "Cc", "bcc": "Bcc"}
#: Fields of words that are written as they are.
_AS_THEY_ARE = frozenset(("message-id", "in-reply-to", "references", "list-unsubscribe"))
_ADDRESSES = frozenset(name.lower() for name in _HEADERS.values())

_UTF8 = Charset("utf-8")
# Quoted-printable words may contain characters that a display name must not contain.
_UTF8.header_encoding = BASE64


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to send. With a ``content_id`` (without angle brackets) it is an image in the HTML, which
    refers to it by ``cid:``. A ``name`` without an ending gets that of its type."""

    name: str
    content_type: str
    data: bytes = field(repr=False)
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """An email to write.

    ``addresses`` are of the roles from (exactly one), reply_to, to, cc and bcc; their ``email`` is
    canonical. ``date`` is aware. ``message_id``, ``in_reply_to`` and ``references`` are with angle
    brackets; of the last two, what is none or too long for a line is left out. ``html`` is a fragment
    or a document, '' for a plain text email. ``unsubscribe`` is what `unsubscribe_link` makes, '' for an
    email that nobody can unsubscribe from.
    """

    addresses: tuple[Address, ...]
    subject: str
    text: str
    html: str
    date: datetime
    message_id: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[OutgoingFile, ...] = ()
    unsubscribe: str = ""

    @property
    def sender(self):
        """The canonical address that it is from."""
        return next(address.email for address in self.addresses if address.role == "from")

    @property
    def recipients(self):
        """The canonical addresses that it goes to, without repeats."""
        roles = ("to", "cc", "bcc")
        return tuple(dict.fromkeys(a.email for a in self.addresses if a.role in roles))


def make_message_id(domain):
    """A new Message-ID (RFC 5322 section 3.6.4) that nobody can guess.

    :param str domain: the sender's, in ASCII
    """
    return f"<{uuid.uuid4()}@{domain}>"


def thread_headers(message_id, references):
    """The References for an answer to an email (RFC 5322 section 3.6.4).

    :param str message_id: of the answered email, '' when it has none
    :param references: its own References, or else its In-Reply-To
    :return: tuple of Message-IDs, the answered one last
    """
    ids = [*dict.fromkeys(references)]
    if message_id:
        ids = [rfc_id for rfc_id in ids if rfc_id != message_id] + [message_id]
    return tuple(ids if len(ids) <= MAX_REFERENCES else ids[:1] + ids[1 - MAX_REFERENCES :])


def unsubscribe_link(email, subject):
    """What a mail program opens or sends to unsubscribe (RFC 2369 section 3.2; RFC 6068): an email to
    ``email``, which is canonical, with that subject.

    Nothing promises more than that: one click is RFC 8058, and needs an address on the web.
    """
    return f"mailto:{quote(email, safe='@')}?subject={quote(subject, safe='')}"


def build(mail, with_bcc=False):
    """The bytes of an OutgoingMail, with CRLF line ends, ASCII only where its addresses are.

    :param bool with_bcc: write the Bcc header, for the copy that the sender keeps
    :raises ValueError: an address is not canonical, or there is not exactly one sender
    """
    _check(mail)
    message = EmailMessage(_policy(mail))
    for role, name in _HEADERS.items():
        people = [address for address in mail.addresses if address.role == role]
        if people and (role != "bcc" or with_bcc):
            message[name] = ", ".join(
                _mailbox(_line(a.name)[:MAX_NAME].strip(), a.email) for a in people
            )
    message["Subject"] = _line(mail.subject)
    message["Date"] = format_datetime(mail.date)
    message["Message-ID"] = _id(mail.message_id)
    for name, ids in (("In-Reply-To", [mail.in_reply_to]), ("References", mail.references)):
        if ids := [rfc_id for rfc_id in map(_id, ids) if 2 < len(rfc_id) <= MAX_ID]:
            message[name] = " ".join(ids)
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{_NOT_IN_ID.sub('', mail.unsubscribe)}>"
    _write_content(message, mail)
    return message.as_bytes()


def without_bcc(data):
    """An email from `build` as it is sent: without the Bcc header.

    :param bytes data: the email
    """
    head, blank, body = data.partition(b"\r\n\r\n")
    kept, is_bcc = [], False
    for line in head.split(b"\r\n"):
        if not line.startswith((b" ", b"\t")):
            is_bcc = line.lower().startswith(b"bcc:")
        if not is_bcc:
            kept.append(line)
    return b"\r\n".join(kept) + blank + body


def redated(data, moment):
    """An email from `build` with another Date.

    :param bytes data: the email
    :param datetime moment: aware
    """
    head, blank, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    date = b"Date: " + format_datetime(moment).encode()
    lines = [date if line.lower().startswith(b"date:") else line for line in lines]
    return b"\r\n".join(lines) + blank + body


def _check(mail):
    senders = [address for address in mail.addresses if address.role == "from"]
    if len(senders) != 1:
        raise ValueError("An email has exactly one sender.")
    for address in mail.addresses:
        if not address.email or canonical(address.email) != address.email:
            raise ValueError(f"{address.email!r} is not a canonical address.")


def _write_content(message, mail):
    message.set_content(mail.text or "\n", cte="quoted-printable")
    images = [file for file in mail.files if file.content_id]
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        rich = message.get_payload()[-1]
        for image in images:
            options = {"cid": f"<{image.content_id}>", "disposition": "inline"}
            rich.add_related(image.data, *_type(image), filename=_name(image, "image"), **options)
    for file in mail.files:
        if not (file.content_id and mail.html):
            main, sub = _type(file)
            charset = _charset(file.data) if main == "text" else ""
            message.add_attachment(
                file.data, main, sub, filename=_name(file, "file"),
                params={"charset": charset} if charset else None,
            )  # fmt: skip


#: The ending of a file's name, which says what it is: not `.02` in `Scan 2026.01.02`.
_ENDING = re.compile(r"\.(?=[a-z0-9]*[a-z])[a-z0-9]{1,10}\Z", re.IGNORECASE)
#: Of these types there are files without an ending, such as README.
_NO_ENDING = ("application/octet-stream", "text/plain")


def _name(file, otherwise):
    """The name of a file, with an ending by which systems know what opens it."""
    name, kind = _line(file.name) or otherwise, "/".join(_type(file))
    if (file.content_id or kind.startswith("image/")) and _ENDING.match(name):
        name = otherwise + name  # nothing but an ending
    if _ENDING.search(name) or (kind in _NO_ENDING and not file.content_id):
        return name
    # What a browser pasted may have no type that says anything; its bytes do.
    known = "" if kind in _NO_ENDING else mimetypes.guess_extension(kind, strict=False)
    return name + (known or mimetypes.guess_extension(of_bytes(file.data)) or "")


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
#: Bytes of a file by which its charset is told.
_SAMPLE = 100_000


def _charset(data):
    """The charset of a text file, which nothing but its bytes tells; '' where they don't.

    Without it a reader has to take the file for US-ASCII (RFC 2046 section 4.1.2).
    """
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return charset
    if b"\x1b$" in data[:_SAMPLE] and data.isascii():
        return label_of(decoded(data[:_SAMPLE]).codec)  # ISO-2022-JP looks like ASCII
    with contextlib.suppress(UnicodeDecodeError):
        data.decode()
        return "utf-8"
    if codec := recognised(data[:_SAMPLE]):
        return label_of(codec)
    with contextlib.suppress(UnicodeDecodeError):
        letters = [letter for letter in data.decode("cp1252")[:_SAMPLE] if letter.isalpha()]
        # Where most letters are beyond ASCII, it is rather text in another script than ours.
        if sum(map(str.isascii, letters)) * 2 > len(letters):
            return "windows-1252"
    return ""


def _type(file):
    """Main type and subtype. An email or a multipart may not be encoded like a file (RFC 2046 section
    5.2.1), so it is sent as a file of unknown type."""
    main, slash, sub = file.content_type.partition(";")[0].strip().lower().partition("/")
    plain = (
        main.isascii() and main.isalpha() and sub.isascii() and sub and not set(sub) & _TSPECIALS
    )
    if not (slash and plain) or main in ("multipart", "message"):
        return "application", "octet-stream"
    return main, sub


_TSPECIALS = set(' ()<>@,;:\\"/[]?=\t\r\n')


def _line(text):
    """Text as it may stand in a header: on one line, without controls, and not like an encoded word
    (RFC 2047), which `email` would decode."""
    return " ".join(clean(text or "").split()).replace("=?", "= ?")


def _mailbox(name, email):
    """A name and an address as written in a header; `formataddr` only accepts ASCII addresses."""
    if email.isascii():
        return formataddr((name, email), charset="utf-8")
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{email}>' if name else email


#: Characters that no Message-ID contains (RFC 5322 section 3.6.4).
_NOT_IN_ID = re.compile(r"[^!-;=?-~]")


def _id(message_id):
    return f"<{_NOT_IN_ID.sub('', message_id)}>"


def _policy(mail):
    """The policy for a mail: local parts beyond ASCII can only be written raw (RFC 6532)."""
    return _Policy(utf8=not all(address.email.isascii() for address in mail.addresses))


class _Policy(EmailPolicy):
    """Folds what Python's `email` folds wrongly.

    These are Message-IDs, which it would encode when they are long; display names, whose quotes it
    drops where it breaks the line, so that a comma in a name turns one address into two; and subjects,
    in which it drops blanks between encoded words.
    """

    def __init__(self, **options):
        super().__init__(linesep="\r\n", cte_type="7bit", max_line_length=78, **options)

    def header_store_parse(self, name, value):
        if name.lower() in _AS_THEY_ARE:
            # Something like an encoded word in them isn't one, but would be decoded.
            return name, value
        return super().header_store_parse(name, value)

    def _fold(self, name, value, **options):
        lower = name.lower()
        if lower in _AS_THEY_ARE:
            return self._lines(name, str(value).split(), "")
        if lower in _ADDRESSES:
            people = [self._person(*pair) for pair in getaddresses([str(value)])]
            return self._lines(name, people, ",")
        if lower == "subject" and not str(value).isascii() and not self.utf8:
            text = Header(str(value), _UTF8, header_name=name).encode(linesep=self.linesep)
            return f"{name}: {text}{self.linesep}"
        return super()._fold(name, value, **options)

    def _person(self, display_name, email):
        if not display_name.isascii():
            encoded = Header(display_name, _UTF8, maxlinelen=70).encode(linesep=self.linesep)
            return f"{encoded} <{email}>"
        return _mailbox(display_name, email)

    def _lines(self, name, pieces, separator):
        return f"{name}: {f'{separator}{self.linesep} '.join(pieces)}{self.linesep}"
