"""How renamed folders are told apart; tests/scan/test_renamed_folders.py does so in a real mailbox."""

from dataclasses import dataclass, field, replace

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import renamed
from crm_member_mail.mailbox.imap.fetch import fetch_summaries
from crm_member_mail.mailbox.imap.renamed import KnownFolder, Move, find
from crm_member_mail.mailbox.types import FolderStatus, RemoteFolder


@dataclass
class Folder:
    """A folder on the server: ``mails`` is a dict of UID to subject."""

    uidvalidity: int
    mails: dict
    mailbox_id: str = ""
    uidnext: int = 0
    role: str = "other"

    @property
    def status(self):
        uidnext = self.uidnext or max(self.mails, default=0) + 1
        return FolderStatus(self.uidvalidity, uidnext, len(self.mails), self.mailbox_id)


@dataclass
class Server:
    """Stands in for a session and for the account's desk."""

    folders: dict
    lists_status: bool = True
    known: list = field(default_factory=list)
    samples_of: dict = field(default_factory=dict)
    opened: list = field(default_factory=list)
    selected: str = ""
    exists: int = 0
    capabilities: frozenset = frozenset()

    def call(self, method, *args, **options):
        if method == "select_folder":
            path = args[0]
            self.opened.append(path)
            if path not in self.folders:
                raise MailboxError("folder_missing")
            status = self.folders[path].status
            return {
                b"UIDVALIDITY": status.uidvalidity, b"UIDNEXT": status.uidnext,
                b"EXISTS": status.exists, b"MAILBOXID": [f"({status.mailbox_id})".encode()],
            }  # fmt: skip
        assert method == "fetch"
        mails = self.folders[self.selected].mails
        return {
            uid: {b"BODY[HEADER.FIELDS (X)]": f"Subject: {mails[uid]}\r\n\r\n".encode()}
            for uid in args[0]
            if uid in mails
        }

    def known_folders(self):
        return self.known

    def samples(self, keys):
        return {key: self.samples_of[key] for key in keys if key in self.samples_of}

    def know(self, key, path, samples=True, **values):
        """Have the records know a folder as it is now."""
        folder = self.folders[path]
        known = KnownFolder(
            key, path, folder.uidvalidity, folder.status.uidnext - 1, folder.mailbox_id, **values
        )
        self.known.append(known)
        if samples and folder.mails:
            self.selected = path
            self.samples_of[key] = {
                summary.uid: summary.header_digest
                for summary in fetch_summaries(self, list(folder.mails))
            }
            self.selected = ""

    def listed(self):
        return [
            RemoteFolder(
                path,
                folder.role,
                delimiter="/",
                status=folder.status if self.lists_status else None,
            )
            for path, folder in self.folders.items()
        ]

    def find(self):
        self.opened.clear()
        return find(self, self, self.listed())


def rename(server, **names):
    """Rename folders, all at once; underscores stand for slashes."""
    names = {old.replace("_", "/"): new for old, new in names.items()}
    server.folders = {names.get(path, path): folder for path, folder in server.folders.items()}


@pytest.fixture(params=[True, False], ids=["LIST-STATUS", "LIST"])
def server(request):
    server = Server(
        {
            "INBOX": Folder(1, {1: "Welcome"}, role="inbox"),
            "Clients": Folder(2, {1: "One", 2: "Two", 5: "Five"}),
            "Partners": Folder(3, {1: "A", 2: "B"}),
            "Unread": Folder(4, {1: "X"}),
            "Trash": Folder(5, {1: "Y"}, role="trash"),
        },
        lists_status=request.param,
    )
    for key, path in enumerate(("INBOX", "Clients", "Partners")):
        server.know(key, path)
    return server


def test_nothing_to_look_for(server):
    found = server.find()
    assert not found.moves and not found.lost and not found.searched
    # Without LIST-STATUS, what is read is opened, once, and what is not isn't.
    assert server.opened == ([] if server.lists_status else ["Clients", "Partners"])
    assert found.statuses.keys() == set(server.opened)


def test_known_messages_tell(server):
    rename(server, Clients="Customers")
    assert server.find().moves == {1: Move("Customers")}


def test_other_messages_tell_too(server):
    server.folders["Copy"] = Folder(2, {1: "Other", 2: "mails", 5: "altogether"})
    del server.folders["Clients"]
    found = server.find()
    assert not found.moves and found.lost == {1}


