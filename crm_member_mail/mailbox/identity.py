"""When is an email the same?

Two digests answer that. The *header digest* is made of Message-ID, From, Date and Subject, so it is
known before the body is downloaded; the *content digest* of the text that one sees and of the
attachments. An email is the same if and only if both are: a copy in another folder or mailbox has
the same two, whatever happened to it on the way, while two different emails under one Message-ID
(broken mailers, repeated ones) differ in one of them.

Both are stored with every filed email and with every deleted one. Whatever changes them for ordinary
mail files it a second time when it is met again, and brings deleted mail back; ``test_identity`` pins
some. That includes what they are made of: :func:`~.html.to_text` for mail without plain text, and
:func:`~.addresses.canonical`.
"""

import calendar
import hashlib
import re
from email.utils import parsedate_tz

from .addresses import parse_header
from .charset import clean, decode_words

_BRACKETS = re.compile(r"<([^<>]*)>")
_BRACKETS_OR_COMMENT = re.compile(r"\([^()<>]*(?:<[^<>()]*>[^()<>]*)*\)|<([^<>]+)>")
_COMMENT = re.compile(r"\([^()]*\)")

#: Characters of a header that are looked at: none of these headers is longer in earnest.
_LONGEST = 64_000


def clean_message_id(value):
    """A Message-ID (RFC 5322 section 3.6.4) as ``<left@right>`` without blanks and comments.

    :param value: the raw value, str, bytes or None
    :return: '' when there is none
    """
    text = _text(value)
    if "=?" in text:
        text = decode_words(text)  # some mailers fold a long Message-ID by encoding it
    found = (match[1] for match in _BRACKETS_OR_COMMENT.finditer(text))
    inner = next((inner for inner in found if inner and inner.strip()), None)
    if inner is None:
        inner = _COMMENT.sub(" ", text).strip("<> \t\r\n")
    inner = "".join(inner.split())[:995]
    return f"<{inner}>" if inner else ""


def clean_message_ids(value):
    """All the Message-IDs of In-Reply-To or References: tuple of str as of `clean_message_id`."""
    return tuple(dict.fromkeys(f"<{''.join(inner.split())[:995]}>" for inner in _ids(_text(value))))


def header_digest(message_id, from_value, date_value, subject_value):
    """Digest of the raw header values (str, bytes or None) that name an email.

    The values are brought to one form first, because servers fold and recode headers.

    :return: 64 hexadecimal digits
    """
    senders = parse_header(from_value or "", "from")
    return _digest(
        clean_message_id(message_id),
        senders[0].email if senders else " ".join(_text(from_value).split()),
        _moment(date_value),
        " ".join(clean(decode_words(subject_value or "")).split()),
    )


def content_digest(text, html, attachments):
    """Digest of the decoded content of an email.

    :param str text: plain text body
    :param str html: HTML body
    :param attachments: objects with ``data`` (bytes), in any order
    :return: 64 hexadecimal digits
    """
    # Line ends, trailing blanks and transfer encodings change on the way; what one reads does not.
    files = sorted(hashlib.sha256(attachment.data).hexdigest() for attachment in attachments)
    return _digest("".join(text.split()), "".join(html.split()), *files)


def _digest(*parts):
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "replace")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def _moment(value):
    """The Date header as seconds since 1970, or as it is when it is none."""
    text = " ".join(_text(value).split())
    try:
        parsed = parsedate_tz(text)
        # Without a zone it is UTC. `mktime_tz` would take the zone of the machine.
        return str(calendar.timegm(parsed[:6]) - (parsed[9] or 0)) if parsed else text
    except (ValueError, OverflowError, TypeError, IndexError):
        return text


def _ids(text):
    """What stands between angle brackets, where it is more than blanks."""
    return (inner for inner in _BRACKETS.findall(text) if inner.strip())


def _text(value):
    value = (value or "")[:_LONGEST]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return clean(value)
