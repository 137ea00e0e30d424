"""What each folder is for, on servers of all kinds."""

from crm_member_mail.mailbox.imap.folders import list_folders
from crm_member_mail.mailbox.imap.session import ImapSession

from .fake_server import imap_server
from .test_session import settings


def roles(*lines):
    """What list_folders makes of a server's LIST answers: dict of path to role."""
    answer = [f"* LIST {line}" for line in lines] + ["OK"]
    with (
        imap_server({"LIST": answer}) as server,
        ImapSession.open(settings(server.port)) as session,
    ):
        return {folder.path: folder.role for folder in list_folders(session) if folder.selectable}


def test_special_use_of_a_real_server(dovecot, mailbox):
    imap = settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)
    with ImapSession.open(imap) as session:
        found = list_folders(session)
    assert found[0].path == "INBOX"
    expected = {
        "INBOX": "inbox",
        "Sent": "sent",
        "Drafts": "drafts",
        "Trash": "trash",
        "Junk": "junk",
    }
    assert expected.items() <= {folder.path: folder.role for folder in found}.items()


def test_attributes_go_before_names():
    assert roles(
        '(\\HasNoChildren) "/" INBOX',
        '(\\HasNoChildren \\Sent) "/" Outgoing',
        '(\\HasNoChildren) "/" Sent',
        '(\\HasNoChildren) "/" Spam',
    ) == {"INBOX": "inbox", "Outgoing": "sent", "Sent": "other", "Spam": "junk"}


def test_gmail_in_german():
    assert roles(
        '(\\HasNoChildren) "/" "INBOX"',
        '(\\HasChildren \\Noselect) "/" "[Gmail]"',
        '(\\All \\HasNoChildren) "/" "[Gmail]/Alle Nachrichten"',
        '(\\HasNoChildren \\Sent) "/" "[Gmail]/Gesendet"',
        '(\\HasNoChildren \\Trash) "/" "[Gmail]/Papierkorb"',
    ) == {
        "INBOX": "inbox",
        "[Gmail]/Alle Nachrichten": "all",
        "[Gmail]/Gesendet": "sent",
        "[Gmail]/Papierkorb": "trash",
    }


def test_names_below_inbox_and_in_modified_utf7():
    assert roles(
        '() "." INBOX',
        '() "." "INBOX.&AMk-l&AOk-ments envoy&AOk-s"',
        '() "." "INBOX.Corbeille"',
        '() "." "INBOX.Clients"',
        '() "." "INBOX.&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"',
    ) == {
        "INBOX": "inbox",
        "INBOX.Éléments envoyés": "sent",
        "INBOX.Corbeille": "trash",
        "INBOX.Clients": "other",
        "INBOX.Отправленные": "other",  # one Sent folder is enough: the first
    }


def test_odd_folders():
    assert roles(
        "() NIL inbox",
        '(\\NonExistent) "/" Gone',
        '() "/" 2024',
        '() "/" {4}\r\nSent',
        '() "/" "Clients/Sent"',
    ) == {"inbox": "inbox", "2024": "other", "Sent": "sent", "Clients/Sent": "other"}
