from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .member_mail_provider import AUTH_METHODS, ENCRYPTIONS

#: Changing one of these invalidates the last verdict on the connection.
CONNECTION_FIELDS = {
    "email", "auth_method",
    "imap_host", "imap_port", "imap_encryption", "imap_login", "imap_secret",
    "smtp_host", "smtp_port", "smtp_encryption", "smtp_login", "smtp_secret",
}  # fmt: skip

#: The values of an account whose servers have not been tested as they are now.
UNTRIED = {
    "state": "draft", "stopped": False, "error_code": False, "error_count": 0, "next_sync": False,
    "imap_test": False, "smtp_test": False,
    "sending_state": "untried", "sending_code": False, "sending_detail": False,
}  # fmt: skip


class MemberMailAccount(models.Model):
    """The servers of an account, and how it signs in to them."""

    _inherit = "member.mail.account"

    auth_method = fields.Selection(
        AUTH_METHODS,
        "Sign-in method",
        compute="_compute_auth_method",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="How this account signs in to its servers.",
    )

    imap_host = fields.Char(
        "Incoming host",
        compute="_compute_imap",
        store=True,
        readonly=False,
        precompute=True,
        help="Name of the incoming server (IMAP), for example imap.example.com.",
    )
    imap_port = fields.Integer(
        "Incoming port",
        compute="_compute_imap",
        store=True,
        readonly=False,
        precompute=True,
        help="993 for SSL/TLS, 143 for STARTTLS.",
    )
    imap_encryption = fields.Selection(
        ENCRYPTIONS,
        "Incoming encryption",
        compute="_compute_imap",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="How the connection is protected. Without encryption, others can read the "
        "password and all emails on the way.",
    )
    imap_login = fields.Char(
        "Incoming login",
        compute="_compute_logins",
        store=True,
        readonly=False,
        precompute=True,
        help="User name for the incoming server, usually the whole email address.",
    )
    imap_password = fields.Char(
        "Incoming password",
        compute="_compute_imap_password",
        readonly=False,
        copy=False,
        exportable=False,
        help="Stored encrypted and never shown again. Many providers require an app password.",
    )
    imap_secret = fields.Char(
        "Stored incoming password", groups=fields.NO_ACCESS, copy=False, exportable=False
    )
    imap_password_set = fields.Boolean(
        "Incoming password set", compute="_compute_passwords_set", compute_sudo=True
    )

    smtp_host = fields.Char(
        "Outgoing host",
        compute="_compute_smtp",
        store=True,
        readonly=False,
        precompute=True,
        help="Name of the outgoing server (SMTP), for example smtp.example.com.",
    )
    smtp_port = fields.Integer(
        "Outgoing port",
        compute="_compute_smtp",
        store=True,
        readonly=False,
        precompute=True,
        help="465 for SSL/TLS, 587 for STARTTLS.",
    )
    smtp_encryption = fields.Selection(
        ENCRYPTIONS,
        "Outgoing encryption",
        compute="_compute_smtp",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="How the connection is protected.",
    )
    smtp_login = fields.Char(
        "Outgoing login",
        compute="_compute_logins",
        store=True,
        readonly=False,
        precompute=True,
        help="User name for the outgoing server. Leave empty to use the incoming login.",
    )
    smtp_password = fields.Char(
        "Outgoing password",
        compute="_compute_smtp_password",
        readonly=False,
        copy=False,
        exportable=False,
        help="Stored encrypted and never shown again. Leave empty to use the incoming password.",
    )
    smtp_secret = fields.Char(
        "Stored outgoing password", groups=fields.NO_ACCESS, copy=False, exportable=False
    )
    smtp_password_set = fields.Boolean(
        "Outgoing password set", compute="_compute_passwords_set", compute_sudo=True
    )

    servers_known = fields.Boolean(
        "Servers of the provider",
        compute="_compute_servers_known",
        help="Both servers are the provider's own.",
    )

    @api.depends("provider_id")
    def _compute_auth_method(self):
        for account in self:
            method = account.provider_id.auth_method or account.auth_method
            account.auth_method = method or "password"

    @api.depends("provider_id")
    def _compute_imap(self):
        self._fill_server("imap", 993)

    @api.depends("provider_id")
    def _compute_smtp(self):
        self._fill_server("smtp", 465)

    def _fill_server(self, protocol, default_port):
        host, port, encryption = (f"{protocol}_{name}" for name in ("host", "port", "encryption"))
        for account in self:
            # What the provider doesn't say stays as it was typed.
            for source in (account.provider_id, account):
                if source[host] or source is account:
                    account[host] = source[host]
                    account[port] = source[port] or default_port
                    account[encryption] = source[encryption] or "ssl"
                    break

    @api.depends("email", "provider_id")
    def _compute_logins(self):
        for account in self:
            account.imap_login = account.smtp_login = account.provider_id._login(account.email)

    # Write-only: what is written goes, sealed, into another field (see `write`). One method each: on a
    # form that has only one of them, looking at the other must not empty it.

    def _compute_imap_password(self):
        self.imap_password = False

    def _compute_smtp_password(self):
        self.smtp_password = False

    @api.depends("imap_secret", "smtp_secret")
    def _compute_passwords_set(self):
        for account in self:
            account.imap_password_set = bool(account.imap_secret)
            account.smtp_password_set = bool(account.smtp_secret)

    @api.depends(
        "provider_id",
        "imap_host", "imap_port", "imap_encryption",
        "smtp_host", "smtp_port", "smtp_encryption",
    )  # fmt: skip
    def _compute_servers_known(self):
        for account in self:
            account.servers_known = account.provider_id._is_served_by(account)

    @api.constrains("imap_port", "smtp_port")
    def _check_ports(self):
        for account in self:
            for port in (account.imap_port, account.smtp_port):
                if not 0 < port < 65536:
                    raise ValidationError(
                        self.env._("%s is not a port. Enter a number between 1 and 65535.", port)
                    )

    @api.model
    def _untried(self, vals, sealed):
        """What else to write: where a write changes the connection, the last verdict on it is forgotten.

        :param dict vals: of a write
        :param dict sealed: the secrets that go along with it
        """
        if not sealed and CONNECTION_FIELDS.isdisjoint(vals):
            return {}
        return {name: value for name, value in UNTRIED.items() if name not in vals}

    def _try_soon(self):
        """Whether these accounts work will turn out now, instead of in the next round."""
        tried = Domain("imap_host", "!=", False) & Domain("setting_up", "=", False)
        self.filtered_domain(tried & Domain("next_sync", "=", False))._scan_soon()

    def _reset_connection(self):
        """Forget the last verdict on the connection: these accounts are tried again."""
        self.write(UNTRIED)
