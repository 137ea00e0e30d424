"""The mailboxes that a former version and this one read: an email of each kind that is stored in a way
of its own."""

from datetime import datetime, timedelta, timezone
from email.message import EmailMessage

from ..mail import email, email_with

OFFICE, BOSS = "office@club.example", "boss@club.example"
ADA, BOB, CAROL = "ada@member.example", "bob@member.example", "carol@club-friends.example"
LEAD, SPAM = "lead@prospect.example", "noise@spam.example"
#: What a former version can't file, what users delete, and what they handle.
DIFFICULT, DELETED, TRASHED, HANDLED = "Difficult", "Deleted", "Trashed", "Handled"
DAY = datetime(2024, 3, 2, 9, tzinfo=timezone.utc)

_ICS = """BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@x\r\n\
DTSTAMP:20240301T090000Z\r\nDTSTART:20240310T090000Z\r\nDTEND:20240310T100000Z\r\n\
SUMMARY:Visit\r\nORGANIZER:mailto:ada@member.example\r\n\
ATTENDEE:mailto:office@club.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"""

_BOUNCE = """\
From: MAILER-DAEMON@relay.example
To: office@club.example
Subject: Undelivered Mail Returned to Sender
Date: Sat, 02 Mar 2024 13:00:00 +0000
Message-ID: <bounce@relay.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; bob@member.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 No such user

--b
Content-Type: message/rfc822-headers

From: office@club.example
To: ada@member.example
Subject: Offer
Message-ID: <offer@club.example>
--b--
""".replace("\n", "\r\n").encode()

_SIGNED = """\
From: Ada <ada@member.example>
To: office@club.example
Subject: Signed
Date: Sat, 02 Mar 2024 14:00:00 +0000
Message-ID: <signed@member.example>
MIME-Version: 1.0
Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256; boundary=b

--b
Content-Type: text/plain

Signed words.
--b
Content-Type: application/pgp-signature; name=signature.asc

-----BEGIN PGP SIGNATURE-----
iQEzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
--b--
""".replace("\n", "\r\n").encode()


def mailboxes():
    """Tuples of the mailbox (its address), the folder, the bytes and when it arrived."""
    now = datetime.now(timezone.utc)
    result = []

    def put(source, folder="INBOX", box=OFFICE, arrived=None):
        result.append((box, folder, source, arrived or DAY))

    def plain(name, sender=ADA, to=OFFICE, hours=0, more=None, **options):
        """The bytes of an email that is called ``name``, with further headers."""
        options = {"subject": name.capitalize(), "text": f"Words of {name}.\n"} | options
        source = email(
            sender, to, message_id=f"<{name}@{sender.rpartition('@')[2].strip('<>')}>",
            date=DAY + timedelta(hours=hours), **options,
        )  # fmt: skip
        head = "".join(f"{key}: {value}\n" for key, value in (more or {}).items())
        return head.encode() + source

    put(plain("enquiry", f"Ada Lovelace <{ADA}>", html="<p>Words of <b>enquiry</b>.</p>"))
    put(plain("offer", OFFICE, ADA, 1, {"Bcc": BOB}), "Sent")
    put(plain("answer", ADA, hours=2, subject="Re: Offer", references="<offer@club.example>"))
    put(_BOUNCE)
    put(_SIGNED)
    put(_rich())
    put(
        email_with(
            _ICS.encode(), "invite.ics", "text/calendar", sender=ADA, to=OFFICE, subject="Visit",
            message_id="<visit@member.example>", date=DAY,
        )
    )  # fmt: skip
    put(
        email_with(
            b"%PDF-1.4" + b"x" * 1_200_000, "plan.pdf", "application/pdf", sender=ADA, to=OFFICE,
            subject="Large", message_id="<large@member.example>", date=DAY,
        )
    )  # fmt: skip
    newsletter = {"List-Unsubscribe": "<https://member.example/u>", "Precedence": "bulk"}
    put(plain("newsletter", CAROL, hours=3, more=newsletter))
    put(plain("list", "list@lists.example", hours=3, more={"Reply-To": f"Carol <{CAROL}>"}))
    put(plain("absent", BOB, hours=3, more={"Auto-Submitted": "auto-replied"}))
    put(plain("copied", ADA, hours=4, cc=f"Bob <{BOB}>, {CAROL}"))
    put(plain("sub", "bob+shop@member.example", hours=5))
    put(plain("second", "ada@second.example", hours=6))
    put(plain("prospect", LEAD, hours=7))
    put(plain("stranger", "someone@else.example", hours=7))
    put(plain("spam", SPAM, hours=7))
    put(plain("undated", hours=8).replace(b"Date:", b"X-Date:"))
    put(
        plain("cp1252", hours=9, text="Words.\n").replace(b"Words.", "Größe – 5 €".encode("cp1252"))
    )
    warning = "CAUTION: This email originated from outside of the organization."
    put(plain("warned", hours=9, text=f"{warning}\n\nWords of warned.\n"))
    for name in (DIFFICULT, DELETED, TRASHED, HANDLED):
        put(plain(name.lower(), hours=10))
    put(plain("news", hours=11), arrived=now)
    # One email in two mailboxes, one that a gateway changed for the other, and one of the private one.
    shared = plain("shared", to=f"{OFFICE}, {BOSS}", hours=12)
    put(shared)
    put(b"Authentication-Results: mx.club.example; dmarc=pass header.from=member.example\n" + shared,
        box=BOSS)  # fmt: skip
    changed = {"to": f"{OFFICE}, {BOSS}", "hours": 13}
    put(plain("changed", **changed))
    put(plain("changed", subject="[Extern] Changed", **changed), box=BOSS)
    put(plain("private", BOB, BOSS, 14), box=BOSS)
    put(plain("reply", BOSS, BOB, 15, subject="Re: Private", references="<private@member.example>"),
        "Sent", BOSS)  # fmt: skip
    return result


def _rich():
    """HTML with a picture, a quotation and a file whose name needs to be encoded."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Ädä <{ADA}>", OFFICE, "Größe und Preis"
    message["Date"], message["Message-ID"] = (
        "Sat, 02 Mar 2024 10:30:00 +0100",
        "<rich@member.example>",
    )
    message["X-Mailer"] = "Ours 1.0"
    message.set_content("Die Größe: 東京都.\n\n> quoted\n")
    message.add_alternative(
        "<p>Die <b>Größe</b>: 東京都. <img src='cid:p@x'></p><blockquote>quoted</blockquote>",
        subtype="html",
    )
    message.get_payload()[1].add_related(b"GIF89a" + b"y" * 200, "image", "gif", cid="<p@x>")
    message.add_attachment(b"a;b\n", maintype="text", subtype="csv", filename="Übersicht.csv")
    return message.as_bytes()
