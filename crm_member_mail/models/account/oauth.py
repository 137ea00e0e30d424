import secrets
import time
from contextlib import suppress

from werkzeug.urls import url_encode

from odoo import api, fields, models, release
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL, consteq, hmac
from odoo.tools.urls import urljoin

from ...mailbox.errors import MailboxError, clean_detail
from ...tools.secret_box import KeyUnusable, SecretUnreadable, unseal
from ...workers.transactions import Desk, commit
from .servers import UNTRIED

#: What the fields, parameters and addresses of Odoo's mixins begin with, by sign-in method.
PREFIXES = {"gmail": "google_gmail", "outlook": "microsoft_outlook"}
SERVICES = {"gmail": "Google", "outlook": "Microsoft"}

#: Seconds within which a sign-in has to be finished.
SIGN_IN_SECONDS = 1800


def _token(column):
    """A token's field of one of the mixins, which is kept, sealed, in ``column``."""

    @api.depends(column)
    def compute(accounts):
        for account in accounts:
            account[name] = False
            # Whoever needs the token is told why it can't be read.
            with suppress(SecretUnreadable, KeyUnusable):
                account[name] = account[column] and unseal(account[column], account._salt())

    def inverse(accounts):
        for account in accounts:
            account[column] = account[name] and account._seal(account[name])

    name = column.replace("_sealed", "_token")
    return fields.Char(
        compute=compute, inverse=inverse, groups=fields.NO_ACCESS, copy=False, exportable=False
    )


def _sealed():
    return fields.Char(groups=fields.NO_ACCESS, copy=False, exportable=False)


