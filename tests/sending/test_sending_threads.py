"""Answers to difficult emails, read as other mail clients read them: by Python's `email` at its
strictest, and by a real IMAP server that has to put each exchange into one thread."""

import email
import re
from dataclasses import dataclass, field
from email import policy

import pytest

from dev.post import mailbox as open_mailbox

from ..mail import email as make_email
from .test_sending import send

ADA = "ada@member.example"
DATE = "Mon, 2 Feb 2026 10:00:00 +0100"
MANY = " ".join(f"<part{number}.of.a.long.thread@lists.member.example>" for number in range(300))
LONG = f"<{'x' * 900}@member.example>"


@dataclass(frozen=True)
class Original:
    """An email that is answered, and what the answer must contain.

    ``head`` are its header lines but To and Date; ``to`` the addresses that get the answer, ``subject``
    that of the answer; ``answered`` the Message-ID that it refers to.
    """

    head: str
    subject: str = "Re: Hello"
    to: tuple = (ADA,)
    answered: str = "<1@member.example>"
    contact: str = ADA
    receivers: str = ""
    first: str = field(default="", kw_only=True)  # of References


FROM = f"From: Ada <{ADA}>\n"
ID = "Message-ID: <1@member.example>\n"
SUBJECT = "Subject: Hello\n"

ORIGINALS = {
    "plain": Original(FROM + ID + SUBJECT),
    "no Message-ID": Original(FROM + SUBJECT, answered=""),
    "empty Message-ID": Original(FROM + "Message-ID:\n" + SUBJECT, answered=""),
    "Message-ID in the next line": Original(FROM + "Message-ID:\n <1@member.example>\n" + SUBJECT),
    "long Message-ID": Original(f"{FROM}Message-ID:\n {LONG}\n{SUBJECT}", answered=LONG),
    "odd Message-ID": Original(
        f"{FROM}Message-ID: <a=%$.!x|/b=@[10.0.0.1]>\n{SUBJECT}",
        answered="<a=%$.!x|/b=@[10.0.0.1]>",
    ),
    "huge References": Original(
        f"{FROM}{ID}References: {MANY}\n{SUBJECT}",
        first="<part0.of.a.long.thread@lists.member.example>",
    ),
    "folded References": Original(
        f"{FROM}{ID}References: <r1@x.example>\n\t<r2@x.example>\n  \n <r3@x.example>\n{SUBJECT}",
        first="<r1@x.example>",
    ),
    "References with rubbish": Original(
        f'{FROM}{ID}References: "Ada" of yesterday <r1@x.example>, (x) <broken <r2@x.example\n{SUBJECT}'
    ),
    "In-Reply-To alone": Original(
        f"{FROM}{ID}In-Reply-To: <r1@x.example>\n{SUBJECT}", first="<r1@x.example>"
    ),
    "refers to itself": Original(
        f"{FROM}{ID}References: <1@member.example> <r1@x.example>\n{SUBJECT}"
    ),
    "encoded subject": Original(
        f"{FROM}{ID}Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?IGF1cyBLw7Zsbg==?=\n",
        "Re: Grüße aus Köln",
    ),
    "long subject": Original(
        f"{FROM}{ID}Subject: {'Sehr lange Betreffzeile ' * 20}\n",
        f"Re: {'Sehr lange Betreffzeile ' * 20}".strip(),
    ),
    "long encoded subject": Original(
        FROM + ID + "Subject: " + "\n ".join(["=?utf-8?b?5Lya5ZOh44Gu55qG5qeY44G4?="] * 20) + "\n",
        "Re: " + "会員の皆様へ" * 20,
    ),
    "one long word": Original(f"{FROM}{ID}Subject: {'x' * 400}\n", f"Re: {'x' * 400}"),
    "subject answered already": Original(f"{FROM}{ID}Subject: RE: Re: AW: Hello\n", "RE: Re: AW: Hello"),
    "no subject": Original(FROM + ID, "Re:"),
    "subject with an encoded line end": Original(
        f"{FROM}{ID}Subject: =?utf-8?q?Hello=0D=0ABcc:_evil@x.example?=\n",
        "Re: Hello Bcc: evil@x.example",
    ),
    "Reply-To": Original(
        f"{FROM}{ID}Reply-To: Office <office@member.example>\n{SUBJECT}",
        to=("office@member.example",),
    ),
    "Reply-To of several": Original(
        f'{FROM}{ID}Reply-To: "B, Bo" <bo@member.example>,\n =?utf-8?q?C=C3=A4cilie?= '
        f"<cy@member.example>, dan@member.example\n{SUBJECT}",
        to=("bo@member.example", "cy@member.example", "dan@member.example"),
    ),
    "empty Reply-To": Original(f"{FROM}{ID}Reply-To:\n{SUBJECT}"),
    "wrong Reply-To": Original(f"{FROM}{ID}Reply-To: nobody at all\n{SUBJECT}"),
    "group": Original(
        FROM + ID + SUBJECT, receivers="Team: bo@member.example, Cy <cy@member.example>;,"
    ),
    "no receivers": Original(FROM + ID + SUBJECT, receivers="undisclosed-recipients:;,"),
    "name with a comma": Original(f'From: "Member, Ada" <{ADA}>\n{ID}{SUBJECT}'),
    "name with quotes": Original(f'From: "Ada \\"the \\\\ great\\" M." <{ADA}>\n{ID}{SUBJECT}'),
    "name like an address": Original(f'From: "x@evil.example" <{ADA}>\n{ID}{SUBJECT}'),
    "long name with commas": Original(
        f'From: "{"Doe, " * 40}" <{ADA}>\n{ID}{SUBJECT}'
    ),
    "encoded name with commas": Original(
        f"From: =?utf-8?q?M=C3=BCller=2C_Ada_=3Cx=40evil=2Eexample=3E=2C?= <{ADA}>\n{ID}{SUBJECT}"
    ),
    "umlauts in the domain": Original(
        f"From: Jürgen <juergen@bücher.example>\n{ID}{SUBJECT}",
        to=("juergen@xn--bcher-kva.example",),
        contact="juergen@bücher.example",
    ),
    "raw letters beyond ASCII": Original(
        f"From: Jörg Älter <{ADA}>\n{ID}Subject: Größe\n", "Re: Größe"
    ),
}  # fmt: skip


