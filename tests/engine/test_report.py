"""Reports of mail systems, as real ones write them and as they should not."""

import pytest

from odoo.addons.crm_member_mail.mailbox.message import parse

ID = "<sent-1@club.example>"

STANDARD = f"""\
From: Mail Delivery System <MAILER-DAEMON@mx.else.example>
To: office@club.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.else.example
Arrival-Date: Mon, 5 Jan 2026 10:00:00 +0000

Final-Recipient: rfc822; ada@member.example
Original-Recipient: rfc822;Ada@Member.Example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.member.example
Diagnostic-Code: smtp; 550 5.1.1 <ada@member.example>: Recipient address
    rejected: User unknown

Final-Recipient: rfc822; bo@member.example
Action: delayed
Status: 4.4.1

--b
Content-Type: %s

From: office@club.example
Message-ID:
 {ID}
Subject: Welcome

--b--
"""


def report_of(text):
    return parse(text.replace("\n", "\r\n").encode()).report


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers", "message/global"])
def test_standard(kind):
    report = report_of(STANDARD % kind)
    assert report.message_ids[0] == ID
    ada, bo = report.recipients
    assert (ada.emails, ada.action, ada.status) == (("ada@member.example",), "failed", "5.1.1")
    assert ada.words.startswith("550 5.1.1") and ada.words.endswith("User unknown")
    assert (bo.emails, bo.action, bo.status) == (("bo@member.example",), "delayed", "4.4.1")


QMAIL = f"""\
From: MAILER-DAEMON@mx.else.example
To: office@club.example
Subject: failure notice

Hi. This is the qmail-send program at mx.else.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<ada@member.example>:
203.0.113.5 does not like recipient.
Remote host said: 550 no such mailbox

--- Below this line is a copy of the message.

Return-Path: <office@club.example>
Message-ID: {ID}
Subject: Welcome
From: other@member.example
"""

EXIM = f"""\
From: Mail Delivery System <Mailer-Daemon@mx.else.example>
To: office@club.example
X-Failed-Recipients: ada@member.example
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender

A message that you sent could not be delivered to one or more of its recipients.

  ada@member.example
    host mail.member.example [203.0.113.5]
    SMTP error from remote mail server after RCPT TO:<ada@member.example>:
    550 5.1.1 No such user

------ This is a copy of the message, including all the headers. ------

Message-ID: {ID}
"""

EXCHANGE = f"""\
From: Microsoft Outlook <postmaster@else.example>
To: office@club.example
Subject: Undeliverable: Welcome
In-Reply-To: {ID}
References: {ID}

Delivery has failed to these recipients or groups:

ada@member.example
The email address you entered couldn't be found.

Remote server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'
"""


@pytest.mark.parametrize("text", [QMAIL, EXIM, EXCHANGE], ids=["qmail", "exim", "exchange"])
def test_in_words(text):
    report = report_of(text)
    assert report.message_ids == (ID,)
    assert ("ada@member.example",) in [person.emails for person in report.recipients]
    assert {person.action for person in report.recipients} == {"failed"}
    assert "550" in report.recipients[0].words


def test_delayed_in_words():
    text = QMAIL.replace("failure notice", "Delivery delayed").replace("I'm afraid", "WARNING: ")
    assert {person.action for person in report_of(text).recipients} == {"delayed"}


@pytest.mark.parametrize(
    "text",
    [
        "From: ada@member.example\nTo: office@club.example\nIn-Reply-To: <sent-1@club.example>\n\nHi",
        "From: postmaster@member.example\nTo: office@club.example\nSubject: Rules\n\nPlease note.",
        "From: ada@member.example\nSubject: Fwd\n\nMessage-ID: <sent-1@club.example>",
    ],
    ids=["an answer", "a letter of a postmaster", "a quoted header"],
)
def test_no_report(text):
    assert report_of(text) is None


@pytest.mark.parametrize(
    "status",
    [
        "",
        "Action: failed",
        "Final-Recipient: rfc822;\nAction: failed\nStatus: 5.0.0",
        "Final-Recipient\nAction failed",
        ": \n: :\n\n\n",
        "Action: exploded\nFinal-Recipient: rfc822; ada@member.example",
        "Final-Recipient: " + "x" * 100_000 + "\nAction: failed",
        " continuation of nothing\nAction: failed",
        "Action: failed\nFinal-Recipient: rfc822; a@b.example\0<script>",
    ],
)
def test_broken_ones_are_survived(status):
    head, _mark, rest = (STANDARD % "message/rfc822").partition("Reporting-MTA")
    text = head + status + "\n\n--b" + rest.split("--b", 1)[1]
    report = report_of(text)
    assert report.message_ids == (ID,)
    for person in report.recipients:
        assert person.action in ("failed", "delayed")
        assert person.words.isprintable() and len(person.words) <= 200
