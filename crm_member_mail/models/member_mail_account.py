from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..mailbox.addresses import canonical
from .member_mail_provider import AUTH_METHODS, ENCRYPTIONS

#: Changing one of these makes the last verdict on the connection worthless.
CONNECTION_FIELDS = {
    "email", "auth_method",
    "imap_host", "imap_port", "imap_encryption", "imap_login", "imap_secret",
    "smtp_host", "smtp_port", "smtp_encryption", "smtp_login", "smtp_secret",
}  # fmt: skip

#: The values of an account whose servers have not been tried as they are now.
UNTRIED = {
    "state": "draft", "stopped": False, "error_code": False, "error_count": 0, "next_sync": False,
    "imap_check": False, "smtp_check": False,
}  # fmt: skip


class MemberMailAccount(models.Model):
    """A monitored mailbox: where its servers are, who may see its mail, how it is doing."""

    _name = "member.mail.account"
    _description = "Email Account"
    _order = "name, id"
    _rec_names_search = ["name", "email"]

    name = fields.Char(
        "Display name",
        required=True,
        help="The name that recipients see beside the email address, for example your company's.",
    )
    email = fields.Char(
        "Email address",
        required=True,
        help="The address of this mailbox. Its provider's servers are filled in from it.",
    )
    active = fields.Boolean(
        default=True,
        help="An archived account is neither read nor sent from. Its mail stays filed.",
    )
    company_id = fields.Many2one(
        "res.company",
        "Location",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="The company whose contacts this account's mail is filed for.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        default=lambda self: self.env.user,
        index="btree_not_null",
        help="Who is told when something is wrong with this account.",
    )
    visibility = fields.Selection(
        [
            ("shared", "Everyone in CRM"),
            ("team", "Members of a sales team"),
            ("private", "The owner only"),
        ],
        "Visible to",
        default=lambda self: self._default_visibility(),
        required=True,
        help="Who may see the messages that this account files.",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Sales team",
        help="The team whose members see this account's messages.",
    )
    provider_id = fields.Many2one(
        "member.mail.provider",
        compute="_compute_provider_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        help="Whose servers these are. Picked by the email address; fills in both servers.",
    )
    provider_help = fields.Html(related="provider_id.help", string="About this provider")
    auth_method = fields.Selection(
        AUTH_METHODS,
        "Authentication",
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
        help="Name of the IMAP server, for example imap.example.com.",
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
        help="How the connection is protected. Without encryption the password and all mail can be "
        "read on the way.",
    )
    imap_login = fields.Char(
        "Incoming login",
        compute="_compute_logins",
        store=True,
        readonly=False,
        precompute=True,
        help="User name for the IMAP server, mostly the whole email address.",
    )
    imap_password = fields.Char(
        "Incoming password",
        compute="_compute_passwords",
        readonly=False,
        copy=False,
        exportable=False,
        help="Stored encrypted; nobody can read it again here. Many providers want an app password.",
    )
    imap_secret = fields.Char(groups=fields.NO_ACCESS, copy=False, exportable=False)
    imap_password_set = fields.Boolean(compute="_compute_passwords_set", compute_sudo=True)

    smtp_host = fields.Char(
        "Outgoing host",
        compute="_compute_smtp",
        store=True,
        readonly=False,
        precompute=True,
        help="Name of the SMTP server, for example smtp.example.com.",
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
        help="User name for the SMTP server; empty: the incoming login.",
    )
    smtp_password = fields.Char(
        "Outgoing password",
        compute="_compute_passwords",
        readonly=False,
        copy=False,
        exportable=False,
        help="Stored encrypted; nobody can read it again here. Empty: the incoming password.",
    )
    smtp_secret = fields.Char(groups=fields.NO_ACCESS, copy=False, exportable=False)
    smtp_password_set = fields.Boolean(compute="_compute_passwords_set", compute_sudo=True)
    reply_to = fields.Char(
        "Reply-to", help="Where answers go, when not to the email address itself."
    )

    notify = fields.Boolean(
        "Send notifications",
        help="Announce each new message of a contact by email.",
    )
    notify_email = fields.Char(
        "Notification email address",
        help="Where new messages are announced; empty: the account's own address.",
    )

    history = fields.Selection(
        [
            ("new", "New mail only"),
            ("30", "The last 30 days"),
            ("90", "The last 90 days"),
            ("365", "The last 365 days"),
            ("all", "All mail"),
        ],
        default="30",
        required=True,
        help="How far back the first scan reads.",
    )
    first_scan = fields.Datetime(
        readonly=True, copy=False, help="The history is counted back from this moment."
    )
    folder_ids = fields.One2many(
        "member.mail.folder",
        "account_id",
        "Folders",
        help="The folders of the mailbox. The active ones are read.",
    )
    member_mail_message_ids = fields.Many2many(
        "member.mail.message",
        "member_mail_account_message_rel",
        "account_id",
        "message_id",
        "Messages",
        readonly=True,
        copy=False,
    )
    message_count = fields.Integer("Filed messages", compute="_compute_message_count")
    failure_ids = fields.One2many("member.mail.failure", "account_id")
    failure_count = fields.Integer(compute="_compute_failure_count")

    state = fields.Selection(
        [("draft", "Not tested"), ("connected", "Connected"), ("error", "Problem")],
        "Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        help="How the last connection to the incoming server went.",
    )
    error_count = fields.Integer("Failures in a row", readonly=True, copy=False)
    stopped = fields.Boolean(
        readonly=True,
        copy=False,
        help="The server refused the credentials or the settings can't work: the account is not "
        "read until they are changed or tested with success.",
    )
    imap_check = fields.Char(
        "Incoming server test",
        readonly=True,
        copy=False,
        help="What the last connection test said of the incoming server.",
    )
    smtp_check = fields.Char(
        "Outgoing server test",
        readonly=True,
        copy=False,
        help="What the last connection test said of the outgoing server.",
    )
    last_sync = fields.Datetime(
        "Last scan", readonly=True, copy=False, help="When the mailbox was read to the end last."
    )
    next_sync = fields.Datetime(
        "Next scan",
        readonly=True,
        copy=False,
        help="When the scheduled job reads this mailbox again.",
    )

    @api.depends("email")
    def _compute_provider_id(self):
        for account in self:
            found = self.env["member.mail.provider"]._find_by_email(account.email)
            account.provider_id = found or account.provider_id

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
            # What the provider does not know stays as it was typed.
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

    def _compute_passwords(self):
        # Write-only: whatever is written goes, sealed, into another field (see `write`).
        self.imap_password = self.smtp_password = False

    @api.depends("imap_secret", "smtp_secret")
    def _compute_passwords_set(self):
        for account in self:
            account.imap_password_set = bool(account.imap_secret)
            account.smtp_password_set = bool(account.smtp_secret)

    def _compute_message_count(self):
        counts = dict(
            self.env["member.mail.message"]._read_group(
                [("account_ids", "in", self.ids)], ["account_ids"], ["__count"]
            )
        )
        for account in self:
            account.message_count = counts.get(account._origin, 0)

    def _compute_failure_count(self):
        counts = dict(
            self.env["member.mail.failure"]._read_group(
                [("account_id", "in", self.ids), ("state", "=", "failed")],
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.failure_count = counts.get(account._origin, 0)

    @api.constrains("email", "reply_to", "notify_email")
    def _check_addresses(self):
        for account in self:
            for name in ("email", "reply_to", "notify_email"):
                if account[name] and not canonical(account[name]):
                    raise ValidationError(
                        self.env._(
                            "%(value)s is not an email address. Write it like name@example.com.",
                            value=account[name],
                        )
                    )

    @api.constrains("imap_port", "smtp_port")
    def _check_ports(self):
        for account in self:
            for port in (account.imap_port, account.smtp_port):
                if not 0 < port < 65536:
                    raise ValidationError(
                        self.env._("%s is not a port: it must be between 1 and 65535.", port)
                    )

    @api.model_create_multi
    def create(self, vals_list):
        parts = [self._seal_passwords(vals) for vals in vals_list]
        accounts = super().create([vals for vals, _sealed in parts])
        for account, (_vals, sealed) in zip(accounts, parts, strict=True):
            if sealed:
                account.sudo().write(sealed)
        return accounts

    def write(self, vals):
        vals, sealed = self._seal_passwords(vals)
        if sealed:
            self.check_access("write")
            # The user may set the secret, but has no access to the field that keeps it.
            super(MemberMailAccount, self.sudo()).write(sealed)
        if sealed or not CONNECTION_FIELDS.isdisjoint(vals):
            vals = UNTRIED | vals
        return super().write(vals)

    def _reset_connection(self):
        """Forget the last verdict on the connection: these accounts are tried again."""
        self.write(UNTRIED)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_messages(self):
        for account in self.sudo():
            if account.member_mail_message_ids:
                raise UserError(
                    self.env._(
                        "%(account)s holds %(count)s filed messages. Archive it to stop reading it, "
                        "or delete its messages first.",
                        account=account.display_name,
                        count=len(account.member_mail_message_ids),
                    )
                )

    @api.depends("name", "email")
    def _compute_display_name(self):
        for account in self:
            name, email = account.name, account.email
            account.display_name = f"{name} <{email}>" if name else email

    def action_view_messages(self):
        """Open the messages that this account filed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_member_mail.action_message")
        return action | {
            "domain": [("account_ids", "in", self.ids)],
            "context": {},
            "display_name": self.display_name,
        }
