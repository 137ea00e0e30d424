"""The folders of a mailbox, and what each is for."""

import re

from ..errors import MailboxError, clean_detail
from ..net.numbers import number
from ..types import FolderStatus, RemoteFolder
from .client import LISTING
from .folder_names import LAST, role_of

#: Attributes of RFC 6154 (SPECIAL-USE), of Gmail's older XLIST, and of others that are registered.
_SPECIAL_USE = {
    b"\\sent": "sent",
    b"\\drafts": "drafts",
    b"\\junk": "junk",
    b"\\spam": "junk",
    b"\\trash": "trash",
    b"\\archive": "archive",
    b"\\all": "all",
    b"\\allmail": "all",
    b"\\scheduled": "outbox",
    b"\\inbox": "inbox",
}

#: Roles of what lies in a folder, too: deleted folders, and templates (`Drafts|template` of Yandex).
_WITH_ALL_BELOW = ("trash", "drafts", "outbox")

_UNSELECTABLE = {b"\\noselect", b"\\nonexistent"}

#: What makes a FolderStatus, in its order.
_STATUS_ITEMS = (b"UIDVALIDITY", b"UIDNEXT", b"MESSAGES")

#: What no name of a folder may have: control characters, which can't be sent back or stored, halves of
#: characters, and what stands for bytes that are no characters.
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")

#: Bytes of the longest name, in UTF-8, that the database finds again; file systems know no longer ones.
_MAX_NAME = 1000

#: A MAILBOXID (RFC 8474 section 7): what else a server sends in its place says nothing.
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")


def list_folders(session, ahead=None, **options):
    """All folders of the mailbox.

    The role of a folder comes from its SPECIAL-USE attribute (RFC 6154), else from its name in many
    languages (:mod:`.folder_names`), at the top level, below INBOX, below Gmail's ``[Gmail]`` or below
    the prefix of the user's own folders. Several folders may have the same role. What lies in the
    trash has its role, and so has what lies among drafts or in the outbox. Names are decoded from
    modified UTF-7 (RFC 3501 section 5.1.3). Each name is there once: of folders that are listed twice,
    or under two encodings of the same name, the first one counts.

    :param session: an ImapSession
    :param str ahead: the folder that is likely to be opened next, read-only: some servers are asked for
        that already
    :param options: of the call of the session
    :return: list of RemoteFolder, INBOX first; last those whose names can't be used
    :raises MailboxError:
    """
    listed, statuses = _list(session, ahead, options)
    folders, unusable = _sorted_out(listed)
    roles = _by_flags(folders)
    roles = _by_names(session, folders) | roles
    if not any(role == "sent" for role, _rank in roles.values()):
        outgoing = "sent"
    else:
        outgoing = "outbox"
    below = {
        f"{path}{delimiter}": roles[path][0]
        for path, _flags, delimiter in folders
        if delimiter and roles[path][0] in _WITH_ALL_BELOW
    }
    found = []
    for path, flags, delimiter in folders:
        role, rank = roles[path]
        if role == "outgoing":
            role = outgoing
        elif rank and path.startswith(tuple(below)):
            role, rank = next(below[top] for top in below if path.startswith(top)), LAST
        selectable = not flags & _UNSELECTABLE
        status = statuses.get(path)
        found.append(RemoteFolder(path, role, selectable, delimiter, status, rank))
    found.sort(key=lambda folder: (folder.role != "inbox", folder.path))
    return [*found, *unusable]


def folder_key(path):
    """By what folders are told apart: INBOX may be written in any case (RFC 9051 section 5.1)."""
    return "INBOX" if path.upper() == "INBOX" else path


