"""What the engine hands over: plain frozen data, without connections or records.

Vocabulary, used throughout the engine and the models:

* *folder*: an IMAP mailbox (RFC 9051 section 2.3); *path* is its name, decoded from modified UTF-7.
* *address*: a canonical ``local@domain``: lower case, domain in its ASCII (IDNA) form, see
  :func:`.mime.addresses.canonical`.
* *header digest*, *content digest*: the two halves of an email's identity, see
  :mod:`.mime.identity`.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How to reach one incoming or outgoing server.

    ``encryption`` is ``ssl`` (TLS from the first byte), ``starttls`` or ``none``; ``auth_method``
    is ``password`` (``secret`` is the password) or ``xoauth2`` (``secret`` is the SASL string).
    ``timeout`` is in seconds, per network operation. ``allow_private`` lets the host be on a
    loopback, link-local or private address. ``allowed_ports`` are the ports that may be connected
    to; None: any.
    """

    host: str
    port: int
    encryption: str
    login: str
    secret: str = field(repr=False)
    auth_method: str = "password"
    timeout: float = 30.0
    allow_private: bool = False
    allowed_ports: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """What EXAMINE, or LIST with STATUS, says of a folder.

    ``uidvalidity`` and ``uidnext`` are 0 when the server does not give them; ``mailbox_id`` (RFC 8474),
    which outlasts a change of the folder's name, is '' then.
    """

    uidvalidity: int
    uidnext: int
    exists: int
    mailbox_id: str = ""


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """A folder as LIST shows it.

    ``role`` is one of inbox, sent, archive, all, drafts, outbox, junk, trash and other. ``status`` is
    None unless the server sends it along with the list. ``rank`` is how likely the folder is the one
    that is used where several have the role: 0 if the server marks it, else the higher the less.
    """

    path: str
    role: str
    selectable: bool = True
    delimiter: str | None = None
    status: FolderStatus | None = None
    rank: int = 0
    is_unusable: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a header. ``email`` is canonical; ``name`` is decoded, may be empty.

    ``role`` is from, sender, reply_to, to, cc or bcc; *original* is the author in the place of whom a
    list or group wrote itself into From, *resent_from* and *resent* are who redirected the email and to
    whom; see :data:`.mime.people.parties.ROLES`.
    """

    role: str
    name: str
    email: str


def _emails(addresses, roles):
    found = [address.email for address in addresses if address.role in roles]
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


@dataclass(frozen=True, slots=True)
class AddressHeaders:
    """The address headers of one message, enough to match it with contacts.

    ``is_bulk``, ``list_id`` and ``answers`` are those of :class:`.mime.people.parties.Parties`;
    ``is_draft`` is true for what somebody is still writing, wherever it lies.
    """

    uid: int
    addresses: tuple[Address, ...]
    is_bulk: bool = False
    list_id: str = ""
    answers: tuple[str, ...] = ()
    is_draft: bool = False

    def emails(self, *roles):
        """The canonical addresses in the given roles, in header order, without repeats."""
        return _emails(self.addresses, roles)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is read of a matched message before its body: identity, size and arrival.

    ``size`` is RFC822.SIZE (advisory: some servers lie); ``internal_date`` is aware, in UTC.
    ``original_id`` is the Message-ID that the message had before the server gave it another one, as
    Outlook.com does when sending; mostly ''. ``is_automatic``, ``is_report``: see
    :mod:`.mime.automatic.origin`.
    """

    uid: int
    size: int
    internal_date: datetime | None
    message_id: str
    header_digest: str
    original_id: str = ""
    is_automatic: bool = False
    is_report: bool = False


@dataclass(frozen=True, slots=True)
class RawMessage:
    """The bytes of one message as the server returned them (BODY.PEEK[])."""

    uid: int
    data: bytes = field(repr=False)
    internal_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParsedAttachment:
    """A file in a message. ``content_id`` is without angle brackets, and ``location`` its
    Content-Location as an address; either is empty when absent.

    ``inline`` is true when it is a picture that the HTML body shows (see :mod:`.mime.pictures`);
    ``incidental`` when it comes along by itself, so that the email counts as one without attachments.
    """

    filename: str
    content_type: str
    data: bytes = field(repr=False)
    content_id: str = ""
    inline: bool = False
    location: str = ""
    incidental: bool = False


@dataclass(frozen=True, slots=True)
class AuthenticationResult:
    """One result of a mail server's checks: ``method`` is dmarc, dkim or spf, ``result`` its outcome
    in lower case, ``domain`` the one that was checked, as in canonical addresses, may be ''."""

    method: str
    result: str
    domain: str


@dataclass(frozen=True, slots=True)
class ServerResults:
    """One Authentication-Results header. ``authserv_id`` is the name of the server that claims to have
    written it, in lower case, '' when there is none. ``in_reach``: the Received headers above it, if
    any, are all of one organisation. ``is_sound``: it can be read in one way only.
    """

    authserv_id: str
    in_reach: bool
    is_sound: bool
    results: tuple[AuthenticationResult, ...]


