"""Message-IDs: how they are read, and which of them name an email."""

import re

from .charset import clean, decode_words

_BRACKETS = re.compile(r"<([^<>]*)>")
_BRACKETS_OR_COMMENT = re.compile(r"\([^()<>]*(?:<[^<>()]*>[^()<>]*)*\)|<([^<>]+)>")
_COMMENT = re.compile(r"\([^()]*\)")
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
    text = _text(value)
    if "=?" in text:
        text = decode_words(text)
    return tuple(dict.fromkeys(f"<{''.join(inner.split())[:995]}>" for inner in _ids(text)))


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


def _ids(text):
    """The texts between angle brackets, if they are more than blanks. Some mailers leave the brackets
    out: then the words, if each may be an ID."""
    if "<" not in text and "@" in text:
        words = text.split()
        return words if all(word.count("@") == 1 for word in words) else ()
    return (inner for inner in _BRACKETS.findall(text) if inner.strip())


def _text(value):
    value = (value or "")[:_LONGEST]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return clean(value)
