"""Finds folders again that have another name than the one under which the records know them.

A folder is recognised by its MAILBOXID (RFC 8474), else by its UIDVALIDITY together with messages that
the records know: they must be there under the same UIDs. Where neither says anything, a folder with
the same UIDVALIDITY, or with the same name behind another prefix or with another delimiter, is taken
for it too, but has to be read from scratch.
"""

import hashlib
import re
from dataclasses import dataclass

from ..errors import MailboxError
from .fetch import examine, fetch_summaries
from .folder_names import plain

#: Roles of folders that hold no correspondence.
NEVER_READ = frozenset({"drafts", "outbox", "junk", "trash"})

#: Folders that one visit opens at most, to look for others.
LIMIT = 100


@dataclass(frozen=True, slots=True)
class KnownFolder:
    """A folder that was read before, as the records know it.

    ``key`` is what the records call it; ``mailbox_id`` may be ''. ``is_read``: it is to be read.
    ``is_missing``: it was not there at the last visit; ``searched`` is what `find` returned when it was
    last looked for in vain, or ''.
    """

    key: int
    path: str
    uidvalidity: int
    last_uid: int
    mailbox_id: str = ""
    is_read: bool = True
    is_missing: bool = False
    searched: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Where a KnownFolder is now: its ``path``, or None if another folder has its name and it is
    nowhere to be found. ``read_again``: it is not certain that it is the same folder."""

    path: str | None
    read_again: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What `find` found out.

    ``moves`` are Moves by the key of the folder, ``lost`` the keys of folders that were looked for in
    vain. ``searched`` stands for all folders among which was searched, '' if nothing is to be found;
    ``statuses`` are FolderStatus, by path, of the folders that were opened.
    """

    moves: dict
    lost: frozenset
    searched: str
    statuses: dict


def find(session, desk, folders):
    """Look for folders that were renamed.

    :param session: an ImapSession
    :param desk: an account desk (see :mod:`...mailbox.visit`)
    :param folders: list of RemoteFolder, all that the mailbox has
    :return: Found
    :raises MailboxError:
    """
    return _Search(session, desk, folders).run()


