"""Locks on accounts being read and emails being sent, which all Odoo processes of a database see."""

import contextlib

from odoo import modules


class RecordLocks:
    """PostgreSQL's advisory locks on records of one model; a context manager that releases them all.

    They belong to a connection of their own, not to a transaction: a scan's transactions end with each
    batch, and a transaction that is open for minutes would hold up PostgreSQL's clean-up. PostgreSQL
    releases them when the process dies.

    :param registry: the registry of the database
    :param str name: the name of the model
    """

    def __init__(self, registry, name="member.mail.account"):
        self._registry = registry
        self._name = name
        self._cr = None

    def __enter__(self):
        self._cr = self._registry.cursor()
        if not modules.module.current_test:
            # Each statement is a transaction: there is nothing to begin, nor to end.
            self._cr._cnx.autocommit = True
        return self

    def __exit__(self, *_exception):
        with contextlib.suppress(Exception), self._cr:
            # The connection goes back to a pool, so nothing may stay locked on it.
            self._cr.execute("SELECT pg_advisory_unlock_all()")
        self._cr = None

    def acquire(self, record):
        """Lock a record; False when another process has locked it."""
        return self._call("pg_try_advisory_lock", record)

    def release(self, record):
        """Release a record."""
        self._call("pg_advisory_unlock", record)

    def _call(self, function, record):
        self._cr.execute(f"SELECT {function}(hashtext(%s), %s)", (self._name, record.id))
        return self._cr.fetchone()[0]
