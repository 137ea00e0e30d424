"""Looks for one email in a whole mailbox, even in folders that scans don't read."""

import re
from dataclasses import dataclass

from ..errors import MailboxError
from ..mime import automatic
from ..mime.addresses import parse_header
from ..mime.charset import decode_words
from ..mime.identity import clean_message_id, header_digest
from ..types import AddressHeaders, Summary
from .fetch import ROLES, examine, fetch_headers, searchable

#: Emails that are looked at, the newest of each folder first.
LIMIT = 20

_FIELDS = (
    "BODY.PEEK[HEADER.FIELDS (FROM TO CC BCC SUBJECT DATE MESSAGE-ID"
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
    for path in paths:
        try:
            status = examine(session, path)
        except MailboxError as error:
            if error.code != "folder_missing":
                raise
            continue
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
        people = ["OR", "OR", "FROM", key, "TO", key, "OR", "CC", key, "BCC", key]
        return ["OR", "HEADER", "Message-ID", key, *people], None
    words = _WORD.findall(query)
    if not words:
        raise MailboxError("bad_query")
    criteria = [part for word in words for part in ("SUBJECT", word)]
    return criteria, None if query.isascii() else "UTF-8"


def _hit(path, status, uid, items, fields):
    first = dict(reversed(fields))  # of a repeated field the first one counts
    addresses = tuple(
        address
        for name, value in fields
        if name in ROLES
        for address in parse_header(value, ROLES[name])
    )
    summary = Summary(
        uid=uid,
        size=items.get(b"RFC822.SIZE") or 0,
        internal_date=items.get(b"INTERNALDATE"),
        message_id=clean_message_id(first.get(b"message-id")),
        is_automatic=automatic.is_automatic(lambda name: first.get(name.encode(), b"")),
        header_digest=header_digest(
            *(first.get(name) for name in (b"message-id", b"from", b"date", b"subject"))
        ),
    )
    subject = decode_words(first.get(b"subject") or b"").strip()
    return Hit(path, status.uidvalidity, subject, AddressHeaders(uid, addresses), summary)
