"""The database's side of a listener: which mailboxes are ours, and what becomes of their news.

Nothing is read or filed here: the scan is only told to come at once. All it does can be done twice, or
not at all: then the mailboxes are read by the scheduled job, as without a listener.
"""

import contextlib
import logging
import os
import queue
import select
import socket
import threading
import time
from datetime import datetime, timezone

import psycopg2
from psycopg2 import sql

from ...mailbox.watched import Arrival, Needed, News
from ...mailbox.watcher import Watcher
from ...tools.home_place import Place
from . import statements
from .clerk import Clerk, Orders
from .shards import CHANNEL, FILED, HOME, LISTENER_LOCK, MOST_LISTENERS, SHARD_LOCK, SHARDS, held

_logger = logging.getLogger(__name__)

#: Seconds between two scans of a mailbox of which the first one filed nothing, as when strangers' mail
#: floods in.
PAUSE = 5
#: Seconds between two looks: whether there are other listeners; which accounts there are; whether a job
#: is overdue.
BALANCE, RECONCILE, JOBS = 10, 60, 1
#: Seconds after which a mailbox that can't be watched, say because nobody has signed in, is looked at
#: again, unless its account is changed.
AGAIN = 900
#: Seconds to wait for more changes of accounts, and for more to note.
TOGETHER = 0.3
#: First and longest pause, in seconds, when the database does not answer; and when the addon is not
#: installed in it.
PAUSES, NOT_HERE = (1, 30), 120

#: Of our connection: a lock that somebody holds on an account is not waited for long, and PostgreSQL
#: notices within half a minute that our machine has died, and gives our shards to others.
SESSION = (
    "SET lock_timeout = '2s'",
    "SET statement_timeout = '20s'",
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)


