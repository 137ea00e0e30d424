"""Servers that answer anything at all: nothing but MailboxError leaves the engine, and it always ends.

``MEMBER_MAIL_FUZZ=20000`` sets the number of conversations of each test; without it there are a few
hundred, the same ones in every run.
"""

import os
import random
from contextlib import suppress
from datetime import date, datetime, timezone

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import estimate, fetch, partial, removal, sent_copy, trace
from crm_member_mail.mailbox.imap.folders import list_folders
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.smtp import session as smtp
from crm_member_mail.mailbox.types import RemotePart, Summary
from crm_member_mail.mailbox.visit import Limits, visit

from .fake_server import FakeServer
from .imap.test_session import settings
from .test_visit import NotingDesk

CONVERSATIONS = int(os.environ.get("MEMBER_MAIL_FUZZ", "100"))

#: Seconds after which a server hangs up that waits for a client that waits for it.
PATIENCE = 0.03

#: What takes the place of numbers and of names.
NUMBERS = (
    "0", "1", "7", "-1", "-5", "+5", "1_0", "²", "٣", "1e400", "4294967295", "4294967296", "2147483648",
    "2000000000", "9" * 30, "9" * 5000, "NIL", "()", "(1 2)", "x", '"5"', "", "0x1f", "{3}\r\nabc",
    "{5000000000}\r\n", "{" + "9" * 5000 + "}\r\n",
)  # fmt: skip
NAMES = (
    "INBOX", "inbox", "Clients", "&AMQ-", "&AAA-", "&2AA-", "&!-", '"a\0b"', '""', "NIL", "(a b)", "5",
    '"' + "x" * 2000 + '"', '"a\\"b"', '"open', "{4}\r\nfour", "&AEEAYgBj-", "Abc",
)  # fmt: skip
JUNK = (
    "", " ", "*", "* ", "+", "+ go on", "* BYE", "* OK", "* NO [ALERT] x", "* BAD", "* PREAUTH x", "A",
    "* 1", "* 1 EXPUNGE", "* 9999999999 EXPUNGE", "* CAPABILITY", "* CAPABILITY \xff", "\0", "* LIST",
    "* SEARCH " + "1 " * 3000, "* FETCH", "* 1 FETCH", "* 1 FETCH ()", "* 1 FETCH (UID)", "* STATUS",
    "(" * 3000, "* LIST " + "(" * 2000, '* LIST () "/" "', "* OK [UIDNEXT", "* OK [READ-ONLY] x",
    "* FLAGS ((((", "* NAMESPACE NIL", "* NAMESPACE ((5 5)) NIL NIL", "* NO b'x', b'y'", "\xc3",
    "* NO [UNAVAILABLE] Suggested Backoff Time: " + "9" * 120 + " milliseconds",
)  # fmt: skip

HEADER = "From: Ana <ana@members.example>\r\nTo: office@club.example\r\nSubject: Hi\r\n\r\n"


def literal(text):
    return f"{{{len(text.encode())}}}\r\n{text}"


