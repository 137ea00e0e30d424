"""One visit to a mailbox: sign in, list the folders, and do what the desk wants, in order.

The *account desk* answers these calls, each from one committed transaction, like the folder desks of
:mod:`.reader`:

======================  ===========================================================================
``desk.renew_token``    the server refuses the token in these ServerSettings: returns others, after
                        it has asked the sign-in service
``desk.known_folders``  returns the folders that were read before (:class:`~.imap.renamed.KnownFolder`)
``desk.samples``        returns some messages of each of these folders, by which it can be recognised:
                        dict of the folder's key to a dict of UID to header digest
``desk.renamed``        these folders have other names now (:class:`~.imap.renamed.Found`)
``desk.agenda``         the folders of the mailbox: returns pairs of path and folder desk for those
                        to open, none when there is nothing to do
``desk.missing``        this folder is gone, or can't be opened: with what the server says
``desk.looked_up``      the earlier emails of all addresses to look up have been read
======================  ===========================================================================
"""

import contextlib
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .desk import Outcome, Plan
from .errors import MailboxError
from .imap import renamed
from .imap.folders import list_folders, main_folder
from .imap.session import ImapSession
from .reader import FolderReader
from .types import ParsedMessage

#: The folder in which most new mail is.
AHEAD = "INBOX"

#: Seconds that the server at the other end of a kept connection has for its first answer: it may have
#: forgotten us without a word.
ANSWER_SECONDS = 10


class ByteBudget:
    """Bounds the bytes of messages that are in memory, in all visits together.

    :param int total: bytes; a larger message waits until it is the only one
    """

    def __init__(self, total):
        self._total = self._free = total
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def hold(self, size):
        """Wait until ``size`` bytes are free, and hold them while the context lasts."""
        self.take(size)
        try:
            yield
        finally:
            self.give_back(size)

    def take(self, size, wait=True):
        """Take ``size`` bytes, or return False if they are not free. Whoever has some already must not
        wait for more: others may do the same."""
        size = min(size, self._total)
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._free >= size)
            elif self._free < size:
                return False
            self._free -= size
        return True

    def give_back(self, size):
        """Give back what was taken."""
        with self._changed:
            self._free += min(size, self._total)
            self._changed.notify_all()


def in_turn(function, tasks):
    """Call ``function`` with each tuple of arguments, here and now."""
    return [function(*task) for task in tasks]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a visit may use.

    ``message_bytes``: attachments of larger messages stay on the server. ``seconds``: after this
    time the connection is cut; None: never. ``prepare`` is called with each ParsedMessage that is to be
    filed; what it returns goes along as ``Filed.content``.

    ``work`` does what keeps a processor busy: it is called with a function and a list of tuples of
    arguments, and returns a list of what the function returns for each; None where a process died of
    it. Functions, arguments and results can be pickled if ``prepare`` can.
    """

    budget: ByteBudget = field(default_factory=lambda: ByteBudget(64 * 1024 * 1024))
    message_bytes: int = 25 * 1024 * 1024
    seconds: float | None = None
    prepare: Callable[[ParsedMessage], object] | None = None
    work: Callable[[Callable, list[tuple]], list] = in_turn


def visit(settings, desk, limits, kept=None):
    """Read the mailbox at ``settings`` (ServerSettings) for ``desk``, over one connection.

    New email in all folders comes first, earlier email later. Nothing on the server is changed before
    the very end, and only if the desk asks for it.

    :param KeptSessions kept: where somebody waits for new mail: the connections of earlier visits, from
        which this one takes one, and to which it gives its own; None: it signs in and logs out
    :return: True when all was done, False when time ran out first
    :raises MailboxError:
    """
    session, folders = (kept and _resumed(settings, limits, kept)) or _opened(
        settings, desk, limits, kept
    )
    try:
        finished = _read(session, folders, desk, limits)
    except BaseException:
        session.close()
        raise
    if kept:
        kept.keep(session)
    else:
        session.close()
    return finished


def _resumed(settings, limits, kept):
    """A session of an earlier visit that still answers, and the folders that it lists; or None."""
    if not (session := kept.take(settings)):
        return None
    try:
        session.resume(limits.seconds, ANSWER_SECONDS)
        return session, list_folders(session, AHEAD, seconds=ANSWER_SECONDS)
    except MailboxError:
        # Nothing has been done over it: another one can do all of it.
        session.close()
        return None


def _opened(settings, desk, limits, kept):
    """A new session, and the folders that it lists."""
    session = ImapSession.open(settings, limits.seconds, desk.renew_token)
    try:
        return session, list_folders(session, AHEAD if kept else None)
    except BaseException:
        session.close()
        raise


def _read(session, folders, desk, limits):
    found = renamed.find(session, desk, folders)
    if found.searched:
        desk.renamed(found)
    readers = []
    for path, folder_desk in desk.agenda(folders):
        reader = FolderReader(session, path, folder_desk, limits)
        try:
            reader.open(found.statuses.get(path))
        except MailboxError as error:
            if error.code != "folder_missing":
                raise
            # A folder that is gone or forbidden doesn't stop the others.
            desk.missing(path, error.words)
        else:
            readers.append(reader)
    finished = _all(reader.read_new() for reader in readers)
    for reader in readers:
        reader.retry()
    if finished and _all(reader.look_up() for reader in readers):
        desk.looked_up()
    else:
        finished = False
    # Sent mail first, as the desk has it: what answers it is known by it.
    finished &= _all(reader.read_history() for reader in readers)
    finished &= _all(reader.check() for reader in readers)
    trash = main_folder(folders, "trash")
    for reader in readers:
        reader.remove(trash and trash.path)
    return finished


def read_one(session, path, uidvalidity, uid, limits):
    """Read one email, whosever it is.

    :param ImapSession session:
    :param str path: of its folder
    :return: the :class:`~.desk.Outcome`: empty when the email is no longer there
    :raises MailboxError:
    """
    desk = _OneEmail(uidvalidity, uid)
    reader = FolderReader(session, path, desk, limits)
    reader.open()
    reader.retry()
    return desk.outcome


class _OneEmail:
    """The desk of a folder, without any records, that wants one email."""

    def __init__(self, uidvalidity, uid):
        self.outcome = Outcome()
        self._uidvalidity, self._uid = uidvalidity, uid

    def open(self, status):
        retries = (self._uid,) if status.uidvalidity == self._uidvalidity else ()
        return Plan(new_low=1, new_high=0, retries=retries)

    def time_left(self):
        return math.inf  # the session has a deadline

    def match(self, headers):
        return {header.uid for header in headers}

    def recognise(self, summaries, any_time):
        return {summary.uid for summary in summaries}

    def begin(self, uids):
        """Nothing is noted: it is tried once, for somebody who waits."""

    def interrupted(self, uids, error, is_blameless=False):
        """As `begin`."""

    def stumble(self, uids, error):
        """As `begin`."""

    def file(self, outcome):
        self.outcome = outcome


def _all(results):
    """Whether all are true; unlike ``all`` it does not stop at the first that is not."""
    return all(list(results))
