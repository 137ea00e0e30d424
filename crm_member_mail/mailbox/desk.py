"""What the reader of a folder and its desk hand to each other.

The *desk* keeps the records, of which the reader (:mod:`.reader`) knows nothing: the reader shows it
headers and learns which messages are wanted, hands it parsed messages, and tells it how far the folder
has been read. The desk answers each call from one committed transaction, so a reader may be killed
between any two lines of it: the next scan reads again what the desk has not committed.

======================  ===========================================================================
``desk.open``           the folder was EXAMINEd: returns what to read (a :class:`Plan`)
``desk.match``          address headers of a slice: returns the UIDs of the messages that are wanted
``desk.recognise``      summaries of those: returns the UIDs to download; the others are in the
                        database already, and only their location is noted by the next ``file``
``desk.begin``          these UIDs are about to be downloaded and parsed: remember that, durably
``desk.interrupted``    the connection broke before they were; they may or may not be the cause. Or,
                        if a third argument is true, something else broke, and they are not
``desk.kept``           returns the bytes that were kept of a message which the server no longer has
``desk.file``           an :class:`Outcome`: file it and move the cursor, in one transaction; returns a
                        function that waits for that and raises what went wrong, None if it is done
``desk.sent_ids``       returns Message-IDs of ours whose answers are searched for in this folder, too
``desk.stumble``        the connection broke over the headers of these UIDs: ask for fewer next time
``desk.vanished``       all UIDs that the folder has, up to the last one that was read; and how many
                        messages more the server counts than it lists
``desk.checked``        this part of the folder was compared with the records; the next lies below it
``desk.removals``       returns what to delete from the server now (:class:`~.imap.removal.Removal`)
``desk.removed``        what became of each of them
``desk.cannot_remove``  why the server can't delete them
``desk.time_left``      seconds until the reader should stop at the next opportunity
======================  ===========================================================================
"""

from dataclasses import dataclass, field
from datetime import date

from .types import AddressHeaders, ParsedMessage, RawMessage, RemotePart, Summary

#: Messages whose address headers are read and matched at once.
SLICE = 500


@dataclass(frozen=True, slots=True)
class Window:
    """A pass over earlier email: UIDs from ``high`` down of messages that arrived on ``since`` or later
    (None: no bound) and before ``before`` (None: until now)."""

    high: int
    since: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read in a folder; ranges of UIDs include both ends.

    ``new_low``..``new_high`` is read upwards; ``history`` and ``check`` are read downwards, unless
    they are None. ``retries`` are single messages to try again, each alone; slices leave out
    what is in ``skip``. Of ``kept`` messages, which are tried again, too, only the bytes are left that
    the desk has. ``lookups`` are addresses whose emails are searched for, as far back as
    ``since``. ``slice`` is how many headers are requested at once. ``removes`` tells whether the
    desk wants to be asked for removals, and ``to_trash`` whether these go through the trash folder.
    """

    new_low: int
    new_high: int
    history: Window | None = None
    check: Window | None = None
    retries: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()
    skip: frozenset[int] = frozenset()
    lookups: tuple[str, ...] = ()
    since: date | None = None
    slice: int = SLICE
    removes: bool = False
    to_trash: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """A message that was downloaded and parsed. If it ``is_partial``, it has only its text, and
    ``parts`` are what stayed on the server. ``headers`` is what it was matched by, if that was read
    before; ``content`` is what ``limits.prepare`` made of it."""

    summary: Summary
    raw: RawMessage
    message: ParsedMessage
    parts: tuple[RemotePart, ...] = ()
    is_partial: bool = False
    headers: AddressHeaders | None = None
    content: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message could not be filed, and its bytes if they could be downloaded."""

    error: str
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a batch.

    ``cursor`` is ``new`` or ``history`` where ``read_to`` moves that cursor: every UID on its near
    side is dealt with, and ``left`` more remain to be read. ``gone`` lists UIDs that the server no
    longer has; ``failures`` maps a UID to its :class:`Failure`.
    """

    filed: tuple[Filed, ...] = ()
    failures: dict[int, Failure] = field(default_factory=dict)
    gone: tuple[int, ...] = ()
    cursor: str | None = None
    read_to: int | None = None
    left: int = 0