class _Search:
    def __init__(self, session, desk, folders):
        self._session = session
        self._desk = desk
        self._there = {folder.path: folder for folder in folders if folder.selectable}
        self._statuses = {}  # of the folders that were opened; None if that was refused
        known_folders = desk.known_folders()
        self._numbers = [known.uidvalidity for known in known_folders]
        # INBOX can be emptied, but neither renamed nor deleted.
        self._known = [known for known in known_folders if known.path.upper() != "INBOX"]
        self._by_path = {
            known.path: known
            for known in sorted(self._known, key=lambda known: not known.is_missing)
            if known.path in self._there
        }
        self._samples = {}
        self._moves = {}
        self._opened = 0

    def run(self):
        lost = [known for known in self._known if known.is_read and self._is_lost(known)]
        searched = self._fingerprint() if lost else ""
        todo = [known for known in lost if not (known.is_missing and known.searched == searched)]
        if todo:
            self._samples = self._desk.samples([known.key for known in self._known])
            self._recognise(todo)
            self._guess(known for known in todo if known.key not in self._moves)
        statuses = {path: status for path, status in self._statuses.items() if status}
        vain = frozenset(known.key for known in lost if known.key not in self._moves)
        return Found(self._moves, vain, searched, statuses)

    # -- evidence -------------------------------------------------------------------------------

    def _is_lost(self, known):
        """Whether the folder with this path is gone, or plainly another one."""
        if self._by_path.get(known.path) is not known:
            return True
        status = self._status(known.path)
        return bool(status) and not _same_id(known, status) and not (
            _is_plausible(known, status) and not _other_id(known, status)
        )  # fmt: skip

    def _status(self, path):
        """The FolderStatus of a folder, which is opened if need be; None if it can't be."""
        status = self._there[path].status or self._statuses.get(path)
        if status or path in self._statuses:
            return status
        try:
            self._statuses[path] = examine(self._session, path)
        except MailboxError as error:
            if error.code != "folder_missing":
                raise
            self._statuses[path] = None
        return self._statuses[path]

    def _verdict(self, known, path):
        """What the messages say: True, the folder at ``path`` is this one; False, it is another one;
        None, they say nothing."""
        samples = self._samples.get(known.key) or {}
        if not samples:
            return None
        if self._session.selected != path:
            try:
                self._statuses[path] = examine(self._session, path)
            except MailboxError as error:
                if error.code != "folder_missing":
                    raise
                return False
        found = {s.uid: s.header_digest for s in fetch_summaries(self._session, list(samples))}
        if not found:
            return None  # all of them were deleted or moved
        # Some providers change what is sent over them, so not all of them have to be the same.
        return 2 * sum(samples[uid] == digest for uid, digest in found.items()) >= len(found)

    # -- the search -----------------------------------------------------------------------------

    def _recognise(self, todo):
        """Find the folders that can be recognised. Where one of them has another one's name, that one
        is looked for too."""
        todo = list(todo)
        seen = {known.key for known in todo}
        while todo:
            known = todo.pop(0)
            path = next(
                (path for path in self._candidates(known) if self._is_it(known, path)), None
            )
            if path is None:
                continue
            self._moves[known.key] = Move(path)
            other = self._by_path.get(path)
            if other and other.key not in seen:
                seen.add(other.key)
                todo.append(other)
        taken = {move.path for move in self._moves.values()}
        for known in self._known:
            if known.key not in self._moves and known.path in taken:
                self._moves[known.key] = Move(None)

    def _is_it(self, known, path):
        status = self._within_limit(path)
        if not status:
            return False
        if known.mailbox_id and status.mailbox_id and path != known.path:
            return known.mailbox_id == status.mailbox_id
        if not _is_plausible(known, status) or self._verdict(known, path) is not True:
            return False
        # Two records may know the same folder, of which one has its name.
        other = self._by_path.get(path, known)
        return other == known or not (
            _is_plausible(other, status) and self._verdict(other, path) is True
        )

    def _within_limit(self, path):
        if not self._there[path].status and path not in self._statuses:
            self._opened += 1
            if self._opened > LIMIT:
                return None
        return self._status(path)

    def _candidates(self, known):
        """The paths at which a folder may be: new ones first, those of others last."""
        paths_of_others = {other.path for other in self._known} - {known.path}
        taken = {move.path for move in self._moves.values()}
        return sorted(
            (path for path in self._places() if path not in taken),
            key=lambda path: (path != known.path, path in paths_of_others),
        )

    def _places(self):
        return [
            path
            for path, folder in self._there.items()
            if folder.role not in NEVER_READ and folder.role != "inbox"
        ]

    def _guess(self, todo):
        """Find folders whose messages say nothing: by how the path is spelled, or by the UIDVALIDITY,
        where only one folder matches. What is taken for a folder in this way is read from scratch."""
        taken = set(self._by_path) | {move.path for move in self._moves.values()}
        free = [path for path in self._places() if path not in taken]
        for known in todo:
            found = []
            if known.path not in self._there:
                found = [path for path in free if _spelling(path) == _spelling(known.path)]
            if not found and self._has_own_number(known):
                found = [path for path in free if self._may_be(known, path)]
            if len(found) == 1:
                self._moves[known.key] = Move(found[0], read_again=True)
                free.remove(found[0])
            elif self._by_path.get(known.path) is known and _other_id(
                known, self._status(known.path)
            ):
                # Against the standard, but not to be taken for what we know.
                self._moves[known.key] = Move(known.path, read_again=True)

    def _has_own_number(self, known):
        """Whether no other folder has the same UIDVALIDITY; some servers give one number to all."""
        return self._numbers.count(known.uidvalidity) == 1

    def _may_be(self, known, path):
        status = self._within_limit(path)
        return (
            bool(status)
            and _is_plausible(known, status)
            and not _other_id(known, status)
            and self._verdict(known, path) is None
        )

    def _fingerprint(self):
        """A text that changes with the folders in which a lost one may be found."""
        places = sorted(
            f"{path}\0{status.uidvalidity if (status := self._there[path].status) else ''}"
            for path in self._places()
        )
        return hashlib.sha256("\n".join(places).encode("utf-8", "replace")).hexdigest()[:32]


def _same_id(known, status):
    return bool(known.mailbox_id) and known.mailbox_id == status.mailbox_id


def _other_id(known, status):
    return bool(known.mailbox_id and status.mailbox_id) and known.mailbox_id != status.mailbox_id


def _is_plausible(known, status):
    """Whether the UIDs that we know may be those of this folder."""
    return status.uidvalidity == known.uidvalidity and (
        not status.uidnext or status.uidnext > known.last_uid
    )


def _spelling(path):
    """A path without the prefix INBOX, and however its parts are delimited."""
    parts = [plain(part) for part in re.split(r"[./\\]", path)]
    return tuple(parts[1:] if parts[0] == "inbox" and len(parts) > 1 else parts)
