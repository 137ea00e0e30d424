"""Accounts that are read through a fault proxy."""

import itertools
import os

import pytest

from ..conftest import PASSWORD, Mailbox
from ..patience import at_most
from .letters import correspondence, deliver
from .quiet import check, scan_quietly

_numbers = itertools.count(1)

#: Seconds that a scan waits for the server while something is wrong, on a quiet machine.
SHORT = 0.4

#: Letters that are delivered before each fault: enough for both folders to have some to file. They
#: don't go into KINDS, so that each fault meets others.
LETTERS = 5

#: Answers to a log-in that may mean that the password is wrong.
REFUSALS = ("NO Not today", "BAD What?")


class Bench:
    """Accounts that are read through a proxy, with what was delivered to each."""

    def __init__(self, env, proxy, dovecot, make_account):
        self.env, self.proxy, self._dovecot, self._make = env, proxy, dovecot, make_account
        self._number = 0
        self.new_mailbox()

    def new_mailbox(self, **values):
        """Go on with another mailbox, empty and never read before."""
        user = f"fault{os.getpid()}-{next(_numbers)}@club.example"
        self._dovecot.add_user(user, PASSWORD)
        self.mailbox = Mailbox(self._dovecot, user)
        options = {"imap_port": self.proxy.port, "imap_encryption": "none"} | values
        self.account = self._make(email=user, **options)
        self.letters = []

    def deliver(self, count=LETTERS):
        """Deliver letters that differ from all others."""
        letters = correspondence(self.mailbox.user, count, self._number)
        self._number += count
        self.letters += letters
        deliver(self.mailbox, letters)

    def spoiled_scan(self, fault, step, occurrence=1, times=1, timeout=None):
        """Scan with a fault; returns how the scan ended.

        :param timeout: seconds that the scan waits for the server, SHORT by default

        Where the server refused the log-in, the account may stop; its owner enters the password
        again then.
        """
        timeout = timeout or at_most(SHORT)
        strike = self.proxy.strike(step, fault, occurrence, times)
        model = type(self.account)
        settings = model._bare_settings

        def short_settings(account, protocol, *_args):
            return settings(account, protocol, timeout=timeout)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(model, "_bare_settings", short_settings)
            result = self.account._scan()
            if not strike.struck.is_set():
                # A machine that paused at the wrong moment looks like a server that does not answer.
                timeout *= 10
                result = self.account._scan()
        self.proxy.calm()
        assert strike.struck.is_set(), f"the scan has no such step, only {dict(self.proxy.seen)}"
        assert not strike.outlasted, "the scan waits for ever"
        assert result in ("done", "unfinished", "error")
        refused = step == "login" and fault.__name__ in REFUSALS
        assert refused or not self.account.stopped, self.account.error_message
        if self.account.stopped:
            self.account.imap_password = PASSWORD
            self.env.cr.commit()
        return result

    def flags(self):
        """The flags of all messages: a set, as they are in the names of the Maildir's files."""
        files = (self._dovecot.root / "mail" / self.mailbox.user).rglob("cur/*")
        return {file.name.rpartition(",")[2] for file in files}

    def check(self):
        """Everything is filed, exactly, and nothing was changed on the server."""
        self.env.invalidate_all()
        check(self.env, self.account, self.letters)
        assert self.flags() == {""}

    def scan_quietly(self):
        scan_quietly(self.env, self.account, times=1)
        if self.env["member.mail.failure"].search_count([]):
            scan_quietly(self.env, self.account, times=1)
