from odoo import api, fields, models
from odoo.exceptions import UserError

from ..mailbox.addresses import canonical
from ..mailbox.errors import MailboxError
from ..mailbox.smtp import SmtpSession


class IrMailServer(models.Model):
    """The outgoing servers of email accounts: only what is sent for an account goes over its server,
    with the account's own login."""

    _inherit = "ir.mail_server"

    member_mail_account_id = fields.Many2one(
        "member.mail.account",
        "Email account",
        index="btree_not_null",
        readonly=True,
        ondelete="cascade",
        help="The email account that this is the outgoing server of. It is set up there.",
    )

    def _connect__(self, *args, mail_server_id=None, smtp_from=None, **options):
        server = self.sudo().browse(mail_server_id or ())
        if not server.member_mail_account_id or self._disable_send():
            return super()._connect__(
                *args, mail_server_id=mail_server_id, smtp_from=smtp_from, **options
            )
        self._check_forced_mail_server(server, options.get("allow_archived", False), smtp_from)
        account = server.member_mail_account_id
        if smtp_from and canonical(smtp_from) not in account._sender_addresses():
            raise UserError(
                self.env._(
                    "%(account)s does not send as %(address)s.",
                    account=account.email,
                    address=smtp_from,
                )
            )
        try:
            session = SmtpSession.open(account._server_settings("smtp"))
        except MailboxError as error:
            raise UserError(str(error)) from error
        client = session.client
        # What Odoo's own connections have, too (base/models/ir_mail_server.py).
        client.from_filter, client.smtp_from = server.from_filter, smtp_from
        return client

    @api.model
    def _find_mail_server(self, email_from, mail_servers=None):
        if mail_servers is not None:
            mail_servers = mail_servers.filtered(lambda server: not server.member_mail_account_id)
        return super()._find_mail_server(email_from, mail_servers)

    def _find_mail_server_allowed_domain(self):
        return super()._find_mail_server_allowed_domain() & fields.Domain(
            "member_mail_account_id", "=", False
        )
