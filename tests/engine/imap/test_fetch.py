"""What the engine reads in a folder, from Dovecot and from servers with quirks."""

from datetime import date, datetime, timedelta, timezone

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import fetch
from crm_member_mail.mailbox.imap.session import ImapSession

from ...mail import email
from ..fake_server import imap_server
from .test_session import settings


@pytest.fixture
def session(dovecot, mailbox):
    imap = settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)
    with ImapSession.open(imap) as session:
        yield session


def play(answers):
    """A session with its INBOX open, on a server that plays ``answers``."""
    server = imap_server(answers)
    server.__enter__()
    session = ImapSession.open(settings(server.port))
    fetch.examine(session, "INBOX")
    return session


def test_new_messages_of_a_folder(session, mailbox):
    status = fetch.examine(session, "INBOX")
    assert (status.uidnext, status.exists) == (1, 0)
    assert fetch.uids_between(session, 1, 100) == []
    for number in range(3):
        mailbox.append("INBOX", email(subject=f"Mail {number}", to="a@x.example, B <b@x.example>"))

    status = fetch.examine(session, "INBOX")
    uids = fetch.uids_between(session, 2, status.uidnext - 1)
    headers = fetch.fetch_addresses(session, uids)
    bodies = fetch.fetch_bodies(session, uids)

    assert uids == [2, 3]
    assert [h.uid for h in headers] == [2, 3]
    assert headers[0].emails("to") == ("a@x.example", "b@x.example")
    assert [body.uid for body in bodies] == [2, 3]
    assert b"Mail 1" in bodies[0].data
    assert all(b"\\Seen" not in flags for flags in mailbox.flags("INBOX").values())


def test_range_above_the_last_message_is_empty(session, mailbox):
    mailbox.append("INBOX", email())
    fetch.examine(session, "INBOX")
    assert fetch.uids_between(session, 2, 100) == []


def test_answers(session, mailbox):
    """By either field, however many are asked for; what can't be searched for is left out."""
    for number in range(12):
        mailbox.append("INBOX", email(references=f"<root@x.example> <sent-{number}@x.example>"))
    mailbox.append("INBOX", b"In-Reply-To: <sent-12@x.example>\r\n" + email())
    mailbox.append("INBOX", email())
    fetch.examine(session, "INBOX")
    ids = [f"<sent-{number}@x.example>" for number in range(13)]
    assert fetch.uids_answering(session, ids, None, 99) == list(range(1, 14))
    assert fetch.uids_answering(session, ids[3:4], date(2020, 1, 1), 99) == [4]
    assert fetch.uids_answering(session, ids[3:4], None, 3) == []
    assert fetch.uids_answering(session, [], None, 99) == []
    odd = ['<a" b@x.example>', "<a)\r\nx LOGOUT@x.example>", "<(@x.example>", "<é@x.example>"]
    assert fetch.uids_answering(session, odd, None, 99) == []


def test_since_a_day(session, mailbox):
    now = datetime.now(timezone.utc)
    for days in (40, 10, 0):
        mailbox.append("INBOX", email(), internal_date=now - timedelta(days=days))
    fetch.examine(session, "INBOX")
    since = (now - timedelta(days=10)).date()
    assert fetch.uids_arrived(session, since, None, 1, 3) == [2, 3]
    assert fetch.uids_arrived(session, since, None, 1, 2) == [2]


