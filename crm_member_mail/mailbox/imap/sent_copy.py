"""Puts a copy of what was sent into the mailbox's Sent folder, once."""

from ..errors import MailboxError
from .fetch import examine, leave
from .folders import list_folders, main_folder


def store(session, data, message_id, date):
    """Put a copy of an email into the Sent folder, marked as read, unless it is already there.

    After a crash nobody knows whether the copy was stored. If it was, it is found by its Message-ID, so
    repeating this changes nothing.

    :param session: an ImapSession
    :param bytes data: the email, with CRLF line ends
    :param str message_id: its Message-ID, with angle brackets
    :param datetime date: aware; it becomes INTERNALDATE
    :return: whether the copy was added
    :raises MailboxError: `no_sent_folder` when there is none and none can be made
    """
    path = _existing(session) or _created(session)
    examine(session, path)
    if session.call("search", ["HEADER", "Message-ID", message_id]):
        return False
    # Courier appends nothing to a folder that the same connection has open read-only.
    leave(session)
    session.call("append", path, data, flags=(rb"\Seen",), msg_time=date, seconds=120.0)
    return True


def _existing(session):
    """The path of the Sent folder that mail programs use, None when there is none."""
    found = main_folder(list_folders(session), "sent")
    return found and found.path


def _created(session):
    """The path of a new Sent folder.

    :raises MailboxError: `no_sent_folder`
    """
    folders = list_folders(session)
    # Where all folders are below INBOX (Courier, older Cyrus), none can be created elsewhere.
    delimiter = next((folder.delimiter for folder in folders if folder.role == "inbox"), None)
    others = [folder.path for folder in folders if folder.role != "inbox"]
    prefix = f"INBOX{delimiter}" if delimiter and others else ""
    if not all(path.startswith(prefix) for path in others):
        prefix = ""
    try:
        session.call("create_folder", f"{prefix}Sent")
        session.call("subscribe_folder", f"{prefix}Sent")
    except MailboxError as error:
        # Somebody else may have been quicker: another worker, or the user's own mail program.
        if path := _existing(session):
            return path
        raise MailboxError("no_sent_folder", error.detail, session.settings.host) from error
    return f"{prefix}Sent"
