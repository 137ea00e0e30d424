"""What an IMAP server says is checked where it comes in: numbers, names, repetitions, and how much."""

from contextlib import contextmanager

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import client, fetch, partial, sent_copy
from crm_member_mail.mailbox.imap.folders import list_folders, main_folder
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.types import FolderStatus, RemotePart

from ..fake_server import FakeServer, Flood, imap_server
from ..memory import memory
from .test_session import failure, settings

MB = 1024 * 1024


@contextmanager
def session_of(answers, **options):
    """An open session with a fake server."""
    with (
        imap_server(answers, **options) as server,
        ImapSession.open(settings(server.port)) as session,
    ):
        yield session


# -- how much --------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"* OK hello", b"* OK hello\r\n", b"* 1 EXISTS\r\n", b"\r\n"])
def test_endless_greeting(data):
    with memory(20 * MB), FakeServer(lambda connection: connection.flood(data)) as server:
        error = failure(ImapSession.open, settings(server.port))
    assert error.code in ("too_much", "connection_lost")


FLOODS = {
    "lines": b"* 1 EXISTS\r\n",
    "different": b"* ABC\r\n* DEF\r\n* OK [X] y\r\n",
    "one line": b"* LIST () x",
    "literals": b"* LIST () {10}\r\n0123456789\r\n",
    "folders": b'* LIST () "/" "Clients/A to Z"\r\n',
    "headers": b"* 1 FETCH (UID 1 BODY[HEADER] {7}\r\nTo: me\n)\r\n",
}


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        *(("UID FETCH", kind) for kind in FLOODS),
        *((command, "different") for command in ("LOGIN", "LIST", "EXAMINE", "UID SEARCH")),
    ],
)
def test_flood(command, kind):
    """Whatever is asked, an answer without end is an error in bounded memory."""
    answers = {
        "LIST": ['* LIST () "/" INBOX', "OK"],
        "UID SEARCH": ["* SEARCH 1 2 3", "OK"],
        command: Flood(FLOODS[kind]),
    }
    with (
        memory(100 * MB),
        imap_server(answers) as server,
        pytest.raises(MailboxError) as caught,
        ImapSession.open(settings(server.port)) as session,
    ):
        list_folders(session)
        fetch.examine(session, "INBOX")
        fetch.uids_between(session, 1, 3)
        session.call("fetch", [1, 2, 3], ["BODY.PEEK[]"], allowance=client.FETCH)
    assert caught.value.code == "too_much"
    assert (caught.value.kind, caught.value.host) == ("transient", "localhost")


@pytest.mark.parametrize("size", ["4000000000", "9" * 30, "9" * 5000])
def test_a_literal_is_refused_before_memory_is_taken(size):
    answers = {"UID FETCH": [f"* 1 FETCH (UID 1 BODY[] {{{size}}}", "OK"]}
    with memory(20 * MB), session_of(answers) as session:
        fetch.examine(session, "INBOX")
        error = failure(fetch.fetch_bodies, session, [1])
    assert error.code in ("too_much", "connection_lost")


def test_what_nobody_asked_for_is_forgotten():
    """What is said besides the answers does not pile up over a long connection."""
    noise = ["* XNOISE " + "x" * 100_000] * 10
    answers = {"UID SEARCH": [*noise, "* SEARCH 1", "OK"]}
    with memory(20 * MB), session_of(answers) as session:
        fetch.examine(session, "INBOX")
        for _time in range(50):
            assert fetch.uids_between(session, 1, 3) == [1]


def test_a_search_finds_no_more_than_the_folder_has():
    answers = {"UID SEARCH": [f"* SEARCH {' '.join(map(str, range(1, 2000)))}", "OK"]}
    with session_of(answers) as session:
        fetch.examine(session, "INBOX")
        assert failure(fetch.uids_between, session, 1, fetch.LAST_UID).code == "protocol"


def test_a_part_that_never_ends(monkeypatch):
    monkeypatch.setattr(partial, "SLACK", 10 * partial.CHUNK)
    chunk = "x" * partial.CHUNK
    answer = [f"* 1 FETCH (UID 1 BODY[2]<0> {{{len(chunk)}}}", f"{chunk})", "OK"]
    with session_of({"UID FETCH": answer}) as session:
        fetch.examine(session, "INBOX")
        part = RemotePart("2", "a.bin", "application/octet-stream", "8bit", 100)
        assert failure(partial.fetch_part, session, 1, part).code == "too_much"


