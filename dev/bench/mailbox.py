"""The benchmark's mailboxes: invented mail of usual sizes, the same bytes each time."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime as _date
from random import Random

OWNER = "team@bench.example"

MEMBER_SHARE = 0.10
ATTACHMENT_SHARE = 0.20
#: Bytes of an attachment: most are small, a few are large. A message has some 65 KB on average.
ATTACHMENT_MEDIAN, ATTACHMENT_LARGEST = 124_000, 2_000_000
#: Bytes of an attachment that is a burden to memory.
HUGE = 50_000_000
SENT_SHARE = 0.10
CC_SHARE = 0.15
START = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)

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


def letters(count, contacts, seed=19, member_share=MEMBER_SHARE):
    """``count`` letters, a share of them exchanged with one of so many ``contacts``."""
    chance = Random(seed)
    for number in range(count):
        moment = START + timedelta(minutes=7 * number)
        member = chance.random() < member_share
        other = contact_email(chance.randint(1, contacts)) if member else _stranger(chance)
        folder = "Sent" if chance.random() < SENT_SHARE else "INBOX"
        source = _source(chance, number, moment, other, outgoing=folder == "Sent")
        yield Letter(folder, member, moment, source)


def strangers(count, seed=23):
    """``count`` short letters of strangers, with the header fields that mail collects on its way."""
    chance = Random(seed)
    for number in range(count):
        moment = START + timedelta(minutes=number)
        head = _head(chance, number, moment, _stranger(chance), outgoing=False)
        route = [
            f"Received: from mx{hop}.elsewhere{chance.randint(1, 80)}.example (unknown [192.0.2.1])\r\n"
            f"\tby mail{hop}.bench.example with ESMTPS id {seed_id(chance)}; {_date(moment)}"
            for hop in range(3)
        ]
        signature = (
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=elsewhere.example; s=one;\r\n"
            f"\th=from:to:subject:date; bh={seed_id(chance)};\r\n\tb={chance.getrandbits(2048):x}"
        )
        if chance.random() < CC_SHARE:
            head.append(f"Cc: {_stranger(chance)}, Some One <{_stranger(chance)}>")
        text = " ".join(chance.choices(WORDS, k=30))
        source = "\r\n".join([*route, signature, *head, "", text, ""])
        yield Letter("INBOX", False, moment, source.encode())


def huge_letters(count, contacts, seed=29):
    """``count`` letters to ``INBOX``, from contacts, each with an attachment of :data:`HUGE` bytes."""
    chance = Random(seed)
    for number in range(count):
        # Far from compressible, and quickly made.
        block = base64.encodebytes(chance.randbytes(57 * 1000)).replace(b"\n", b"\r\n")
        moment = START + timedelta(days=1, minutes=number)
        head = _head(chance, number, moment, contact_email(chance.randint(1, contacts)), False)
        head.append('Content-Type: multipart/mixed; boundary="mix"')
        start = (
            "\r\n\r\n--mix\r\nContent-Type: text/plain\r\n\r\nThe film.\r\n--mix\r\n"
            'Content-Type: video/mp4\r\nContent-Disposition: attachment; filename="film.mp4"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n"
        )
        source = ("\r\n".join(head) + start).encode()
        yield Letter(
            "INBOX", True, moment, source + block * (HUGE // (57 * 1000) + 1) + b"--mix--\r\n"
        )


def _stranger(chance):
    return f"stranger{chance.randint(1, 900)}@elsewhere{chance.randint(1, 80)}.example"


def _head(chance, number, moment, other, outgoing):
    """The header fields of a letter as a list."""
    name = f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()}"
    there, here = f"{name} <{other}>", f"The Team <{OWNER}>"
    sender, recipient = (here, there) if outgoing else (there, here)
    subject = " ".join(chance.choices(WORDS, k=5))
    return [
        f"Received: from mx{number % 7}.elsewhere.example by mail.bench.example with ESMTPS",
        f"Date: {_date(moment)}",
        f"From: {sender}",
        f"To: {recipient}",
        f"Subject: {subject}",
        f"Message-ID: <{seed_id(chance)}.{number}@mail.example>",
        "MIME-Version: 1.0",
    ]


def _source(chance, number, moment, other, outgoing):
    head = _head(chance, number, moment, other, outgoing)
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
