"""The copy in the Sent folder: once, where mail programs look for it."""

from datetime import datetime, timedelta, timezone

import pytest
from imapclient import imap_utf7

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import sent_copy
from crm_member_mail.mailbox.imap.session import ImapSession
from dev.post import mailbox as open_mailbox

from ..fake_server import HANG_UP, imap_server
from .test_session import settings

ID = "<1@club.example>"
MOMENT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2)))
LETTER = f"Message-ID: {ID}\r\nSubject: Hello\r\n\r\n.dot\r\n\u00fc\r\n".encode()


@pytest.fixture
def imap(dovecot, mailbox):
    return settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)


def store(imap, data=LETTER, message_id=ID):
    with ImapSession.open(imap) as session:
        return sent_copy.store(session, data, message_id, MOMENT)


def test_stored_once(imap, mailbox, dovecot):
    assert store(imap) is True
    # The process died before it could note that, and does it again.
    assert store(imap) is False
    [flags] = mailbox.flags("Sent").values()
    assert b"\\Seen" in flags
    with open_mailbox(dovecot, mailbox.user) as client:
        client.select_folder("Sent", readonly=True)
        [found] = client.fetch(client.search(), ["BODY.PEEK[]", "INTERNALDATE"]).values()
    assert found[b"BODY[]"] == LETTER
    assert found[b"INTERNALDATE"] == MOMENT
    assert not mailbox.flags("INBOX")


def test_one_that_the_provider_stored(imap, mailbox):
    mailbox.append("Sent", LETTER.replace(b".dot", b"changed on the way"))
    assert store(imap) is False
    assert len(mailbox.flags("Sent")) == 1


@pytest.mark.parametrize(
    "other", ["<11@club.example>", "<1@club.example.org>", "<x1@club.example>"]
)
def test_another_one_is_another_one(imap, mailbox, other):
    mailbox.append("Sent", LETTER.replace(ID.encode(), other.encode()))
    assert store(imap) is True
    assert len(mailbox.flags("Sent")) == 2


def test_several_are_looked_for_at_once(imap, mailbox):
    mailbox.append("Sent", LETTER)
    others = [f"<{number}@other.example>" for number in range(2 * sent_copy.SEARCHED)]
    searches = []
    with ImapSession.open(imap) as session:
        call = session.call

        def noted(method, *args, **options):
            searches.extend([method] * (method == "search"))
            return call(method, *args, **options)

        session.call = noted
        folder = sent_copy.SentFolder(session)
        assert folder.missing(others) == set(others)
        assert len(searches) == 2
        assert folder.missing([*others[:2], ID]) == set(others[:2])
        folder.add(LETTER.replace(ID.encode(), others[0].encode()), MOMENT)
        assert folder.missing([*others[:2], ID]) == {others[1]}


def test_a_server_that_searches_for_one_at_a_time():
    answers = AppendRefused().answers() | {
        "SEARCH": lambda arguments: (
            ["BAD Too complex"]
            if "OR" in arguments
            else ["* SEARCH 1" if "<2@" in arguments else "* SEARCH", "OK"]
        )
    }
    ids = [f"<{number}@club.example>" for number in range(4)]
    with (
        imap_server(answers | {"UID SEARCH": answers["SEARCH"]}) as server,
        ImapSession.open(settings(server.port)) as session,
    ):
        missing = sent_copy.SentFolder(session).missing(ids)
    assert missing == {ids[0], ids[1], ids[3]}


@pytest.mark.parametrize("name", ["Gesendete Objekte", "Sent Items", "Éléments envoyés"])
def test_folder_known_by_its_name(name):
    answers = []
    lists = [f'* LIST () "/" {_utf7(name)}', '* LIST () "/" INBOX', "OK"]
    with (
        imap_server(
            {
                "LIST": lists,
                "SEARCH": ["* SEARCH", "OK"],
                "UID SEARCH": ["* SEARCH", "OK"],
                "EXAMINE": lambda arguments: (
                    answers.append(arguments),
                    [
                        "* 0 EXISTS",
                        "* OK [UIDVALIDITY 7] .",
                        "* OK [UIDNEXT 1] .",
                        "OK [READ-ONLY]",
                    ],
                )[1],
                "APPEND": lambda _arguments: HANG_UP,
            }
        ) as server,
        ImapSession.open(settings(server.port)) as session,
        pytest.raises(MailboxError) as caught,
    ):
        sent_copy.store(session, LETTER, ID, MOMENT)
    assert caught.value.kind == "transient"
    # Not the one that is open: see the next test.
    assert answers == [_utf7(name), '"INBOX"']


def _utf7(name):
    return f'"{imap_utf7.encode(name).decode()}"'