# -- before TLS ------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["greeting", "capability", "answer", "behind"])
def test_before_tls_nothing_counts(dovecot, place):
    """What is said before TLS may come from anybody on the way: it chooses neither the Sent folder nor
    what the server can do (RFC 9051 section 11.1)."""
    evil = [
        '* LIST (\\Sent) "/" Evil',
        "* CAPABILITY IMAP4rev1 EVIL AUTH=PLAIN",
        "* STATUS Evil ()",
    ]

    def play(connection):
        def answer(name, *lines):
            tag = connection.hear().split(" ")[0]
            connection.say(*(evil if place == name else ()), *lines, f"{tag} OK done")

        connection.say(*(evil if place == "greeting" else ()), "* OK hello")
        answer("capability", "* CAPABILITY IMAP4rev1 STARTTLS")
        if place == "greeting":
            return  # imaplib takes the first line for the greeting
        tag = connection.hear().split(" ")[0]
        behind = [*evil, "b1 OK LOGIN"] if place == "behind" else []
        lines = [*(evil if place == "answer" else ()), f"{tag} OK begin", *behind]
        connection.send("".join(f"{line}\r\n" for line in lines).encode())
        connection.start_tls(dovecot.root)
        while line := connection.hear():
            tag, name = line.split(" ")[:2]
            said = {"CAPABILITY": ["* CAPABILITY IMAP4rev1"], "LIST": ['* LIST () "/" INBOX']}
            connection.say(*said.get(name, ()), f"{tag} OK done")

    with FakeServer(play) as server:
        given = settings(server.port, encryption="starttls")
        if place == "greeting":
            failure(ImapSession.open, given)
            return
        with ImapSession.open(given) as session:
            assert session.capabilities == {"IMAP4REV1"}
            folders = list_folders(session)
    assert [folder.path for folder in folders] == ["INBOX"] and not main_folder(folders, "sent")


@pytest.mark.parametrize("encryption", ["none", "starttls"])
def test_a_server_that_asks_for_no_password_is_refused(encryption):
    with imap_server({}, "* PREAUTH welcome", "IMAP4rev1 STARTTLS") as server:
        error = failure(ImapSession.open, settings(server.port, encryption=encryption))
    assert (error.code, error.kind) == ("preauth", "config")


# -- numbers ---------------------------------------------------------------------------------------

WRONG = ["-5", "²", "1_0", "+5", "9" * 5000, "4294967296", "x", "(1)", "NIL"]


@pytest.mark.parametrize("number", WRONG)
@pytest.mark.parametrize("item", ["UIDVALIDITY", "UIDNEXT", "EXISTS"])
def test_numbers_of_a_folder(item, number):
    lines = {
        "UIDVALIDITY": "* OK [UIDVALIDITY 7] .",
        "UIDNEXT": "* OK [UIDNEXT 4] .",
        "EXISTS": "* 3 EXISTS",
    }
    lines[item] = f"* {number} EXISTS" if item == "EXISTS" else f"* OK [{item} {number}] ."
    with session_of({"EXAMINE": [*lines.values(), "OK"], "STATUS": ["NO"]}) as session:
        try:
            status = fetch.examine(session, "INBOX")
        except MailboxError as error:
            assert error.kind == "transient"
        else:
            values = (status.uidvalidity, status.uidnext, status.exists)
            assert all(type(value) is int and 0 <= value < 2**32 for value in values)


def test_a_folder_that_can_hold_nobodys_mail_is_out_of_reach():
    """2,000,000,000 messages would be looked through for days."""
    with session_of({"EXAMINE": ["* 2000000000 EXISTS", "OK"], "STATUS": ["NO"]}) as session:
        error = failure(fetch.examine, session, "Clients")
    assert (error.code, error.detail) == ("folder_missing", "Clients")
    limited = {"EXAMINE": ["* 100000 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 9] .", "OK"]}
    with session_of(limited, capabilities="IMAP4rev1 MESSAGELIMIT=1") as session:
        fetch.examine(session, "INBOX")
        assert failure(fetch.uids_between, session, 1, 9).code == "protocol"


@pytest.mark.parametrize("limit", ["9" * 5000, "-1", "0", "", "x", "1_0"])
def test_message_limit(limit):
    with session_of({}, capabilities=f"IMAP4rev1 MESSAGELIMIT={limit}") as session:
        assert session.message_limit is None


@pytest.mark.parametrize("size", [*WRONG, "2147483648"])
def test_size_of_a_message(size):
    header = "From: a@b.example\r\n\r\n"
    line = (
        f"* 1 FETCH (UID 1 FLAGS 5 X-GM-LABELS x RFC822.SIZE {size} INTERNALDATE"
        f' "01-Jan-0001 00:00:00 +1400" BODY[HEADER.FIELDS (FROM)] {{{len(header)}}}'
    )
    with session_of({"UID FETCH": [line, f"{header})", "OK"]}) as session:
        fetch.examine(session, "INBOX")
        for summary in fetch.fetch_summaries(session, [1]):
            assert type(summary.size) is int and 0 <= summary.size < 2**31


