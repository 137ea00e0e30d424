"""Bounces as real mail systems write them, and malformed ones."""

import random

import pytest

from crm_member_mail.mailbox.mime.message import parse

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
        "From: postmaster@member.example\nSubject: Re: Welcome\nIn-Reply-To: <sent-1@club.example>"
        "\n\nThank you, we come on Monday.",
        "From: postmaster@member.example\nSubject: Re: Parcel\nIn-Reply-To: <sent-1@club.example>"
        "\n\nIt arrived.\n> The parcel could not be delivered.",
        (STANDARD % "message/rfc822").replace("Mail Delivery System <MAILER-DAEMON@", "Ada <ada@"),
    ],
    ids=[
        "an answer",
        "a letter of a postmaster",
        "a quoted header",
        "an answer of a postmaster",
        "a quoted failure",
        "made up or passed on by somebody",
    ],
)
def test_no_report(text):
    assert report_of(text) is None


@pytest.mark.parametrize(
    "sender",
    [
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@else.example>",
        "Mail Delivery System <noreply@else.example>",
        "postmaster+out@else.example",
        "MAILER_DAEMON@else.example",
        "bounces+12345@else.example",
        "<>",
        "MAILER-DAEMON",
    ],
)
def test_senders(sender):
    text = (STANDARD % "message/rfc822").replace(
        "Mail Delivery System <MAILER-DAEMON@mx.else.example>", sender
    )
    assert report_of(text).message_ids == (ID,)


@pytest.mark.parametrize(
    "sender", ["daemon@member.example", "bouncer@member.example", "Postmaster Ltd <a@b.example>"]
)
def test_senders_that_are_people(sender):
    text = (STANDARD % "message/rfc822").replace(
        "Mail Delivery System <MAILER-DAEMON@mx.else.example>", sender
    )
    assert report_of(text) is None


def test_earlier_mail_of_the_conversation_is_not_what_came_back():
    """Exchange copies all references of the original email into its bounce."""
    more = f"In-Reply-To: {ID}\nReferences: <first@club.example> {ID}\nMIME-Version"
    text = (STANDARD % "message/rfc822").replace("MIME-Version", more)
    assert report_of(text).message_ids == (ID,)
    assert report_of(EXCHANGE.replace("References: ", "References: <first@club.example> "))\
        .message_ids == (ID,)  # fmt: skip


def test_the_id_before_a_server_changed_it():
    text = (STANDARD % "message/rfc822").replace(
        f"Message-ID:\n {ID}", f"Message-ID: <new@mx.example>\nX-Google-Original-Message-ID: {ID}"
    )
    assert report_of(text).message_ids == ("<new@mx.example>", ID)


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("Action: failure\nStatus: 5.1.1", "failed"),
        ("Action: Failed (bad address)\nStatus: 5.1.1", "failed"),
        ("Status: 5.1.1", "failed"),
        ("Status: 4.4.1", "delayed"),
        ("Action: relayed\nStatus: 2.0.0", "relayed"),
        ("Action: delivered", "delivered"),
    ],
)
def test_actions(said, action):
    text = (STANDARD % "message/rfc822").replace("Action: failed\nStatus: 5.1.1", said)
    assert report_of(text).recipients[0].action == action


def test_recipients_in_xtext_and_words_without_a_type():
    text = (STANDARD % "message/rfc822").replace("rfc822;Ada@Member", "rfc822;Ada+2BClub@Member")
    text = text.replace("Diagnostic-Code: smtp; ", "Diagnostic-Code: ")
    ada = report_of(text).recipients[0]
    assert "ada+club@member.example" in ada.emails
    assert ada.words.startswith("550 5.1.1")


REASON = "ada@member.example\n550 5.1.1"
IN_WORDS = [
    (
        "Returned mail: see transcript for details",
        "   ----- The following addresses had permanent fatal errors -----\n"
        "<ada@member.example>\n    (reason: 550 5.1.1 unknown)",
    ),
    (
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.\n\n"
        "<ada@member.example>: host mail said: 550 5.1.1 unknown",
    ),
    (
        "Delivery Status Notification (Failure)",
        "Delivery to the following recipient failed permanently:\n\n"
        "     ada@member.example\n\n550 5.1.1 unknown",
    ),
    ("mail failed, returning to sender", f"It is not known here:\n\n{REASON}"),
    ("Could not send mail for past 8 hours", f"Unknown:\n\n{REASON}"),
    ("Unzustellbar: Willkommen", f"Fehler bei der Nachrichtenzustellung an:\n\n{REASON}"),
    ("Non remis : Bienvenue", f"Échec de la remise à ces destinataires :\n\n{REASON}"),
    ("No se puede entregar: Hola", f"Error de entrega a estos destinatarios:\n{REASON}"),
    ("Не доставлено", f"Сообщение не может быть доставлено:\n{REASON}"),
    ("配信不能", f"次の受信者に配信できません:\n{REASON}"),
]


