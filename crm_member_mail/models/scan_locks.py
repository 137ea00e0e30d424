"""Who reads which account: locks that every Odoo process of a database sees."""

import contextlib

from odoo import modules


class ScanLocks:
    """Advisory locks of PostgreSQL on accounts; a context manager that lets all of them go.

    They belong to a connection of their own, not to a transaction: the scan's transactions end with
    each batch, and a transaction that is open for minutes would hold up PostgreSQL's clean-up.
    PostgreSQL lets go of them when the process dies.
    """

    _KEY = "hashtext('member.mail.account')"

    def __init__(self, registry):
        self._registry = registry
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

    def acquire(self, account):
        """Lock an account record: False when another process has it."""
        return self._call("pg_try_advisory_lock", account)

    def release(self, account):
        """Let go of an account."""
        self._call("pg_advisory_unlock", account)

    def _call(self, function, account):
        self._cr.execute(f"SELECT {function}({self._KEY}, %s)", (account.id,))
        result = self._cr.fetchone()[0]
        self._end()
        return result

    def _end(self):
        if not modules.module.current_test:
            # Only ends the transaction: the locks are the connection's.
            self._cr.commit()  # pylint: disable=invalid-commit
