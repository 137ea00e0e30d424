import dataclasses
import logging

from odoo import api, models

from ...mailbox.errors import MailboxError
from ...mailbox.imap.watch import MOST_FOLDERS
from ...workers.listening.shards import CHANNEL, FILED
from ...workers.listening.statements import THROTTLING
from ...workers.transactions import commit, roll_back

_logger = logging.getLogger(__name__)

#: Providers that allow so few connections that a second one of ours could lock somebody out.
FEW_CONNECTIONS = {"yahoo", "aol"}

#: Which folder is watched first: where the server tells of one only, it is the first one.
ORDER = {"inbox": 0, "sent": 1}


class MemberMailAccount(models.Model):
    """What a listener (:mod:`...workers.listening`) has to know of mailboxes."""

    _inherit = "member.mail.account"

    def _tell_listeners(self):
        """Have listeners look at these accounts again, once this transaction is committed."""
        ids = self.ids
        for start in range(0, len(ids), 500):
            payload = ",".join(map(str, ids[start : start + 500]))
            self.env.cr.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))

    def _tell_listeners_filed(self):
        """Tell listeners that emails were filed in this mailbox: the next one may be an answer that
        somebody waits for, so that they need not take it for one in a flood of strangers' mail."""
        self.ensure_one()
        self.env.cr.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"{FILED}{self.id}"))

    def _listening_orders(self, refused):
        """How a listener is to watch these mailboxes; commits.

        :param dict refused: id, as text, to the token that the server refused
        :return: dict of ``orders``, by id: ``settings`` (of ServerSettings), ``folders`` (path,
            UIDVALIDITY and UIDNEXT as far as read), ``poll`` (seconds) and ``apart`` (whether it may
            have a second connection); ``errors``, by id: code, detail and host of a MailboxError; and
            ``gone``, the ids of those that are not to be watched
        """
        is_at_home = self.env["member.mail.home"]._is_at_home()
        readable = self.sudo()._listenable() if is_at_home else self.browse()
        answer = {"orders": {}, "errors": {}, "gone": sorted(set(self.ids) - set(readable.ids))}
        poll = self._parameter("poll_seconds")
        # Read before the first commit, which forgets what was read.
        known = [
            (account, account._listened_folders(), account._may_have_two(), account.auth_method)
            for account in readable
        ]
        for account, folders, may_have_two, auth_method in known:
            try:
                settings = account._listening_settings(refused.get(str(account.id)))
                if auth_method != "password":
                    commit(self.env)  # a token that was renewed
            except MailboxError as error:
                commit(self.env)
                answer["errors"][account.id] = [error.code, error.detail, error.host]
                continue
            except Exception as error:
                # A bug of ours with this mailbox must not hold up the others.
                roll_back(self.env)
                _logger.exception("Account %s: no listener can watch it", account.id)
                answer["errors"][account.id] = ["unexpected", type(error).__name__, ""]
                continue
            values = dataclasses.asdict(settings)
            if settings.allowed_ports is not None:
                values["allowed_ports"] = sorted(settings.allowed_ports)
            answer["orders"][account.id] = {
                "settings": values,
                "folders": [(path, *read) for path, _role, *read in folders],
                "poll": poll,
                "apart": may_have_two
                and [role for _path, role, *_read in folders[1:2]] == ["sent"],
            }
        return answer

    def _may_have_two(self):
        """Whether the provider may be burdened with a second connection."""
        return self.provider_id.code not in FEW_CONNECTIONS

    @api.model
    def _listenable_domain(self):
        """The accounts that a listener watches; in step with workers/listening/statements.py."""
        return [
            ("active", "=", True),
            ("stopped", "=", False),
            ("setting_up", "=", False),
            "|",
            ("state", "=", "connected"),
            "&",
            ("state", "=", "error"),
            ("error_code", "not in", THROTTLING),
        ]

    def _listenable(self):
        return self.search([("id", "in", self.ids), *self._listenable_domain()], order="id")

    def _listened_folders(self):
        """The folders to watch: tuples of path, role, UIDVALIDITY and the UID that comes next."""
        self.ensure_one()
        folders = self.folder_ids.filtered(lambda folder: not folder.missing)
        folders = folders.sorted(lambda folder: (ORDER.get(folder.role, 2), folder.path))
        found = [
            (
                folder.path,
                folder.role,
                folder.uidvalidity or 0,
                folder.last_uid + 1 if folder.opened else 0,
            )
            for folder in folders[:MOST_FOLDERS]
        ]
        return found or [("INBOX", "inbox", 0, 0)]

    def _listening_settings(self, refused):
        """The ServerSettings, with a token that lasts for a while.

        :param refused: the SASL string that the server refused, or None
        :raises MailboxError:
        """
        settings = self._bare_settings("imap", timeout=20.0)
        if settings.auth_method == "password":
            return settings
        return dataclasses.replace(settings, secret=self._token_secret(settings.login, refused))
