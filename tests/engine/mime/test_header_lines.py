"""Headers with lines that are none: what is read of them, alike from a server's fields and from the
whole message."""

import random
import time

import pytest

from crm_member_mail.mailbox.imap import fetch
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.mime.header_lines import cut, fields_of
from crm_member_mail.mailbox.mime.message import parse

from ..imap.test_session import settings
from .test_fuzz import EXAMPLES

RECEIVED = "Received: from a.example by b.example; Mon, 2 Mar 2026 10:00:05 +0000"
FROM, TO = "From: Mia Voss <mia@crew.example>", "To: desk@club.example"
REST = "Date: Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <7@crew.example>\nSubject: Berth"
ALL = f"{RECEIVED}\n{FROM}\n{TO}\n{REST}"

#: Headers whose people are Mia, who wrote it, and the desk.
OF_MIA = {
    "as it should be": ALL,
    "one odd line": f"{RECEIVED}\nscore 3 of 9\n{FROM}\n{TO}\n{REST}",
    "two before a name that is on no list": f"odd\nodder\nThread-Topic: Berth\n{ALL}",
    "a hundred": f"{RECEIVED}\n" + "score 3 of 9\n" * 100 + f"{FROM}\n{TO}\n{REST}",
    "between all": ALL.replace("\n", "\nwhich is no field\n"),
    "behind the sender": ALL.replace(FROM, f"{FROM}\nis known to us"),
    "with colons": ALL.replace(FROM, f"at 10:30 it said: fine\nsee https://x.example/\n{FROM}"),
    "with an indented line": ALL.replace(FROM, f"odd\n From: eve@evil.example\n{FROM}"),
    "of two words": ALL.replace(FROM, f"Scan Info: fine\n{FROM}"),
    "of one word": ALL.replace(FROM, f"odd\nVerdict: fine\n{FROM}"),
    "only a colon": ALL.replace(FROM, f": fine\n{FROM}"),
    "mbox line": f"From mia@crew.example Mon Mar  2 10:00:00 2026\n{ALL}",
    "quoted mbox line": f">From mia@crew.example Mon Mar  2 10:00:00 2026\n{ALL}",
    "mbox line within": ALL.replace(FROM, f">From x@y Mon Mar  2 10:00:00 2026\n{FROM}"),
    "byte order mark": f"\ufeff{FROM}\n{TO}\n{REST}",
    "first line indented": f"  {FROM}\n{TO}\n{REST}",
    "first line indented, another field": f"\t{REST}\n{TO}\n{FROM}",
    "all lines indented": "    " + ALL.replace("\n", "\n    "),
    "blank before the colon": ALL.replace("From:", "From :").replace("To:", "To \t:"),
    "blank before the colon of the first": f"From : Mia Voss <mia@crew.example>\n{TO}\n{REST}",
    "no blank behind it": ALL.replace(": ", ":"),
    "lower case": ALL.replace("From", "from").replace("To:", "TO:"),
    "folded": ALL.replace("Voss", "Voss\n\t").replace("To: ", "To:\n  "),
    "address on the next line": ALL.replace("Voss <", "Voss\n<"),
    "sender on the next line": ALL.replace("From: ", "From:\n"),
    "recipient on the next line": ALL.replace("To: ", "To:\n"),
    "control characters": ALL.replace(FROM, f"\x01\x02\n\x7f: x\n{FROM}"),
    "HTML": ALL.replace(FROM, f"<html>\n{FROM}"),
    "HTML and a rule": ALL.replace(FROM, f"--\n<p>\n{FROM}"),
    "not ASCII": ALL.replace(FROM, f"Prüfung: gut\n{FROM}"),
}


def raw(header, body="\n\nSee you.\n", line_end="\r\n"):
    return (header + body).replace("\n", line_end).encode()


def people(addresses):
    return {(address.role, address.email) for address in addresses}


@pytest.fixture
def session(dovecot, mailbox):
    imap = settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)
    with ImapSession.open(imap) as session:
        yield session


def both_readings(session, dovecot, messages):
    """For each message (bytes): what fetching header fields finds, and what the whole one says."""
    dovecot.append_many(session.settings.login, "INBOX", messages)
    fetch.examine(session, "INBOX")
    uids = fetch.uids_between(session, 1, len(messages))
    headers = fetch.fetch_addresses(session, uids)
    summaries = fetch.fetch_summaries(session, uids)
    bodies = fetch.fetch_bodies(session, uids)
    assert [h.uid for h in headers] == [s.uid for s in summaries] == [b.uid for b in bodies] == uids
    assert len(uids) == len(messages)
    for header, summary, body in zip(headers, summaries, bodies, strict=True):
        yield header, summary, parse(body.data)


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("name", OF_MIA)
def test_odd_headers(name, line_end):
    message = parse(raw(OF_MIA[name], line_end=line_end))
    assert people(message.addresses) == {("from", "mia@crew.example"), ("to", "desk@club.example")}
    assert message.text == "See you."
    assert message.date.isoformat() == "2026-03-02T10:00:00+00:00"
    assert message.message_id == "<7@crew.example>"
    assert message.subject.startswith("Berth")
    assert message.header_digest == parse(raw(ALL)).header_digest


