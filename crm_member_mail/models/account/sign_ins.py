"""Settings of servers for threads that talk to them (:mod:`...workers.one_writer`).

Where an access token has to be renewed, the sign-in service is asked in the thread, because it may take
its time, and hostile ones take all that they get. The writer says beforehand what to ask, and stores the
answer: one process at a time renews the tokens of an account, and they are stored before they are used.
"""

import dataclasses
import time

from odoo import SUPERUSER_ID, api, modules

from ...mailbox.errors import MailboxError
from ...mailbox.net import tokens
from ...workers.one_writer import Stopped
from ...workers.record_locks import RecordLocks
from ...workers.transactions import Desk

#: Seconds to wait for another process that renews the same tokens, and between two looks.
PATIENCE, PAUSE = 2.0, 0.05


@dataclasses.dataclass(frozen=True, slots=True)
class _Renewal:
    """What a thread has to do before it has settings: ask ``request``; None: wait."""

    settings: object
    request: tokens.TokenRequest | None


class SignIns:
    """Gives settings to threads; a context manager, of the writer.

    :param registry: the registry of the database
    :param ask: has the writer call a method, as `OneWriter.ask`
    """

    def __init__(self, registry, ask):
        self._registry = registry
        self._ask = ask
        self._locks = None  # most scans renew nothing
        #: Services that are down, by sign-in method: they are not asked again.
        self._outages = {}

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self._locks:
            self._locks.__exit__(*exception)

    # -- for threads -------------------------------------------------------------------------------

    def settings(self, account, protocol, refused=None):
        """The ServerSettings of a server, with a password or an access token that lasts for a while.

        :param account: a ``member.mail.account``, which is only handed to the writer
        :param str protocol: imap or smtp
        :param ServerSettings refused: those whose token the server refused
        :raises MailboxError: as `_server_settings`
        """
        end = time.monotonic() + PATIENCE
        while True:
            step = self._ask(self._begin, account, protocol, refused)
            if not isinstance(step, _Renewal):
                return step
            if step.request is not None:
                break
            if time.monotonic() > end:
                error = MailboxError("unavailable", host=step.settings.host)
                return self._ask(self._end, account, step, refused, error)
            time.sleep(PAUSE)
        try:
            outcome = tokens.fetch(step.request)
        except MailboxError as error:
            outcome = error
        except Exception as error:  # whatever it is, the lock has to be released
            outcome = MailboxError("unexpected", type(error).__name__)
        try:
            return self._ask(self._end, account, step, refused, outcome)
        except Stopped:
            if isinstance(outcome, tokens.Tokens):
                self._rescue(account.id, step.request, outcome)
            raise

    # -- the writer's side -------------------------------------------------------------------------

    def _begin(self, account, protocol, refused):
        """ServerSettings, or a _Renewal."""
        transact = Desk(account.env, None)._transact
        settings = transact(lambda: account._bare_settings(protocol))
        if settings.auth_method == "password":
            return settings

        def ready():
            return account._ready_secret(settings.login, refused and refused.secret)

        if secret := transact(ready):
            return dataclasses.replace(settings, secret=secret)
        renewal = _Renewal(settings, None)
        if error := self._outages.get(account.auth_method):
            return self._end(account, renewal, refused, error)
        if not self._acquire(account):
            return renewal
        try:
            # Another process may just have renewed them.
            if secret := transact(ready):
                self._release(account)
                return dataclasses.replace(settings, secret=secret)
            return _Renewal(settings, transact(account._renewal))
        except BaseException:
            self._release(account)
            raise

    def _end(self, account, renewal, refused, outcome):
        """The ServerSettings with the Tokens, or after the MailboxError, of a _Renewal."""
        login = renewal.settings.login
        transact = Desk(account.env, None)._transact
        try:
            if isinstance(outcome, tokens.Tokens):
                transact(lambda: account._keep_renewed(renewal.request, outcome))
                secret = account._sasl_string(login)
            else:
                if outcome.code == "sign_in_unavailable":
                    self._outages[account.auth_method] = outcome
                spent = refused and refused.secret
                secret = transact(lambda: account._last_secret(login, spent, outcome))
        finally:
            if renewal.request is not None:
                self._release(account)
        return dataclasses.replace(renewal.settings, secret=secret)

    def _acquire(self, account):
        if modules.module.current_test:
            return True  # an Odoo test holds the transaction, and there is no other process
        if not self._locks:
            locks = RecordLocks(self._registry, "member.mail.account token")
            self._locks = locks.__enter__()
        if not self._locks.acquire(account):
            return False
        writable = False
        try:
            # Tried again where another process has just stored its tokens.
            writable = Desk(account.env, None)._transact(
                lambda: account._is_writable(account.env.cr)
            )
        finally:
            if not writable:
                self._locks.release(account)
        return writable

    def _release(self, account):
        if not modules.module.current_test:
            self._locks.release(account)

    def _rescue(self, account_id, request, found):
        """Store tokens although the writer is gone: some services accept a refresh token only once."""
        with self._registry.cursor() as cr:
            account = api.Environment(cr, SUPERUSER_ID, {})["member.mail.account"].browse(
                account_id
            )
            account._keep_renewed(request, found)
