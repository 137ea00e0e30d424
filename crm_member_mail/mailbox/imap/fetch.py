"""The content of a folder: UIDs, header fields and whole messages, in batches.

Nothing here changes the mailbox: folders are opened with EXAMINE and fetched with BODY.PEEK. Only
header literals are asked for in bulk, never ENVELOPE or BODYSTRUCTURE: those cost two to four times
as much, and one malformed answer spoils the whole FETCH.
"""

import re
from datetime import timedelta, timezone

from ..errors import MailboxError
from ..mime import automatic
from ..mime.addresses import parse_header, spellings
from ..mime.identity import clean_message_id, header_digest
from ..types import AddressHeaders, FolderStatus, RawMessage, Summary
from .folders import mailbox_id_of

#: A SEARCH answer is one line, and imaplib gives up on lines over 1,000,000 bytes; a UID takes up to
#: 11 of them.
SEARCH_WINDOW = 80_000

#: How much is downloaded at once: bytes, unless a single message is larger, and messages.
BATCH_BYTES, BATCH_COUNT = 8 * 1024 * 1024, 50

_ADDRESS_FIELDS = "BODY.PEEK[HEADER.FIELDS (FROM TO CC BCC)]"
_SUMMARY_FIELDS = (
    "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM DATE SUBJECT X-MICROSOFT-ORIGINAL-MESSAGE-ID"
    f" {' '.join(automatic.FIELDS).upper()})]"
)

#: What may be sent as a search key: the characters of an IMAP atom (RFC 9051 section 9), so that no
#: address can end a command and begin another one.
_SEARCHABLE = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+")

#: The address fields and the roles they stand for.
_ROLES = {b"from": "from", b"to": "to", b"cc": "cc", b"bcc": "bcc"}


def examine(session, path):
    """Open a folder read-only (EXAMINE, RFC 9051 section 6.3.3).

    :return: FolderStatus
    :raises MailboxError: `folder_missing` when the server refuses
    """
    return _open(session, path, readonly=True)


def examine_each(session, paths):
    """Open folders one after the other; yields (path, FolderStatus) while each is open, and passes by
    what the server refuses to open."""
    for path in paths:
        try:
            status = examine(session, path)
        except MailboxError as error:
            if error.code != "folder_missing":
                raise
        else:
            yield path, status


def select(session, path):
    """Open a folder for changing it (SELECT); otherwise like :func:`examine`."""
    return _open(session, path, readonly=False)


def _open(session, path, readonly):
    session.selected = None
    try:
        answer = session.call("select_folder", path, readonly=readonly, default="folder_missing")
    except MailboxError as error:
        if error.code == "folder_missing":
            raise MailboxError("folder_missing", path, error.host) from error
        raise
    if b"UIDNEXT" not in answer:
        # Some servers (163.com) say it only in STATUS, or not at all.
        status = session.call("folder_status", path, ["UIDNEXT", "UIDVALIDITY"])
        answer = {**status, **answer}
    exists = answer.get(b"EXISTS", 0)
    session.selected, session.exists = path if readonly else None, exists
    uidnext = answer.get(b"UIDNEXT", 0)
    if not uidnext and exists:
        uidnext = max(session.call("search", [f"{exists}:*"]), default=0) + 1
    mailbox_id = mailbox_id_of(answer.get(b"MAILBOXID"))
    return FolderStatus(answer.get(b"UIDVALIDITY", 0), uidnext, exists, mailbox_id)


def leave(session):
    """Close the folder that is open, without any effect on its messages."""
    if "UNSELECT" in session.capabilities:
        session.call("unselect_folder")
        session.selected = None
    else:
        # CLOSE removes messages where a server takes EXAMINE for SELECT; this never does.
        examine(session, "INBOX")


def uids_between(session, low, high):
    """The UIDs from ``low`` to ``high`` in the open folder, sorted."""
    return _search(session, low, high)


def uids_arrived(session, since, before, low, high):
    """The UIDs from ``low`` to ``high`` of messages that arrived on ``since`` or later and earlier
    than ``before`` (dates, or None for no such bound).

    SINCE and BEFORE compare days in a time zone of the server's choice (RFC 9051 section 6.4.4), so
    a day more is asked for at each end; INTERNALDATE tells exactly.
    """
    criteria = []
    if since:
        criteria += ["SINCE", since - timedelta(days=1)]
    if before:
        criteria += ["BEFORE", before + timedelta(days=2)]
    return _search(session, low, high, *criteria)


def uids_with_addresses(session, addresses, since, high):
    """The UIDs up to ``high`` of messages that mention one of ``addresses`` in From, To, Cc or Bcc.

    Servers differ in what they find with these keys (substrings, words), so the caller must compare
    the headers.

    :param addresses: canonical addresses
    :param since: a date, or None, as for :func:`uids_arrived`
    """
    dated = ["SINCE", since - timedelta(days=1)] if since else []
    found = set()
    for address in filter(searchable, addresses):
        # The other form has a non-ASCII domain, which only headers as of RFC 6532 contain.
        for form in filter(searchable, spellings(address)):
            found.update(_search(session, 1, high, *mentions(form), *dated))
    return sorted(found)


def mentions(key):
    """The criteria of SEARCH (RFC 9051 section 6.4.4) for From, To, Cc or Bcc with ``key`` in it."""
    return ["OR", "OR", "FROM", key, "TO", key, "OR", "CC", key, "BCC", key]


