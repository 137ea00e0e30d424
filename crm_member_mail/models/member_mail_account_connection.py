import logging
from concurrent.futures import ThreadPoolExecutor

from odoo import Command, models

from ..mailbox import smtp
from ..mailbox.errors import MailboxError
from ..mailbox.folders import list_folders
from ..mailbox.session import ImapSession
from ..mailbox.types import ServerSettings
from ..tools.secret_box import KeyUnusable, SecretUnreadable, unseal
from .server_rules import allow_private_hosts, allowed_ports

_logger = logging.getLogger(__name__)

#: Seconds that a connection test may take for one network operation, and in all.
TEST_TIMEOUT, TEST_DEADLINE = 10.0, 25.0

#: Roles of folders that hold no correspondence.
NEVER_READ = {"drafts", "junk", "trash"}


class MemberMailAccount(models.Model):
    """The servers of a mailbox: how to reach them, whether they work, which folders there are."""

    _inherit = "member.mail.account"

    def _server_settings(self, protocol, timeout=30.0):
        """How to reach this account's ``imap`` or ``smtp`` server.

        :raises MailboxError: of kind config, when something is missing that an admin must fill in.
        """
        self.ensure_one()
        account = self.sudo()
        if account._owner_has_left():
            raise MailboxError("owner_left")
        if not account[f"{protocol}_host"]:
            raise MailboxError("no_host")
        if account.auth_method != "password":
            raise MailboxError("oauth_required")
        sealed = account[f"{protocol}_secret"]
        if not sealed and not account.smtp_password_wanted:
            sealed = account.imap_secret
        if not sealed:
            raise MailboxError("no_password")
        try:
            secret = unseal(sealed)
        except SecretUnreadable as error:
            raise MailboxError("password_unreadable") from error
        except KeyUnusable as error:
            _logger.error("Stored passwords can't be read. %s", error)
            raise MailboxError("key_unusable") from None
        return ServerSettings(
            # A name that ends with a dot is the same one, but no certificate is for it.
            host=account[f"{protocol}_host"].strip().rstrip("."),
            port=account[f"{protocol}_port"],
            encryption=account[f"{protocol}_encryption"],
            login=account[f"{protocol}_login"] or account.imap_login or account.email,
            secret=secret,
            timeout=timeout,
            allow_private=allow_private_hosts(self.env),
            allowed_ports=allowed_ports(self.env, protocol),
        )

    def action_test_connection(self):
        """Try both servers at the same time and say plainly what works and what does not.

        Returns a notification; the verdicts stay readable in ``imap_check`` and ``smtp_check``.
        """
        imap_error, smtp_error = self._test_connection()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if imap_error or smtp_error else "success",
                "sticky": bool(imap_error or smtp_error),
                "title": self.env._("Connection test of %s", self.email),
                "message": self.env._(
                    "Incoming server: %(imap)s\nOutgoing server: %(smtp)s",
                    imap=self.imap_check,
                    smtp=self.smtp_check,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _test_connection(self):
        """Try both servers at the same time and note the verdicts.

        :return: the MailboxError of the incoming server and that of the outgoing one, or None each;
            None, too, for an outgoing server that is not set up
        """
        self.ensure_one()
        self.check_access("write")
        with ThreadPoolExecutor(max_workers=2) as pool:
            # The engine only in these threads: no ORM. Both are bounded by TEST_DEADLINE.
            tries = {
                protocol: pool.submit(probe, settings)
                for protocol, probe, settings in self._connection_probes()
            }
            verdicts = {protocol: _verdict(future) for protocol, future in tries.items()}
        folders, imap_error = verdicts["imap"]
        max_size, smtp_error = verdicts["smtp"]
        account = self.sudo()
        if max_size is not None:
            account._note_max_size(max_size)
        if folders is not None:
            account._sync_folders(folders)
        account._note_connection(imap_error)
        for name, error in (("imap_check", imap_error), ("smtp_check", smtp_error)):
            account[name] = error.in_words(self.env._) if error else self.env._("Works.")
        if smtp_error and smtp_error.code == "no_host":
            # A mailbox may be there for reading only.
            account.smtp_check, smtp_error = self.env._("Not set up."), None
        return imap_error, smtp_error

    def _connection_probes(self):
        for protocol, probe in (("imap", _probe_imap), ("smtp", smtp.check)):
            try:
                settings = self._server_settings(protocol, timeout=TEST_TIMEOUT)
            except MailboxError as error:
                yield protocol, _raise, error
            else:
                yield protocol, probe, settings

    def _sync_folders(self, remote_folders):
        """Make the folder records equal to what the server lists; what was chosen stays chosen."""
        self.ensure_one()
        known = {folder.path: folder for folder in self.with_context(active_test=False).folder_ids}
        commands = []
        for remote in remote_folders:
            if not remote.selectable or remote.role in NEVER_READ:
                continue
            role = remote.role if remote.role in ("inbox", "sent", "archive") else "other"
            folder = known.pop(remote.path, None)
            if folder is None:
                vals = {"path": remote.path, "role": role, "active": role in ("inbox", "sent")}
                commands.append(Command.create(vals))
            elif folder.missing:
                commands.append(Command.update(folder.id, {"missing": False}))
        commands += [
            Command.update(folder.id, {"missing": True})
            for folder in known.values()
            if not folder.missing
        ]
        if commands:
            self.write({"folder_ids": commands})


def _probe_imap(settings):
    with ImapSession.open(settings, deadline_seconds=TEST_DEADLINE) as session:
        return list_folders(session)


def _raise(error):
    raise error


def _verdict(future):
    """The result of a probe and None, or None and its MailboxError."""
    try:
        return future.result(), None
    except MailboxError as error:
        return None, error
