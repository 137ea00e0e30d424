"""How many messages a first scan would look at, for each choice of how far back it reads."""

from datetime import timedelta

from .fetch import examine_each, uids_arrived
from .session import ImapSession

#: Seconds that the whole question may take.
DEADLINE = 25.0


def count_since(settings, paths, windows, today):
    """The number of messages on the server, by window; those of strangers included.

    The days are the server's (RFC 9051 section 6.4.4), and one more is counted: it is an estimate.

    :param ServerSettings settings: of the IMAP server
    :param paths: the folders to read; one that can't be opened counts nothing
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
