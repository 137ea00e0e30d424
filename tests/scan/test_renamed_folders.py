"""Folders that are renamed, deleted and replaced on the server: what is read goes on being read."""

import pytest

from odoo.addons.crm_member_mail.mailbox.imap import session
from odoo.addons.crm_member_mail.mailbox.imap.client import Client

from dev.post import mailbox as open_mailbox

from ..mail import email
from .test_scan import filed, run_job

#: What servers offer to recognise a folder by.
SERVERS = ["status", "plain", "ids", "one number"]


@pytest.fixture
def client(dovecot, mailbox):
    """The user's own mail program."""
    with open_mailbox(dovecot, mailbox.user) as client:
        yield client


@pytest.fixture(params=SERVERS)
def server(request, monkeypatch):
    """The kind of server: Dovecot as it is; without LIST-STATUS; with OBJECTID; or one whose folders
    all have the same UIDVALIDITY."""
    if request.param == "plain":
        _without_list_status(monkeypatch)
    elif request.param == "ids":
        _with_mailbox_ids(monkeypatch)
    return request.param


def _without_list_status(monkeypatch):
    read = session.ImapSession._read_capabilities

    def read_capabilities(self):
        read(self)
        self.capabilities -= {"LIST-STATUS"}

    monkeypatch.setattr(session.ImapSession, "_read_capabilities", read_capabilities)


def _with_mailbox_ids(monkeypatch):
    """Dovecot 2.3 knows a folder's ID by another name."""
    has_capability, list_with_status = (
        Client.has_capability, Client.list_with_status
    )  # fmt: skip

    def has(self, name):
        return name == "OBJECTID" or has_capability(self, name)

    def list_by_guid(self, *ahead):
        command = self._imap._command
        self._imap._command = lambda *words: command(
            *(word.replace("MAILBOXID", "X-GUID") for word in words)
        )
        try:
            folders, statuses = list_with_status(self, *ahead)
        finally:
            self._imap._command = command
        for items in statuses.values():
            items[b"MAILBOXID"] = (items.pop(b"X-GUID"),)
        return folders, statuses

    monkeypatch.setattr(Client, "has_capability", has)
    monkeypatch.setattr(Client, "list_with_status", list_by_guid)


@pytest.fixture
def put(mailbox, server):
    """A function that puts an email of Ana's into a folder."""

    def put(path, subject, sender="ana@members.example", to="office@club.example"):
        mailbox.append(path, email(sender=sender, to=to, subject=subject))

    return put


@pytest.fixture
def make(env, account, client, mailbox, server):
    """A function that makes a folder and has it read; returns its record."""

    def make(path, read=True):
        client.create_folder(path)
        one_number(mailbox, server, "INBOX", "Sent", path)
        run_job(env)
        folder = account.with_context(active_test=False).folder_ids.filtered(
            lambda folder: folder.path == path
        )
        folder.active = read
        env.cr.commit()
        return folder

    return make


def one_number(mailbox, server, *paths):
    """On servers of that kind: give these folders the number that all have."""
    if server == "one number":
        for path in paths:
            mailbox.server.doveadm(
                "mailbox", "update", "-u", mailbox.user, "--uid-validity", "1", path
            )


def subjects(env):
    return sorted(filed(env).mapped("subject"))


def everything_is_fine(env, account):
    account.action_check()
    run_job(env)
    total = account.check_total
    assert account.condition == "fine" and not account.folder_problem
    assert not account.activity_ids
    assert account.accounted == f"{total} of {total} accounted for"
    return total


def test_renamed(env, account, contact, client, make, put):
    contact("Ana", "ana@members.example")
    folder = make("Clients")
    for subject in ("One", "Two"):
        put("Clients", subject)
    run_job(env)
    cursor, places = folder.last_uid, env["member.mail.location"].search([])
    assert cursor == 2 and len(places) == 2

    client.rename_folder("Clients", "Customers")
    put("Customers", "Three")
    run_job(env)

    assert folder.path == "Customers" and folder.active and not folder.missing
    assert folder.last_uid == 3
    assert subjects(env) == ["One", "Three", "Two"]
    assert places.exists() == places and set(places.mapped("folder_id")) == {folder}
    assert len(account.with_context(active_test=False).folder_ids.filtered("opened")) == 3
    assert everything_is_fine(env, account) == 3