def _sorted_out(listed):
    """The folders that imapclient lists: triples of path, lower-case attributes and delimiter (or
    None), each once; and a RemoteFolder for each of those whose names can't be used."""
    folders, unusable = {}, {}
    for flags, delimiter, path in listed:
        if not isinstance(path, str):
            continue  # NIL, or a list
        if not path or _UNUSABLE.search(path) or len(path.encode()) > _MAX_NAME:
            shown = clean_detail(_UNUSABLE.sub("\ufffd", path)[:_MAX_NAME])
            unusable[path] = RemoteFolder(shown, "other", selectable=False, is_unusable=True)
            continue
        flags = flags if isinstance(flags, tuple) else ()
        attributes = {flag.lower() for flag in flags if isinstance(flag, bytes)}
        one = isinstance(delimiter, bytes) and delimiter.isascii() and len(delimiter) == 1
        folders.setdefault(
            folder_key(path), (path, attributes, delimiter.decode() if one else None)
        )
    return list(folders.values()), list(unusable.values())


def main_folder(folders, role):
    """The folder that mail programs use for a role: the one that the server marks, else the one with
    the most usual name; None without one.

    :param folders: list of RemoteFolder
    """
    found = [folder for folder in folders if folder.role == role and folder.selectable]
    return min(found, key=lambda folder: (folder.rank, folder.path), default=None)


def status_of(answer):
    """The FolderStatus in what the server answered about a folder, a dict of items; None if it doesn't
    say how far the folder is."""
    values = [number(answer.get(item)) for item in _STATUS_ITEMS]
    if None in values:
        return None
    return FolderStatus(*values, mailbox_id_of(answer.get(b"MAILBOXID")))


def mailbox_id_of(item):
    """A MAILBOXID (RFC 8474) as text, '' without one."""
    while isinstance(item, list | tuple):
        item = item[0] if len(item) == 1 else None
    text = item.decode("ascii", "replace") if isinstance(item, bytes) else str(item or "")
    text = text.strip("()")
    return text if _ID.fullmatch(text) else ""


def _list(session, ahead, options):
    """The folders as imapclient lists them, and a dict of path to FolderStatus where known."""
    if "LIST-STATUS" not in session.capabilities:
        return session.call("list_folders", allowance=LISTING, **options), {}
    if ahead:
        session.selected, session.is_changing = None, False
        options = {"ahead": ahead, **options}
    folders, statuses = session.call("list_with_status", allowance=LISTING, **options)
    return folders, {path: status_of(items) for path, items in statuses.items()}


def _by_flags(folders):
    """The roles that the server marks: dict of path to pairs of role and rank."""
    roles = {}
    for path, flags, _delimiter in folders:
        special = next((_SPECIAL_USE[flag] for flag in flags if flag in _SPECIAL_USE), None)
        if path.upper() == "INBOX":
            special = "inbox"
        if special:
            roles[path] = special, 0
    return roles


def _by_names(session, folders):
    """The roles that folders have by their names: dict of path to pairs of role and rank."""
    roles, deep = {}, {}
    for path, _flags, delimiter in folders:
        parent, name = _split(path, delimiter)
        role, rank = role_of(name)
        roles[path] = role or "other", rank
        if role and parent and parent.upper() != "INBOX" and not parent.startswith("["):
            deep[path] = parent
    if deep:
        own = _own_parents(session, folders)
        roles |= {path: ("other", LAST) for path, parent in deep.items() if parent not in own}
    return roles


def _split(path, delimiter):
    """The parent's path and the name: ``INBOX.Sent`` is Sent in INBOX."""
    if not delimiter:
        return "", path
    parent, _delimiter, name = path.rpartition(delimiter)
    return parent, name


def _own_parents(session, folders):
    """Parents that stand for the top level: the prefixes of the user's own folders (NAMESPACE, RFC
    2342), or what all folders besides INBOX are in. Somebody else's Sent folder is not ours."""
    if "NAMESPACE" in session.capabilities:
        try:
            personal = session.call("namespace")[0] or ()
        except MailboxError as error:
            if error.code not in ("server_error", "protocol"):
                raise
            return set()
        return {
            prefix.rstrip(delimiter or "/")
            for prefix, delimiter in personal
            if isinstance(prefix, str) and isinstance(delimiter, str | None)
        }
    others = [folder for folder in folders if folder[0].upper() != "INBOX"]
    tops = {path.partition(delimiter)[0] if delimiter else path for path, _f, delimiter in others}
    return tops if len(tops) == 1 and len(others) > 1 else set()
