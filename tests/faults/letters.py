"""A correspondence for fault tests, and what must be filed of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from ..mail import email, email_with

#: The contacts, by address.
CONTACTS = {"ana@members.example": "Ana", "ben@members.example": "Ben"}

#: Kinds of letters, which :func:`correspondence` makes in turn.
KINDS = 12

ANA, BEN, STRANGER = "ana@members.example", "ben@members.example", "someone@else.example"


@dataclass(frozen=True)
class Filing:
    """How an email must be filed. Two that are equal are one email."""

    subject: str
    direction: str
    contacts: tuple[str, ...]
    attachments: tuple[bytes, ...]
    text: str
    places: int


@dataclass(frozen=True)
class Letter:
    """One email that is delivered: where to, its bytes, how it is filed (None: not at all)."""

    folder: str
    data: bytes
    filing: Filing | None


def correspondence(own, count, first=0):
    """Letters of the mailbox ``own``: members' and strangers', received and sent, copies in both
    folders and twice in one, attachments, one Message-ID for two different emails, and none at all.

    :param int count: how many; of three kinds (9 to 11), each comes as two letters
    :param int first: number of the first one; other numbers make other letters
    :return: list of Letter
    """
    numbers = range(first, first + count)
    return [letter for number in numbers for letter in _letters(own, number)]


def _letters(own, number):
    subject = f"Letter {number}"
    text = f"This is letter {number}."
    file = (subject.encode() + b"\0\xff\n") * (20 + number % 7 * 400)
    kind = number % KINDS
    common = {"subject": subject, "text": text, "date": datetime.now(timezone.utc)}

    def filing(direction, contact, *attachments, text=text, places=1):
        return Filing(subject, direction, (CONTACTS[contact],), attachments, text, places)

    attached = {"filename": f"{number}.bin", "content_type": "application/octet-stream"}
    if kind in (0, 5):
        return [Letter("INBOX", email(STRANGER, own, **common), None)]
    if kind == 1:
        return [Letter("Sent", email(own, STRANGER, **common), None)]
    if kind in (2, 7):
        return [Letter("INBOX", email(ANA, own, **common), filing("in", ANA))]
    if kind in (3, 8):
        data = email_with(file, sender=BEN, to=own, **attached, **common)
        return [Letter("INBOX", data, filing("in", BEN, file))]
    if kind == 4:
        return [Letter("Sent", email(own, ANA, **common), filing("out", ANA))]
    if kind == 6:
        data = email_with(file, sender=own, to=BEN, **attached, **common)
        return [Letter("Sent", data, filing("out", BEN, file))]
    if kind == 9:
        data = email(own, f"{BEN}, {own}", **common)
        copies = filing("out", BEN, places=2)
        return [Letter("Sent", data, copies), Letter("INBOX", data, copies)]
    if kind == 10:
        message_id = f"<twice-{number}@tests.example>"
        texts = text, f"{text} It has the Message-ID of another one."
        return [
            Letter(
                "INBOX",
                email(ANA, own, message_id=message_id, **common | {"text": body}),
                filing("in", ANA, text=body),
            )
            for body in texts
        ]
    data = email(ANA, own, **common)
    head, _blank, body = data.partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not line.startswith(b"Message-ID")]
    nameless = b"\n".join(lines) + b"\n\n" + body
    return [Letter("INBOX", nameless, filing("in", ANA, places=2))] * 2


def deliver(mailbox, letters):
    """Put letters into a mailbox (see tests/conftest.py)."""
    by_folder = defaultdict(list)
    for letter in letters:
        by_folder[letter.folder].append(letter.data)
    for folder, messages in by_folder.items():
        mailbox.server.append_many(mailbox.user, folder, messages)


def expected(letters):
    """What must be filed of letters: Counter of Filing, each of them once."""
    return Counter({letter.filing for letter in letters if letter.filing})


def filed(env, accounts):
    """What is filed of ``accounts``: Counter of Filing, of which each is to be there once."""
    return Counter(
        Filing(
            message.subject,
            message.direction,
            tuple(sorted(message.partner_ids.mapped("name"))),
            tuple(sorted(message.attachment_ids.mapped("raw"))),
            message.body_text.strip(),
            len(message.location_ids),
        )
        for message in env["member.mail.message"].search([("account_ids", "in", accounts.ids)])
    )


def placeless(filings):
    """The same Counter of Filing without the number of places."""
    return Counter(replace(filing, places=0) for filing in filings.elements())


def difference(found, wanted):
    """The differences between two Counters of Filing, as text; '' when there are none."""
    lines = [f"too much: {_brief(filing)}" for filing in (found - wanted).elements()]
    lines += [f"missing: {_brief(filing)}" for filing in (wanted - found).elements()]
    return "\n".join(lines)


def _brief(filing):
    sizes = [len(data) for data in filing.attachments]
    return (
        f"{filing.subject!r} ({filing.direction}, {', '.join(filing.contacts)}, "
        f"{filing.places} places, attachments {sizes}): {filing.text!r}"
    )
