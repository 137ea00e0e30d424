"""Puts copies of what was sent into the mailbox's Sent folder, once."""

from ..errors import MailboxError
from .fetch import examine, leave
from .folders import list_folders, main_folder

#: Message-IDs that one SEARCH asks for: a command should have no more than some 1,000 bytes (RFC 2683
#: section 3.2.1.5).
SEARCHED = 10


def store(session, data, message_id, date):
    """Put a copy of an email into the Sent folder, marked as read, unless it is already there.

    :param session: an ImapSession
    :param bytes data: the email, with CRLF line ends
    :param str message_id: its Message-ID, with angle brackets
    :param datetime date: aware; it becomes INTERNALDATE
    :return: whether the copy was added
    :raises MailboxError: `no_sent_folder` when there is none and none can be made
    """
    folder = SentFolder(session)
    if not folder.missing([message_id]):
        return False
    folder.add(data, date)
    return True


class SentFolder:
    """The Sent folder of a mailbox, which is made if there is none.

    After a crash nobody knows whether a copy was stored. If it was, it is found by its Message-ID; so
    whoever adds only what is missing may do that any number of times.

    :param session: an ImapSession
    :raises MailboxError: `no_sent_folder` when there is none and none can be made
    """

    def __init__(self, session):
        self._session = session
        self._path = _existing(session) or _created(session)

    def missing(self, message_ids):
        """Those of some Message-IDs, with angle brackets, that are on no email of the folder: a set."""
        examine(self._session, self._path)
        absent = set()
        for start in range(0, len(message_ids), SEARCHED):
            absent.update(self._absent(message_ids[start : start + SEARCHED]))
        # Courier appends nothing to a folder that the same connection has open read-only.
        leave(self._session)
        return absent

    def add(self, data, date):
        """Append an email, marked as read.

        :param bytes data: the email, with CRLF line ends
        :param datetime date: aware; it becomes INTERNALDATE
        """
        self._session.call(
            "append", self._path, data, flags=(rb"\Seen",), msg_time=date, seconds=120.0
        )

    def _absent(self, message_ids):
        """Those that the open folder does not have: mostly all, which one SEARCH tells."""
        if len(message_ids) > 1 and not self._has_one_of(message_ids):
            return message_ids
        return [one for one in message_ids if not self._find([*_HEADER, one])]

    def _has_one_of(self, message_ids):
        """Whether the open folder may have one of several emails."""
        first, *others = message_ids
        criteria = [*_HEADER, first]
        for one in others:
            criteria = ["OR", *_HEADER, one, *criteria]
        try:
            return self._find(criteria)
        except MailboxError as error:
            if error.code != "server_error":
                raise
            return True  # too much at once for this server

    def _find(self, criteria):
        return bool(self._session.call("search", criteria))


_HEADER = ("HEADER", "Message-ID")


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
