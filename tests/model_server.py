"""A model of an IMAP server whose content changes as much as a real server's does in years."""

import copy
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError

MONITORED = ("INBOX", "Sent")


@dataclass
class Mail:
    """A message of a folder; copies of one email have the same ``data``."""

    uid: int
    data: bytes
    internal_date: datetime
    deleted: bool = False


@dataclass
class Folder:
    uidvalidity: int = 1
    uidnext: int = 1
    mails: list = field(default_factory=list)

    def add(self, data, internal_date):
        self.mails.append(Mail(self.uidnext, data, internal_date))
        self.uidnext += 1

    def of(self, uids):
        return [mail for mail in self.mails if mail.uid in uids]


class ModelServer:
    """Folders with mail, and sessions that can be spoiled.

    ``fail_at`` is how many commands go well before one breaks the connection; with ``executed`` that
    one is done all the same, and only its answer is lost. ``removed`` are the bytes of all messages
    that a session removed from a monitored folder.
    """

    def __init__(self, features=()):
        self.folders = {"INBOX": Folder(), "Sent": Folder(), "Trash": Folder()}
        self.features = frozenset(features)
        self.backups = {}
        self.removed = set()
        self.opened = self.fetched = 0
        self.calm()

    def calm(self):
        self.fail_at, self.executed = None, False

    def here(self):
        """The messages of the monitored folders."""
        return [mail for path in MONITORED for mail in self.folders[path].mails]

    def back_up(self, path):
        self.backups[path] = copy.deepcopy(self.folders[path])

    def restore(self, path):
        if path in self.backups:
            self.folders[path] = copy.deepcopy(self.backups[path])

    def reset_uidvalidity(self, path):
        folder = self.folders[path]
        folder.uidvalidity += 1
        for uid, mail in enumerate(folder.mails, start=1):
            mail.uid = uid
        folder.uidnext = len(folder.mails) + 1

    def open(self, settings, _seconds=None, _renew=None):
        """Stands in for `ImapSession.open`."""
        return ModelSession(self, settings)


class ModelSession:
    """What the engine needs of an ImapSession."""

    message_limit = None

    def __init__(self, server, settings):
        self.server, self.settings = server, settings
        self.capabilities = server.features
        self.selected, self.exists, self._folder = None, 0, None

    def close(self):
        """There is no connection."""

    def call(self, method, *args, default="server_error", allowance=None, **options):
        server = self.server
        if server.fail_at is not None:
            server.fail_at -= 1
            if server.fail_at < 0:
                if server.executed:
                    getattr(self, f"_{method}")(*args, **options)
                raise MailboxError("connection_lost")
        try:
            return getattr(self, f"_{method}")(*args, **options)
        except KeyError as error:
            raise MailboxError(default) from error

    def _list_folders(self):
        flags = {"Sent": b"\\Sent", "Trash": b"\\Trash"}
        return [((flags.get(path, b"\\X"),), b"/", path) for path in self.server.folders]

    def _list_with_status(self):
        return self._list_folders(), {
            path: {
                b"UIDVALIDITY": folder.uidvalidity,
                b"UIDNEXT": folder.uidnext,
                b"MESSAGES": len(folder.mails),
            }
            for path, folder in self.server.folders.items()
        }

    def _select_folder(self, path, readonly):
        self.server.opened += 1
        self._folder = self.server.folders[path]
        self._readonly = readonly
        return {
            b"EXISTS": len(self._folder.mails),
            b"UIDVALIDITY": self._folder.uidvalidity,
            b"UIDNEXT": self._folder.uidnext,
        }

    def _search(self, criteria):
        found, rest = list(self._folder.mails), list(criteria)
        while rest:
            key = rest.pop(0)
            if key == "UID":
                low, high = map(int, rest.pop(0).split(":"))
                found = [mail for mail in found if low <= mail.uid <= high]
            elif key in ("SINCE", "BEFORE"):
                day = rest.pop(0)
                found = [
                    mail for mail in found if (mail.internal_date.date() >= day) == (key == "SINCE")
                ]
            else:
                test, rest = _key([key, *rest])
                found = [mail for mail in found if test(message_from_bytes(mail.data))]
        return [mail.uid for mail in found]

    def _fetch(self, uids, items):
        answers = {}
        for mail in self._folder.of(uids):
            answer = {
                b"SEQ": 1,
                b"RFC822.SIZE": len(mail.data),
                b"INTERNALDATE": mail.internal_date,
            }
            for item in items:
                if item.startswith("BODY.PEEK[HEADER"):
                    answer[b"BODY[HEADER.FIELDS (X)]"] = mail.data.partition(b"\n\n")[0]
                elif item == "BODY.PEEK[]":
                    self.server.fetched += 1
                    answer[b"BODY[]"] = mail.data
            answers[mail.uid] = answer
        return answers

    def _add_flags(self, uids, flags, silent):
        assert not self._readonly
        assert flags == [b"\\Deleted"]
        for mail in self._folder.of(uids):
            mail.deleted = True

    def _uid_expunge(self, uids):
        self._remove([mail for mail in self._folder.of(uids) if mail.deleted])

    def _copy(self, uids, path):
        for mail in self._folder.of(uids):
            self.server.folders[path].add(mail.data, mail.internal_date)

    def _move(self, uids, path):
        self._copy(uids, path)
        self._remove(self._folder.of(uids))

    def _remove(self, mails):
        assert not self._readonly
        for mail in mails:
            self._folder.mails.remove(mail)
            self.server.removed.add(mail.data)


def _key(criteria):
    """The first key of SEARCH criteria as a test of an email, and the criteria behind it."""
    key, *rest = criteria
    if isinstance(key, list):
        tests = []
        while key:
            test, key = _key(key)
            tests.append(test)
        return lambda message: all(test(message) for test in tests), rest
    if key == "OR":
        one, rest = _key(rest)
        other, rest = _key(rest)
        return lambda message: one(message) or other(message), rest
    if key == "HEADER":
        key, *rest = rest
    else:
        assert key in ("FROM", "TO", "CC", "BCC"), key
    value, *rest = rest
    return lambda message: any(value in field for field in message.get_all(key, [])), rest