@dataclass(frozen=True, slots=True)
class Authentication:
    """What :func:`.mime.authenticity.verdict` judges by.

    ``from_domain`` is the domain of the From address, '' unless there is exactly one address;
    ``received_by`` the host that wrote the topmost Received header, if that matters; ``servers`` are
    in the order of the headers.
    """

    from_domain: str = ""
    received_by: str = ""
    servers: tuple[ServerResults, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """What became of an email for one recipient.

    ``emails`` are the canonical addresses that the report names for this recipient, starting with the
    one that was written to; empty when it names none. ``action`` is failed, delayed, delivered, relayed
    or expanded (RFC 3464 section 2.3.3), ``status`` an enhanced status code (RFC 3463) or '',
    ``words`` what the server said.
    """

    emails: tuple[str, ...]
    action: str
    status: str
    words: str


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a mail system reports about an email: the Message-IDs that it may be about, the likeliest
    first, and its ReportedRecipients.

    By what else the email may be known: ``subject``, as it was returned, or ``subjects``, one of which
    may be its own (see :func:`.mime.automatic.returned.comparable`); ``sent``, its date, if its
    header was returned; ``accepted``, when the reporting server got it; ``addressed``, the canonical
    addresses of its returned header; ``words``, what looks like a Message-ID in its text, as
    addresses do.
    """

    message_ids: tuple[str, ...]
    recipients: tuple[ReportedRecipient, ...]
    subject: str = ""
    subjects: tuple[str, ...] = ()
    sent: datetime | None = None
    accepted: datetime | None = None
    addressed: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """What a mail program reports about the reading of an email: the Message-IDs that it may be about,
    the canonical addresses that its reader may have, the likeliest first, and whether it was read;
    otherwise it was deleted unread, or only passed on."""

    message_ids: tuple[str, ...]
    emails: tuple[str, ...]
    is_read: bool


@dataclass(frozen=True, slots=True)
class EventTime:
    """When an event begins or ends, in ISO 8601, without fractions and offsets.

    ``local`` is what its calendar says: a day, or a day and a time. ``zone`` is the name of the zone
    that this is in, '' for a day and for a time that is the same wherever one is (*floating*). ``utc``
    is the time in UTC, '' where that can't be known.
    """

    local: str
    zone: str = ""
    utc: str = ""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who is invited. ``email`` is canonical, may be ''; ``answer`` is accepted, declined,
    tentative or ''."""

    name: str
    email: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often an event takes place: every ``interval`` days, weeks, months or years (``unit``), on
    ``weekdays`` (Monday is 0), ``count`` times (0: not told) or up to a day, ``until`` (or '')."""

    unit: str
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    count: int = 0
    until: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an email says of an event in a calendar (RFC 5546); see :mod:`.mime.calendar.invitation`.

    ``method`` is request, cancel, reply, counter, declinecounter, add, refresh or publish. ``end`` of
    whole days is the last one. ``organizer`` may be None; the first of the ``guests`` of a reply is who
    replies. ``sequence`` grows with each update. ``is_alone``: the email has no other text.
    """

    method: str
    title: str
    start: EventTime | None = None
    end: EventTime | None = None
    place: str = ""
    description: str = ""
    organizer: Guest | None = None
    guests: tuple[Guest, ...] = ()
    sequence: int = 0
    recurrence: Recurrence | None = None
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """One email, decoded: text fields hold no NUL and no lone surrogate.

    ``date`` is aware, in UTC: when it was written, else when it arrived (see
    :func:`.mime.calendar.dates.date_of`).
    ``html`` is the unsanitised HTML body ('' when the email has none) and ``text`` the plain text
    one, made from the HTML where the email has none. ``headers`` is the header as received, with
    line feeds between its lines. ``defects`` lists in English what had to be guessed or cut off.
    ``report`` is what a mail system reports in it about another email, ``receipt`` what a mail program
    reports about the reading of one. ``is_bulk``, ``list_id`` and ``answers`` are those of
    :class:`.mime.people.parties.Parties`. ``thread_index`` names the thread in Outlook's way (see
    :mod:`.mime.thread`), often ''. ``protection`` is signed, encrypted or '' (see
    :mod:`.mime.structure.protection`). ``invitation`` is what its calendar says.
    """

    subject: str
    date: datetime
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    addresses: tuple[Address, ...]
    text: str
    html: str
    attachments: tuple[ParsedAttachment, ...]
    header_digest: str
    content_digest: str
    size: int
    is_automatic: bool = False
    defects: tuple[str, ...] = ()
    headers: str = ""
    authentication: Authentication = Authentication()
    report: BounceReport | None = None
    receipt: ReadReceipt | None = None
    is_bulk: bool = False
    list_id: str = ""
    answers: tuple[str, ...] = ()
    thread_index: str = ""
    protection: str = ""
    invitation: Invitation | None = None

    def emails(self, *roles):
        """The canonical addresses in the given roles, in header order, without repeats."""
        return _emails(self.addresses, roles)


@dataclass(frozen=True, slots=True)
class RemotePart:
    """An attachment that stays on the server.

    ``section`` is its number in IMAP (RFC 9051 section 6.4.5); ``encoding`` its transfer encoding in
    lower case; ``size`` the encoded bytes on the server, according to the server. ``content_id``,
    ``inline``, ``location`` and ``incidental`` are those of a ParsedAttachment.
    """

    section: str
    filename: str
    content_type: str
    encoding: str
    size: int
    content_id: str = ""
    inline: bool = False
    location: str = ""
    incidental: bool = False