class AppendRefused:
    """A server that appends nothing to a folder that the same connection has open read-only, as Courier
    does; notes what it is told to do."""

    def __init__(self):
        self.open, self.commands = None, []

    def answers(self):
        return {
            "LIST": ['* LIST () "." INBOX', '* LIST () "." INBOX.Sent', "OK"],
            "UID SEARCH": ["* SEARCH", "OK"],
            "SEARCH": ["* SEARCH", "OK"],
            "EXAMINE": self.examine,
            "UNSELECT": self.leave,
            "CLOSE": self.leave,
            "APPEND": self.append,
        }

    def examine(self, arguments):
        self.open = arguments.strip('"')
        self.commands.append(f"EXAMINE {self.open}")
        return ["* 0 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 1] .", "OK [READ-ONLY]"]

    def leave(self, _arguments):
        self.open = None
        self.commands.append("left")
        return ["OK"]

    def append(self, arguments):
        path = arguments[1:].partition('"')[0]
        if path == self.open:
            return ["NO Mailbox is read-only"]
        self.commands.append(f"APPEND {path}")
        return HANG_UP


@pytest.mark.parametrize(
    ("capabilities", "way_out"),
    [("IMAP4rev1 UNSELECT", "left"), ("IMAP4rev1", "EXAMINE INBOX")],
)
def test_nothing_is_appended_to_the_folder_that_is_open(capabilities, way_out):
    courier = AppendRefused()
    with (
        imap_server(courier.answers(), capabilities=capabilities) as server,
        ImapSession.open(settings(server.port)) as session,
        pytest.raises(MailboxError) as caught,
    ):
        sent_copy.store(session, LETTER, ID, MOMENT)
    assert caught.value.code == "connection_lost"  # the script ends with the command
    assert courier.commands == ["EXAMINE INBOX.Sent", way_out, "APPEND INBOX.Sent"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (['(\\Sent) "/" "Zuletzt"', '() "/" "Sent"'], "Zuletzt"),
        (['() "/" "Gesendete Elemente"', '() "/" "Sent Items"', '() "/" Sent'], "Sent"),
        (['() "/" "Sent Messages"', '() "/" "INBOX/Sent Items"'], "INBOX/Sent Items"),
        (['() "/" "Postausgang"', '() "/" "Gesendete Objekte"'], "Gesendete Objekte"),
        (['() "/" "sent-mail-2024"', '() "/" "sent-mail"'], "sent-mail"),
    ],
)
def test_where_the_copy_goes_if_there_are_several_sent_folders(names, expected):
    courier = AppendRefused()
    lists = ['* LIST () "/" INBOX', *(f"* LIST {name}" for name in names), "OK"]
    with (
        imap_server(courier.answers() | {"LIST": lists}) as server,
        ImapSession.open(settings(server.port)) as session,
        pytest.raises(MailboxError),
    ):
        sent_copy.store(session, LETTER, ID, MOMENT)
    assert courier.commands[-1] == f"APPEND {expected}"


def test_special_use_wins_over_names(imap, mailbox, dovecot):
    dovecot.doveadm("mailbox", "create", "-u", mailbox.user, "Sent Items")
    assert store(imap) is True
    assert len(mailbox.flags("Sent")) == 1 and not mailbox.flags("Sent Items")


def test_made_where_there_is_none():
    made, appended = [], []

    def create(arguments):
        made.append(arguments)
        return ["OK"]

    with (
        imap_server(
            {
                "LIST": ['* LIST () "." INBOX', '* LIST () "." INBOX.Drafts', "OK"],
                "CREATE": create,
                "SUBSCRIBE": ["OK"],
                "UID SEARCH": ["* SEARCH", "OK"],
                "SEARCH": ["* SEARCH", "OK"],
                "APPEND": lambda arguments: (appended.append(arguments), HANG_UP)[1],
            }
        ) as server,
        ImapSession.open(settings(server.port)) as session,
        pytest.raises(MailboxError),
    ):
        sent_copy.store(session, LETTER, ID, MOMENT)
    assert made == ['"INBOX.Sent"']
    assert appended[0].startswith('"INBOX.Sent"')


def test_none_can_be_made():
    with (
        imap_server(
            {"LIST": ['* LIST () "/" INBOX', "OK"], "CREATE": ["NO [NOPERM] Never"]}
        ) as server,
        ImapSession.open(settings(server.port)) as session,
        pytest.raises(MailboxError) as caught,
    ):
        sent_copy.store(session, LETTER, ID, MOMENT)
    assert caught.value.code == "no_sent_folder" and "Never" in str(caught.value)


def test_somebody_else_makes_it_meanwhile():
    """Another worker, or the user's own mail program: nothing to give up for."""
    lists = iter((['* LIST () "/" INBOX', "OK"],) * 2)
    appended = []
    with (
        imap_server(
            {
                "LIST": lambda _arguments: next(
                    lists, ['* LIST () "/" INBOX', '* LIST (\\Sent) "/" "Sent Items"', "OK"]
                ),
                "CREATE": ["NO [ALREADYEXISTS] Mailbox exists"],
                "UID SEARCH": ["* SEARCH", "OK"],
                "SEARCH": ["* SEARCH", "OK"],
                "APPEND": lambda arguments: (appended.append(arguments), HANG_UP)[1],
            }
        ) as server,
        ImapSession.open(settings(server.port)) as session,
        pytest.raises(MailboxError),
    ):
        sent_copy.store(session, LETTER, ID, MOMENT)
    assert appended[0].startswith('"Sent Items"')
