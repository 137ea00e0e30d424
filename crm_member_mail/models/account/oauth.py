from contextlib import suppress

from werkzeug.urls import url_encode

from odoo import api, fields, models, release
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import hmac
from odoo.tools.urls import urljoin

from ...mailbox.errors import MailboxError, clean_detail
from ...tools.secret_box import KeyUnusable, SecretUnreadable, unseal
from ...workers.transactions import Desk, commit
from .servers import UNTRIED

#: What the fields, parameters and addresses of Odoo's mixins begin with, by sign-in method.
PREFIXES = {"gmail": "google_gmail", "outlook": "microsoft_outlook"}
SERVICES = {"gmail": "Google", "outlook": "Microsoft"}


def _token(column):
    """A token's field of one of the mixins, which is kept, sealed, in ``column``."""

    @api.depends(column)
    def compute(accounts):
        for account in accounts:
            account[name] = False
            # Whoever needs the token is told why it can't be read.
            with suppress(SecretUnreadable, KeyUnusable):
                account[name] = account[column] and unseal(account[column])

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

    signed_in = fields.Boolean(
        "Signed in",
        compute="_compute_signed_in",
        compute_sudo=True,
        help="Somebody has signed in to this mailbox with Google or Microsoft.",
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
        :raises UserError: Odoo is not registered there, or the account signs in with a password
        """
        self.ensure_one()
        self._check_may_sign_in()
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
        return super(MemberMailAccount, self.sudo()).open_google_gmail_uri()

    def open_microsoft_outlook_uri(self):
        self._check_may_sign_in()
        return super(MemberMailAccount, self.sudo()).open_microsoft_outlook_uri()

    def _check_may_sign_in(self):
        """
        :raises AccessError: unless the user may set up this account and, if it is private, owns it
        """
        self.check_access("write")
        if not self.env.su:
            self._others_private()._check_administered({"auth_method": self.auth_method})

    def _is_registered(self):
        """Whether Odoo has a client ID and secret for the service that this account signs in with."""
        parameter = self.env["ir.config_parameter"].sudo().get_param
        prefix = PREFIXES[self.auth_method]
        return bool(parameter(f"{prefix}_client_id") and parameter(f"{prefix}_client_secret"))

    def _check_registered(self):
        """
        :raises UserError: Odoo can't ask for consent
        """
        # Odoo Enterprise signs in through Odoo's own registration.
        if self._is_registered() or release.version_info[-1] == "e":
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
    @api.depends("email")
    def _compute_gmail_uri(self):
        result = super()._compute_gmail_uri()
        for account in self:
            account.google_gmail_uri = account._with_hint(account.google_gmail_uri)
        return result

    @api.depends_context("uid")
    @api.depends("email")
    def _compute_outlook_uri(self):
        result = super()._compute_outlook_uri()
        for account in self:
            account.microsoft_outlook_uri = account._with_hint(account.microsoft_outlook_uri)
        return result

    def _with_hint(self, uri):
        """The address of a consent page that already names the mailbox."""
        return uri and f"{uri}&{url_encode({'login_hint': self.email or ''})}"

    def _get_gmail_csrf_token(self):
        return self._bound_to_user(super()._get_gmail_csrf_token())

    def _get_outlook_csrf_token(self):
        return self._bound_to_user(super()._get_outlook_csrf_token())

    def _bound_to_user(self, token):
        # The mixins' token is the same for everybody. With it, somebody could have another user consent
        # at an address they made up, and get that user's mailbox into their own account.
        return hmac(self.env(su=True), "crm_member_mail_sign_in", (token, self.env.uid))

    # -- and back -----------------------------------------------------------------------------------

    def _redeem_consent(self, method, code):
        """Exchange a consent for tokens, and store them.

        :param str method: gmail or outlook
        :param str code: the authorization code (RFC 6749 section 4.1.2)
        :raises MailboxError: it can't be exchanged
        """
        if method == "gmail":
            tokens = self._fetch_gmail_refresh_token(code)
        else:
            tokens = self._fetch_outlook_refresh_token(code)
        self._keep_consent(method, *tokens)

    def _keep_consent(self, method, refresh_token, access_token, expiration):
        """Store the tokens of a consent; the account is tried again with them.

        :raises MailboxError: there is no refresh token, so that they would not last
        """
        self.ensure_one()
        if not refresh_token:
            raise MailboxError("sign_in_again", "no refresh token", SERVICES[method])
        prefix = PREFIXES[method]
        vals = UNTRIED | {
            "auth_method": method,
            "sign_in_problem": False,
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
            self.env.ref("crm_member_mail.ir_cron_fetch").sudo()._trigger()

    def _note_refused_consent(self, words):
        """Note that the user did not consent, or is not allowed to.

        :param str words: the service's, may be empty
        """
        problem = self.env._("You did not finish signing in, so Odoo has no access to the mailbox.")
        words = clean_detail(words)
        self.sign_in_problem = f"{problem} ({words})" if words else problem

    def _sign_in_origin(self):
        """The page on which signing in began."""
        self.ensure_one()
        if self.setting_up:
            page = "email-setup"
        else:
            page = "email-accounts" if self.sudo(False)._may_share() else "my-email-accounts"
        return f"/odoo/{page}/{self.id}"
