"""What all desks have in common: transactions that end before anybody waits for the network."""

import time

import psycopg2
from psycopg2.errors import UniqueViolation

from odoo import modules
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..mailbox.machine import trouble

#: How often a transaction is tried when others get in its way.
TRIES = 5


def commit(env):
    """Commit. In an Odoo test, which owns the transaction, only flush."""
    if modules.module.current_test:
        env.flush_all()
    else:
        # Each step of a scan is a transaction: what was read stays read, whatever happens next.
        env.cr.commit()  # pylint: disable=invalid-commit


def roll_back(env):
    """Roll back and drop the records in memory. In an Odoo test, only do the latter."""
    if modules.module.current_test:
        env.invalidate_all(flush=False)
    else:
        env.cr.rollback()


class CursorMoved(Exception):
    """The folder's cursor is not where this reader left it: another reader has moved it."""


class Desk:
    """Answers a reader's questions from the database.

    :param env: the environment for the answers; its transaction belongs to the desk
    :param clock: a function that returns the seconds left for reading
    """

    def __init__(self, env, clock):
        self.env = env
        self.time_left = clock

    def _transact(self, action, tries=TRIES):
        """Run ``action`` and commit; try again when another transaction gets in the way.

        :param int tries: how often at most
        :raises MailboxError: the database has no room left
        """
        if modules.module.current_test:
            result = action()
            commit(self.env)
            return result
        for attempt in range(1, tries + 1):
            try:
                result = action()
                commit(self.env)
                return result
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, UniqueViolation):
                self.env.cr.rollback()
                if attempt == tries:
                    raise
                # The next snapshot sees what the other transaction committed.
                time.sleep(0.05 * attempt)
            except psycopg2.Error as error:
                self.env.cr.rollback()
                raise trouble(error) or error from None
            except BaseException:
                self.env.cr.rollback()
                raise
        return None

    def _forget(self):
        """Drop the records in memory: emails are large, and others may change what we know."""
        if not modules.module.current_test:
            self.env.invalidate_all(flush=False)
