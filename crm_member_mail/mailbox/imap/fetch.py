"""The content of a folder: UIDs, header fields and whole messages, in batches.

Nothing here changes the mailbox: folders are opened with EXAMINE and fetched with BODY.PEEK. Only
header literals are asked for in bulk, never ENVELOPE or BODYSTRUCTURE: those cost two to four times
as much, and one malformed answer spoils the whole FETCH.
"""

import re
from datetime import timedelta, timezone

from ..errors import MailboxError
from ..mime.addresses import parse_header, spellings
from ..mime.automatic import origin
from ..mime.header_lines import fields_of
from ..mime.identity import IDENTITY, header_digest
from ..mime.message_ids import clean_message_id
from ..mime.people import parties
from ..mime.people.address_typed import is_gmail, plain
from ..mime.structure.splitter import Limits
from ..net.numbers import INT_32, UINT_32, number
from ..types import AddressHeaders, FolderStatus, RawMessage, Summary
from .client import FETCH
from .folders import mailbox_id_of

#: A SEARCH answer is one line, and imaplib gives up on lines over 1,000,000 bytes; a UID takes up to
#: 11 of them.
SEARCH_WINDOW = 80_000

#: The largest UID there can be (RFC 9051 section 2.3.1.1).
LAST_UID = UINT_32

#: Messages of the largest folder that is read. Their UIDs are all in memory at times.
MAX_MESSAGES = 2_000_000

#: Messages that may have arrived between the moment a folder is opened and a search in it.
ARRIVED = 500

#: Commands that one search takes at most, where each may be about few messages only.
MAX_WINDOWS = 20_000

#: How much is downloaded at once: bytes, unless a single message is larger, and messages.
BATCH_BYTES, BATCH_COUNT = 8 * 1024 * 1024, 100

_ADDRESS_FIELDS = f"BODY.PEEK[HEADER.FIELDS ({' '.join(parties.FIELDS).upper()})]"
_SUMMARY_FIELDS = (
    "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM DATE SUBJECT X-MICROSOFT-ORIGINAL-MESSAGE-ID"
    f" {' '.join(origin.FIELDS).upper()})]"
)

_BOTH_FIELDS = (
    "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE SUBJECT X-MICROSOFT-ORIGINAL-MESSAGE-ID"
    f" {' '.join(dict.fromkeys((*parties.FIELDS, *origin.FIELDS))).upper()})]"
)

#: The fields that are searched for addresses, and those for which SEARCH has a key of its own.
SEARCHED = tuple(name.upper() for name in parties.ROLES)
_KEY_WORDS = {"FROM", "TO", "CC", "BCC"}

#: Marks of what is still being written: the flag (RFC 9051 section 2.3.2), and Gmail's label.
_DRAFT = (b"\\draft", b"\\drafts")

#: A whole header, as far as it is read of a whole message, and how many are read at once.
_WHOLE_HEADER, _WHOLE_COUNT = f"BODY.PEEK[HEADER]<0.{Limits().header_bytes}>", 16

#: The fields of the identity.
_IDENTITY = tuple(name.encode() for name in IDENTITY)

#: What may be sent as a search key: the characters of an IMAP atom (RFC 9051 section 9), so that no
#: address can end a command and begin another one.
_SEARCHABLE = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+")

#: Message-IDs that are searched for with one command.
_IDS_AT_ONCE = 10


