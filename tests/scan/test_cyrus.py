"""Scans of Cyrus: what arrives, moves and vanishes there, wherever it lays out its folders."""

import pytest

from dev.post import mailbox as open_mailbox

from ..mail import email
from .test_renamed_folders import everything_is_fine, subjects
from .test_scan import filed, run_job


@pytest.fixture
def client(cyrus, cyrus_user):
    """The user's own mail program."""
    with open_mailbox(cyrus, cyrus_user) as client:
        yield client


@pytest.fixture
def account(cyrus, cyrus_user, make_account, contact):
    """The mailbox on Cyrus, registered as an account; Ana is a contact."""
    contact("Ana", "ana@members.example")
    return make_account(email=cyrus_user, imap_port=cyrus.tls_port)


@pytest.fixture
def receive(cyrus, cyrus_user):
    """A function that has an email of somebody delivered."""

    def receive(subject, sender="ana@members.example"):
        cyrus.deliver(cyrus_user, email(sender=sender, to=cyrus_user, subject=subject))

    return receive


@pytest.fixture
def clients(env, cyrus, account, client):
    """The record of a folder that is read, too."""
    client.create_folder(cyrus.path("Clients"))
    run_job(env)
    folder = account.with_context(active_test=False).folder_ids.filtered(
        lambda folder: folder.path == cyrus.path("Clients")
    )
    folder.active = True
    env.cr.commit()
    return folder


def places(env):
    """Where each message lies: dict of subject to the paths of its folders."""
    return {
        message.subject: sorted(message.location_ids.folder_id.mapped("path"))
        for message in filed(env)
    }


def test_what_is_received_and_sent_is_filed(env, cyrus, account, client, receive):
    receive("Received")
    receive("Advertising", sender="stranger@else.example")
    sent = email(sender=account.email, to="ana@members.example", subject="Sent")
    client.append(cyrus.path("Sent"), sent)
    run_job(env)
    assert places(env) == {"Received": ["INBOX"], "Sent": [cyrus.path("Sent")]}
    assert filed(env, subject="Sent").direction == "out"
    roles = {folder.path: folder.role for folder in account.folder_ids}
    assert (roles["INBOX"], roles[cyrus.path("Sent")]) == ("inbox", "sent")
    # Read there, it stays unread; and each of them is there once.
    assert client.folder_status("INBOX", ["UNSEEN"])[b"UNSEEN"] == 2
    receive("Another")
    run_job(env)
    assert subjects(env) == ["Another", "Received", "Sent"]
    assert everything_is_fine(env, account) == 4


def test_flags_deletion_and_moves(env, cyrus, account, client, receive, clients):
    for subject in ("Read", "Deleted", "Moved"):
        receive(subject)
    run_job(env)
    client.select_folder("INBOX")
    client.add_flags([1], [b"\\Seen"])
    client.delete_messages([2])
    client.expunge()
    client.move([3], clients.path)
    run_job(env)
    everything_is_fine(env, account)
    assert places(env) == {"Read": ["INBOX"], "Deleted": [], "Moved": [cyrus.path("Clients")]}


def test_a_folder_that_is_renamed(env, cyrus, account, client, clients):
    old, new = clients.path, cyrus.path("Customers")
    client.append(old, email(sender="ana@members.example", subject="One"))
    run_job(env)
    client.rename_folder(old, new)
    client.append(new, email(sender="ana@members.example", subject="Two"))
    run_job(env)
    assert clients.path == new and not clients.missing
    assert places(env) == {"One": [new], "Two": [new]}
    assert everything_is_fine(env, account) == 2


def test_a_folder_that_is_deleted_and_made_anew(env, client, receive, clients):
    path = clients.path
    client.append(path, email(sender="ana@members.example", subject="One"))
    receive("Received")
    run_job(env)
    client.delete_folder(path)
    receive("Received later")
    run_job(env)
    assert places(env)["Received later"] == ["INBOX"]
    client.create_folder(path)
    client.append(path, email(sender="ana@members.example", subject="Two"))
    run_job(env)
    assert subjects(env) == ["One", "Received", "Received later", "Two"]
    assert places(env)["Two"] == [path]


def test_what_is_filed_is_deleted_from_the_server(env, account, client, receive):
    account.deletion_policy = "copied"
    receive("Filed")
    receive("Advertising", sender="stranger@else.example")
    run_job(env)
    client.select_folder("INBOX", readonly=True)
    assert client.search() == [2]
    assert subjects(env) == ["Filed"] and not account.deletion_problem
