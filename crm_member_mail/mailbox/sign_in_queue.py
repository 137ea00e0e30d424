"""Who waits to sign in to which mail server, so that no server is stormed, and one that is away keeps
nobody from another one."""

from collections import defaultdict, deque

#: Threads that sign in, in all and to one host.
MOST_SIGNING_IN, MOST_TO_A_HOST = 16, 8
#: Log-ins that begin in one second at one host, of all who share the work.
LOG_INS_A_SECOND = 16


class _Host:
    """A mail server: who waits for it, and how it is doing."""

    __slots__ = ("is_away", "next", "queue", "signing_in")

    def __init__(self):
        self.queue = deque()
        self.signing_in = 0
        #: When the next log-in may begin.
        self.next = 0.0
        self.is_away = False

    @property
    def has_room(self):
        """Whether one more may sign in; while it is away, one tries whether it is back."""
        return self.signing_in < (1 if self.is_away else MOST_TO_A_HOST)


class SignInQueue:
    """Hands out what waits, in order for each host, at the pace that hosts bear. Moments are those of
    `time.monotonic`."""

    def __init__(self):
        #: Our part of the log-ins: others sign in to the same hosts.
        self.share = 1.0
        self._hosts = defaultdict(_Host)
        #: The names of the hosts for which somebody waits.
        self._wanted = set()
        self._signing_in = 0

    def add(self, name, item):
        """Have an item wait for the host with this name."""
        self._hosts[name].queue.append(item)
        self._wanted.add(name)

    def take(self, now):
        """Yield the items whose turn it is; each signs in until `leave`, or is given back by it."""
        for name in list(self._wanted):
            host = self._hosts[name]
            while (
                host.queue
                and now >= host.next
                and host.has_room
                and self._signing_in < MOST_SIGNING_IN
            ):
                host.next = now + 1 / (LOG_INS_A_SECOND * self.share)
                host.signing_in += 1
                self._signing_in += 1
                yield host.queue.popleft()
            if not host.queue:
                self._wanted.discard(name)

    def leave(self, name, is_away=False):
        """One has signed in to the host with this name, or has not.

        :param bool is_away: because the host can't be reached
        """
        host = self._hosts[name]
        host.signing_in -= 1
        self._signing_in -= 1
        host.is_away = is_away

    def next_moment(self):
        """When it may be somebody's turn; None: not before somebody leaves, or is added."""
        if self._signing_in >= MOST_SIGNING_IN:
            return None
        hosts = (self._hosts[name] for name in self._wanted)
        return min((host.next for host in hosts if host.has_room), default=None)