def examine(session, path):
    """Open a folder read-only (EXAMINE, RFC 9051 section 6.3.3).

    :return: FolderStatus
    :raises MailboxError: `folder_missing` when the server refuses, or says of the folder what can't be
        true: numbers out of range, or more than MAX_MESSAGES
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
    session.selected, session.is_changing = None, not readonly
    try:
        answer = session.call("select_folder", path, readonly=readonly, default="folder_missing")
    except MailboxError as error:
        if error.code == "folder_missing":
            raise MailboxError(error.code, path, error.host, words=error.detail) from error
        raise
    if b"UIDNEXT" not in answer:
        # Some servers (163.com) say it only in STATUS, or not at all.
        try:
            status = session.call("folder_status", path, ["UIDNEXT", "UIDVALIDITY"])
        except MailboxError as error:
            if error.code not in ("server_error", "protocol"):
                raise
            status = {}
        answer = {**status, **answer}
    values = [number(answer.get(item, 0)) for item in (b"UIDVALIDITY", b"UIDNEXT", b"EXISTS")]
    if None in values or values[-1] > MAX_MESSAGES:
        # Only this folder is out of reach, not the mailbox.
        raise MailboxError("folder_missing", path, session.settings.host)
    uidvalidity, uidnext, exists = values
    session.selected, session.exists = path if readonly else None, exists
    if not uidnext and exists:
        found = session.call("search", [f"{exists}:*"])
        uidnext = max((uid for uid in found if 0 < uid <= LAST_UID), default=0) + 1
    mailbox_id = mailbox_id_of(answer.get(b"MAILBOXID"))
    return FolderStatus(uidvalidity, uidnext, exists, mailbox_id)


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
    """The UIDs up to ``high`` of messages that may have one of ``addresses``, or one that leads to it
    (see :func:`~..mime.people.address_typed.plain`), in an address field.

    Servers differ in what they find with these keys (substrings, words), so the caller must compare
    the headers.

    :param addresses: canonical addresses, or domains with their @
    :param since: a date, or None, as for :func:`uids_arrived`
    """
    dated = ["SINCE", since - timedelta(days=1)] if since else []
    found = set()
    for keys in dict.fromkeys(keys for address in addresses for keys in _search_keys(address)):
        found.update(_search(session, 1, high, *mentions(*keys), *dated))
    return sorted(found)


def uids_answering(session, message_ids, since, high):
    """The UIDs up to ``high`` of messages that may refer to one of ``message_ids``; as
    `uids_with_addresses`."""
    dated = ["SINCE", since - timedelta(days=1)] if since else []
    found, ids = set(), list(filter(searchable, message_ids))
    for start in range(0, len(ids), _IDS_AT_ONCE):
        criteria = []
        for rfc_id in ids[start : start + _IDS_AT_ONCE]:
            for name in ("In-Reply-To", "References"):
                one = ["HEADER", name, rfc_id]
                criteria = ["OR", *criteria, *one] if criteria else one
        found.update(_search(session, 1, high, *criteria, *dated))
    return sorted(found)


def _search_keys(address):
    """What to search for: tuples of keys that are all in the same field."""
    if is_gmail(address):
        # No server looks behind the dots.
        return [("@gmail.com",), ("@googlemail.com",)]
    # The other form has a non-ASCII domain, which only headers as of RFC 6532 contain.
    found = [(form,) for form in spellings(address) if searchable(form)]
    local, _at, domain = address.rpartition("@")
    if local and plain(address) == address and searchable(address):
        found.append((f"{local}+", f"@{domain}"))
    return found


def mentions(*keys):
    """The criteria of SEARCH (RFC 9051 section 6.4.4) for an address field with all ``keys`` in it."""
    criteria = []
    for name in SEARCHED:
        field = [name] if name in _KEY_WORDS else ["HEADER", name]
        one = [part for key in keys for part in (*field, key)]
        one = [one] if len(keys) > 1 else one
        criteria = ["OR", *criteria, *one] if criteria else one
    return criteria


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
    if session.exists > size * MAX_WINDOWS:
        raise MailboxError("protocol", f"MESSAGELIMIT={size}", session.settings.host)
    for top in range(session.exists, 0, -size):
        window = []
        if session.exists > size:
            window = [f"{max(top - size + 1, 1)}:{top}"]
        uids = session.call("search", [*window, "UID", f"{low}:{high}", *criteria])
        if len(uids) > min(size, session.exists) + ARRIVED:
            raise MailboxError("protocol", "SEARCH", session.settings.host)
        found.update(uids)
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
    found, items_of, doubtful = {}, {}, []
    for uid, items, literal in _fetch(
        session, uids, [*marks(session), _ADDRESS_FIELDS], b"BODY[HEADER"
    ):
        people = _parties(fields_of(literal))
        found[uid], items_of[uid] = _headers(uid, items, people), items
        if people.is_odd or _has_bare_returns(literal):
            doubtful.append(uid)
    for uid, fields in _whole_headers(session, doubtful):
        found[uid] = headers_of(uid, items_of[uid], fields)
    return list(found.values())


def fetch_summaries(session, uids):
    """Identity, size and arrival of messages: list of Summary, in the order of ``uids``."""
    return [summary_of(*found) for found in fetch_headers(session, uids, _SUMMARY_FIELDS)]


def fetch_both(session, uids):
    """What `fetch_addresses` and `fetch_summaries` fetch, with one command: list of pairs of
    AddressHeaders and Summary."""
    found = fetch_headers(session, uids, _BOTH_FIELDS, with_parties=True)
    return [(headers_of(*each), summary_of(*each)) for each in found]


def marks(session):
    """The FETCH items that tell drafts apart: flags and, from Gmail, labels, which are all it says of
    the drafts among *All Mail*."""
    return ["FLAGS", "X-GM-LABELS"] if "X-GM-EXT-1" in session.capabilities else ["FLAGS"]


def headers_of(uid, items, fields):
    """The AddressHeaders of a message, of its FETCH items and the fields of
    :data:`~..mime.people.parties.FIELDS` among ``fields``, as `fetch_headers` returns them."""
    return _headers(uid, items, _parties(fields))


def _parties(fields):
    values = {}
    for name, value in fields:
        values.setdefault(name.decode("latin-1"), []).append(value)
    return parties.read(values)


def _headers(uid, items, people):
    lists = [items.get(b"FLAGS"), items.get(b"X-GM-LABELS")]
    marked = [mark for each in lists if isinstance(each, tuple) for mark in each]
    is_draft = any(isinstance(mark, bytes) and mark.lower() in _DRAFT for mark in marked)
    return AddressHeaders(
        uid, people.addresses, people.is_bulk, people.list_id, people.answers, is_draft
    )


def summary_of(uid, items, fields):
    """The Summary of a message, of what `fetch_headers` returns for it."""
    first = dict(reversed(fields))  # of a repeated field the first one counts

    def value(name):
        return first.get(name.encode(), b"")

    return Summary(
        uid=uid,
        size=number(items.get(b"RFC822.SIZE"), INT_32) or 0,
        internal_date=items.get(b"INTERNALDATE"),
        message_id=clean_message_id(first.get(b"message-id")),
        is_automatic=origin.is_automatic(value),
        is_report=origin.is_report(value),
        original_id=clean_message_id(first.get(b"x-microsoft-original-message-id")),
        header_digest=header_digest(*(first.get(name) for name in _IDENTITY)),
    )


def fetch_headers(session, uids, fields, with_parties=False):
    """Header fields of messages, with their size and arrival.

    :param str fields: the FETCH item that asks for them
    :param bool with_parties: those of :data:`~..mime.people.parties.FIELDS` are among them
    :return: list of (uid, dict of FETCH items with INTERNALDATE in UTC, list of pairs of lower-case
        field name and value, as bytes), in the order of ``uids``
    """
    items = ["RFC822.SIZE", "INTERNALDATE", *marks(session), fields]
    found, doubtful = {}, []
    for uid, answer, literal in _fetch(session, uids, items, b"BODY[HEADER"):
        answer = answer | {b"INTERNALDATE": _aware(answer.get(b"INTERNALDATE"))}
        found[uid] = (uid, answer, fields_of(literal))
        is_odd = with_parties and _parties(found[uid][2]).is_odd
        if is_odd or _has_bare_returns(literal) or _lacks_identity(found[uid][2]):
            doubtful.append(uid)
    for uid, whole in _whole_headers(session, doubtful):
        found[uid] = (uid, found[uid][1], whole)
    return list(found.values())


def _lacks_identity(fields):
    """Whether a field of the identity is missing, or holds no sender."""
    values = dict(reversed(fields))
    sender = values.get(b"from", b"")
    return any(name not in values for name in _IDENTITY) or not parse_header(sender, "from")


def _has_bare_returns(literal):
    return literal.count(b"\r") != literal.count(b"\r\n")


def _whole_headers(session, uids):
    """Yields (uid, fields) of the whole headers of messages.

    For those about which the fields that a server picked out leave a doubt: it has its own reading of
    odd headers. Dovecot doesn't find a first line that is indented, nor what is in odd lines.
    """
    for start in range(0, len(uids), _WHOLE_COUNT):
        part = uids[start : start + _WHOLE_COUNT]
        for uid, _items, literal in _fetch(session, part, [_WHOLE_HEADER], b"BODY[HEADER"):
            yield uid, fields_of(literal)


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


def fetch_bodies(session, uids, told=0):
    """Whole messages: list of RawMessage in the order of ``uids``.

    :param int told: how many bytes they have according to the server. Some servers count too few
    """
    allowance = FETCH.plus(2 * told)
    return [
        RawMessage(uid, literal, _aware(items.get(b"INTERNALDATE")))
        for uid, items, literal in _fetch(
            session, uids, ["INTERNALDATE", "BODY.PEEK[]"], b"BODY[]", allowance
        )
    ]


def _fetch(session, uids, items, key, allowance=FETCH):
    """FETCH ``items`` of ``uids``: list of (uid, all items, value of the item named ``key…``).

    Only the beginning of the answer's key is compared, because servers write field names in their own
    way. Answers without the key are something else: servers send flag changes in between.
    """
    if not uids:
        return []
    try:
        answers = session.call("fetch", uids, items, allowance=allowance)
    except MailboxError as error:
        if error.code not in ("server_error", "protocol") or len(uids) == 1:
            if error.code in ("server_error", "protocol"):
                return []  # the culprit; the reader notices that it is missing
            raise
        # One message that the server can't return spoils the whole answer: find it.
        middle = len(uids) // 2
        return [
            *_fetch(session, uids[:middle], items, key, allowance),
            *_fetch(session, uids[middle:], items, key, allowance),
        ]
    found = []
    for uid in uids:
        answer = answers.get(uid)
        value = answer and next((v for k, v in answer.items() if k.startswith(key)), None)
        if isinstance(value, bytes):
            found.append((uid, answer, value))
    return found


def _aware(moment):
    try:
        return moment and moment.astimezone(timezone.utc)
    except (OverflowError, ValueError):  # the first or the last day that there is
        return None