class MemberMailAccount(models.Model):
    """Signing in with Google or Microsoft, with Odoo's own mixins. What they would store in clear text
    is kept sealed, out of everybody's reach."""

    _inherit = "member.mail.account"
    _email_field = "email"
    # With `openid`, Google says who signed in.
    _SERVICE_SCOPE = (
        "openid https://mail.google.com/ https://www.googleapis.com/auth/userinfo.email"
    )
    _OUTLOOK_SCOPE = (
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send"
    )

    google_gmail_refresh_sealed = _sealed()
    google_gmail_access_sealed = _sealed()
    google_gmail_refresh_token = _token("google_gmail_refresh_sealed")
    google_gmail_access_token = _token("google_gmail_access_sealed")
    google_gmail_access_token_expiration = fields.Integer(groups=fields.NO_ACCESS)
    google_gmail_uri = fields.Char(groups=fields.NO_ACCESS, exportable=False)
    microsoft_outlook_refresh_sealed = _sealed()
    microsoft_outlook_access_sealed = _sealed()
    microsoft_outlook_refresh_token = _token("microsoft_outlook_refresh_sealed")
    microsoft_outlook_access_token = _token("microsoft_outlook_access_sealed")
    microsoft_outlook_access_token_expiration = fields.Integer(groups=fields.NO_ACCESS)
    microsoft_outlook_uri = fields.Char(groups=fields.NO_ACCESS, exportable=False)

    sign_in_nonce = fields.Char(
        "Sign-in that was begun", groups=fields.NO_ACCESS, copy=False, exportable=False
    )
    signed_in = fields.Boolean(
        "Signed in",
        compute="_compute_signed_in",
        compute_sudo=True,
        help="Somebody has signed in to this mailbox with Google or Microsoft.",
    )
    signed_in_as = fields.Char(
        "Signed in as",
        readonly=True,
        copy=False,
        help="Who signed in to this mailbox. For a shared mailbox, that is somebody who may use it.",
    )
    sign_in_problem = fields.Char(
        "Sign-in problem", readonly=True, copy=False, help="Why the last sign-in did not succeed."
    )

    @api.depends("auth_method", *(f"{prefix}_refresh_sealed" for prefix in PREFIXES.values()))
    def _compute_signed_in(self):
        for account in self:
            prefix = PREFIXES.get(account.auth_method)
            account.signed_in = bool(prefix and account[f"{prefix}_refresh_sealed"])

    # -- to the consent page -------------------------------------------------------------------------

    def action_sign_in(self):
        """Send the user to the page of Google or Microsoft where they let Odoo into the mailbox.

        :return: an action that opens it
        :raises UserError: Odoo is not registered there, or the account signs in with a password, or the
            database is not at home
        """
        self.ensure_one()
        self._check_may_sign_in()
        self.env["member.mail.home"]._check()
        account = self.sudo()
        account.sign_in_problem = False
        if account.auth_method == "password":
            raise UserError(
                self.env._(
                    "%s signs in with a password. Choose another sign-in method first.",
                    account.email,
                )
            )
        account._check_registered()
        if account.auth_method == "gmail":
            return self.open_google_gmail_uri()
        return self.open_microsoft_outlook_uri()

    def open_google_gmail_uri(self):
        # The mixins let administrators in only, and to any account.
        self._check_may_sign_in()
        self._begin_sign_in()
        return super(MemberMailAccount, self.sudo()).open_google_gmail_uri()

    def open_microsoft_outlook_uri(self):
        self._check_may_sign_in()
        self._begin_sign_in()
        return super(MemberMailAccount, self.sudo()).open_microsoft_outlook_uri()

    def _check_may_sign_in(self):
        """
        :raises AccessError: unless the user may set up this account and, if it is private, owns it
        """
        self.check_access("write")
        if not self.env.su:
            self._others_private()._check_administered({"auth_method": self.auth_method})

    @api.model
    def _is_registered(self, method):
        """Whether Odoo has a client ID and secret for the service of a sign-in method."""
        parameter = self.env["ir.config_parameter"].sudo().get_param
        prefix = PREFIXES[method]
        return bool(parameter(f"{prefix}_client_id") and parameter(f"{prefix}_client_secret"))

    @api.model
    def _may_ask_consent(self, method):
        """Whether users can sign in by a method: Odoo Enterprise has a registration of its own."""
        return self._is_registered(method) or release.version_info[-1] == "e"

    def _check_registered(self):
        """
        :raises UserError: Odoo can't ask for consent
        """
        if self._may_ask_consent(self.auth_method):
            return
        service = SERVICES[self.auth_method]
        if not self.env.user.has_group("base.group_system"):
            raise UserError(
                self.env._(
                    "Signing in with %(service)s is not set up yet. A system administrator has to "
                    "register Odoo with %(service)s and enter the client ID and secret in the "
                    "general settings.",
                    service=service,
                )
            )
        raise RedirectWarning(
            self.env._(
                "Signing in with %(service)s is not set up yet. Register Odoo with %(service)s, "
                "using the redirect URI %(uri)s, and enter the client ID and secret in the general "
                "settings under Emails: Use Custom Email Servers.",
                service=service,
                uri=self._callback_url(self.auth_method),
            ),
            self.env.ref("base_setup.action_general_configuration").id,
            self.env._("Open general settings"),
        )

    @api.model
    def _callback_url(self, method):
        """The address to which Google or Microsoft sends the user back."""
        return urljoin(self.get_base_url(), f"/{PREFIXES[method]}/confirm")

    @api.depends_context("uid")
    @api.depends("email", "sign_in_nonce")
    def _compute_gmail_uri(self):
        result = super()._compute_gmail_uri()
        for account in self:
            account.google_gmail_uri = account._with_hint(account.google_gmail_uri)
        return result

    @api.depends_context("uid")
    @api.depends("email", "sign_in_nonce")
    def _compute_outlook_uri(self):
        result = super()._compute_outlook_uri()
        for account in self:
            account.microsoft_outlook_uri = account._with_hint(account.microsoft_outlook_uri)
        return result

    def _with_hint(self, uri):
        """The address of a consent page that already names the mailbox."""
        return uri and f"{uri}&{url_encode({'login_hint': self.email or ''})}"

    # What comes back with the user (RFC 6749 section 10.12). The mixins' own token is the same for
    # everybody and for ever. With it, somebody could have another user consent at an address they made
    # up, and get that user's mailbox into their own account.

    def _get_gmail_csrf_token(self):
        return self._sign_in_token("gmail")

    def _get_outlook_csrf_token(self):
        return self._sign_in_token("outlook")

    def _begin_sign_in(self):
        """From now on, the user may sign in to this account, once."""
        end = int(time.time()) + SIGN_IN_SECONDS
        self.sudo().sign_in_nonce = f"{secrets.token_urlsafe(16)}.{end}"

    def _sign_in_token(self, method):
        """What shows that somebody comes back from the sign-in that this user began last for this
        account; '' when there is none, or its time is over."""
        nonce = self.sign_in_nonce or ""
        end = nonce.rpartition(".")[2]
        return self._signed_nonce(method, nonce) if end and int(end) > time.time() else ""

    def _signed_nonce(self, method, nonce):
        about = (method, self.id, self.env.uid, nonce)
        return f"{nonce}.{hmac(self.env(su=True), 'crm_member_mail_sign_in', about)}"

    def _is_over(self, method, token):
        """Whether ``token`` is of a sign-in that this user did begin, and that can't be finished: it
        took too long, was finished before, or another one was begun."""
        nonce = token.rpartition(".")[0]
        is_genuine = token.isascii() and consteq(token, self._signed_nonce(method, nonce))
        return is_genuine and token != self._sign_in_token(method)

    def _end_sign_in(self):
        """The sign-in that was begun is used up.

        :raises MailboxError: somebody else just used it
        """
        nonce = self.sign_in_nonce
        self.flush_recordset(["sign_in_nonce"])
        self.env.cr.execute(
            SQL(
                "UPDATE member_mail_account SET sign_in_nonce = NULL"
                " WHERE id = %s AND sign_in_nonce = %s",
                self.id,
                nonce,
            )
        )
        is_used = not self.env.cr.rowcount
        self.invalidate_recordset(["sign_in_nonce"], flush=False)
        commit(self.env)
        if is_used:
            raise MailboxError("sign_in_over")

    # -- and back -----------------------------------------------------------------------------------

    def _keep_consent(self, method, refresh_token, access_token, expiration, who=False):
        """Store the tokens of a consent; the account is tried again with them.

        :param str who: the address that signed in
        :raises MailboxError: there is no refresh token, so that they would not last
        """
        self.ensure_one()
        if not refresh_token:
            raise MailboxError("sign_in_again", "no refresh token", SERVICES[method])
        prefix = PREFIXES[method]
        vals = UNTRIED | {
            "auth_method": method,
            "sign_in_problem": False,
            "signed_in_as": who,
            f"{prefix}_refresh_token": refresh_token,
            f"{prefix}_access_token": access_token,
            f"{prefix}_access_token_expiration": int(expiration),
            "secret_places": self._with_places(
                [f"{prefix}_refresh_sealed", f"{prefix}_access_sealed"]
            ),
        }
        # The code works once only: no concurrent write may get in its way.
        commit(self.env)
        Desk(self.env, None)._transact(lambda: self.write(vals))
        if self.active and not self.setting_up:
            self._scan_soon()

    def _note_refused_consent(self, words):
        """Note that the user did not consent, or is not allowed to.

        :param str words: the service's, may be empty
        """
        problem = self.env._("You did not finish signing in, so Odoo has no access to the mailbox.")
        words = clean_detail(words)
        self.sign_in_problem = f"{problem}\n{words}" if words else problem

    def _note_failed_sign_in(self, error):
        """
        :param MailboxError error: why it failed
        """
        self.sign_in_problem = error.in_lines(self.env._)

    def _sign_in_origin(self):
        """The page on which signing in began."""
        self.ensure_one()
        if self.setting_up:
            page = "email-setup"
        else:
            page = "email-accounts" if self.sudo(False)._may_share() else "my-email-accounts"
        return f"/odoo/{page}/{self.id}"
