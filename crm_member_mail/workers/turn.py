"""How long a run of a scheduled job goes on while other jobs wait."""

import time

from odoo import modules
from odoo.tools import SQL

#: Seconds between two looks whether other jobs wait.
LOOK = 1.0


class Turn:
    """The time of one run. Called, it returns the seconds that are left.

    Where Odoo has several processes, one of them works off all jobs of a database that are due, one
    after the other, and a watchdog counts the time of all of them together. So while others wait, a run
    ends when Odoo's scheduler thinks that a job has had its turn: ten seconds after it called it first
    (``MIN_TIME_PER_JOB`` in odoo/addons/base/models/ir_cron.py). What is left is done at the next turn.

    :param env: the environment of the run; whoever runs without the scheduler has all the time
    :param float seconds: that the run has at most
    """

    def __init__(self, env, seconds):
        self._registry, self._job = env.registry, env.context.get("cron_id")
        self._end = time.monotonic() + seconds
        self._turn_ends = env.context.get("cron_end_time")
        self._look_at = 0.0
        #: Whether there is a scheduler, so that others may wait.
        self.is_shared = bool(self._turn_ends)

    def __call__(self):
        return self._end - time.monotonic()

    def look(self):
        """See now and then whether other jobs wait, for the thread that owns the database."""
        now = time.monotonic()
        if not self.is_shared or now < self._look_at:
            return
        self._look_at = now + LOOK
        if min(self._end, now) > self._turn_ends and self.others_wait():
            self._end = now

    def others_wait(self):
        """Whether other jobs of this database are due, and nobody is running them."""
        if modules.module.current_test:
            return False
        with self._registry.cursor() as cr:
            ready = SQL(
                "SELECT id FROM ir_cron WHERE id IS DISTINCT FROM %s AND %s LIMIT 100",
                self._job,
                self._registry["ir.cron"]._get_ready_sql_condition(cr),
            )
            cr.execute(ready)
            if not (ids := [id_ for (id_,) in cr.fetchall()]):
                return False
            # Those that are being run are locked. For a moment so is what we find: only now, rarely.
            cr.execute(
                "SELECT 1 FROM ir_cron WHERE id = ANY(%s) LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
                (ids,),
            )
            return bool(cr.rowcount)

    def is_over(self):
        """Whether others wait and the job has had its turn: it is called again at once when it has
        more to do."""
        return self.is_shared and time.monotonic() > self._turn_ends and self.others_wait()
