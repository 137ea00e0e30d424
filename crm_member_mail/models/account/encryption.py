from odoo import api, fields, models

from ...mailbox.errors import MailboxError
from .server_rules import LOOPBACK, comparable_host


class MemberMailAccount(models.Model):
    """Nothing is told to a server without encryption, unless somebody has confirmed that it may be."""

    _inherit = "member.mail.account"

    unencrypted = fields.Boolean(
        "Not encrypted",
        compute="_compute_unencrypted",
        help="The password and all emails can be read on the way to a server.",
    )
    unencrypted_ok = fields.Boolean(
        "Connect without encryption",
        compute="_compute_unencrypted_ok",
        inverse="_inverse_unencrypted_ok",
        compute_sudo=True,
        readonly=False,
        copy=False,
        help="Others can read the password and all emails on the way.",
    )
    #: The servers that this was confirmed for: list of lists of name and port.
    unencrypted_places = fields.Json(
        "Confirmed servers without encryption",
        groups=fields.NO_ACCESS,
        copy=False,
        exportable=False,
    )

    @api.depends("imap_host", "imap_encryption", "smtp_host", "smtp_encryption")
    def _compute_unencrypted(self):
        for account in self:
            account.unencrypted = bool(account._in_clear())

    @api.depends(
        "unencrypted_places",
        "imap_host", "imap_port", "imap_encryption",
        "smtp_host", "smtp_port", "smtp_encryption",
    )  # fmt: skip
    def _compute_unencrypted_ok(self):
        for account in self:
            servers = account._in_clear()
            confirmed = account.unencrypted_places or []
            account.unencrypted_ok = bool(servers) and all(s in confirmed for s in servers)

    def _inverse_unencrypted_ok(self):
        for account in self.sudo():
            account.unencrypted_places = account._in_clear() if account.unencrypted_ok else False

    def _in_clear(self, protocols=("imap", "smtp")):
        """The servers that are reached without encryption: list of lists of name and port. On the way to
        this machine itself nobody reads along."""
        servers = []
        for protocol in protocols:
            host = comparable_host(self[f"{protocol}_host"])
            if host and host not in LOOPBACK and self[f"{protocol}_encryption"] == "none":
                servers.append([host, self[f"{protocol}_port"]])
        return servers

    def _check_encrypted(self, protocol):
        """
        :raises MailboxError: the ``imap`` or ``smtp`` server is reached without encryption, which nobody
            has confirmed
        """
        confirmed = self.unencrypted_places or []
        for server in self._in_clear([protocol]):
            if server not in confirmed:
                raise MailboxError("unencrypted", host=server[0])