def test_summaries(session, mailbox):
    arrived = datetime(2026, 3, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    data = email(message_id="<1@x.example>", subject="Hello")
    mailbox.append("INBOX", data, internal_date=arrived)
    mailbox.append("INBOX", email(subject="No id"))
    fetch.examine(session, "INBOX")

    first, second = fetch.fetch_summaries(session, [1, 2])

    assert first.message_id == "<1@x.example>"
    assert first.internal_date == arrived and first.internal_date.utcoffset() == timedelta(0)
    assert first.size >= len(data)
    assert first.header_digest != second.header_digest


def test_search_in_windows(session, mailbox, monkeypatch):
    monkeypatch.setattr(fetch, "SEARCH_WINDOW", 2)
    for _number in range(5):
        mailbox.append("INBOX", email())
    fetch.examine(session, "INBOX")
    assert fetch.uids_between(session, 2, 5) == [2, 3, 4, 5]


def test_batches_are_bounded_by_bytes_and_count():
    def summary(uid, size):
        return fetch.Summary(uid, size, None, "", "")

    summaries = [summary(1, 60), summary(2, 50), summary(3, 500), summary(4, 1), summary(5, 1)]
    batches = fetch.body_batches(summaries, max_bytes=100, max_count=2)
    assert [[s.uid for s in batch] for batch in batches] == [[1], [2], [3], [4, 5]]


def test_folder_that_is_gone(session):
    with pytest.raises(MailboxError) as caught:
        fetch.examine(session, "Nowhere")
    assert caught.value.code == "folder_missing"


def test_server_without_uidnext():
    session = play(
        {
            "EXAMINE": ["* 2 EXISTS", "* OK [UIDVALIDITY 7] .", "OK"],
            "STATUS": ["* STATUS INBOX (UIDVALIDITY 7)", "OK"],
            "UID SEARCH": ["* SEARCH 9", "OK"],
        }
    )
    assert fetch.examine(session, "INBOX").uidnext == 10


def test_unsolicited_answers_are_not_about_us():
    """Dovecot, Cyrus and others report flag changes of other messages, by number, in between."""
    literal = "From: a@x.example\r\n\r\n"
    session = play(
        {
            "UID FETCH": [
                "* 5 FETCH (FLAGS (\\Seen))",
                f"* 1 FETCH (UID 5 BODY[HEADER.FIELDS (From To)] {{{len(literal)}}}\r\n{literal})",
                "OK",
            ]
        }
    )
    (header,) = fetch.fetch_addresses(session, [5, 6])
    assert (header.uid, header.emails("from")) == (5, ("a@x.example",))


def test_a_message_that_spoils_the_answer_is_found():
    """Exchange answers NO to a whole batch when it can't convert one message."""
    asked = []

    def answer(arguments):
        uids = arguments.split(" ")[0].split(",")
        asked.append(uids)
        if "2" in uids:
            return ["NO [SERVERBUG] can't convert"]
        return [
            *(f"* {uid} FETCH (UID {uid} INTERNALDATE NIL BODY[] {{1}}\r\nx)" for uid in uids),
            "OK",
        ]

    session = play({"UID FETCH": answer})
    assert [raw.uid for raw in fetch.fetch_bodies(session, [1, 2, 3, 4])] == [1, 3, 4]


def test_search_of_a_date_is_a_day_wider():
    asked = []

    def search(arguments):
        asked.append(arguments)
        return ["* SEARCH 3 1 3", "OK"]

    session = play({"UID SEARCH": search})
    assert fetch.uids_arrived(session, date(2026, 5, 10), None, 1, 3) == [1, 3]
    assert asked == ["UID 1:3 SINCE 09-May-2026"]


class Labelled:
    """A session with Gmail."""

    capabilities = frozenset(("X-GM-EXT-1",))


@pytest.mark.parametrize(
    ("items", "is_draft"),
    [
        ({b"FLAGS": (b"\\Seen", b"\\Draft")}, True),
        ({b"FLAGS": (b"\\draft",)}, True),
        ({b"FLAGS": (b"\\Seen",), b"X-GM-LABELS": (b"\\Draft",)}, True),
        ({b"FLAGS": (), b"X-GM-LABELS": (b"\\Drafts",)}, True),
        ({b"FLAGS": (b"\\Seen",), b"X-GM-LABELS": (b"\\Inbox", b"Drafts of Ada", 7)}, False),
        ({}, False),
    ],
)
def test_drafts_by_flag_or_label(items, is_draft):
    assert fetch.headers_of(1, items, []).is_draft is is_draft
    assert fetch.marks(Labelled) == ["FLAGS", "X-GM-LABELS"]
