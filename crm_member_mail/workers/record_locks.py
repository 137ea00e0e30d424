"""Who reads which account, who sends which email: locks that every Odoo process of a database sees."""

import contextlib

from odoo import modules


class RecordLocks:
    """Advisory locks of PostgreSQL on records, of one model; a context manager that lets all of them go.

    :param registry: of the database
    :param str name: of the model

    They belong to a connection of their own, not to a transaction: the scan's transactions end with
    each batch, and a transaction that is open for minutes would hold up PostgreSQL's clean-up.
    PostgreSQL lets go of them when the process dies.
    """

    def __init__(self, registry, name="member.mail.account"):
        self._registry = registry
        self._name = name
        self._cr = None

    def __enter__(self):
        self._cr = self._registry.cursor()
        return self

    def __exit__(self, *_exception):
        with contextlib.suppress(Exception), self._cr:
            # The connection goes back to a pool: nothing may stay locked on it.
            self._cr.execute("SELECT pg_advisory_unlock_all()")
            self._end()
        self._cr = None

    def acquire(self, record):
        """Lock a record: False when another process has it."""
        return self._call("pg_try_advisory_lock", record)

    def release(self, record):
        """Let go of a record."""
        self._call("pg_advisory_unlock", record)

    def _call(self, function, record):
        self._cr.execute(f"SELECT {function}(hashtext(%s), %s)", (self._name, record.id))
        result = self._cr.fetchone()[0]
        self._end()
        return result

    def _end(self):
        if not modules.module.current_test:
            # Only ends the transaction: the locks are the connection's.
            self._cr.commit()  # pylint: disable=invalid-commit
