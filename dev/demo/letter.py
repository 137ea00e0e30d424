"""A letter of the demo mailbox, and the writer that makes letters in a few words."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from .people import US

INBOX, SENT = "INBOX", "Sent"

#: By this name our mail server signs what it found out about a sender.
OUR_SERVER = "mx.harbourclub.example"

#: How many days back the demo account reads (its default); no letter is close to that limit.
WINDOW = 30


@dataclass(frozen=True)
class Letter:
    """One message of the mailbox, and what has to become of it.

    ``contacts`` are the keys of the contacts it must be filed under; none: it must stay out.
    ``files`` are its attachments by the name they must get; ``inline`` its pictures in the text.
    ``copy_of`` names the letter that this is another copy of: it is filed once.
    """

    slug: str
    folder: str
    days_ago: int
    moment: datetime
    source: bytes = field(repr=False)
    flags: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    inline: int = 0
    copy_of: str = ""
    shows: str = ""

    @property
    def outgoing(self):
        return self.folder == SENT

    @property
    def filed(self):
        """Whether a record of its own comes of it."""
        return bool(self.contacts) and self.days_ago < WINDOW and not self.copy_of


class Writer:
    """Writes letters, dated back from ``today``. The same day gives the same bytes."""

    def __init__(self, today: date):
        self.today = today
        self.letters = []
        self._thread = {}  # slug: (Message-ID, References)

    def moment(self, days, at):
        """The moment ``days`` ago at the time ``at`` ("09:30", UTC); negative days lie ahead."""
        day = self.today - timedelta(days=days)
        return datetime.combine(day, time.fromisoformat(at), timezone.utc)

    def received(self, slug, sender, subject, text, *, to=US, proved="pass", **options):
        """A letter to us, in the inbox; for the options see :meth:`_write`.

        :param proved: what our mail server found out about the sender (DMARC): pass, fail or none
        """
        checked = {"Authentication-Results": f"{OUR_SERVER}; dmarc={proved}"}
        headers = checked | options.pop("headers", {})
        self._write(INBOX, slug, sender, to, subject, text, headers=headers, **options)

    def sent(self, slug, to, subject, text, *, sender=US, **options):
        """A letter of ours, in the Sent folder."""
        self._write(SENT, slug, sender, to, subject, text, **{"flags": ("\\Seen",), **options})

    def _write(
        self, folder, slug, sender, to, subject, text, *, days, at="10:00", contacts=(), html="",
        files=None, becomes=None, pictures=None, answers="", headers=None, charset="utf-8", shows="",
        flags=("\\Seen",), hide=(),
    ):  # fmt: skip
        """
        :param files: dict of file name to (content type, bytes)
        :param becomes: dict of file name to bytes, where the attachments are not just ``files``
        :param pictures: dict of Content-ID to PNG bytes, shown by ``html``
        :param answers: slug of the letter that this one replies to
        :param headers: dict of further headers
        :param hide: names of headers that are left out
        :param shows: a piece of text that must be legible in the body afterwards
        """
        moment = self.moment(days, at)
        message = EmailMessage()
        message["Date"] = format_datetime(moment)
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message_id = f"<{slug}@{'harbourclub' if folder == SENT else 'mail'}.example>"
        message["Message-ID"] = message_id
        references = ""
        if answers:
            parent_id, parent_references = self._thread[answers]
            references = f"{parent_references} {parent_id}".strip()
            message["In-Reply-To"], message["References"] = parent_id, references
        self._thread[slug] = message_id, references
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content(text, charset=charset)
        if html:
            message.add_alternative(html, subtype="html")
            for content_id, data in (pictures or {}).items():
                message.get_payload()[1].add_related(data, "image", "png", cid=f"<{content_id}>")
        for name, (content_type, data) in (files or {}).items():
            message.add_attachment(data, *content_type.split("/"), filename=name)
        for name in hide:
            del message[name]
        for number, part in enumerate(message.walk()):
            if part.is_multipart():
                part.set_boundary(f"=_{slug}_{number}")
        self.letters.append(
            Letter(
                slug,
                folder,
                days,
                moment,
                message.as_bytes(policy=policy.SMTP),
                flags,
                tuple(contacts),
                becomes or {name: data for name, (_type, data) in (files or {}).items()},
                len(pictures or ()),
                shows=shows,
            )  # fmt: skip
        )

    def raw(self, slug, source, *, days, at="10:00", folder=INBOX, flags=("\\Seen",), **known):
        """A letter as bytes; ``{date}`` in its head is filled in. ``known``: fields of Letter."""
        moment = self.moment(days, at)
        source = source.replace(b"{date}", format_datetime(moment).encode())
        source = b"\r\n".join(source.lstrip(b"\n").replace(b"\r\n", b"\n").split(b"\n"))
        self.letters.append(Letter(slug, folder, days, moment, source, flags, **known))

    def copy(self, slug, folder, at):
        """Another copy of a letter in another folder: one email, two places."""
        original = next(letter for letter in self.letters if letter.slug == slug)
        moment = self.moment(original.days_ago, at)
        self.letters.append(
            Letter(
                f"{slug}-copy",
                folder,
                original.days_ago,
                moment,
                original.source,
                ("\\Seen",),
                copy_of=slug,
            )  # fmt: skip
        )