@pytest.mark.parametrize(
    "said",
    [
        f"It could not be delivered.\n\nMessage-ID: {ID}\nSubject: Welcome",
        f"It could not be delivered.\n\n> References: <first@club.example> {ID}\nMessage ID: {ID}",
    ],
)
def test_a_message_id_is_nobodys_address(said):
    report = report_of(
        f"From: postmaster@else.example\nSubject: Undeliverable: Welcome\n\n{said}\n"
    )
    [nobody] = report.recipients
    assert (nobody.emails, nobody.action) == ((), "failed")


@pytest.mark.parametrize(
    "said",
    [
        "Niet-bezorgd", "De bezorging aan deze mensen is mislukt", "Não é possível entregar",
        "Nedoručitelné", "Nedoručiteľné", "Kunde inte levereras", "Kunne ikke leveres",
        "Toimitus epäonnistui", "Teslim Edilemedi", "Kézbesíthetetlen", "Nu poate fi livrat",
        "Isporuka nije uspjela", "Δεν ήταν δυνατή η παράδοση", "배달되지 않음",
    ],
)  # fmt: skip
def test_tongues_without_a_code(said):
    text = (
        "From: postmaster@else.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n\n{said}: Welcome\n\nada@member.example\n"
    )
    [ada] = report_of(text).recipients
    assert (ada.emails, ada.action) == (("ada@member.example",), "failed")


@pytest.mark.parametrize(("subject", "said"), IN_WORDS)
def test_many_tongues(subject, said):
    text = (
        f"From: MAILER-DAEMON@mx.else.example\nTo: office@club.example\nSubject: {subject}\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n\n"
        f"{said}\n\n   ----- Original message -----\n\nMessage-ID: {ID}\nSubject: Welcome\n"
    )
    report = report_of(text)
    assert report.message_ids == (ID,)
    [ada] = report.recipients
    assert (ada.emails, ada.action) == (("ada@member.example",), "failed")
    assert "550" in ada.words


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


@pytest.mark.parametrize(
    "filling",
    ["-" * 400_000, "5.1." * 100_000, "a@" * 200_000, "> " * 200_000, "a.b@c.d " * 50_000],
)
def test_hostile_texts_take_no_time(filling):
    """With patterns that backtrack, each of these would take minutes."""
    report = report_of(QMAIL.replace("203.0.113.5 does", f"{filling} does"))
    assert report is None or len(report.recipients) <= 100


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_broken_is_survived(seed):
    dice = random.Random(seed)
    originals = [STANDARD % "message/rfc822", STANDARD % "text/rfc822-headers", QMAIL, EXIM]
    found = 0
    for _round in range(60):
        data = bytearray(dice.choice(originals).replace("\n", "\r\n").encode())
        for _change in range(dice.randint(1, 12)):
            start = dice.randrange(len(data))
            data[start : start + dice.randint(0, 30)] = dice.randbytes(dice.randint(0, 20))
        report = parse(bytes(data)).report
        for person in report.recipients if report else ():
            found += 1
            assert person.action in ("failed", "delayed", "delivered", "relayed", "expanded")
            assert all(email.count("@") >= 1 for email in person.emails)
            assert person.words.isprintable() and len(person.words) <= 200
    assert found


#: How a mail system may say it, in languages that we have no phrases of.
UNKNOWN_TONGUES = [
    "Tölvupósturinn komst ekki til skila",
    "Viestiä ei voitu toimittaa perille",
    "A levelet nem sikerült kézbesíteni",
    "Mesajul nu a putut fi livrat",
    "Sporočila ni bilo mogoče dostaviti",
    "Το μήνυμα δεν παραδόθηκε",
    "İleti teslim edilemedi",
    "לא ניתן היה למסור את ההודעה",
    "تعذر تسليم الرسالة",
    "ไม่สามารถส่งข้อความได้",
    "Không thể gửi thư",
    "Pesan tidak terkirim",
]