def test_some_messages_may_be_gone_or_changed(server):
    server.folders["Clients"].mails = {2: "Two", 5: "Changed by the provider", 6: "New"}
    rename(server, Clients="Customers")
    assert server.find().moves == {1: Move("Customers")}


def test_all_messages_gone(server):
    """The number alone, so it is read from scratch."""
    server.folders["Clients"] = Folder(2, {}, uidnext=6)
    rename(server, Clients="Customers")
    assert server.find().moves == {1: Move("Customers", read_again=True)}


def test_a_number_that_says_nothing(server):
    server.folders["Partners"].uidvalidity = 2
    server.known[2] = replace(server.known[2], uidvalidity=2)
    server.folders["Clients"] = Folder(2, {}, uidnext=6)
    rename(server, Clients="Customers")
    found = server.find()
    assert not found.moves and found.lost == {1}


@pytest.mark.parametrize("path", ["INBOX/Clients", "INBOX.Clients", "clients"])
def test_another_prefix_on_a_server_that_counts_anew(server, path):
    server.folders["Clients"].uidvalidity = 99
    rename(server, Clients=path)
    assert server.find().moves == {1: Move(path, read_again=True)}


def test_another_delimiter(server):
    server.folders["Clients/North"] = Folder(77, {1: "N"})
    server.know(7, "Clients/North")
    server.folders["Clients/North"].uidvalidity = 99
    rename(server, Clients_North="INBOX.Clients.North")
    assert server.find().moves == {7: Move("INBOX.Clients.North", read_again=True)}


def test_ids_tell_whatever_else_has_changed():
    server = Server({"A": Folder(1, {1: "a"}, "id-a"), "B": Folder(1, {1: "b"}, "id-b")})
    for key, path in enumerate(("A", "B")):
        server.know(key, path)
    server.folders["A"].uidvalidity = 8
    server.folders["A"].mails = {}
    rename(server, A="B", B="A")
    assert server.find().moves == {0: Move("B"), 1: Move("A")}


def test_another_id_under_the_same_number():
    server = Server({"A": Folder(1, {1: "a", 2: "b"}, "id-a")})
    server.know(0, "A")
    server.folders["A"].mailbox_id = "other"
    assert server.find().moves == {0: Move("A")}  # the messages are ours: only the ID is new
    server.folders["A"].mails = {1: "x", 2: "y"}
    assert server.find().moves == {0: Move("A", read_again=True)}


def test_swapped_where_all_folders_have_one_number(server):
    for index, path in ((1, "Clients"), (2, "Partners")):
        server.folders[path].uidvalidity = 9
        server.known[index] = replace(server.known[index], uidvalidity=9)
    rename(server, Clients="Partners", Partners="Clients")
    assert server.find().moves == {1: Move("Partners"), 2: Move("Clients")}


def test_one_that_lost_its_name_and_is_nowhere(server):
    for index, path in ((1, "Clients"), (2, "Partners")):
        server.folders[path].uidvalidity = 9
        server.known[index] = replace(server.known[index], uidvalidity=9)
    del server.folders["Partners"]
    rename(server, Clients="Partners")
    assert server.find().moves == {1: Move("Partners"), 2: Move(None)}


def test_two_records_of_one_folder(server):
    """The one that has its name keeps it."""
    rename(server, Clients="Customers")
    server.know(8, "Customers")
    found = server.find()
    assert not found.moves and found.lost == {1}


def test_not_into_the_trash(server):
    server.folders["Trash/Clients"] = replace(server.folders.pop("Clients"), role="trash")
    assert server.find().lost == {1}


def test_what_is_gone_is_not_looked_for_again_and_again(server):
    del server.folders["Clients"]
    found = server.find()
    assert found.lost == {1}
    server.known[1] = replace(server.known[1], is_missing=True, searched=found.searched)
    assert server.find().lost == {1}
    assert server.opened == ([] if server.lists_status else ["Partners"])

    server.folders["Customers"] = Folder(2, {1: "One", 2: "Two", 5: "Five"})
    assert server.find().moves == {1: Move("Customers")}


def test_not_in_all_of_very_many_folders(server, monkeypatch):
    monkeypatch.setattr(renamed, "LIMIT", 3)
    del server.folders["Clients"]
    server.folders |= {f"Folder {number}": Folder(50 + number, {}) for number in range(9)}
    assert server.find().lost == {1}
    assert len(server.opened) <= 1 + 3
