"""When are two emails the same?

Two digests answer that. The *header digest* is made of Message-ID, From, Date and Subject, so it is
known before the body is downloaded; the *content digest* is made of the text that people see and of
the attachments. Two emails are the same if and only if both digests are: a copy in another folder or
mailbox has the same two, whatever happened to it on the way, while different emails with the same
Message-ID (broken mailers, repeated ones) differ in one of them.

Both are stored with every filed email and with every deleted one. A change in how they are made would
file ordinary emails a second time and bring deleted ones back; ``test_identity`` pins some. What they
are made of:

* the header digest: :func:`clean_message_id`, :func:`~.addresses.canonical`, the Date as seconds, the
  decoded Subject;
* the content digest: how an email is cut into parts (:mod:`~.splitter`), their transfer encodings
  (:mod:`~.transfer`), which part is shown (:func:`~.parts.is_body`), and its charset
  (:func:`~.charset.decode`). A change in these affects only emails that break the standards. Not part
  of it: which body is chosen, how HTML becomes text, what is opened further, names.

A message that is too large to download has a content digest of its own kind, :func:`partial_digest`.
"""

import calendar
import hashlib
import re
from email.utils import parsedate_tz

from .addresses import parse_header
from .charset import clean, decode, decode_words

_BRACKETS = re.compile(r"<([^<>]*)>")
_BRACKETS_OR_COMMENT = re.compile(r"\([^()<>]*(?:<[^<>()]*>[^()<>]*)*\)|<([^<>]+)>")
_COMMENT = re.compile(r"\([^()]*\)")
_TAG = re.compile(r"<[^<>]*>")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

#: What a Message-ID that names no email says, and the words that may stand beside that.
_EMPTY = """
anonymous blank default donotreply dummy empty false id invalid messageid missing msgid na nan nil
no noid nomessage nomsg nomsgid none noreply not notavailable nothing notset null object
placeholder unavailable undefined unidentified unknown unset unspecified untitled
"""
_BESIDE = """
an available email generated has header here in is mail message messages msg of reference references
reply set string the to true value without your
"""
_EMPTY_WORDS, _WORDS_BESIDE = frozenset(_EMPTY.split()), frozenset(_BESIDE.split())
_WORDS = re.compile(r"[a-z]+|\d+", re.ASCII)
#: Characters of a Message-ID without a host that is taken for one.
_SHORTEST = 12

#: Characters of a header that are read: no real one is longer.
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
    """All Message-IDs in In-Reply-To or References: tuple of str as from `clean_message_id`."""
    return tuple(dict.fromkeys(f"<{''.join(inner.split())[:995]}>" for inner in _ids(_text(value))))


def is_telling(message_id):
    """Whether a Message-ID can name an email. Programs that have none to give write a placeholder
    (``<null>``, ``<message-id-not-set@…>``), which is the same in the emails of many.

    :param message_id: as from `clean_message_id`, or None
    """
    inner = (message_id or "").strip("<>").lower()
    left, at, _host = inner.partition("@")
    words = _WORDS.findall(left.replace("messageid", "message id"))
    if not at and (len(left) < _SHORTEST or not any(word.isdigit() for word in words)):
        return False
    said = {word for word in words if word.strip("0")} - _WORDS_BESIDE
    is_empty = said <= _EMPTY_WORDS and (said or not _WORDS_BESIDE.intersection(words))
    return not is_empty or bool(_NOT_ASCII.search(left))


def header_digest(message_id, from_value, date_value, subject_value):
    """Digest of the raw header values (str, bytes or None) that identify an email.

    The values are normalised first, because servers fold and recode headers.

    :return: 64 hexadecimal digits
    """
    senders = parse_header(from_value or "", "from")
    return _digest(
        clean_message_id(message_id),
        senders[0].email if senders else " ".join(_text(from_value).split()),
        _moment(date_value),
        " ".join(clean(decode_words(subject_value or "")).split()),
    )


def content_digest(leaves):
    """Digest of the content of an email, from its parts that have no parts.

    Each part counts alone, in any order; empty ones don't count. Text (text/plain and text/html that
    is shown in the email) counts as its characters without blanks, controls and tags, because
    charsets, line ends and markup change on the way; everything else as its bytes, with line feeds as
    line ends. What is inside a winmail.dat or a uuencoded file doesn't count, nor does the name, type
    or place of a part, so the digest doesn't depend on how this version reads an email or on which
    optional packages are installed.

    :param leaves: for each part its media type and its bytes without transfer encoding; for text that
        is shown also the charset that it names (or None)
    :return: 64 hexadecimal digits
    """
    digests = []
    for kind, data, *charset in leaves:
        if charset:
            text = clean(decode(data, charset[0])[0])
            if kind == "text/html":
                text = _TAG.sub("", text)
            data = "".join(text.split()).encode("utf-8", "replace")
        else:
            data = data.replace(b"\r\n", b"\n")
        if data.strip():
            digests.append(hashlib.sha256(data).hexdigest())
    return _digest(*sorted(digests))


def partial_digest(header_digest_, size):
    """The content digest of a message that is too large to download whole.

    It uses nothing that the server computes from the parts, so that it stays the same when a server
    changes how it describes them.

    :param str header_digest_: the header digest of the same message
    :param int size: RFC822.SIZE
    :return: 64 hexadecimal digits
    """
    return _digest("large message", header_digest_, str(size))


def _digest(*parts):
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "replace")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def _moment(value):
    """The Date header as seconds since 1970, or unchanged when it is not a date."""
    text = " ".join(_text(value).split())
    try:
        parsed = parsedate_tz(text)
        # A date without a zone is UTC; `mktime_tz` would use the zone of the machine.
        return str(calendar.timegm(parsed[:6]) - (parsed[9] or 0)) if parsed else text
    except (ValueError, OverflowError, TypeError, IndexError):
        return text


def _ids(text):
    """The texts between angle brackets, if they are more than blanks."""
    return (inner for inner in _BRACKETS.findall(text) if inner.strip())


def _text(value):
    value = (value or "")[:_LONGEST]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return clean(value)
