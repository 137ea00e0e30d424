"""Looks for one email in a whole mailbox, even in folders that scans don't read."""

import re
from dataclasses import dataclass

from ..errors import MailboxError
from ..mime import automatic
from ..mime.charset import decode_words
from ..types import AddressHeaders, Summary
from .fetch import (
    PARTY_FIELDS,
    examine_each,
    fetch_headers,
    headers_of,
    mentions,
    searchable,
    summary_of,
)

#: Emails that are looked at, the newest of each folder first.
LIMIT = 20

_FIELDS = (
    f"BODY.PEEK[HEADER.FIELDS ({PARTY_FIELDS} SUBJECT DATE MESSAGE-ID"
    f" {' '.join(automatic.FIELDS).upper()})]"
)

#: Words of a subject: characters with a meaning in IMAP separate them, as blanks do.
_WORD = re.compile(r'[^\s\x00-\x1f\x7f(){}%*"\\\]\[]+')


@dataclass(frozen=True, slots=True)
class Hit:
    """An email that was found, with what a scan sees of it before downloading it."""

    path: str
    uidvalidity: int
    subject: str
    headers: AddressHeaders
    summary: Summary


def trace(session, paths, query):
    """Search folders for a Message-ID, an address, or words of a subject.

    :param session: an ImapSession
    :param paths: the paths of the folders to search, the most likely ones first
    :param str query: a Message-ID or an address if it has an @, else words
    :return: list of Hit, at most `LIMIT`; and the paths that were searched
    :raises MailboxError: `bad_query` when there is nothing in it to search for
    """
    criteria, charset = _criteria(query)
    hits, searched = [], []
    for path, status in examine_each(session, paths):
        searched.append(path)
        if not session.exists:
            continue
        uids = sorted(session.call("search", criteria, charset))[: -LIMIT - 1 : -1]
        hits += [_hit(path, status, *found) for found in fetch_headers(session, uids, _FIELDS)]
        if len(hits) >= LIMIT:
            break
    return hits[:LIMIT], searched


def _criteria(query):
    """The criteria of SEARCH (RFC 9051 section 6.4.4) and their charset."""
    query = query.strip()
    if "@" in query and " " not in query.strip("<> "):
        key = query.strip("<>")
        if not searchable(key):
            raise MailboxError("bad_query")
        return ["OR", "HEADER", "Message-ID", key, *mentions(key)], None
    words = _WORD.findall(query)
    if not words:
        raise MailboxError("bad_query")
    criteria = [part for word in words for part in ("SUBJECT", word)]
    return criteria, None if query.isascii() else "UTF-8"


def _hit(path, status, uid, items, fields):
    first = dict(reversed(fields))  # of a repeated field the first one counts
    return Hit(
        path,
        status.uidvalidity,
        decode_words(first.get(b"subject") or b"").strip(),
        headers_of(uid, items, fields),
        summary_of(uid, items, fields),
    )
