"""Transactions that end before the network is waited for: what the desks have in common."""

import time

from psycopg2.errors import UniqueViolation

from odoo import modules
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

#: How often a transaction is tried that others got in the way of.
TRIES = 5


def commit(env):
    """Commit; in an Odoo test, which may not, only flush: the test holds the transaction."""
    if modules.module.current_test:
        env.flush_all()
    else:
        # Each step of a scan is a transaction: what was read stays read, whatever becomes of the rest.
        env.cr.commit()  # pylint: disable=invalid-commit


def roll_back(env):
    """Roll back, and forget the records in memory; in an Odoo test only the latter."""
    if modules.module.current_test:
        env.invalidate_all(flush=False)
    else:
        env.cr.rollback()


class CursorMoved(Exception):
    """The folder's cursor is not where this reader left it: another reader is at work."""


class Desk:
    """Answers a reader's questions from the database.

    :param env: the environment that the answers are given in; its transaction is the desk's
    :param clock: a function that returns the seconds left for reading
    """

    def __init__(self, env, clock):
        self.env = env
        self.time_left = clock

    def _transact(self, action):
        """Run ``action`` and commit; again when another transaction got in the way."""
        if modules.module.current_test:
            result = action()
            commit(self.env)
            return result
        for attempt in range(1, TRIES + 1):
            try:
                result = action()
                commit(self.env)
                return result
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, UniqueViolation):
                self.env.cr.rollback()
                if attempt == TRIES:
                    raise
                # A fresh snapshot sees what the other one committed.
                time.sleep(0.05 * attempt)
            except BaseException:
                self.env.cr.rollback()
                raise
        return None

    def _forget(self):
        """Let go of the records in memory: mail is large, and others may change what we know."""
        if not modules.module.current_test:
            self.env.invalidate_all(flush=False)


def clock(seconds):
    """A clock that runs out in ``seconds``."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()
