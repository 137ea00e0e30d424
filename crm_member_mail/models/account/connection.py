import dataclasses

from odoo import Command, models

from ...mailbox.errors import MailboxError
from ...mailbox.imap.folders import folder_key, list_folders
from ...mailbox.imap.renamed import NEVER_READ
from ...mailbox.imap.session import ImapSession
from ...mailbox.smtp import session as smtp
from ...mailbox.types import ServerSettings
from ...workers.transactions import commit
from .oauth import PREFIXES, SERVICES
from .server_rules import allow_private_hosts, allowed_ports, takes_tokens

#: Folders of an account that are stored at most.
MAX_FOLDERS = 2000

#: What a visit asks about folders before it opens one.
FOLDER_FIELDS = [
    "account_id", "path", "role", "active", "missing", "opened", "mailbox_id", "listed_role",
    "uidvalidity", "last_uid", "history_uid", "covered_since", "checked_number",
]  # fmt: skip

#: Seconds that a connection test may take for one network operation, and in total.
TEST_TIMEOUT, TEST_DEADLINE = 10.0, 25.0


class MemberMailAccount(models.Model):
    """The servers of a mailbox: how to reach them, whether they work, which folders there are."""

    _inherit = "member.mail.account"

    def _server_settings(self, protocol, timeout=30.0, refused=None):
        """How to reach this account's ``imap`` or ``smtp`` server. Gets a new access token from Google
        or Microsoft where one is needed, and stores it; so this may take a while, unlike
        :mod:`.sign_ins`.

        :param ServerSettings refused: the settings whose access token the server refused
        :raises MailboxError: of kind config, when something is missing that an administrator must fill
            in; or any that concerns signing in
        """
        settings = self._bare_settings(protocol, timeout)
        if settings.auth_method == "password":
            return settings
        secret = self.sudo()._token_secret(settings.login, refused and refused.secret)
        return dataclasses.replace(settings, secret=secret)

    def _bare_settings(self, protocol, timeout=30.0):
        """The same, but without the secret if that is an access token."""
        self.ensure_one()
        account = self.sudo()
        # An account has many fields, most of which nobody asks about here.
        account.fetch(_settings_fields(protocol))
        if account._owner_has_left():
            raise MailboxError("owner_left")
        if not account[f"{protocol}_host"]:
            raise MailboxError("no_host")
        if account.auth_method == "password":
            secret, by = account._password(protocol), "password"
        else:
            host = account[f"{protocol}_host"]
            if not takes_tokens(self.env, account.auth_method, host):
                raise MailboxError("oauth_unsupported", host=host)
            if not account._may_go(f"{PREFIXES[account.auth_method]}_refresh_sealed", protocol):
                raise MailboxError("not_signed_in", host=SERVICES[account.auth_method])
            secret, by = "", "xoauth2"
        account._check_encrypted(protocol)
        login = account._login_at(protocol)
        return account._settings_with(protocol, login, secret, by, timeout)

    def _settings_with(self, protocol, login, secret, auth_method, timeout):
        """The ServerSettings of this account's ``imap`` or ``smtp`` server: nobody connects without.

        :raises MailboxError: the database is not at home
        """
        self.env["member.mail.home"]._check_settings()
        return ServerSettings(
            # A trailing dot leaves the name the same, but no certificate matches it.
            host=self[f"{protocol}_host"].strip().rstrip("."),
            port=self[f"{protocol}_port"],
            encryption=self[f"{protocol}_encryption"],
            login=login,
            secret=secret,
            auth_method=auth_method,
            timeout=timeout,
            allow_private=allow_private_hosts(self.env),
            allowed_ports=allowed_ports(self.env, protocol),
        )

    def _password(self, protocol):
        """The password of a server.

        :raises MailboxError:
        """
        name = f"{protocol}_secret" if self[f"{protocol}_secret"] else "imap_secret"
        if not self[name] or not self._may_go(name, protocol):
            raise MailboxError("no_password")
        return self._unsealed(name)

    def _open_imap(self, seconds, timeout=30.0):
        """A connection to the incoming server, for somebody who waits for it; with a new access token
        if the first one is refused.

        :param float seconds: how long it may last in total
        :return: an ImapSession
        :raises MailboxError:
        """

        def settings(refused=None):
            return self._server_settings("imap", timeout, refused=refused)

        return ImapSession.open(settings(), seconds, settings)

    def action_test_connection(self):
        """Test both servers and say plainly what works and what doesn't.

        Returns a notification; the verdicts stay readable in ``imap_test`` and ``smtp_test``.
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
                    imap=imap_error.sentence(self.env._) if imap_error else self.imap_test,
                    smtp=smtp_error.sentence(self.env._) if smtp_error else self.smtp_test,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _test_connection(self):
        """Test one server after the other and store the verdicts.

        Nothing secret is told to the outgoing server unless the incoming one accepted it: who made
        them up may have made up the outgoing one only.

        :return: the MailboxError of the incoming server and that of the outgoing one, or None each;
            also None for an outgoing server that is not set up, or that waits for the incoming one
        :raises UserError: the database is not at home
        """
        self.ensure_one()
        self.check_access("write")
        self.env["member.mail.home"]._check()
        folders, imap_error = self._probe("imap")
        max_size, smtp_error = self._greet_smtp() if imap_error else self._probe("smtp")
        account = self.sudo()
        if max_size is not None:
            account._note_max_size(max_size)
        if folders is not None:
            account._update_folders(folders)
        account._note_connection(imap_error)
        works, waits = (
            self.env._("Works."),
            self.env._("Works so far. Odoo signs in there as soon as the incoming server works."),
        )
        account.imap_test = imap_error.in_lines(self.env._) if imap_error else works
        if not smtp_error:
            account.smtp_test = waits if imap_error else works
            if not imap_error:
                account._note_attempt(None)
        elif smtp_error.code == "no_host":
            # A mailbox may be there for reading only.
            account.smtp_test, smtp_error = self.env._("Not set up."), None
        else:
            account.smtp_test = smtp_error.in_lines(self.env._)
            account._note_sending(smtp_error)
        return imap_error, smtp_error

    def _probe(self, protocol):
        """Sign in to a server, with another token if the first one is refused.

        :return: the result of the probe and its MailboxError, one of which is None
        """
        settings = None
        for is_last in (False, True):
            try:
                settings = self._server_settings(protocol, TEST_TIMEOUT, refused=settings)
                commit(self.env)  # no transaction stays open while we wait for the network
                return PROBES[protocol](settings), None
            except MailboxError as error:
                if is_last or error.code != "token_refused" or not settings:
                    return None, error
        return None, None

    def _greet_smtp(self):
        """Connect to the outgoing server without signing in.

        :return: as `_probe`; there is no result
        """
        account = self.sudo()
        try:
            if not account.smtp_host:
                raise MailboxError("no_host")
            account._check_encrypted("smtp")
            settings = account._settings_with(
                "smtp", account._login_at("smtp"), "", "password", TEST_TIMEOUT
            )
            commit(self.env)
            PROBES["greeting"](settings)
        except MailboxError as error:
            return None, error
        return None, None

    def _update_folders(self, remote_folders, vacated=None):
        """Make the folder records equal to what the server lists; which ones are read stays as chosen.

        :param remote_folders: list of RemoteFolder
        :param dict vacated: values of the folders that had a path until they were renamed, by that path:
            a new folder that has it now is read in the same way
        :return: the records of folders that are listed, without new ones; and all that there are now
        """
        self.ensure_one()
        records = self._every_folder()
        known = {}
        for folder in records.sorted("missing"):
            known.setdefault(folder_key(folder.path), folder)
        commands, listed, new = [], self.env["member.mail.folder"], []
        for remote in remote_folders:
            folder = known.get(folder_key(remote.path))
            if folder and remote.selectable:
                listed += folder
                vals = folder._compare(remote)
                if vals:
                    commands.append(Command.update(folder.id, vals))
            elif remote.selectable and remote.role not in NEVER_READ:
                new.append(remote)
        room = MAX_FOLDERS - len(records)
        for folder in records - listed:
            if folder_key(folder.path) == "INBOX":
                continue  # it always exists, whether or not it is listed
            if not folder.opened:
                commands.append(Command.delete(folder.id))
                room += 1
            elif not folder.missing:
                commands.append(Command.update(folder.id, {"missing": True}))
        # Where there are too many, those that are for something go first.
        new.sort(key=lambda remote: remote.role == "other")
        room = max(room, 0)
        for remote in new[:room]:
            role = remote.role if remote.role in ("inbox", "sent", "archive") else "other"
            vals = {"path": remote.path, "role": role, "active": role in ("inbox", "sent")}
            vals |= (vacated or {}).get(remote.path, {})
            commands.append(Command.create(vals | {"listed_role": remote.role}))
        if commands:
            self.write({"folder_ids": commands})
            records = self._every_folder()
        unusable = [remote.path for remote in remote_folders if remote.is_unusable]
        self._note_left_out(unusable, [remote.path for remote in new[room:]])
        return listed, records

    def _every_folder(self):
        """The folders of this account, also those that are not read."""
        Folder = self.env["member.mail.folder"].with_context(active_test=False)
        domain = [("account_id", "=", self.id)]
        return Folder.search_fetch(domain, FOLDER_FIELDS).with_env(self.env)


def _settings_fields(protocol):
    """What decides how to reach a server."""
    return [
        "email", "user_id", "visibility", "error_code", "auth_method", "secret_places",
        "unencrypted_places", "imap_login", "imap_secret", "smtp_secret",
        *(f"{protocol}_{name}" for name in ("host", "port", "encryption", "login")),
    ]  # fmt: skip


def _probe_imap(settings):
    with ImapSession.open(settings, deadline_seconds=TEST_DEADLINE) as session:
        return list_folders(session)


#: How a server is probed.
PROBES = {"imap": _probe_imap, "smtp": smtp.check, "greeting": smtp.greet}
