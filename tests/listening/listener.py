"""A real listener, and what it does to a database."""

import os
import re
import select
import signal
import subprocess
import threading
import time

import psycopg2

from dev.project import ROOT

from ..patience import at_most

#: Seconds after which something that should have happened counts as missing.
DEADLINE = 60


class Listener:
    """``odoo member_mail_listen`` for a database; a context manager that stops it.

    What it logs is waited for: see `wait_for`.
    """

    def __init__(self, database, *options):
        self.command = [str(ROOT / "dev/odoo"), "member_mail_listen", "-d", database, *options]
        self.lines = []
        self._changed = threading.Condition()
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=os.environ, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self.process.terminate()
        self.process.wait(at_most(DEADLINE))

    def _read(self):
        for line in self.process.stderr:
            with self._changed:
                self.lines.append(line.rstrip())
                self._changed.notify_all()
        with self._changed:
            self.lines.append("(ended)")
            self._changed.notify_all()

    def forget(self):
        """Forget what was logged until now."""
        with self._changed:
            del self.lines[:]

    def kill(self):
        """Let it die without a word, with its clerk."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_for(self, pattern, since=0):
        """Wait for a line that matches, from this one on.

        :return: the number of the line after it
        """
        with self._changed:
            found = self._changed.wait_for(
                lambda: self._find(f"{pattern}|^.ended.$", since) is not None, at_most(DEADLINE)
            )
            found = found and self._find(pattern, since) is not None
            assert found, f"never logged: {pattern}\n" + "\n".join(self.lines)
            return self._find(pattern, since) + 1

    def _find(self, pattern, since):
        for number, line in enumerate(self.lines[since:], since):
            if re.search(pattern, line):
                return number
        return None


class CronWorker:
    """Hears what Odoo's cron workers hear; a context manager. At first, nothing waits to be done."""

    def __init__(self, env):
        self.env, self.database = env, env.cr.dbname

    def __enter__(self):
        from odoo.sql_db import connection_info_for

        self.conn = psycopg2.connect(**connection_info_for("postgres")[1])
        self.conn.autocommit = True
        with self.conn.cursor() as cr:
            cr.execute("LISTEN cron_trigger")
        self.env["ir.cron.trigger"].search([]).unlink()
        self.env.cr.commit()
        return self

    def __exit__(self, *_exception):
        self.conn.close()

    def wait(self, seconds=None):
        """Wait until the workers are told that this database has something to do.

        :return: whether they were, within the time
        """
        end = time.monotonic() + (at_most(DEADLINE) if seconds is None else seconds)
        while True:
            self.conn.poll()
            told = [notice.payload for notice in self.conn.notifies]
            self.conn.notifies.clear()
            if self.database in told:
                return True
            if (left := end - time.monotonic()) <= 0:
                return False
            select.select([self.conn], [], [], left)


def assert_soon(env, account, is_so):
    """PostgreSQL tells nobody when somebody's lock is gone: look until it is."""
    end = time.monotonic() + at_most(DEADLINE)
    while True:
        env.cr.commit()
        account.invalidate_recordset()
        if is_so():
            return
        assert time.monotonic() < end
        time.sleep(0.05)