def test_servers_fields_and_whole_messages_agree(session, dovecot):
    """Dovecot reads odd headers in its own way when it picks out fields."""
    messages = [raw(header) for header in OF_MIA.values()]
    messages += [raw(header, line_end="\r") for header in OF_MIA.values()]
    messages += [raw(f"{FROM}\n{TO}\n{REST}", line_end=end) for end in ("\r", "\n", "\r\r\n")]
    for header, summary, message in both_readings(session, dovecot, messages):
        assert people(header.addresses) == people(message.addresses), message.headers
        assert header.emails("from") == ("mia@crew.example",), message.headers
        assert summary.header_digest == message.header_digest, message.headers
        assert summary.message_id == message.message_id


#: Lines of headers, sound and odd, in any order.
LINES = [
    *ALL.split("\n"), FROM, TO, "a\rb", "From: al@crew.example\rTo: bo@crew.example",
    "From: Bo", "<bo@crew.example>", "From:", "From: Bo <bo@crew.example>",
    "From : Jo <jo@crew.example>", "From: a@b@c", " To: ann@crew.example",
    "To: undisclosed-recipients:;", "To: al@crew.example bo@crew.example",
    "Cc:", "Cc: kim@crew.example,", "lee@crew.example", "Bcc: =?utf-8?q?Al_=3Cal=40crew.example=3E?=",
    "\tand more", "no field", "Note: bring keys", "Some Words: here", "https://x.example/", " ", ":",
    ">From mia@crew.example Mon Mar  2 10:00:00 2026", "X-Scan: 1", "Importance: high", "Received: x",
    "Subject: again", "Subject: =?utf-8?q?Gr=C3=BC?=", "Date: Tue, 3 Mar 2026", "Message-ID:",
    "<8@crew.example>", " <zoe@crew.example>", "\t, zoe@crew.example", '"open', '"<open', "(", "\x00",
    "Fr\x00om: zoe@crew.example", "Cc : zoe@crew.example", "X" * 1200 + ": a",
    "Subject: " + "a" * 70_000,
]  # fmt: skip

BODIES = [
    "\n\nSee you.\n", "\nHello,\nFrom: zed@crew.example\n", "", "\n", "\n\nTo: zed@crew.example\n\n",
    "\n \nTo: zed@crew.example\n\nSee you.",
]  # fmt: skip


def test_any_headers_are_read_alike(session, dovecot):
    """What matches by its headers is found in the whole message, and the other way round."""
    chance = random.Random(EXAMPLES)
    messages = [
        raw(
            "\n".join(chance.choices(LINES, k=chance.randrange(1, 9))),
            chance.choice(BODIES),
            chance.choice(["\r\n", "\n", "\r"]),
        )
        for _number in range(EXAMPLES)
    ]
    readings = both_readings(session, dovecot, messages)
    different = [
        data
        for data, (header, summary, message) in zip(messages, readings, strict=True)
        if people(header.addresses) != people(message.addresses)
        or summary.header_digest != message.header_digest
    ]
    assert different == []


@pytest.mark.parametrize(
    ("header", "text"),
    [
        # The blank line before the text is missing.
        ("Subject: Berth\nHello Mia,\nhow are you?", "Hello Mia,\nhow are you?\n\nSee you."),
        ("Subject: Berth\nHello,\nNote: keys", "Hello,\nNote: keys\n\nSee you."),
        ("Subject: Berth\nHello,\nNote: keys\nBye", "Hello,\nNote: keys\nBye\n\nSee you."),
        ("Subject: Berth\nNew order\nName: Mia\nE-Mail: mia@crew.example",
         "New order\nName: Mia\nE-Mail: mia@crew.example\n\nSee you."),
        ("Subject: Berth\nhttps://x.example/", "https://x.example/\n\nSee you."),
        ("Subject: Berth\n10:30 lunch", "10:30 lunch\n\nSee you."),
        ("Subject: Berth\nHello,\nfont-size: 3 is small\nBye",
         "Hello,\nfont-size: 3 is small\nBye\n\nSee you."),
        # Other names than those on a list.
        ("Subject: Berth\nodd\nThread-Topic: x", "See you."),
        ("Subject: Berth\nodd\nImportance: high\n\tvery", "See you."),
        ("Subject: Berth\nodd\nAcme-Scan: a\nodd\nVerdict: b\nAcme-Id: c", "See you."),
        ("Subject: Berth\nodd\nVerdict: a\nodd\nDKIM-Signature: b", "See you."),
        ("Subject: Berth\nodd\nList-Id: a\nHello,", "Hello,\n\nSee you."),
        ("Subject: Berth", "See you."),
    ],
)  # fmt: skip
def test_where_the_text_begins(header, text):
    assert parse(raw(header)).text == text