def test_its_parent_renamed(env, account, contact, client, make, put):
    contact("Ana", "ana@members.example")
    folders = make("Clients/North") | make("Clients/South")
    put("Clients/North", "North")
    put("Clients/South", "South")
    run_job(env)

    client.rename_folder("Clients", "Customers")
    put("Customers/South", "Further south")
    run_job(env)

    assert folders.mapped("path") == ["Customers/North", "Customers/South"]
    assert subjects(env) == ["Further south", "North", "South"]
    assert everything_is_fine(env, account) == 3


def test_another_prefix(env, account, contact, client, make, put):
    contact("Ana", "ana@members.example")
    folder = make("Clients")
    put("Clients", "One")
    run_job(env)

    client.rename_folder("Clients", "INBOX/Clients")
    put("INBOX/Clients", "Two")
    run_job(env)

    assert folder.path == "INBOX/Clients"
    assert subjects(env) == ["One", "Two"]


def test_two_folders_swap_their_names(env, mailbox, account, contact, client, make, put, server):
    contact("Ana", "ana@members.example")
    first, second = make("First"), make("Second")
    for number in range(3):
        put("First", f"First {number}")
    put("Second", "Second 0")
    run_job(env)

    client.rename_folder("First", "Between")
    client.rename_folder("Second", "First")
    client.rename_folder("Between", "Second")
    one_number(mailbox, server, "First", "Second")
    put("First", "Second 1")
    put("Second", "First 3")
    run_job(env)

    assert (first.path, second.path) == ("Second", "First")
    assert (first.last_uid, second.last_uid) == (4, 2)
    assert len(filed(env)) == 6
    assert everything_is_fine(env, account) == 6


@pytest.mark.parametrize("server", ["status"], indirect=True)
def test_names_in_a_circle(env, account, contact, client, make, put):
    """The new name of each folder is the old one of another folder."""
    contact("Ana", "ana@members.example")
    folders = [make(path) for path in ("A1", "A2", "A3")]
    for size, folder in enumerate(folders, start=1):
        for number in range(size):
            put(folder.path, f"{folder.path} {number}")
    run_job(env)

    for old, new in (("A3", "A4"), ("A2", "A3"), ("A1", "A2"), ("A4", "A1")):
        client.rename_folder(old, new)
    run_job(env)

    assert [folder.path for folder in folders] == ["A2", "A3", "A1"]
    assert everything_is_fine(env, account) == len(filed(env)) == 6


def test_the_old_name_exists_anew(env, mailbox, account, contact, client, make, put, server):
    """The record follows the messages; who wanted the old name read wants the new folder read too."""
    contact("Ana", "ana@members.example")
    folder = make("Clients")
    folder.role = "archive"
    for subject in ("One", "Two"):
        put("Clients", subject)
    run_job(env)

    client.rename_folder("Clients", "Clients 2025")
    client.create_folder("Clients")
    one_number(mailbox, server, "Clients")
    put("Clients", "Three")
    run_job(env)

    assert folder.path == "Clients 2025" and folder.last_uid == 2
    new = account.folder_ids.filtered(lambda folder: folder.path == "Clients")
    assert new.active and new.role == "archive" and new.last_uid == 1
    assert subjects(env) == ["One", "Three", "Two"]
    assert everything_is_fine(env, account) == 3


def test_renamed_to_a_name_that_is_read_by_itself(env, account, contact, client, make, put):
    contact("Ana", "ana@members.example")
    folder = make("Posted")
    folder.role = "sent"
    put("Posted", "One", sender=account.email, to="ana@members.example")
    run_job(env)

    client.rename_folder("Posted", "Sent Items")
    account.action_test_connection()  # lists the folders too
    run_job(env)

    named = account.with_context(active_test=False).folder_ids.filtered(
        lambda folder: folder.path == "Sent Items"
    )
    assert named == folder and folder.active


