"""FETCH answers (RFC 9051 section 7.5.2) read quickly, where they have the form that nearly all have.

imapclient looks at each character of an answer, and servers repeat all the field names that they were
asked for in every response: that took a third of the time of reading headers. So a response that is
nothing but its UID, flags, labels and one literal at its end is read by one regular expression. As soon
as one response of an answer is anything else, imapclient reads the whole answer.
"""

import re
from functools import lru_cache

from imapclient.response_parser import parse_fetch_response, parse_response

#: A response up to its literal. No two parts of it match the same character, so it takes linear time.
_PLAIN = re.compile(
    rb"""\d+\ \(
    (?: (?: UID\ (?P<uid>\d{1,10})
          | FLAGS\ (?P<flags>\([^()"{}]{0,1000}\))
          | X-GM-LABELS\ (?P<labels>\((?:[^()"{}] | "(?:[^"\\]|\\.){0,1000}"){0,1000}\))
          | MODSEQ\ \(\d+\) )
        \ )*
    (?P<section>BODY\[[^\]]*\](?:<\d+>)?)\ \{(?P<size>\d+)\}""",
    re.VERBOSE,
)

#: A change of flags that names a message by its number.
_BY_NUMBER = re.compile(rb'\d+ \((?:FLAGS \([^()"]*\)|MODSEQ \(\d+\)| )+\)')


def read(data):
    """The responses of a FETCH by UID.

    Without those that have no UID: servers report changes of flags in between, in which they name
    messages by their number, which imapclient would take for a UID.

    :param data: them as imaplib returns them, list of lines and of pairs of a line and the literal at
        its end
    :return: dict of UID to dict of upper-case item name to value, as imapclient has them
    :raises ProtocolError, ValueError, …: by imapclient, when they aren't IMAP
    """
    data = [line for line in data if not _is_by_number(line)]
    found = read_plain(data)
    return found if found is not None else parse_fetch_response(data or [None], False)


def read_plain(data):
    """The same if all responses are in the plain form and of different messages, else None."""
    found = {}
    records = iter(data)
    for record in records:
        match = isinstance(record, tuple) and _PLAIN.fullmatch(record[0])
        if not match or next(records, None) != b")":
            return None
        uid, flags, labels, section, size = match.groups()
        literal = record[1]
        if not uid or int(uid) in found or int(size) != len(literal):
            return None
        items = found[int(uid)] = {section.upper(): literal}
        if flags:
            items[b"FLAGS"] = _list(flags)
        if labels:
            items[b"X-GM-LABELS"] = _list(labels)
    return found


def _is_by_number(record):
    return isinstance(record, bytes) and record != b")" and _BY_NUMBER.fullmatch(record)


@lru_cache(maxsize=256)
def _list(text):
    """A list in parentheses, as imapclient reads it: most messages have the same flags."""
    (found,) = parse_response([text])
    return found