class Keeper:
    """Has the mailboxes of one database watched.

    :param str database: its name
    :param dict connection: how psycopg2 connects to it
    :param dict notifying: how it connects to the database on which Odoo's cron workers listen
    :param list command: what starts the clerk (:mod:`.clerk`)
    :param dict place: the Place where the database would be at home
    :param int databases: for how many databases this process listens
    """

    def __init__(self, database, connection, notifying, command, place, databases=1):
        self.database = database
        self._connection, self._notifying = connection, notifying
        #: Whether the database is at home there; None before that is known.
        self._place, self._is_home = Place(**place), None
        self._events = queue.SimpleQueue()
        self._bell, self._ringer = socket.socketpair()
        for end in (self._bell, self._ringer):
            end.setblocking(False)
        self._watcher, self._databases = Watcher(self._tell), databases
        self._clerk = Clerk(command, self._tell)
        self._conn = self._cr = None
        self._shards, self._slot = set(), None
        #: The accounts that are watched, or asked for.
        self._ours = set()
        #: Those of them that can't be: when that was found out.
        self._failed = {}
        self._changed, self._changed_at = set(), 0.0
        self._wanted, self._woken = set(), {}
        #: Those whose connection has not yet been the reason to scan a mailbox in trouble; and those of
        #: them that are to be looked at, because the connection or the account has changed.
        self._unused, self._doubted = set(), set()
        #: How new mail is noticed, and since when: of all mailboxes, and what is to be noted.
        self._told, self._notes, self._noted_at = {}, {}, 0.0
        self._next = {self._balance: 0.0, self._reconcile: 0.0, self._hurry_jobs: 0.0}
        self._stopping = threading.Event()
        #: Whether the log has been told that the addon is not here.
        self._is_said = False

    def run(self):
        """Watch until `stop`."""
        self._watcher.start()
        pause = PAUSES[0]
        while not self._stopping.is_set():
            try:
                self._connect()
                pause = PAUSES[0]
                while not self._stopping.is_set():
                    self._once()
            except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn):
                # The addon is not installed here, or not in this version; it may be at any time.
                self._say_not_here()
                pause = NOT_HERE
            except psycopg2.Error as error:
                _logger.warning(
                    "Database %s: %s", self.database, str(error).strip() or type(error).__name__
                )
            except Exception:
                # A bug of ours must not end what so many mailboxes wait for.
                _logger.exception("Database %s: the listener failed", self.database)
            if self._stopping.is_set():
                self._say_goodbye()
            self._disconnect()
            self._stopping.wait(pause)
            pause = min(pause * 2, PAUSES[1])
        self._watcher.stop()
        self._clerk.stop()

    def stop(self):
        """End soon. In any thread, or when a signal arrives."""
        self._stopping.set()
        self._ring()

    def _say_not_here(self):
        """Say once, to whoever has named the wrong database, why nothing happens."""
        if not self._is_said:
            self._is_said = True
            _logger.info(
                "Database %s: crm_member_mail is not installed here; waiting until it is",
                self.database,
            )

    def _tell(self, event):
        self._events.put(event)
        self._ring()

    def _ring(self):
        with contextlib.suppress(BlockingIOError, OSError):
            self._ringer.send(b"!")

    # -- the connection ----------------------------------------------------------------------------

    def _connect(self):
        self._conn = psycopg2.connect(**self._connection)
        self._conn.autocommit = True
        self._cr = self._conn.cursor()
        for statement in SESSION:
            with contextlib.suppress(psycopg2.Error):
                self._cr.execute(statement)
        self._cr.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        # Whatever was ours may be somebody else's by now.
        self._shards, self._slot = set(), None
        self._next = dict.fromkeys(self._next, 0.0)

    def _disconnect(self):
        if self._conn:
            with contextlib.suppress(psycopg2.Error):
                self._conn.close()
        self._conn = self._cr = None

    def _say_goodbye(self):
        """A planned end: nobody is to miss us."""
        with contextlib.suppress(psycopg2.Error):
            if self._cr:
                self._cr.execute(
                    statements.FORGET, {"shards": SHARDS, "ours": sorted(self._shards)}
                )

    def _once(self):
        """Wait for something to do, and do it."""
        now = time.monotonic()
        ready, _, _ = select.select([self._conn, self._bell], [], [], self._idle_seconds(now))
        if self._bell in ready:
            with contextlib.suppress(BlockingIOError):
                self._bell.recv(4096)
        self._conn.poll()
        while self._conn.notifies:
            self._hear_of_changes(self._conn.notifies.pop(0).payload)
        while not self._events.empty():
            self._take(self._events.get())
        now = time.monotonic()
        for task, moment in list(self._next.items()):
            if now >= moment:
                task()
        if self._changed and now >= self._changed_at + TOGETHER:
            changed, self._changed = self._changed, set()
            if self._is_home:
                self._order(changed)
        if self._doubted:
            self._revive()
        self._wake(now)
        if self._notes and now >= self._noted_at + TOGETHER:
            self._note(now)

    def _idle_seconds(self, now):
        moments = list(self._next.values())
        if self._changed:
            moments.append(self._changed_at + TOGETHER)
        if self._notes:
            moments.append(self._noted_at + TOGETHER)
        moments += [self._woken.get(id_, 0.0) + PAUSE for id_ in self._wanted]
        return max(0.0, min(moments) - now)

    def _plan(self, task, seconds):
        self._next[task] = time.monotonic() + seconds

    # -- shards ------------------------------------------------------------------------------------

    def _balance(self):
        """Take our part of the shards: what is free, as many as the other listeners leave us."""
        self._plan(self._balance, BALANCE)
        if self._slot is None:
            self._slot = next(filter(self._lock_slot, range(MOST_LISTENERS)), None)
            if self._slot is None:
                return
        listeners = len(held(self._cr, LISTENER_LOCK)) or 1
        quota = -(-SHARDS // listeners)
        extra = sorted(self._shards)[quota:]
        self._each_shard("pg_advisory_unlock", extra)
        self._shards.difference_update(extra)
        free = sorted(set(range(SHARDS)) - held(self._cr))
        # Listeners that start at the same time are not to try the same ones.
        start = self._slot * quota % (len(free) or 1)
        wanted = (free[start:] + free[:start])[: max(quota - len(self._shards), 0)]
        taken = self._each_shard("pg_try_advisory_lock", wanted)
        if taken:
            self._shards |= taken
            self._cr.execute(statements.FORGET, {"shards": SHARDS, "ours": sorted(taken)})
            # What we know already, if only the connection to the database had been lost.
            self._notes |= {key: told for key, told in self._told.items() if key % SHARDS in taken}
            _logger.info(
                "Database %s: listening for %s of %s parts",
                self.database,
                len(self._shards),
                SHARDS,
            )
        if taken or extra:
            # However many listeners there are, and databases, a mail server is not stormed.
            self._watcher.share(max(len(self._shards), 1) / SHARDS / self._databases)
            self._reconcile()

    def _each_shard(self, function, shards):
        """Call one of PostgreSQL's functions for locks on shards: those for which it says yes."""
        if not shards:
            return set()
        self._cr.execute(
            sql.SQL("SELECT shard, {}(hashtext(%s), shard) FROM unnest(%s) AS shard").format(
                sql.Identifier(function)
            ),
            (SHARD_LOCK, shards),
        )
        return {shard for shard, is_done in self._cr.fetchall() if is_done}

    def _lock_slot(self, slot):
        self._cr.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", (LISTENER_LOCK, slot))
        return self._cr.fetchone()[0]

    def _reconcile(self):
        """Watch the mailboxes that are ours now, and no others."""
        self._plan(self._reconcile, RECONCILE)
        readable = set()
        if self._look_home():
            values = {
                "shards": SHARDS, "ours": sorted(self._shards), "throttling": statements.THROTTLING
            }  # fmt: skip
            self._cr.execute(statements.READABLE, values)
            readable = {id_ for (id_,) in self._cr.fetchall()}
        for id_ in self._ours - readable:
            self._forget(id_)
        self._ours &= readable
        late = time.monotonic() - AGAIN
        failed = {id_ for id_ in self._ours if self._failed.get(id_, late) < late}
        self._order(readable - self._ours | failed)

    def _look_home(self):
        """Whether the database is at home: a copy of it is not for us to watch."""
        self._cr.execute(statements.AT_HOME, {"token": self._place.token()})
        [is_home] = self._cr.fetchone()
        if not is_home and self._is_home is not False:
            _logger.warning(
                "Database %s is not at home: it has another token than %s, or is a copy, as an "
                "administrator said. Nothing is listened for.", self.database, self._place.name,
            )  # fmt: skip
        self._is_home = is_home
        return is_home

    # -- accounts ----------------------------------------------------------------------------------

    def _hear_of_changes(self, payload):
        if payload.startswith(FILED):
            # No flood of strangers' mail: the next one need not wait.
            self._woken.pop(int(payload.removeprefix(FILED)), None)
            return
        if payload == HOME:
            self._plan(self._reconcile, 0)
            return
        ids = {int(part) for part in payload.split(",") if part.isdigit()}
        if not self._changed:
            self._changed_at = time.monotonic()
        self._changed |= {id_ for id_ in ids if id_ % SHARDS in self._shards}
        self._doubted |= ids & self._unused

    def _order(self, ids, refused=None):
        """Ask the clerk how these mailboxes are to be watched."""
        if ids:
            self._ours |= ids
            for id_ in ids:
                self._failed.pop(id_, None)
            self._clerk.ask(sorted(ids), refused)

    def _take(self, event):
        match event:
            case News(key=key):
                if key in self._ours:
                    self._wanted.add(key)
            case Arrival(key=key):
                if key in self._ours:
                    self._remember(event)
            case Needed(key=key, refused=refused):
                if key in self._ours:
                    self._order({key}, {key: refused.secret} if refused else None)
            case Orders(orders=orders, errors=errors, gone=gone):
                self._give(orders, errors, gone)

    def _give(self, orders, errors, gone):
        for key, order in orders.items():
            if key in self._ours:
                self._watcher.put(key, order)
        for key, error in errors.items():
            self._watcher.fail(key, error)
            if key in self._ours:
                self._failed[key] = time.monotonic()
        for key in gone:
            self._forget(key)

    def _remember(self, arrival):
        moment = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
        self._told[arrival.key] = self._notes[arrival.key] = arrival, moment
        for keys in (self._unused, self._doubted):
            (keys.discard if arrival.error else keys.add)(arrival.key)

    def _forget(self, key):
        """This mailbox is not, or no longer, for us to watch."""
        if key in self._told:
            _logger.info("Database %s: account %s: no longer watched", self.database, key)
        if key in self._ours and key % SHARDS in self._shards:
            # Should we hear of it again, the board is not to take the old connection for the new one.
            # What other listeners have by now is theirs to note.
            self._cr.execute(statements.UNNOTE, {"id": key})
        self._watcher.drop(key)
        self._ours.discard(key)
        for keys in (self._wanted, self._unused, self._doubted):
            keys.discard(key)
        for kept in (self._notes, self._told, self._woken, self._failed):
            kept.pop(key, None)

    # -- what becomes of it ------------------------------------------------------------------------

    def _wake(self, now):
        """Have the mailboxes with news scanned, each at most every PAUSE seconds."""
        due = [id_ for id_ in self._wanted if now >= self._woken.get(id_, 0.0) + PAUSE]
        if not due:
            return
        try:
            self._cr.execute(statements.WAKE, {"ids": due})
            self._cr.execute(statements.TRIGGER, {"job": "ir_cron_fetch_wanted"})
        except psycopg2.errors.LockNotAvailable:
            self._woken |= dict.fromkeys(due, now - PAUSE + 1)  # somebody is at it: a second later
            return
        self._notify_jobs()
        self._wanted.difference_update(due)
        self._woken |= dict.fromkeys(due, now)

    def _revive(self):
        """Have mailboxes in trouble scanned now that their server answers, long before their pause is
        over: once for each connection, so that a scan that fails again has its pause."""
        try:
            values = {"ids": sorted(self._doubted), "throttling": statements.THROTTLING}
            self._cr.execute(statements.REVIVE, values)
            revived = {id_ for (id_,) in self._cr.fetchall()}
            self._doubted.clear()
            if revived:
                self._unused -= revived
                self._cr.execute(statements.TRIGGER, {"job": "ir_cron_fetch_wanted"})
                self._notify_jobs()
        except psycopg2.errors.LockNotAvailable:
            return  # a second later, as jobs are looked for

    def _hurry_jobs(self):
        """Have the jobs begin whose planned moment has come."""
        self._plan(self._hurry_jobs, JOBS)
        self._cr.execute(statements.OVERDUE, {"jobs": ["ir_cron_send", "ir_cron_fetch_wanted"]})
        if self._cr.fetchone()[0]:
            self._notify_jobs()

    def _notify_jobs(self):
        """Tell Odoo's cron workers that there is something to do, as `ir.cron._notifydb` does."""
        function = os.getenv("ODOO_NOTIFY_FUNCTION", "pg_notify")
        statement = sql.SQL("SELECT {}('cron_trigger', %s)").format(sql.Identifier(function))
        try:
            with contextlib.closing(psycopg2.connect(**self._notifying)) as conn:
                conn.autocommit = True
                with conn.cursor() as cr:
                    cr.execute(statement, (self.database,))
        except psycopg2.Error as error:
            # They look once a minute anyway, and our own connection is none the worse for it.
            _logger.warning("Can't tell the cron workers: %s", str(error).strip())

    def _note(self, now):
        """Write down how new mail is noticed, for the board."""
        notes, self._notes, self._noted_at = self._notes, {}, now
        rows = [
            (
                key,
                moment if note.is_live else None,
                note.error.code if note.error else None if note.is_live else "no_idle",
                round(note.poll) if note.poll else None,
            )
            for key, (note, moment) in notes.items()
        ]
        ids, since, reasons, seconds = (list(column) for column in zip(*rows, strict=True))
        values = {"ids": ids, "since": since, "reasons": reasons, "seconds": seconds}
        self._cr.execute(statements.NOTE, values)
        for key, moment, reason, _seconds in rows:
            text = "live" if moment else f"not live ({reason})"
            _logger.info("Database %s: account %s: %s", self.database, key, text)
