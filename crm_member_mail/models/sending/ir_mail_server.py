from odoo import api, fields, models
from odoo.exceptions import UserError

from ...mailbox.errors import MailboxError
from ...mailbox.mime.addresses import canonical
from ...mailbox.smtp.session import SmtpSession


class IrMailServer(models.Model):
    """The outgoing servers of email accounts: only what is sent for an account goes over its server,
    with the account's own login."""

    _inherit = "ir.mail_server"

    # The column is in the accounts' table: one of ours in Odoo's table would tie it to nearly all
    # tables.
    member_mail_account_ids = fields.One2many(
        "member.mail.account",
        "mail_server_id",
        "Email account",
        readonly=True,
        context={"active_test": False},
        groups="base.group_system",
        help="The email account that uses this server. Its settings are in that account.",
    )

    def _connect__(self, *args, mail_server_id=None, smtp_from=None, **options):
        server = self.sudo().browse(mail_server_id or ())
        account = server.member_mail_account_ids
        if not account or self._disable_send():
            return super()._connect__(
                *args, mail_server_id=mail_server_id, smtp_from=smtp_from, **options
            )
        self._check_forced_mail_server(server, options.get("allow_archived", False), smtp_from)
        if smtp_from and canonical(smtp_from) not in account._sender_addresses():
            raise UserError(
                self.env._(
                    "%(account)s can't send as %(address)s.",
                    account=account.email,
                    address=smtp_from,
                )
            )
        try:
            session = SmtpSession.open(account._server_settings("smtp"))
        except MailboxError as error:
            account._note_attempt(error)
            raise UserError(error.in_words(self.env._)) from error
        account._note_attempt(None)
        client = session.client
        # What Odoo's own connections have, too (base/models/ir_mail_server.py).
        client.from_filter, client.smtp_from = server.from_filter, smtp_from
        return client

    @api.model
    def _find_mail_server(self, email_from, mail_servers=None):
        if mail_servers is not None:
            mail_servers = mail_servers.filtered(lambda s: not s.sudo().member_mail_account_ids)
        return super()._find_mail_server(email_from, mail_servers)

    def _find_mail_server_allowed_domain(self):
        return super()._find_mail_server_allowed_domain() & fields.Domain(
            "member_mail_account_ids", "=", False
        )
