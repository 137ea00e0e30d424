"""Who waits for a connection to which host."""

import heapq
from collections import Counter, defaultdict, deque


class HostQueues:
    """Hands out what waits, in order, as far as its hosts have room: a queue for each host, so that
    nothing is looked at twice, however many wait for a host that is full.

    :param waiting: pairs of host and item, first come first
    :param int per_host: connections to one host at once
    """

    def __init__(self, waiting, per_host):
        self._per_host = per_host
        self._queues = defaultdict(deque)
        self._count = 0
        #: The place in line of the first item for each host that has room: a heap with each host once.
        self._open = []
        self._connections = Counter()
        #: Hosts that accepted fewer connections than `per_host`, and how many.
        self._room = {}
        for host, item in waiting:
            self.add(host, item)

    @property
    def connections(self):
        """How many connections there are, to all hosts together."""
        return self._connections.total()

    def add(self, host, item):
        """An item more, behind all others."""
        was_open = self._is_open(host)
        self._queues[host].append((self._count, item))
        self._count += 1
        if not was_open:
            self._offer(host)

    def take(self):
        """The host and the item whose turn it is; it has a connection until `leave`.

        :return: a pair, or None when nothing waits that may have one
        """
        if not self._open:
            return None
        _place, host = heapq.heappop(self._open)
        _place, item = self._queues[host].popleft()
        self._connections[host] += 1
        self._offer(host)
        return host, item

    def leave(self, host):
        """One of the connections to a host has ended."""
        was_open = self._is_open(host)
        self._connections[host] -= 1
        if not was_open:
            self._offer(host)

    def refuse(self, host, item):
        """A host accepted no more connections than there are: it is given no more, and the item waits
        again, behind all others. After `leave`."""
        self._room[host] = self._connections[host]
        self._open = [entry for entry in self._open if entry[1] != host]
        heapq.heapify(self._open)
        self.add(host, item)

    def _is_open(self, host):
        """Whether the host is in the heap: something waits for it, and it has room."""
        room = self._room.get(host, self._per_host)
        return bool(self._queues[host]) and self._connections[host] < room

    def _offer(self, host):
        if self._is_open(host):
            heapq.heappush(self._open, (self._queues[host][0][0], host))