def answer(env, account, partner):
    """Answer the only message there is; returns the new one."""
    original = env["member.mail.message"].search([])
    assert len(original) == 1
    action = env["member.mail.draft"].open_draft(
        "res.partner", partner.ids, "reply", answered_id=original.id
    )
    draft = env["member.mail.draft"].browse(action["res_id"])
    draft.write({"body": "<p>Liebe Ada, schöne Grüße</p>" + "<p>.</p>", "with_quote": True})
    return original, send(env, draft)


def read_strictly(data):
    """An email, parsed as strictly as possible."""
    head = data.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", data)
    assert max(map(len, data.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(data, policy=policy.strict)
    for part in message.walk():
        assert not part.defects
        for value in part.values():
            assert not value.defects, value
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
        assert len(message.get_all(name)) == 1, name
    assert message["Date"].datetime.tzinfo
    assert not message["Bcc"]
    plain = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert "schöne Grüße" in plain and "schöne Grüße" in html
    return message


def threads(server, user, letters):
    """The threads into which the server sorts emails, as nested tuples of their numbers from 1."""
    with open_mailbox(server, user) as client:
        client.create_folder("Exchange")
        for letter in letters:
            client.append("Exchange", letter)
        client.select_folder("Exchange")
        return client.thread("REFERENCES")


@pytest.mark.parametrize("original", ORIGINALS.values(), ids=list(ORIGINALS))
def test_answer(env, sending_account, mailbox, smtp_server, contact, dovecot, original):
    partner = contact("Ada", original.contact)
    env.cr.commit()
    letter = (
        f"{original.head}To: {original.receivers}{mailbox.user}\nDate: {DATE}\n\nHello there.\n"
    )
    letter = letter.replace("\n", "\r\n").encode()
    mailbox.append("INBOX", letter)
    sending_account._scan()
    received, message = answer(env, sending_account, partner)
    assert message.state == "sent", message.failure_reason
    assert message.conversation_id == received.conversation_id

    [(sender, recipients, data)] = smtp_server.messages
    parsed = read_strictly(data)
    assert sender == mailbox.user
    assert recipients == original.to
    assert tuple(address.addr_spec for address in parsed["To"].addresses) == original.to
    assert [a.addr_spec for a in parsed["From"].addresses] == [mailbox.user]
    assert parsed["Subject"] == original.subject
    # As they are in the email: `email` folds and encodes what it reads.
    raw = {name.lower(): value for name, value in parsed.raw_items()}
    assert raw["message-id"].split() == [message.rfc_message_id]
    assert raw.get("in-reply-to", "").split() == [original.answered] * bool(original.answered)
    references = raw.get("references", "").split()
    assert len(references) == len(set(references)) <= 20
    assert all(re.fullmatch(r"<[^\s<>]+>", rfc_id) for rfc_id in references)
    if original.answered:
        assert references[-1] == original.answered
    if original.first:
        assert references[0] == original.first

    # The member answers, with a client that knows the last email only.
    again = make_email(
        original.to[0], mailbox.user, subject=str(parsed["Subject"]),
        references=message.rfc_message_id,
    )  # fmt: skip
    [thread] = threads(dovecot, mailbox.user, [letter, data, again])
    assert len(re.findall(r"[123]", str(thread))) == 3, thread
    mailbox.append("INBOX", again)
    sending_account._scan()
    env.invalidate_all()
    messages = env["member.mail.message"].search([])
    assert len(messages) == 3, "an answer to ours is filed, whoever wrote it"
    assert len(messages.conversation_id) == 1
    [copy] = mailbox.flags("Sent").values()
    assert b"\\Seen" in copy