class Chance:
    """Picks what a server says; the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        # Most answers are right, so that the conversation goes on for a while.
        self.wrong = self.random.choice((0.02, 0.1, 0.3))

    def number(self, right):
        return str(right) if self.random.random() > self.wrong else self.random.choice(NUMBERS)

    def name(self, right):
        return right if self.random.random() > self.wrong else self.random.choice(NAMES)

    def text(self, right):
        if self.random.random() > self.wrong:
            return right
        place = self.random.randrange(len(right) + 1)
        return self.random.choice(
            (right[:place], right[:place] + chr(self.random.randrange(256)) + right[place:], "")
        )

    def lines(self, *right):
        found = []
        for line in right:
            lot = self.random.random() / self.wrong
            found += (
                [] if lot < 0.2 else [line, line] if lot < 0.4 else [self.random.choice(JUNK), line]
                if lot < 0.7 else [self.random.choice(JUNK)] if lot < 0.8 else [self.text(line)]
            )  # fmt: skip
        return found


def imap_conversation(seed):
    """What a server does that answers as IMAP servers do, but for some things that it makes up."""
    chance = Chance(seed)
    n, name = chance.number, chance.name

    def play(connection):
        connection.sock.settimeout(PATIENCE)

        def say(*lines):
            connection.send("".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace"))

        def fetched(uid):
            items = [
                f"UID {n(uid)}", "FLAGS (\\Seen)", f"RFC822.SIZE {n(500)}",
                f'INTERNALDATE "{chance.text("01-Jan-2024 10:00:00 +0100")}"',
                f"X-GM-LABELS ({name('Clients')})",
                'BODYSTRUCTURE (("text" "plain" NIL NIL NIL "7bit" '
                f'{n(5)} {n(1)}) ("image" "png" NIL NIL NIL "base64" {n(50)}) "mixed")',
                f"BODY[HEADER.FIELDS (FROM TO)] {literal(HEADER)}", f"BODY[HEADER] {literal(HEADER)}",
                f"BODY[] {literal(HEADER + 'Hello')}", f"BODY[1]<0> {literal('Hello')}",
                f"BODY[2]<0> {literal('abcd')}",
            ]  # fmt: skip
            return f"* {n(uid)} FETCH ({' '.join(items)})"

        answers = {
            "CAPABILITY": lambda: [
                f"* CAPABILITY IMAP4rev1 UIDPLUS MOVE NAMESPACE MESSAGELIMIT={n(1000)}"
                f" {chance.random.choice(('LIST-STATUS', 'X-GM-EXT-1', 'ID'))}"
            ],
            "LIST": lambda: [
                line
                for folder in ("INBOX", "Sent", "Clients", "INBOX.Deep")
                for line in (
                    f'* LIST ({name("x")}) "{n(".")}" {name(folder)}',
                    f"* STATUS {name(folder)} (MESSAGES {n(3)} UIDNEXT {n(4)} UIDVALIDITY {n(7)})",
                )
            ],
            "NAMESPACE": lambda: [f'* NAMESPACE (({name("INBOX")} "{n(".")}")) NIL NIL'],
            "EXAMINE": lambda: [
                f"* {n(3)} EXISTS", f"* OK [UIDVALIDITY {n(7)}] .", f"* OK [UIDNEXT {n(4)}] ."
            ],
            "STATUS": lambda: [f"* STATUS {name('INBOX')} (UIDNEXT {n(4)} UIDVALIDITY {n(7)})"],
            "SEARCH": lambda: [f"* SEARCH {n(1)} {n(2)} {n(3)}"],
            "FETCH": lambda: [fetched(uid) for uid in (1, 2, 3)],
        }  # fmt: skip
        answers["SELECT"] = answers["EXAMINE"]
        say(*chance.lines("* OK hello"))
        while line := connection.hear():
            tag, _space, command = line.partition(" ")
            words = command.upper().split()
            if not words or not tag.isalnum():
                continue  # a literal of ours
            verb = words[1] if words[0] == "UID" and len(words) > 1 else words[0]
            lines = answers.get(verb, list)()
            if command.endswith("}"):
                say("+ go on")
                connection.hear()
            verdict = "OK" if chance.random.random() > chance.wrong / 4 else "NO"
            say(*chance.lines(*lines))
            if chance.random.random() < chance.wrong / 10:
                return
            say(f"{tag} {verdict} done")

    return play


def use_imap(given):
    """Everything that the engine does with an IMAP server; each only once the one before is over."""
    day = datetime(2024, 1, 1, tzinfo=timezone.utc)
    part = RemotePart("2", "a.png", "image/png", "base64", 50)
    uses = [
        lambda session: list_folders(session),
        lambda session: trace.trace(session, "ana@members.example"),
        lambda session: sent_copy.store(session, HEADER.encode(), "<a@b.example>", day),
        lambda session: fetch.examine(session, "INBOX"),
        lambda session: partial.fetch_partial(session, Summary(1, 500, None, "", "")),
        lambda session: partial.fetch_part(session, 1, part),
        lambda session: fetch.uids_arrived(session, date(2024, 1, 1), date(2024, 2, 1), 1, 9),
        lambda session: removal.remove(session, "INBOX", 7, [removal.Removal(1, "x", 5)], "Trash"),
    ]
    for use in uses:
        with suppress(MailboxError), ImapSession.open(given, deadline_seconds=20) as session:
            use(session)
    with suppress(MailboxError):
        visit(given, NotingDesk(["INBOX", "Clients"]), Limits(seconds=20))
    with suppress(MailboxError):
        estimate.count_since(given, ["INBOX"], [None, 30], date(2024, 1, 1))


@pytest.mark.parametrize("part", range(5))
def test_imap(part):
    for seed in range(part, CONVERSATIONS, 5):
        with FakeServer(imap_conversation(seed)) as server:
            use_imap(settings(server.port, timeout=1.0))


def smtp_conversation(seed):
    chance = Chance(seed)
    n = chance.number
    size = chance.random.choice(NUMBERS[:16])

    def play(connection):
        connection.sock.settimeout(PATIENCE)

        def say(*lines):
            connection.send("".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace"))

        def lines(*right):
            return chance.lines(*right) or ["250"]

        say(*lines("220 hello"))
        is_data = False
        while line := connection.hear():
            if is_data:
                is_data = line != "."
                if not is_data:
                    say(*lines(f"{n(250)} 2.0.0 Queued"))
                continue
            verb = line.upper().split(" ")[0]
            if chance.random.random() < chance.wrong / 10:
                return
            if verb == "EHLO":
                auth = chance.random.choice(("PLAIN LOGIN", "CRAM-MD5", "LOGIN", "PLAIN", "X", ""))
                say(*lines("250-mail", f"250-SIZE {size}", f"250 AUTH {auth}"))
            elif verb == "AUTH":
                say(
                    *lines(
                        chance.random.choice(("235 2.7.0 OK", "334 Zm9v", f"334 {n(5)}", "535 no"))
                    )
                )
            elif verb == "DATA":
                say(*lines("354 go on"))
                is_data = True
            else:
                say(*lines(f"{n(250)} OK"))

    return play


@pytest.mark.parametrize("part", range(3))
def test_smtp(part):
    for seed in range(part, CONVERSATIONS, 3):
        with FakeServer(smtp_conversation(seed)) as server:
            given = settings(server.port, timeout=1.0)
            with suppress(MailboxError):
                size = smtp.check(given, deadline_seconds=5)
                assert type(size) is int and size >= 0
            with suppress(MailboxError), smtp.SmtpSession.open(given, 5) as session:
                recipients = ("ana@members.example", "bo@members.example")
                session.send("office@club.example", recipients, HEADER.encode(), patience=2)