def searchable(address):
    """Whether an address can be searched for; for others all headers have to be read."""
    return bool(_SEARCHABLE.fullmatch(address))


def _search(session, low, high, *criteria):
    if low > high or not session.exists:
        return []
    found = set()
    # Windows of sequence numbers bound the answer, however sparse the UIDs are. From the top down,
    # because an EXPUNGE in between moves messages down into a window that is still to come.
    size = min(SEARCH_WINDOW, session.message_limit or SEARCH_WINDOW)
    for top in range(session.exists, 0, -size):
        window = []
        if session.exists > size:
            window = [f"{max(top - size + 1, 1)}:{top}"]
        found.update(session.call("search", [*window, "UID", f"{low}:{high}", *criteria]))
        if not window:
            break
    # `UID 3000:*` and the like match the last message whatever its UID (RFC 9051 section 9).
    return sorted(uid for uid in found if low <= uid <= high)


def fetch_addresses(session, uids):
    """The address headers of messages.

    :param uids: list of UIDs in the open folder
    :return: list of AddressHeaders in the order of ``uids``, without messages that the server leaves
        out
    """
    return [
        AddressHeaders(uid, addresses_of(_fields(literal)))
        for uid, _items, literal in _fetch(session, uids, [_ADDRESS_FIELDS], b"BODY[HEADER")
    ]


def fetch_summaries(session, uids):
    """Identity, size and arrival of messages: list of Summary, in the order of ``uids``."""
    return [summary_of(*found) for found in fetch_headers(session, uids, _SUMMARY_FIELDS)]


def addresses_of(fields):
    """The tuple of Address in the address fields among ``fields``, as `fetch_headers` returns them."""
    return tuple(
        address
        for name, value in fields
        if name in _ROLES
        for address in parse_header(value, _ROLES[name])
    )


def summary_of(uid, items, fields):
    """The Summary of a message, of what `fetch_headers` returns for it."""
    first = dict(reversed(fields))  # of a repeated field the first one counts
    return Summary(
        uid=uid,
        size=items.get(b"RFC822.SIZE") or 0,
        internal_date=items.get(b"INTERNALDATE"),
        message_id=clean_message_id(first.get(b"message-id")),
        is_automatic=automatic.is_automatic(lambda name: first.get(name.encode(), b"")),
        original_id=clean_message_id(first.get(b"x-microsoft-original-message-id")),
        header_digest=header_digest(
            *(first.get(name) for name in (b"message-id", b"from", b"date", b"subject"))
        ),
    )


def fetch_headers(session, uids, fields):
    """Header fields of messages, with their size and arrival.

    :param str fields: the FETCH item that asks for them
    :return: list of (uid, dict of FETCH items with INTERNALDATE in UTC, list of pairs of lower-case
        field name and value, as bytes), in the order of ``uids``
    """
    items = ["RFC822.SIZE", "INTERNALDATE", fields]
    return [
        (uid, found | {b"INTERNALDATE": _aware(found.get(b"INTERNALDATE"))}, _fields(literal))
        for uid, found, literal in _fetch(session, uids, items, b"BODY[HEADER")
    ]


def body_batches(summaries, alone_over=BATCH_BYTES, max_bytes=BATCH_BYTES, max_count=BATCH_COUNT):
    """Cut ``summaries`` into lists to download at once; yields them in the given order.

    :param int alone_over: a message of more bytes is a batch of its own
    """
    batch, size = [], 0
    for summary in summaries:
        large = summary.size > alone_over
        if batch and (large or size + summary.size > max_bytes or len(batch) >= max_count):
            yield batch
            batch, size = [], 0
        batch.append(summary)
        size += summary.size
        if large:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def fetch_bodies(session, uids):
    """Whole messages: list of RawMessage in the order of ``uids``."""
    return [
        RawMessage(uid, literal, _aware(items.get(b"INTERNALDATE")))
        for uid, items, literal in _fetch(session, uids, ["INTERNALDATE", "BODY.PEEK[]"], b"BODY[]")
    ]


def _fetch(session, uids, items, key):
    """FETCH ``items`` of ``uids``: list of (uid, all items, value of the item named ``key…``).

    Only the beginning of the answer's key is compared, because servers write field names in their own
    way. Answers without the key are something else: servers send flag changes in between.
    """
    if not uids:
        return []
    try:
        answers = session.call("fetch", uids, items)
    except MailboxError as error:
        if error.code not in ("server_error", "protocol") or len(uids) == 1:
            if error.code in ("server_error", "protocol"):
                return []  # the culprit; the reader notices that it is missing
            raise
        # One message that the server can't return spoils the whole answer: find it.
        middle = len(uids) // 2
        return [
            *_fetch(session, uids[:middle], items, key),
            *_fetch(session, uids[middle:], items, key),
        ]
    found = []
    for uid in uids:
        answer = answers.get(uid)
        value = answer and next((v for k, v in answer.items() if k.startswith(key)), None)
        if isinstance(value, bytes):
            found.append((uid, answer, value))
    return found


def _fields(literal):
    """Header fields of a literal: list of (lower-case name, value with folds undone), as bytes."""
    fields = []
    for line in literal.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1].append(line)
        else:
            name, colon, value = line.partition(b":")
            if colon:
                fields.append((name.strip().lower(), [value.strip()]))
    return [(name, lines[0] if len(lines) == 1 else b"".join(lines)) for name, lines in fields]


def _aware(moment):
    return moment and moment.astimezone(timezone.utc)
