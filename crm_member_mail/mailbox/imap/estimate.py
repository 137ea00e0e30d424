"""How many messages a first scan would look at, for each choice of how far back it reads."""

from datetime import timedelta

from .fetch import examine_each, uids_arrived
from .session import ImapSession

#: Seconds that the whole question may take.
DEADLINE = 25.0


def count_since(settings, paths, windows, today):
    """The number of messages on the server for each window, those of strangers included.

    The server decides where a day begins (RFC 9051 section 6.4.4) and one more day is counted, so
    this is an estimate.

    :param ServerSettings settings: of the IMAP server
    :param paths: the folders to read; those that can't be opened are left out
    :param windows: numbers of days; None stands for everything
    :param date today:
    :return: dict of window to number
    :raises MailboxError: the connection failed
    """
    counts = dict.fromkeys(windows, 0)
    with ImapSession.open(settings, deadline_seconds=DEADLINE) as session:
        for _path, status in examine_each(session, paths):
            for days in windows:
                if days is None:
                    counts[days] += status.exists
                elif status.exists:
                    since = today - timedelta(days=days)
                    counts[days] += len(uids_arrived(session, since, None, 1, status.uidnext))
    return counts
