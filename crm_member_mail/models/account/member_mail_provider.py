from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .server_rules import comparable_host

ENCRYPTIONS = [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None")]
AUTH_METHODS = [
    ("password", "Password"),
    ("gmail", "Sign in with Google"),
    ("outlook", "Sign in with Microsoft"),
]


class MemberMailProvider(models.Model):
    """The settings of an email provider, to fill in an account from its email address."""

    _name = "member.mail.provider"
    _description = "Email Provider"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Technical name of the provider, without spaces.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    domains = fields.Text(
        help="The domains of this provider's addresses, one per line. An account whose address "
        "is in one of them gets these settings.",
    )
    mx_domains = fields.Text(
        "Mail exchangers",
        help="The names of this provider's mail exchangers (MX), or the domains they are in, "
        "one per line. Odoo uses them to recognize the provider of addresses with their own "
        "domain.",
    )
    imap_host = fields.Char("Incoming host", help="Name of the IMAP server.")
    imap_port = fields.Integer("Incoming port", default=993)
    imap_encryption = fields.Selection(
        ENCRYPTIONS, "Incoming encryption", default="ssl", required=True
    )
    smtp_host = fields.Char("Outgoing host", help="Name of the SMTP server.")
    smtp_port = fields.Integer("Outgoing port", default=465)
    smtp_encryption = fields.Selection(
        ENCRYPTIONS, "Outgoing encryption", default="ssl", required=True
    )
    auth_method = fields.Selection(
        AUTH_METHODS,
        "Sign-in method",
        default="password",
        required=True,
        help="How accounts of this provider sign in unless the account says otherwise.",
    )
    allow_password = fields.Boolean(
        "Password sign-in",
        default=True,
        help="Accounts of this provider can sign in with a password, or with an app password.",
    )
    allow_gmail = fields.Boolean(
        "Google sign-in", help="Accounts of this provider can sign in with Google (OAuth)."
    )
    allow_outlook = fields.Boolean(
        "Microsoft sign-in", help="Accounts of this provider can sign in with Microsoft (OAuth)."
    )
    local_login = fields.Boolean(
        "Login without domain",
        help="The login is the part of the address before the @.",
    )
    smtp_saves_sent = fields.Boolean(
        "Saves sent emails",
        help="The provider puts a copy of each email sent over SMTP into the Sent folder.",
    )
    minute_limit = fields.Integer(
        "Emails a minute",
        help="As many as the provider lets a mailbox send. One email each to many keeps to it. 0: it "
        "doesn't say.",
    )
    hour_limit = fields.Integer("Emails an hour", help="0: the provider doesn't say.")
    day_limit = fields.Integer("Emails a day", help="0: the provider doesn't say.")
    own_domain_day_limit = fields.Integer(
        "Emails a day, own domain",
        help="For addresses in other domains than those listed here. 0: as many as the others.",
    )
    delete_via_trash = fields.Boolean(
        "Delete through the trash",
        help="Odoo deletes emails by moving them to the trash folder, because this provider "
        "archives what is deleted any other way.",
    )
    authserv_ids = fields.Char(
        "Servers that verify senders",
        help="The names that this provider's servers put into the header "
        "Authentication-Results, separated by commas. A domain stands for all servers in it.",
    )
    help = fields.Html(
        translate=True,
        help="Advice shown on accounts of this provider.",
    )

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another provider already has this technical name."
    )

    @api.constrains("imap_port", "smtp_port")
    def _check_ports(self):
        for provider in self:
            for port in (provider.imap_port, provider.smtp_port):
                if port and not 0 < port < 65536:
                    raise ValidationError(
                        self.env._("%s is not a port. Enter a number between 1 and 65535.", port)
                    )

    @api.constrains("auth_method", "allow_password", "allow_gmail", "allow_outlook")
    def _check_auth_method(self):
        for provider in self:
            if not provider[f"allow_{provider.auth_method}"]:
                raise ValidationError(
                    self.env._(
                        "%(provider)s uses a sign-in method that it doesn't allow. Choose one "
                        "of the methods that are ticked.",
                        provider=provider.display_name,
                    )
                )

    @api.model
    def _find_by_email(self, email):
        """The provider whose domains hold the domain of ``email``, or an empty recordset."""
        domain = (email or "").rpartition("@")[2].strip().lower()
        if not domain:
            return self.browse()
        return self.search([("domains", "!=", False)]).filtered(
            lambda provider: domain in provider.domains.lower().split()
        )[:1]

    @api.model
    def _find_by_exchangers(self, names):
        """The provider that receives a domain's email, or an empty recordset.

        :param names: names of mail exchangers, the preferred one first; the first known one decides
        """
        providers = {
            domain: provider
            for provider in self.search([("mx_domains", "!=", False)])
            for domain in provider.mx_domains.lower().split()
        }
        for name in names:
            labels = name.lower().removesuffix(".").split(".")
            # The longest first: what is below a provider's domain may belong to another provider.
            for start in range(len(labels)):
                if found := providers.get(".".join(labels[start:])):
                    return found
        return self.browse()

    @api.model
    def _find_by_hosts(self, imap_host, smtp_host):
        """The provider whose own these servers are, or an empty recordset.

        :param smtp_host: or None when only the incoming server is known
        """
        return self.search([("imap_host", "!=", False)]).filtered(
            lambda provider: (
                _same_host(provider.imap_host, imap_host)
                and (not smtp_host or _same_host(provider.smtp_host, smtp_host))
            )
        )[:1]

    def _is_served_by(self, account):
        """Whether both servers of an account are this provider's, reached as the provider says."""
        return bool(self) and all(
            _same_host(self[f"{protocol}_host"], account[f"{protocol}_host"])
            and self[f"{protocol}_port"] == account[f"{protocol}_port"]
            and self[f"{protocol}_encryption"] == account[f"{protocol}_encryption"]
            for protocol in ("imap", "smtp")
        )

    def _login(self, email):
        """The login for an address: all of it, unless the provider says otherwise."""
        email = (email or "").strip()
        if self.local_login and "@" in email:
            return email.rpartition("@")[0]
        return email


def _same_host(one, other):
    one, other = comparable_host(one), comparable_host(other)
    return one == other
