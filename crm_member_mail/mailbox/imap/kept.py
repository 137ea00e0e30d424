"""Signed-in connections that are kept for a while after a visit, for the next one to the same mailbox: a
far server has to be asked four times until one is signed in."""

import os
import threading

from ..net import deadlines

#: Seconds after which a connection that nobody asks for is hung up. Routers forget silent ones after
#: five minutes or more, servers sign them out after thirty (RFC 9051 section 5.4).
SECONDS = 240

#: So many are kept at most.
MOST = 50


class KeptSessions:
    """The sessions that one process keeps, one for each ServerSettings; several threads may use it.

    :param float seconds: how long each is kept
    :param int most: how many; the one that was kept first makes room
    """

    def __init__(self, seconds=SECONDS, most=MOST):
        self._seconds, self._most = seconds, most
        self._start_over()
        os.register_at_fork(after_in_child=self._start_over)

    def _start_over(self):
        # The connections of a parent are not its child's to use.
        self._lock = threading.Lock()
        self._kept = {}

    def take(self, settings):
        """The session that was kept with these settings, password and all, or None. It may be dead by
        now."""
        with self._lock:
            session, unwatch = self._kept.pop(settings, (None, None))
        if session:
            unwatch()
        return session

    def keep(self, session):
        """Keep a session that nobody uses; whatever is not fit for that is closed."""
        if not session.rest():
            session.close()
            return
        unwatch = deadlines.watch(self._seconds, lambda: self._expire(session))
        with self._lock:
            left = [self._kept.pop(session.settings, None)]
            self._kept[session.settings] = session, unwatch
            if len(self._kept) > self._most:
                left.append(self._kept.pop(next(iter(self._kept))))
        _hang_up(left)

    def leave(self, host):
        """Hang up the connections to a host, which has no room for more."""
        with self._lock:
            left = [self._kept.pop(s) for s in list(self._kept) if s.host.lower() == host.lower()]
        _hang_up(left)

    def _expire(self, session):
        with self._lock:
            if self._kept.get(session.settings, (None,))[0] is not session:
                return
            del self._kept[session.settings]
        session.hang_up()


def _hang_up(left):
    for session, unwatch in filter(None, left):
        unwatch()
        session.hang_up()