@pytest.mark.parametrize("name", ["References", "received-spf", "TLS-Required", "Errors-To", "X-A"])
def test_registered_names_belong_to_the_header_whatever_follows(name):
    header = "Subject: Berth\nodd\nodder\n{}: a\nHello,"
    assert parse(raw(header.format(name))).text == "Hello,\n\nSee you."
    for other in (f"My-{name}", f"{name} is", "Comments", "Keywords"):
        assert (
            parse(raw(header.format(other))).text == f"odd\nodder\n{other}: a\nHello,\n\nSee you."
        )


def test_without_any_blank_line():
    assert parse(b"Subject: Berth\nHello Mia,\nThread-Topic: none\nBye").text == (
        "Hello Mia,\nThread-Topic: none\nBye"
    )
    message = parse(b"Subject: Berth\nodd\nFrom: Mia <mia@crew.example>\nHello\nMia")
    assert (message.text, message.emails("from")) == ("Hello\nMia", ("mia@crew.example",))
    far = b"Subject: Berth\n" + b"Hello\n" * 20 + b"To: mia@crew.example"
    assert parse(far).emails("to") == ()


def test_html_and_parts_without_a_blank_line_are_text():
    page = (
        b"Content-Type: text/html\nSubject: Berth\n<html><body>\nX-Ray: blue\n</body></html>\n\nBye"
    )
    assert "X-Ray: blue" in parse(page).html
    parts = b"Content-Type: multipart/mixed; boundary=b\nHi\n--b\nContent-Type: text/plain\n\nBye\n--b--"
    assert parse(parts).text == "Bye"


def test_subject_in_odd_lines():
    message = parse(raw(f"Subject: Rent of the berth\nin June and\n in July\n{FROM}\n{TO}"))
    assert message.subject == "Rent of the berth in June and in July"
    assert (
        message.header_digest
        == parse(raw(f"Subject: Rent of the berth\n{FROM}\n{TO}")).header_digest
    )
    assert parse(raw(f"Subject: Berth\n>From x@y Mon\n{FROM}")).subject == "Berth"


def test_lists_go_on_in_odd_lines():
    message = parse(
        raw(
            f"To: a@crew.example,\nb@crew.example\nCc: c@crew.example\nd@crew.example\n"
            f"References: <1@x.example>\n<2@x.example>\n{FROM}\nX: y\neve@evil.example\n{REST}"
        )
    )
    assert message.emails("to") == ("a@crew.example", "b@crew.example")
    assert message.emails("from", "cc") == ("mia@crew.example", "c@crew.example")
    assert message.references == ("<1@x.example>", "<2@x.example>")


def test_a_field_that_servers_overlook_is_not_the_one_that_counts():
    message = parse(raw(f" From: eve@evil.example\nSubject : Hi\n{ALL}"))
    assert (message.emails("from"), message.subject) == (("mia@crew.example",), "Berth")
    assert message.header_digest == parse(raw(ALL)).header_digest


def test_fields():
    assert fields_of(b"A: 1\r\n 2\r\nodd\r\n b\rc: 3 \r\n\r\nD: 4") == [(b"a", b"1 2")]
    assert fields_of(b"A: 1\nodd\nX-B:2\rc \n\nD: 4") == [(b"a", b"1"), (b"x-b", b"2 c ")]
    assert fields_of(b"\r\nA: 1") == fields_of(b"") == fields_of(b"\n") == []
    assert cut(b"A: 1\nodd\nX-B: 2", is_part=True).end == 5
    assert cut(b"A: 1\nodd\nX-B: 2").end is None


@pytest.mark.parametrize(
    "block",
    [
        b"odd\n" * 30_000 + b"X-A: 1",
        b"odd\nX-A: 1\n" * 50_000,
        b"A: 1\nodd\n" * 50_000,
        b" \n" * 150_000,
        b" A: 1\n" * 70_000,
        b"A : 1\n" * 70_000,
        b"To: a@x.example,\n" + b"b@x.example\n" * 30_000 + b"X-A: 1",
        b"To: a,\nodd\n" * 30_000 + b"X-A: 1",
        b"a" * 300_000,
        b"a" * 990 + b" " * 300_000,
        (b"a" * 998 + b"\n") * 1000,
        b"<a " * 100_000 + b"@",
        b"--\n" * 100_000,
    ],
)
def test_any_header_takes_little_time(block):
    start = time.process_time()
    cut(b"A: 1\n" + block)
    fields_of(b"odd\n" + block)
    assert time.process_time() - start < 5  # quadratic time takes much longer
