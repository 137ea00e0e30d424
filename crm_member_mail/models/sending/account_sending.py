from odoo import api, fields, models
from odoo.fields import Domain

from ...mailbox.errors import MailboxError
from ...mailbox.mime.addresses import canonical
from ..account.visibility import sendable_accounts
from ..matching.res_partner import split_addresses

#: Odoo's names for our encryptions; certificates are always verified.
ODOO_ENCRYPTIONS = {"ssl": "ssl_strict", "starttls": "starttls_strict", "none": "none"}

#: Bytes of an email that every provider accepts, for servers that don't say how much they accept.
USUAL_MAX_SIZE = 25_000_000


class MemberMailAccount(models.Model):
    """Sending: who may send from a mailbox, as whom, over which server."""

    _inherit = "member.mail.account"

    signature = fields.Html(
        help="Added to emails written from this mailbox. Leave empty to use the sender's "
        "signature.",
    )
    smtp_max_size = fields.Integer(
        "Largest email",
        readonly=True,
        copy=False,
        help="In bytes, as the outgoing server said when it was last tested. 0: it did not say.",
    )
    sending_resumes = fields.Datetime(
        "Sending paused until",
        readonly=True,
        copy=False,
        help="The provider takes no more emails for the moment. Odoo sends the rest then.",
    )
    can_send = fields.Boolean(
        "Can send",
        compute="_compute_can_send",
        search="_search_can_send",
        help="You can send from this mailbox.",
    )
    mail_server_id = fields.Many2one(
        "ir.mail_server",
        "Odoo's outgoing server",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    @api.depends(
        "active", "setting_up", "visibility", "user_id", "team_id", "company_id", "smtp_host"
    )
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_can_send(self):
        allowed = self.sudo().search(Domain("id", "in", self.ids) & sendable_accounts(self.env))
        for account in self:
            account.can_send = account._origin in allowed.sudo(False)

    def _search_can_send(self, operator, value):
        if operator != "in":
            return NotImplemented
        allowed = sendable_accounts(self.env)
        return allowed if True in value else ~allowed

    def _sender_addresses(self):
        """The canonical addresses that may appear in From: list, the account's own one first."""
        self.ensure_one()
        addresses = [self.email, *split_addresses(self.aliases)]
        return list(dict.fromkeys(filter(None, (canonical(a or "") for a in addresses))))

    def _note_max_size(self, size):
        """Store how many bytes an email may have, as the outgoing server says; 0: it does not say."""
        size = min(size, 2**31 - 1)
        if self.smtp_max_size != size:
            self.smtp_max_size = size

    def _sending_warning(self):
        """What whoever writes should know first: that nothing can be sent at present; or ''."""
        self.ensure_one()
        if self.sending_state == "error":
            why = self.sending_message if self._may_mend() else self._whom_to_ask()
            return self.env._("At present nothing can be sent from this mailbox. %s", why or "")
        return ""

    def _sending_pause(self):
        """The MailboxError by which emails of this account wait now; None when they may be sent."""
        self.ensure_one()
        now = fields.Datetime.now()
        if not self.sending_resumes or self.sending_resumes <= now:
            return None
        seconds = (self.sending_resumes - now).total_seconds()
        return MailboxError("sending_limit", retry_after=seconds)

    def _max_size(self):
        """Bytes that an email from this account may have."""
        self.ensure_one()
        return self.smtp_max_size or USUAL_MAX_SIZE

    def _keeps_copies(self):
        """Whether we put a copy of what was sent into the Sent folder, because the provider does
        not."""
        self.ensure_one()
        return bool(self.imap_host) and not self.provider_id.smtp_saves_sent

    def _outgoing_server(self):
        """This account's own `ir.mail_server`, of the superuser, created when first needed; empty
        without an outgoing host. Nothing else in Odoo sends over it."""
        self.ensure_one()
        account = self.sudo()
        if not account.smtp_host:
            return account.mail_server_id.browse()
        values = {
            "name": self.env._("Contact Messages: %s", account.email),
            "smtp_host": account.smtp_host.strip(),
            "smtp_port": account.smtp_port,
            "smtp_encryption": ODOO_ENCRYPTIONS[account.smtp_encryption],
            "smtp_authentication": "login",
            "from_filter": ",".join(account._sender_addresses()),
            "active": True,
            # Last, in case somebody goes through the servers in order.
            "sequence": 1000,
        }
        server = account.mail_server_id.with_context(active_test=False)
        if not server:
            account.mail_server_id = server = server.create(values)
        elif changed := {name: v for name, v in values.items() if server[name] != v}:
            server.write(changed)
        return server
