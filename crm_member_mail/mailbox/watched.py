"""What a :mod:`.watcher` and its owner say to each other."""

import time
from dataclasses import dataclass, field

from .errors import MailboxError
from .imap.watch import Seen
from .types import ServerSettings


@dataclass(slots=True)
class Order:
    """A mailbox to wait for.

    :ivar ServerSettings settings: of its IMAP server
    :ivar dict folders: path to Seen, the inbox first
    :ivar float poll: seconds between two looks where the server tells nothing by itself
    :ivar bool apart: whether a connection of its own may wait for the second folder
    """

    settings: ServerSettings
    folders: dict[str, Seen]
    poll: float = 90.0
    apart: bool = True
    made: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class News:
    """There is new mail in the mailbox with this key."""

    key: object


@dataclass(frozen=True, slots=True)
class Arrival:
    """How new mail in the mailbox with this key is noticed from now on.

    :ivar bool is_live: the server tells of it at once
    :ivar poll: seconds between two looks, where they are what is done instead
    :ivar error: the MailboxError because of which nothing is noticed
    """

    key: object
    is_live: bool
    poll: float | None = None
    error: MailboxError | None = None


@dataclass(frozen=True, slots=True)
class Needed:
    """The settings of the mailbox with this key are needed anew, for a token.

    :ivar refused: the settings whose token the server refused, or None
    """

    key: object
    refused: ServerSettings | None