def in_words(said, subject="?", header="", sender="MAILER-DAEMON@mx.else.example"):
    return (
        f"From: {sender}\nTo: office@club.example\nSubject: {subject}\n{header}"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n\n{said}\n"
    )


@pytest.mark.parametrize("said", UNKNOWN_TONGUES)
@pytest.mark.parametrize("where", [f"In-Reply-To: {ID}\n", f"References: <a@b> {ID}\n", ""])
def test_words_of_any_language_with_a_code(said, where):
    words = f"{said}:\n\nada@member.example\n550 5.1.1 ?\n\n{'' if where else ID}"
    report = report_of(in_words(words, header=where))
    assert ID in (report.message_ids or report.words)
    assert (report.recipients[0].emails, report.recipients[0].action) == (
        ("ada@member.example",), "failed"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("550 ?", "failed"),
        ("'552-5.2.2 ?'", "failed"),
        ("#5.1.1", "failed"),
        ("(554) ?", "failed"),
        ("4.4.7", "failed"),
        ("451 4.7.1 ?", "delayed"),
        ("421 ?", "delayed"),
        ("4.2.0", "delayed"),
    ],
)
def test_codes_in_words(code, action):
    report = report_of(in_words(f"xx ada@member.example {code}", header=f"In-Reply-To: {ID}\n"))
    assert {person.action for person in report.recipients} == {action}


@pytest.mark.parametrize(
    "said",
    ["Room 512, at 4.30", "+49 551 123", "550.000", "From 1.5.2026", "10.5.1.7", "500 people"],
)
def test_numbers_are_no_codes(said):
    assert report_of(in_words(said, header=f"In-Reply-To: {ID}\n")) is None


def without_id(returned):
    return (STANDARD % "text/rfc822-headers").replace(
        f"From: office@club.example\nMessage-ID:\n {ID}\nSubject: Welcome", returned
    )


def test_what_returns_no_message_id_says_what_else_it_is_known_by():
    report = report_of(
        without_id(
            "From: office@club.example\nTo: Ada <ada@member.example>\nSubject: =?utf-8?q?Welc=6Fme?=\n"
            "Date: Mon, 5 Jan 2026 10:00:00 +0100"
        )
    )
    assert report.message_ids == ()
    assert (report.subject, report.addressed) == ("welcome", ("ada@member.example",))
    assert report.sent.isoformat() == "2026-01-05T09:00:00+00:00"
    assert report.accepted.isoformat() == "2026-01-05T10:00:00+00:00"


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Undeliverable: Welcome to all", "No such address 550 5.1.1 ?"),
        ("配信不能：Welcome to all", "550 5.1.1 ?"),
        ("Xyz : WELCOME  to all", "550 5.1.1 ?"),
        ("?", "550 5.1.1 ?\n  Betreff: Welcome to all"),
        ("?", "550 5.1.1 ?\nIhre Nachricht „Welcome to all“ kam nicht an"),
        ("?", "550 5.1.1 ?\n\n---- Original message ----\nSubject: Welcome to all\n"),
    ],
)
def test_the_returned_subject_in_words(subject, said):
    report = report_of(in_words(f"{said}\nada@member.example", subject))
    assert "welcome to all" in (report.subject, *report.subjects)


@pytest.mark.parametrize(
    "sender",
    [
        "系统退信 <robot@else.example>",
        "Zustellung <post.master@else.example>",
        "Mail-Zustellsystem <robot@else.example>",
        "Sistema de entrega de correo <robot@else.example>",
        "Système de distribution du courrier <robot@else.example>",
        "GMX Mailer Daemon <robot@else.example>",
        "double-bounce@else.example",
    ],
)
def test_senders_in_other_words(sender):
    assert report_of(in_words("550 5.1.1 ?", header=f"In-Reply-To: {ID}\n", sender=sender))


def test_a_report_that_its_server_says_nobody_sent():
    """Whatever address it is from: who makes one up can't choose its Return-Path."""
    text = (STANDARD % "message/rfc822").replace(
        "Mail Delivery System <MAILER-DAEMON@", "Helpdesk <help@"
    )
    assert report_of(text) is None
    assert report_of(f"Return-Path: <>\n{text}").message_ids == (ID,)
    assert report_of("Return-Path: <>\nFrom: help@else.example\n\n550 5.1.1 ?") is None