def test_a_folder_without_our_messages(env, account, contact, client, make, put, server):
    """Its number is all that there is to go by, so it is read from scratch."""
    folder = make("Clients")
    put("Clients", "Stranger", sender="someone@else.example")
    run_job(env)
    assert folder.last_uid == 1

    client.rename_folder("Clients", "Customers")
    contact("Ana", "ana@members.example")
    put("Customers", "One")
    run_job(env)

    if server == "one number":
        assert folder.missing and account.condition == "incomplete"
    else:
        assert folder.path == "Customers" and folder.last_uid == 2
        assert subjects(env) == ["One"]


def test_deleted_and_made_anew(env, mailbox, account, contact, client, make, put, server):
    contact("Ana", "ana@members.example")
    folder = make("Clients")
    for subject in ("One", "Two"):
        put("Clients", subject)
    run_job(env)

    client.delete_folder("Clients")
    client.create_folder("Clients")
    one_number(mailbox, server, "Clients")
    put("Clients", "Three")
    run_job(env)

    assert folder.path == "Clients" and folder.last_uid == 1
    assert subjects(env) == ["One", "Three", "Two"]
    assert everything_is_fine(env, account) == 1


@pytest.mark.parametrize("server", ["status", "plain"], indirect=True)
def test_gone_and_back(env, account, contact, client, make, put):
    contact("Ana", "ana@members.example")
    admin = env.ref("base.user_admin")
    account.user_id = admin
    folder = make("Clients")
    put("Clients", "One")
    put("INBOX", "Two")
    run_job(env)
    assert everything_is_fine(env, account) == 2

    client.rename_folder("Clients", "Trash/Clients")
    for _scan in range(2):
        run_job(env)

    assert folder.missing and account.condition == "incomplete"
    assert account.state == "connected" and "Clients" in account.folder_problem
    summary = env["member.mail.account"].get_dashboard_summary([("id", "=", account.id)])
    assert summary["problems"] == 1
    assert account.remedy == "folders"
    activity = account.activity_ids
    assert len(activity) == 1 and activity.user_id == admin and "Clients" in activity.note
    assert account.accounted == ("1 of 1 accounted for, not counting a folder that is missing")

    client.rename_folder("Trash/Clients", "Clients")
    put("Clients", "Three")
    run_job(env)

    assert subjects(env) == ["One", "Three", "Two"]
    assert everything_is_fine(env, account) == 3


@pytest.mark.parametrize("server", ["status"], indirect=True)
def test_gone_for_good(env, account, client, make, put, contact):
    contact("Ana", "ana@members.example")
    folders = make("Clients") | make("Partners")
    put("Clients", "One")
    run_job(env)
    for folder in folders:
        client.delete_folder(folder.path)
    run_job(env)
    assert "Clients, Partners" in account.folder_problem
    assert account.activity_ids and account.condition == "incomplete"

    folders[0].active = False
    assert account.activity_ids and "Partners" in account.folder_problem
    folders[1].active = False
    env.cr.commit()
    env.invalidate_all()

    assert account.condition == "fine" and not account.folder_problem
    assert not account.activity_ids
    run_job(env)
    assert account.condition == "fine" and not account.activity_ids
    assert subjects(env) == ["One"]


@pytest.mark.parametrize("server", ["status"], indirect=True)
def test_a_folder_that_is_not_read_is_nobodys_problem(env, account, client, make, put, contact):
    contact("Ana", "ana@members.example")
    folder = make("Clients")
    put("Clients", "One")
    run_job(env)
    folder.active = False
    client.rename_folder("Clients", "Customers")
    run_job(env)

    assert account.condition == "fine" and not account.activity_ids
    new = account.with_context(active_test=False).folder_ids.filtered(
        lambda folder: folder.path == "Customers"
    )
    assert new and not new.active


@pytest.mark.parametrize("server", ["status", "plain"], indirect=True)
def test_inbox_is_never_missing(env, account, monkeypatch, make):
    make("Clients")
    listed = session.ImapSession.call

    def without_inbox(self, method, *args, **options):
        answer = listed(self, method, *args, **options)
        if method == "list_folders":
            return [entry for entry in answer if entry[2] != "INBOX"]
        if method == "list_with_status":
            return [entry for entry in answer[0] if entry[2] != "INBOX"], answer[1]
        return answer

    monkeypatch.setattr(session.ImapSession, "call", without_inbox)
    run_job(env)
    assert account.condition == "fine" and not account.activity_ids
