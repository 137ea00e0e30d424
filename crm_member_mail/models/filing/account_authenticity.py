import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...mailbox.mime.authenticity import is_public_suffix

_ID = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


class MemberMailAccount(models.Model):
    """Which servers' word about the senders of emails counts for a mailbox."""

    _inherit = "member.mail.account"

    authserv_ids = fields.Char(
        "Servers that verify senders",
        compute="_compute_authserv_ids",
        store=True,
        readonly=False,
        precompute=True,
        help="The names that this mailbox's own mail servers put into the header "
        "Authentication-Results when they verify a sender, separated by commas. A domain stands "
        "for all servers in it. Leave empty for the servers of the organization that delivers the "
        "mail.",
    )

    @api.depends("provider_id")
    def _compute_authserv_ids(self):
        for account in self:
            provider = account.provider_id
            account.authserv_ids = provider.authserv_ids if provider else account.authserv_ids

    @api.constrains("authserv_ids")
    def _check_authserv_ids(self):
        for account in self:
            for name in account._trusted_authserv_ids():
                # A name without a dot is only taken as a name; `com` would be a domain.
                if not _ID.fullmatch(name) or ("." in name and is_public_suffix(name)):
                    raise ValidationError(
                        self.env._(
                            "%(name)s is not the name of a mail server. Enter it as it appears in "
                            "the header Authentication-Results, for example mx.example.com.",
                            name=name,
                        )
                    )

    def _trusted_authserv_ids(self):
        """The names, in lower case, whose verdicts `mailbox.mime.authenticity.verdict` believes: set of
        str."""
        return set((self.authserv_ids or "").lower().replace(",", " ").split())