def test_a_search_that_finds_what_cannot_be():
    answers = {
        "EXAMINE": ["* 3 EXISTS", "* OK [UIDVALIDITY 7] .", "OK"],
        "STATUS": ["OK"],
        "SEARCH": ["* SEARCH 0 3 99999999999", "OK"],
        "UID SEARCH": ["* SEARCH 0 3 99999999999", "OK"],
    }
    with session_of(answers) as session:
        assert fetch.examine(session, "INBOX").uidnext == 4
        assert fetch.uids_between(session, 1, fetch.LAST_UID) == [3]


@pytest.mark.parametrize("number", ["999999999999999999999999", "9" * 100, "0"])
def test_a_server_has_us_wait_for_a_day_at_most(number):
    login = [f"NO [UNAVAILABLE] Suggested Backoff Time: {number} milliseconds"]
    with imap_server({"LOGIN": login}) as server:
        error = failure(ImapSession.open, settings(server.port))
    assert 0 <= error.retry_after <= 24 * 60 * 60


# -- names and repetitions -------------------------------------------------------------------------


def listed(*lines, **options):
    with session_of({"LIST": [*(f"* LIST {line}" for line in lines), "OK"]}, **options) as session:
        return list_folders(session)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Clients", "Clients"),
        ("Clients", '"Clients"'),
        ("&AMQ-rger", "&AMQ-rger"),
        ("Abc", "&AEEAYgBj-"),  # letters that need no encoding
        ("INBOX", "Inbox"),
        ("INBOX", "&AEkATgBCAE8AWA-"),
    ],
)
def test_a_folder_that_is_listed_twice_is_there_once(one, two):
    folders = listed('() "/" INBOX', f'() "/" {one}', f'(\\Sent) "/" {two}')
    paths = [folder.path.upper() for folder in folders]
    assert len(paths) == len(set(paths))
    assert not main_folder(folders, "sent"), "the first one counts"


@pytest.mark.parametrize(
    "name",
    [
        "&AAA-",  # NUL
        '"a\0b"',
        '"a\tb"',
        "a&AAo-b",  # a line feed
        "&AH8-",
        "&AIU-",  # a C1 control
        "&2AA-",  # half a character
        "&!!!-",
        "&AMQ",
        '""',
        '"' + "x" * 1001 + '"',
        '"' + "&AMQ-" * 501 + '"',
    ],
)
def test_a_name_that_cannot_be_used_is_shown_and_left_alone(name):
    folders = listed('() "/" INBOX', f'(\\Sent) "/" {name}', '() "/" Good')
    usable = [folder.path for folder in folders if not folder.is_unusable]
    assert usable in (["INBOX", "Good"], ["INBOX", "Good", "Ä"])
    for folder in folders[len(usable) :]:
        assert folder.is_unusable and not folder.selectable
        assert folder.path.isprintable() and len(folder.path) <= 200
    assert len(folders) == 3 and not (len(usable) == 2 and main_folder(folders, "sent"))


@pytest.mark.parametrize(
    "line",
    [
        '() "/" NIL', '() "/" (a b)', '() 5 Clients', '() NIL Clients', '() ("/") Clients',
        '() "//" Clients', '(5 NIL) "/" Clients', '5 "/" Clients', 'NIL NIL Clients', '() "/"', "",
        '(\\Sent "/" Clients', '() "/" "Clients',
    ],
)  # fmt: skip
def test_lists_that_are_none(line):
    try:
        folders = listed('() "/" INBOX', line)
    except MailboxError as error:
        assert error.kind == "transient"
    else:
        assert all(isinstance(folder.path, str) for folder in folders)
        assert all(len(folder.delimiter or "/") == 1 for folder in folders)


def test_statuses_that_are_none():
    answers = {
        "LIST": [
            '* LIST () "/" INBOX',
            "* STATUS INBOX (MESSAGES 5 UIDNEXT -1 UIDVALIDITY 7)",
            '* LIST () "/" Clients',
            "* STATUS Clients (MESSAGES 5 UIDNEXT 7 UIDVALIDITY 4294967295)",
            '* LIST () "/" 2024',
            "* STATUS 2024 (MESSAGES NIL UIDNEXT (7) UIDVALIDITY 99999999999)",
            "OK",
        ]
    }
    with session_of(answers, capabilities="IMAP4rev1 LIST-STATUS") as session:
        found = {folder.path: folder.status for folder in list_folders(session)}
    assert found == {"INBOX": None, "Clients": FolderStatus(4294967295, 7, 5), "2024": None}


def test_a_sent_folder_where_there_is_not_even_an_inbox():
    answers = {
        "LIST": ["OK"],
        "CREATE": ["OK"],
        "SUBSCRIBE": ["OK"],
        "SEARCH": ["* SEARCH", "OK"],
        "APPEND": ["NO full"],
    }
    with session_of(answers) as session:
        failure(sent_copy.store, session, b"Subject: x\r\n\r\n", "<a@b>", None)
