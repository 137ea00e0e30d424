"""The folders of a mailbox, and what each is for."""

from ..errors import MailboxError
from ..types import FolderStatus, RemoteFolder
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

_STATUS_ITEMS = {b"UIDVALIDITY", b"UIDNEXT", b"MESSAGES"}


def list_folders(session):
    """All folders of the mailbox.

    The role of a folder comes from its SPECIAL-USE attribute (RFC 6154), else from its name in many
    languages (:mod:`.folder_names`), at the top level, below INBOX, below Gmail's ``[Gmail]`` or below
    the prefix of the user's own folders. Several folders may have the same role. What lies in the
    trash has its role, and so has what lies among drafts or in the outbox. Names are decoded from
    modified UTF-7 (RFC 3501 section 5.1.3).

    :param session: an ImapSession
    :return: list of RemoteFolder, INBOX first
    :raises MailboxError:
    """
    listed, statuses = _list(session)
    folders = [
        (path, {flag.lower() for flag in flags}, delimiter and delimiter.decode("ascii", "replace"))
        for flags, delimiter, path in listed
        # imapclient's parser turns a purely numeric name into a number.
        for path in [path if isinstance(path, str) else str(path)]
    ]
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
    return sorted(found, key=lambda folder: (folder.role != "inbox", folder.path))


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
    if not answer.keys() >= _STATUS_ITEMS:
        return None
    return FolderStatus(
        answer[b"UIDVALIDITY"],
        answer[b"UIDNEXT"],
        answer[b"MESSAGES"],
        mailbox_id_of(answer.get(b"MAILBOXID")),
    )


def mailbox_id_of(item):
    """A MAILBOXID (RFC 8474) as text, '' without one."""
    while isinstance(item, list | tuple) and item:
        item = item[0]
    text = item.decode("ascii", "replace") if isinstance(item, bytes) else str(item or "")
    return text.strip("()")


def _list(session):
    """The folders as imapclient lists them, and a dict of path to FolderStatus where known."""
    if "LIST-STATUS" not in session.capabilities:
        return session.call("list_folders"), {}
    folders, statuses = session.call("list_with_status")
    return folders, {str(path): status_of(items) for path, items in statuses.items()}


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
        return {prefix.rstrip(delimiter or "/") for prefix, delimiter in personal}
    others = [folder for folder in folders if folder[0].upper() != "INBOX"]
    tops = {path.partition(delimiter)[0] if delimiter else path for path, _f, delimiter in others}
    return tops if len(tops) == 1 and len(others) > 1 else set()
