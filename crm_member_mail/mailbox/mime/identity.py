"""When are two emails the same?

Two digests answer that. The *header digest* is made of Message-ID, From, Date and Subject, so it is
known before the body is downloaded; the *content digest* is made of the text that people see and of
the attachments. Two emails are the same if and only if both digests are: a copy in another folder or
mailbox has the same two, whatever happened to it on the way, while different emails with the same
Message-ID (broken mailers, repeated ones) differ in one of them.

Both are stored with every filed email and with every deleted one. A change in how they are made would
file ordinary emails a second time and bring deleted ones back; ``test_identity`` pins some. What they
are made of:

* the header digest: :func:`~.message_ids.clean_message_id`, :func:`~.addresses.canonical`, the Date as
  seconds, the decoded Subject;
* the content digest: how an email is cut into parts (:mod:`~.splitter`), their transfer encodings
  (:mod:`~.transfer`), and which part is text. A change in these affects only emails that break the
  standards. Not part of it: which body is chosen, how HTML becomes text, what is opened further, names.

Both read charsets as :mod:`~.charsets.for_digests` does, which never changes.

A message that is too large to download has a content digest of its own kind, :func:`partial_digest`.
"""

import calendar
import hashlib
import re
from email.utils import parsedate_tz

from .addresses import parse_header
from .charset import clean, decode_words
from .charsets.for_digests import text_of
from .message_ids import clean_message_id
from .structure.leaves import MAX_TEXT_BYTES

#: The fields of which the header digest is made.
IDENTITY = ("message-id", "from", "date", "subject")

_TAG = re.compile(r"<[^<>]*>")

#: Characters of a header that are read: no real one is longer.
_LONGEST = 64_000


def header_digest(message_id, from_value, date_value, subject_value):
    """Digest of the raw header values (str, bytes or None) that identify an email.

    The values are normalised first, because servers fold and recode headers.

    :return: 64 hexadecimal digits
    """
    senders = parse_header(from_value or "", "from", with_escapes=False)
    return _digest(
        clean_message_id(message_id),
        senders[0].email if senders else " ".join(_text(from_value).split()),
        _moment(date_value),
        " ".join(clean(decode_words(subject_value or "", reader=text_of)).split()),
    )


def content_digest(leaves):
    """Digest of the content of an email, from its parts that have no parts.

    Each part counts alone, in any order; empty ones don't count. Text (see ``counts_as`` of
    :class:`~.parts.Description`) counts as its characters without blanks, controls and tags, because
    charsets, line ends and markup change on the way; everything else as its bytes, with line feeds as
    line ends. What is inside a winmail.dat or a uuencoded file doesn't count, nor does the name, type
    or place of a part, so the digest doesn't depend on how this version reads an email or on which
    optional packages are installed.

    :param leaves: each :class:`~.leaves.Leaf`
    :return: 64 hexadecimal digits
    """
    digests = []
    for leaf in leaves:
        if leaf.counts_as:
            data = "".join(_letters(leaf).split()).encode("utf-8", "replace")
        else:
            data = _content(leaf).replace(b"\r\n", b"\n")
        if data.strip():
            digests.append(hashlib.sha256(data).hexdigest())
    return _digest(*sorted(digests))


def _letters(leaf):
    text = leaf.text
    if not leaf.is_plain:
        text = clean(text_of(_content(leaf)[:MAX_TEXT_BYTES], leaf.charset))
    return _TAG.sub("", text) if leaf.counts_as == "html" else text


def _content(leaf):
    return leaf.data if leaf.counted is None else leaf.counted


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


def _text(value):
    value = (value or "")[:_LONGEST]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return clean(value)
