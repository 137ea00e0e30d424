"""Looks for one email in whole mailboxes, even in folders that scans don't read."""

import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from ..errors import MailboxError
from ..machine import trouble
from ..mime.automatic import origin
from ..mime.charset import decode_words
from ..mime.people import parties
from ..types import AddressHeaders, RemoteFolder, Summary
from .fetch import (
    LAST_UID,
    examine,
    fetch_headers,
    headers_of,
    mentions,
    searchable,
    summary_of,
)
from .folders import list_folders
from .session import ImapSession

_logger = logging.getLogger(__name__)

#: Emails that are looked at in a mailbox, the newest of each folder first.
LIMIT = 20

#: Mailboxes that are searched at the same time.
WORKERS = 16

#: The order in which folders are searched: first those that scans read.
_ORDER = {"inbox": 0, "sent": 1, "archive": 2, "other": 3, "all": 3}

#: Each once: some are asked for twice.
_NAMES = dict.fromkeys((*parties.FIELDS, "subject", "date", "message-id", *origin.FIELDS))
_FIELDS = f"BODY.PEEK[HEADER.FIELDS ({' '.join(_NAMES).upper()})]"

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


@dataclass(slots=True)
class Found:
    """What a mailbox has.

    ``folders`` are its RemoteFolders that can hold emails, ``hits`` at most `LIMIT` Hits. ``searched``
    and ``closed`` are paths: of the folders that were searched, and of those that can't be opened.
    ``error`` is the MailboxError that ended the search early, or None; ``is_whole`` tells that there was
    none and that there are no more hits.
    """

    folders: list[RemoteFolder] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    error: MailboxError | None = None
    is_whole: bool = False

    @property
    def is_cut(self):
        """Whether there may be more hits."""
        return len(self.hits) >= LIMIT

    def role_of(self, path):
        """The role of a folder, as of RemoteFolder."""
        return next((folder.role for folder in self.folders if folder.path == path), "other")


def search_all(settings, query, ends):
    """Search mailboxes at the same time.

    :param settings: dict of anything to the ServerSettings of a mailbox
    :param str query: a Message-ID or an address if it has an @, else words of a subject
    :param float ends: when the answer has to be there, as of ``time.monotonic``
    :return: dict of the same keys to Found or, where nothing could be searched, MailboxError
    """
    if not settings:
        return {}
    pool = ThreadPoolExecutor(max_workers=WORKERS)
    try:
        futures = {key: pool.submit(_search, each, query, ends) for key, each in settings.items()}
        wait(futures.values(), max(ends - time.monotonic(), 0) + 1)
        return {
            key: future.result()
            if future.done()
            else MailboxError("deadline", host=settings[key].host)
            for key, future in futures.items()
        }
    finally:
        # What still hangs is cut by the deadline of its session.
        pool.shutdown(wait=False, cancel_futures=True)


def _search(settings, query, ends):
    left = ends - time.monotonic()
    if left <= 0:
        return MailboxError("deadline", host=settings.host)
    try:
        with ImapSession.open(settings, left) as session:
            return trace(session, query)
    except MailboxError as error:
        return error
    except Exception as error:  # the other mailboxes are searched nevertheless
        if ours := trouble(error, settings.host):
            return ours
        _logger.exception("Can't search a mailbox at %s", settings.host)
        return MailboxError("unexpected", type(error).__name__, settings.host)


def trace(session, query):
    """Search a mailbox for a Message-ID, an address, or words of a subject.

    :param session: an ImapSession
    :param str query: as for `search_all`
    :return: Found
    :raises MailboxError: `bad_query` when there is nothing in it to search for; or any when not even the
        folders can be listed
    """
    wanted = criteria(query)
    found = Found([folder for folder in list_folders(session) if folder.selectable])
    found.folders.sort(key=lambda folder: _ORDER.get(folder.role, 4))
    try:
        for folder in found.folders:
            _search_folder(session, folder.path, wanted, found)
            if found.is_cut:
                break
        else:
            found.is_whole = not found.closed
    except MailboxError as error:
        found.error = error
    del found.hits[LIMIT:]
    return found


def _search_folder(session, path, wanted, found):
    try:
        status = examine(session, path)
    except MailboxError as error:
        if error.code != "folder_missing":
            raise
        found.closed.append(path)
        return
    if session.exists:
        uids = session.call("search", *wanted)
        uids = sorted(uid for uid in uids if 0 < uid <= LAST_UID)[: -LIMIT - 1 : -1]
        headers = fetch_headers(session, uids, _FIELDS, with_parties=True)
        found.hits += [_hit(path, status, *each) for each in headers]
    found.searched.append(path)


def criteria(query):
    """The criteria of SEARCH (RFC 9051 section 6.4.4) for what people type, and their charset.

    :raises MailboxError: `bad_query` when there is nothing in it to search for
    """
    query = query.strip()
    if "@" in query and " " not in query.strip("<> "):
        key = query.strip("<>")
        if not searchable(key):
            raise MailboxError("bad_query")
        return ["OR", "HEADER", "Message-ID", key, *mentions(key)], None
    words = _WORD.findall(query)
    if not words:
        raise MailboxError("bad_query")
    keys = [part for word in words for part in ("SUBJECT", word)]
    return keys, None if query.isascii() else "UTF-8"


def _hit(path, status, uid, items, fields):
    first = dict(reversed(fields))  # of a repeated field the first one counts
    return Hit(
        path,
        status.uidvalidity,
        decode_words(first.get(b"subject") or b"").strip(),
        headers_of(uid, items, fields),
        summary_of(uid, items, fields),
    )
