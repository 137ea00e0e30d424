import logging

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from ..tools import secret_box

_logger = logging.getLogger(__name__)

#: The columns that hold sealed secrets (`tools/secret_box.py`): all that is sealed anew when keys
#: rotate. They have `groups=fields.NO_ACCESS`, `copy=False` and `exportable=False`.
SEALED_FIELDS = [
    "imap_secret",
    "smtp_secret",
]

#: What is written to a password field goes, sealed, into the field that is named here.
SEALED_IN = {"imap_password": "imap_secret", "smtp_password": "smtp_secret"}


class MemberMailAccount(models.Model):
    """The secrets of an account: written, never read back, and kept sealed."""

    _inherit = "member.mail.account"

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
        return super().write(vals)

    @api.model
    def _seal_passwords(self, vals):
        """Split `vals` in what is written as it is, and the passwords, sealed."""
        sealed = {
            SEALED_IN[name]: self._seal(vals[name]) if vals[name] else False
            for name in SEALED_IN.keys() & vals.keys()
        }
        return {name: value for name, value in vals.items() if name not in SEALED_IN}, sealed

    @api.model
    def _seal(self, secret):
        """`secret`, sealed. Errors say nothing of it."""
        if not isinstance(secret, str):
            raise ValidationError(self.env._("A password must be text."))
        if any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in secret):
            raise ValidationError(
                self.env._(
                    "The password holds a line break or another control character: type it by hand."
                )
            )
        try:
            return secret_box.seal(secret)
        except secret_box.KeyUnusable as error:
            _logger.error("Nothing can be encrypted. %s", error)
            raise UserError(
                self.env._(
                    "The password can't be stored, because this server has no key to encrypt it "
                    "with. A system administrator finds what to do in the server's log."
                )
            ) from None
