"""The benchmark's mailbox: invented mail of usual sizes, the same bytes each time."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from random import Random

OWNER = "team@bench.example"
#: A small mailbox of members' mail that is read before anything is measured.
WARM_UP = "warm@bench.example"
WARM_UP_COUNT = 10

MEMBER_SHARE = 0.10
ATTACHMENT_SHARE = 0.20
#: Bytes of an attachment: most are small, a few are large. A message has some 65 KB on average.
ATTACHMENT_MEDIAN, ATTACHMENT_LARGEST = 124_000, 2_000_000
SENT_SHARE = 0.10

WORDS = re.findall(
    r"\w+",
    """
    harbour meeting proposal invoice thank attached please quarter team budget question member
    contract delivery Friday morning update version project review agree schedule office price
    between because however considering regarding tomorrow yesterday together available
    """,
)
STYLE = "<style>td{font:14px Arial;color:#223}.b{background:#146;color:#fff;padding:8px}</style>"


def contact_email(number):
    """The address of the contact with this number; see :data:`CONTACTS_SQL`."""
    return f"member{number}@club{number % 500}.example"


#: Makes the contacts 1 … n.
CONTACTS_SQL = """
    INSERT INTO res_partner (name, complete_name, email, email_normalized, active, type, lang,
                             create_uid, write_uid, create_date, write_date)
    SELECT 'Member ' || n, 'Member ' || n, address, address, true, 'contact', 'en_US',
           1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
      FROM (SELECT n, 'member' || n || '@club' || n % 500 || '.example' AS address
              FROM generate_series(1, {count}) AS n) AS addresses
"""


@dataclass(frozen=True)
class Letter:
    """A message, the folder it belongs in, and whether a contact sent or gets it."""

    folder: str
    member: bool
    moment: datetime
    source: bytes


def letters(count, contacts, seed=19):
    """``count`` letters, a tenth of them exchanged with one of so many ``contacts``."""
    chance = Random(seed)
    start = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)
    for number in range(count):
        moment = start + timedelta(minutes=7 * number)
        member = chance.random() < MEMBER_SHARE
        other = (
            contact_email(chance.randint(1, contacts))
            if member
            else f"stranger{chance.randint(1, 900)}@elsewhere{chance.randint(1, 80)}.example"
        )
        folder = "Sent" if chance.random() < SENT_SHARE else "INBOX"
        source = _source(chance, number, moment, other, outgoing=folder == "Sent")
        yield Letter(folder, member, moment, source)


def _source(chance, number, moment, other, outgoing):
    name = f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()}"
    there, here = f"{name} <{other}>", f"The Team <{OWNER}>"
    sender, recipient = (here, there) if outgoing else (there, here)
    subject = " ".join(chance.choices(WORDS, k=5))
    head = [
        f"Received: from mx{number % 7}.elsewhere.example by mail.bench.example with ESMTPS",
        f"Date: {format_datetime(moment)}",
        f"From: {sender}",
        f"To: {recipient}",
        f"Subject: {subject}",
        f"Message-ID: <{seed_id(chance)}.{number}@mail.example>",
        "MIME-Version: 1.0",
    ]
    if chance.random() < 0.3:
        head.append(
            f"References: <{seed_id(chance)}@mail.example> <{seed_id(chance)}@mail.example>"
        )
    text, html = _text(chance)
    alternative = (
        'Content-Type: multipart/alternative; boundary="alt"\r\n\r\n'
        "--alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{text}\r\n--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--alt--\r\n"
    )
    if chance.random() >= ATTACHMENT_SHARE:
        return ("\r\n".join(head) + "\r\n" + alternative).encode()
    files = "".join(_attachment(chance, file) for file in range(chance.choice((1, 1, 1, 2))))
    head.append('Content-Type: multipart/mixed; boundary="mix"')
    return ("\r\n".join(head) + f"\r\n\r\n--mix\r\n{alternative}{files}--mix--\r\n").encode()


def seed_id(chance):
    """A part of a Message-ID."""
    return f"{chance.getrandbits(64):x}"


def _text(chance):
    paragraphs = [
        " ".join(chance.choices(WORDS, k=chance.randint(20, 60)))
        for _ in range(chance.randint(2, 14))
    ]
    rows = "".join(f'<tr><td class="b">{p}</td></tr><tr><td>{p}</td></tr>' for p in paragraphs)
    return "\r\n\r\n".join(
        paragraphs
    ), f"<html><head>{STYLE}</head><body><table>{rows}</table></body></html>"


def _attachment(chance, number):
    size = min(int(ATTACHMENT_MEDIAN * chance.lognormvariate(0, 0.8)), ATTACHMENT_LARGEST)
    data = base64.encodebytes(chance.randbytes(size)).decode().replace("\n", "\r\n")
    return (
        f'--mix\r\nContent-Type: application/pdf; name="file{number}.pdf"\r\n'
        f'Content-Disposition: attachment; filename="file{number}.pdf"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{data}"
    )
