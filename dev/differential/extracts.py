"""What a parser says of an email, ours or a foreign one, in a form that can be compared."""

import functools
import hashlib
import html
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timezone


@dataclass(frozen=True, slots=True)
class File:
    """A file of an email. ``digest`` is the SHA-256 of its bytes, ``gist`` that of them without blanks
    and line ends. ``text`` is the beginning of a text, of a message within the message, of what has no
    media type, or was left uuencoded; else ''."""

    name: str
    kind: str
    size: int
    digest: str
    gist: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """What one parser says of an email.

    ``sender`` and ``recipients`` are sets of canonical addresses, ``people`` pairs of the name and the
    address of both. ``date`` is an aware datetime, or None. ``text`` of a foreign one is '' where the
    email has HTML only.
    """

    sender: frozenset = frozenset()
    recipients: frozenset = frozenset()
    people: tuple[tuple[str, str], ...] = ()
    date: datetime | None = None
    subject: str = ""
    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()


_RECIPIENTS = ("to", "cc", "bcc")


def of_ours(message, arrival):
    """The Extract of a ParsedMessage.

    :param datetime arrival: what was given as its time of arrival: its date if it has none of its own
    """
    return Extract(
        sender=frozenset(message.emails("from")),
        recipients=frozenset(message.emails(*_RECIPIENTS)),
        people=tuple(
            (address.name, address.email)
            for address in message.addresses
            if address.role in ("from", *_RECIPIENTS)
        ),
        date=None if message.date == arrival else message.date,
        subject=message.subject,
        text=message.text,
        html=message.html,
        files=tuple(map(file_of, message.attachments)),
    )


def of_foreign(answer, canonical):
    """The Extract of an answer of ``foreign.mjs``; None when the parser failed.

    :param canonical: the function that gives an address its canonical form
    """
    if "error" in answer:
        return None
    sender, others = (
        [(name, canonical(address)) for name, address in answer[role] if canonical(address)]
        for role in ("from", "to")
    )
    return Extract(
        sender=frozenset(address for _name, address in sender),
        recipients=frozenset(address for _name, address in others),
        people=(*sender, *others),
        date=_moment(answer["date"]),
        subject=answer["subject"],
        text=answer["text"],
        html=answer["html"],
        files=tuple(File(**file) for file in answer["files"]),
    )


def file_of(file):
    """The File of a ParsedAttachment."""
    is_text = file.content_type.startswith(("text/", "message/"))
    return File(
        name=file.filename,
        kind=file.content_type,
        size=len(file.data),
        digest=sha256(file.data),
        gist=gist(file.data),
        text=file.data.decode("utf-8", "replace") if is_text else "",
    )


def gist(data):
    return sha256(data.translate(None, b" \t\r\n"))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def _moment(value):
    """An ISO 8601 date; None when it is none."""
    try:
        found = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


#: A character of a script that is written without blanks; and a word.
_WORD = re.compile("[\u2e80-\u9fff\uf900-\ufaff]|(?:[^\\W_\u2e80-\u9fff\uf900-\ufaff]|\ufffd)+")

#: What stands for a character that could not be decoded, and that as UTF-8 taken for Latin-1.
LOST, LOST_TWICE = "\ufffd", "\xef\xbf\xbd"


#: What texts of ours have no longer. Escapes stay: they are no mere signs.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\xad]")


@functools.lru_cache(maxsize=100)
def words(text):
    """The words of a text as they are compared, without those that a parser could not decode."""
    text = _CONTROL.sub("", text.replace(LOST_TWICE, LOST))
    text = unicodedata.normalize("NFKC", text).casefold()
    return frozenset(word for word in _WORD.findall(text) if LOST not in word)


_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(style|script|title)\b.*?(?:</\1\s*>|\Z)|<!\[CDATA\[",
    re.DOTALL | re.IGNORECASE,
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|em|font|i|o:p|s|small|span|strong|sub|sup|tt|u|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"""<[a-zA-Z/!?](?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}')*>|<[a-zA-Z/!?][^<>]*>"""
)


def text_of_html(source):
    """The text of HTML, by a way that is not our parser's."""
    return html.unescape(_TAG.sub(" ", _INLINE.sub("", _UNSEEN.sub(" ", source))))


@functools.lru_cache(maxsize=100)
def words_of_html(source):
    """The words of HTML."""
    return words(text_of_html(source))
