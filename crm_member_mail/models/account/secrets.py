import logging

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.errors import MailboxError
from ...tools import secret_box

_logger = logging.getLogger(__name__)

#: The columns that hold sealed secrets (`tools/secret_box.py`): all that is resealed when keys
#: rotate. They have `groups=fields.NO_ACCESS`, `copy=False` and `exportable=False`.
SEALED_FIELDS = [
    "imap_secret",
    "smtp_secret",
    "google_gmail_refresh_sealed",
    "google_gmail_access_sealed",
    "microsoft_outlook_refresh_sealed",
    "microsoft_outlook_access_sealed",
]

#: What is written to a password field is stored, sealed, in the field that is named here.
SEALED_IN = {"imap_password": "imap_secret", "smtp_password": "smtp_secret"}


class MemberMailAccount(models.Model):
    """The secrets of an account: written, never read back, kept sealed. Where they may go is in
    `secret_places.py`."""

    _inherit = "member.mail.account"

    # -- sealing ---------------------------------------------------------------------------------

    @api.model
    def _seal_passwords(self, vals):
        """Split `vals` into what is written as it is, and the passwords, sealed."""
        sealed = {
            SEALED_IN[name]: self._seal(vals[name]) if vals[name] else False
            for name in SEALED_IN.keys() & vals.keys()
        }
        return {name: value for name, value in vals.items() if name not in SEALED_IN}, sealed

    @api.model
    def _seal(self, secret):
        """`secret`, sealed. Errors don't quote it."""
        if not isinstance(secret, str):
            raise ValidationError(self.env._("A password must be text."))
        if any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in secret):
            raise ValidationError(
                self.env._(
                    "The password contains a line break or another control character. Type it "
                    "by hand."
                )
            )
        try:
            return secret_box.seal(secret, self._salt(may_settle=True))
        except secret_box.KeyUnusable as error:
            _logger.error("Can't encrypt anything. %s", error)
            raise UserError(
                self.env._(
                    "Odoo can't store the password, because this server has no key to encrypt "
                    "it with. A system administrator can find out more in the server's log."
                )
            ) from None

    def _unsealed(self, name, unreadable="password_unreadable"):
        """What is sealed in the column ``name``.

        :raises MailboxError: with the code ``unreadable`` when no key matches
        """
        try:
            return secret_box.unseal(self[name], self._salt())
        except secret_box.SecretUnreadable as error:
            raise MailboxError(unreadable) from error
        except secret_box.KeyUnusable as error:
            _logger.error("Can't read stored secrets. %s", error)
            raise MailboxError("key_unusable") from None

    @api.model
    def _salt(self, may_settle=False):
        """What makes the keys of this database its own."""
        return self.env["member.mail.home"].sudo()._salt(may_settle)

    # -- keys ------------------------------------------------------------------------------------

    @api.model
    def _reseal_secrets(self):
        """Seal again, with the first key, what is sealed with another of our keys, or in a former way.

        :return: dict of ``fresh`` (number of secrets already sealed with the first key), ``resealed``,
            and ``unreadable`` (accounts with a secret that no key matches)
        :raises UserError: when there is no key to work with
        """
        accounts = self.sudo().with_context(active_test=False)
        accounts = accounts.search(Domain.OR(Domain(name, "!=", False) for name in SEALED_FIELDS))
        fresh, resealed, unreadable = 0, 0, self.browse()
        salt = self._salt(may_settle=True)
        try:
            for name in SEALED_FIELDS:
                changed = []
                for account in accounts.filtered(name):
                    old = account[name]
                    try:
                        is_old = secret_box.needs_reseal(old, salt)
                        new = secret_box.reseal(old, salt) if is_old else None
                    except secret_box.SecretUnreadable:
                        unreadable |= account
                    else:
                        changed += [(account.id, old, new)] if new else []
                        fresh += not new
                resealed += self._replace_sealed(name, changed)
        except secret_box.KeyUnusable as error:
            raise UserError(str(error)) from None
        return {"fresh": fresh, "resealed": resealed, "unreadable": unreadable}

    @api.model
    def _replace_sealed(self, name, changed):
        """Replace the content of a sealed column where nobody changed it meanwhile: a token may have
        been renewed.

        :param changed: tuples of account id, old and new content
        :return: in how many accounts
        """
        if not changed:
            return 0
        self.flush_model([name])
        ids, old, new = (list(column) for column in zip(*changed, strict=True))
        self.env.cr.execute(
            SQL(
                """
                UPDATE member_mail_account a
                   SET %(column)s = c.new
                  FROM unnest(%(ids)s::int[], %(old)s::varchar[], %(new)s::varchar[])
                       AS c(id, old, new)
                 WHERE a.id = c.id AND a.%(column)s = c.old
                """,
                column=SQL.identifier(name),
                ids=ids,
                old=old,
                new=new,
            )
        )
        count = self.env.cr.rowcount
        self.browse(ids).invalidate_recordset([name], flush=False)
        return count

    @api.model
    def _resume_readable(self):
        """Resume those accounts whose secrets could not be decrypted and now can, because their key was
        put back."""
        unreadable = ["password_unreadable", "token_unreadable"]
        for account in self.search([("stopped", "=", True), ("error_code", "in", unreadable)]):
            try:
                for name in filter(account.__getitem__, SEALED_FIELDS):
                    account._unsealed(name)
            except MailboxError:
                continue
            account._reset_connection()
