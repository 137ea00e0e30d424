import logging

from odoo import api, fields, models
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
    """The secrets of an account: written, never read back, kept sealed, and sent only to the server
    they were entered for."""

    _inherit = "member.mail.account"

    smtp_password_wanted = fields.Boolean(
        "Outgoing password missing",
        readonly=True,
        copy=False,
        help="Somebody changed the outgoing server without entering a password. Odoo doesn't send "
        "the incoming password there.",
    )
    imap_password_again = fields.Boolean(
        "Enter incoming password again", compute="_compute_password_again", compute_sudo=True
    )
    smtp_password_again = fields.Boolean(
        "Enter outgoing password again", compute="_compute_password_again", compute_sudo=True
    )

    # -- where secrets go ------------------------------------------------------------------------

    def _places_of_secrets(self):
        """Where the secrets of each of these accounts go: dict of account, of the superuser, to what
        `_goes_to` returns. Empty for the superuser, who is exempt."""
        return {} if self.env.su else {account: account._goes_to() for account in self.sudo()}

    @api.model
    def _drop_secrets(self, before, sealed):
        """Forget the secrets that would now go where they did not go before.

        :param dict before: what `_places_of_secrets` returned before the write
        :param dict sealed: the secrets that were entered with it
        """
        entered = {column for column in SEALED_IN.values() if sealed.get(column)}
        for account, places in before.items():
            if lost := account._lost_secrets(places, entered):
                account.write(lost)

    def _goes_to(self, entered=()):
        """Where each secret goes when it is used.

        :param entered: the columns of the secrets that are about to be written
        :return: dict of the column to the places, a set of pairs of the server's name and whether the
            connection can be read on the way
        """
        self.ensure_one()
        imap, smtp = ({self._place(protocol)} for protocol in ("imap", "smtp"))
        places = dict.fromkeys(SEALED_FIELDS, imap | smtp) | {"smtp_secret": smtp}
        if self.smtp_secret or "smtp_secret" in entered or self.smtp_password_wanted:
            places["imap_secret"] = imap
        return {name: {place for place in places[name] if place[0]} for name in places}

    def _place(self, protocol):
        host = (self[f"{protocol}_host"] or "").strip().rstrip(".").lower()
        return host, self[f"{protocol}_encryption"] == "none"

    def _lost_secrets(self, before, entered):
        """What to write so that no secret goes where it did not go before.

        Otherwise whoever may set up an account could have a server of their own told the password that
        somebody entered for another one. Only what they enter themselves goes there.

        :param dict before: what `_goes_to` returned
        :param entered: the columns of the secrets that are entered along with the change
        """
        self.ensure_one()
        vals = {}
        for name, places in self._goes_to(entered).items():
            new = {place for place in places if not _is_known(place, before[name])}
            if not self[name] or not new or name in entered:
                continue
            if name == "imap_secret" and self._place("imap") not in new:
                vals["smtp_password_wanted"] = True
            else:
                vals[name] = False
        return vals

    @api.depends(
        "imap_host", "imap_encryption", "imap_password", "imap_secret",
        "smtp_host", "smtp_encryption", "smtp_password", "smtp_secret", "smtp_password_wanted",
    )  # fmt: skip
    def _compute_password_again(self):
        for account in self:
            lost, entered = {}, {SEALED_IN[name] for name in SEALED_IN if account[name]}
            if account._origin:
                lost = account._lost_secrets(account._origin._goes_to(), entered)
            wanted = account.smtp_password_wanted and not account.smtp_secret and not entered
            account.imap_password_again = "imap_secret" in lost
            account.smtp_password_again = (
                wanted or "smtp_secret" in lost or "smtp_password_wanted" in lost
            )

    # -- sealing ---------------------------------------------------------------------------------

    @api.model
    def _seal_passwords(self, vals):
        """Split `vals` into what is written as it is, and the passwords, sealed."""
        sealed = {
            SEALED_IN[name]: self._seal(vals[name]) if vals[name] else False
            for name in SEALED_IN.keys() & vals.keys()
        }
        if any(sealed.values()):
            sealed["smtp_password_wanted"] = False
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
            return secret_box.seal(secret)
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
            return secret_box.unseal(self[name])
        except secret_box.SecretUnreadable as error:
            raise MailboxError(unreadable) from error
        except secret_box.KeyUnusable as error:
            _logger.error("Can't read stored secrets. %s", error)
            raise MailboxError("key_unusable") from None

    # -- keys ------------------------------------------------------------------------------------

    @api.model
    def _reseal_secrets(self):
        """Seal again, with the first key, what is sealed with another one of our keys.

        :return: dict of ``fresh`` (number of secrets already sealed with the first key), ``resealed``,
            and ``unreadable`` (accounts with a secret that no key matches)
        :raises UserError: when there is no key to work with
        """
        accounts = self.sudo().with_context(active_test=False)
        accounts = accounts.search(Domain.OR(Domain(name, "!=", False) for name in SEALED_FIELDS))
        fresh, resealed, unreadable = 0, 0, self.browse()
        try:
            for name in SEALED_FIELDS:
                changed = []
                for account in accounts.filtered(name):
                    old = account[name]
                    try:
                        new = secret_box.reseal(old) if secret_box.needs_reseal(old) else None
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


def _is_known(place, known):
    """Whether a secret that goes to the ``known`` places may go to this one: the same server, over a
    connection that is at least as well protected."""
    host, in_clear = place
    return place in known or (not in_clear and (host, True) in known)
