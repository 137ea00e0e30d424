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

    def acquire(self, records):
        """Lock records, in one query; returns those that no other process has locked."""
        return self._call("pg_try_advisory_lock", records)

    def release(self, records):
        """Release records, in one query."""
        self._call("pg_advisory_unlock", records)

    def _call(self, function, records):
        if not records:
            return records
        self._cr.execute(
            f"SELECT id, {function}(hashtext(%s), id) FROM unnest(%s) AS id",  # noqa: S608
            (self._name, records.ids),
        )
        done = {record_id for record_id, is_done in self._cr.fetchall() if is_done}
        return records.filtered(lambda record: record.id in done)
