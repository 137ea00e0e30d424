import contextlib
import time

from odoo import models, modules, release
from odoo.tools import SQL
from odoo.tools.urls import urljoin

from odoo.addons.google_gmail.models.google_gmail_mixin import GMAIL_TOKEN_VALIDITY_THRESHOLD

from ...mailbox.errors import MailboxError
from ...mailbox.net import tokens
from ...mailbox.net.tokens import TokenRequest
from ...workers.record_locks import RecordLocks
from ...workers.transactions import Desk, commit
from .oauth import PREFIXES, SERVICES
from .server_rules import allow_private_hosts

#: Seconds that an access token has to remain valid to last a scan; otherwise it is renewed.
ENOUGH = 300

#: Seconds to wait for another process that renews the same token.
PATIENCE = 2.0


class MemberMailAccount(models.Model):
    """Access tokens in use: renewed in advance, by one process at a time, and stored before use."""

    _inherit = "member.mail.account"

    def _token_secret(self, login, refused=None):
        """What signs in to this account's servers with an access token that lasts for a while. Asks the
        sign-in service if need be: not for the writer of :mod:`...workers.one_writer`, which has
        :mod:`.sign_ins` for that.

        :param str login: name of the user
        :param str refused: what a server refused, so that another token is used
        :return: the SASL string (:mod:`..mailbox.xoauth2`)
        :raises MailboxError:
        """
        self.ensure_one()
        if secret := self._ready_secret(login, refused):
            return secret
        try:
            with self._alone_with_tokens() as account:
                return account._renewed_secret(login, refused)
        except MailboxError as error:
            return self._last_secret(login, refused, error)
        finally:
            self.invalidate_recordset(_token_fields(PREFIXES[self.auth_method]))

    def _ready_secret(self, login, refused=None):
        """What signs in with the stored access token; None if it has to be renewed first.

        :raises MailboxError: nobody has signed in, or what was stored can't be read
        """
        prefix = PREFIXES[self.auth_method]
        self.invalidate_recordset(_token_fields(prefix))
        if not self[f"{prefix}_refresh_sealed"]:
            raise MailboxError("not_signed_in", host=SERVICES[self.auth_method])
        self._unsealed(f"{prefix}_refresh_sealed", "token_unreadable")
        secret = self._stored_secret(login)
        return secret if secret != refused else None

    def _last_secret(self, login, refused, error):
        """The token that was to be renewed in advance, if it will still do this time.

        :param MailboxError error: why it could not be renewed; raised if it won't do
        """
        secret = self._stored_secret(login, GMAIL_TOKEN_VALIDITY_THRESHOLD)
        if error.kind == "transient" and secret and secret != refused:
            return secret
        raise error

    def _stored_secret(self, login, seconds=ENOUGH):
        """What signs in with the stored access token; None unless it is valid for so many seconds."""
        prefix = PREFIXES[self.auth_method]
        end = self[f"{prefix}_access_token_expiration"]
        if not self[f"{prefix}_access_token"] or end - seconds < time.time():
            return None
        return self._sasl_string(login)

    def _sasl_string(self, login):
        # Not by the mixins, which ask the service when they find that the token is about to end.
        token = self[f"{PREFIXES[self.auth_method]}_access_token"]
        return f"user={login}\1auth=Bearer {token}\1\1"

    # -- renewing --------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _alone_with_tokens(self):
        """The account in a transaction of its own, while no other process renews its tokens.

        What is renewed there is kept, whatever happens to the caller's transaction: some services
        accept each refresh token only once.

        :raises MailboxError: the lock is not free in time
        """
        if modules.module.current_test:
            # An Odoo test holds the transaction, and no other one sees its records.
            yield self
            self.env.flush_all()
            return
        registry = self.env.registry
        with (
            RecordLocks(registry, "member.mail.account token") as locks,
            registry.cursor() as cr,
        ):
            end = time.monotonic() + PATIENCE
            while not (locks.acquire(self) and self._is_writable(cr)):
                if time.monotonic() > end:
                    raise MailboxError("unavailable", SERVICES[self.auth_method])
                time.sleep(0.05)
            yield self.with_env(self.env(cr=cr))

    def _is_writable(self, cr):
        """Whether no transaction, the caller's included, is about to change the account."""
        cr.execute(
            SQL(
                "SELECT 1 FROM member_mail_account WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED",
                self.id,
            )
        )
        found = cr.fetchone()
        cr.rollback()  # no lock is held while the service is asked
        return bool(found)

    def _renewed_secret(self, login, refused):
        """As `_token_secret`; asks the service, unless another process just did."""
        secret = self._stored_secret(login)
        if secret and secret != refused:
            return secret
        request = self._renewal()
        found = tokens.fetch(request)
        commit(self.env)
        Desk(self.env, None)._transact(lambda: self._keep_renewed(request, found))
        return self._sasl_string(login)

    def _keep_renewed(self, request, found):
        """Store renewed tokens, unless somebody has signed in since the request was made, perhaps to
        another mailbox: that sign-in counts."""
        prefix = PREFIXES[self.auth_method]
        self.invalidate_recordset(_token_fields(prefix))
        used = request.form["refresh_token"]
        if self[f"{prefix}_refresh_token"] == used:
            self.write(
                {
                    f"{prefix}_refresh_token": found.refresh or used,
                    f"{prefix}_access_token": found.access,
                    f"{prefix}_access_token_expiration": int(time.time()) + found.lifetime,
                }
            )

    # -- what Google and Microsoft are asked, as the mixins do, but telling apart what can go wrong ----

    def _fetch_all_tokens(self, method, refresh_token):
        """New tokens for a refresh token.

        :return: refresh token, access token, ID token or '', when the access token ends
        :raises MailboxError:
        """
        found = tokens.fetch(self._renewal(method, refresh_token))
        end = int(time.time()) + found.lifetime
        return found.refresh or refresh_token, found.access, found.id, end

    def _renewal(self, method=None, refresh_token=None):
        """The TokenRequest for new tokens.

        :param str method: gmail or outlook; the account's own by default
        :param str refresh_token: the account's own by default
        :raises MailboxError: Odoo is not registered with the service, or the database is not at home: a
            token that a copy renews may lock out the original
        """
        self.env["member.mail.home"]._check_settings()
        method = method or self.auth_method
        values = {"refresh_token": refresh_token or self[f"{PREFIXES[method]}_refresh_token"]}
        if self._is_registered(method):
            return self._token_request(method, "refresh_token", values)
        if release.version_info[-1] != "e":
            # Odoo's service does not know this token.
            raise MailboxError("oauth_client", "none is set", SERVICES[method])
        parameter = self.env["ir.config_parameter"].sudo().get_param
        if method == "gmail":
            endpoint = self.env["google.gmail.mixin"]._DEFAULT_GMAIL_IAP_ENDPOINT
        else:
            endpoint = self.env["microsoft.outlook.mixin"]._DEFAULT_OUTLOOK_IAP_ENDPOINT
        endpoint = parameter(f"mail.server.{method}.iap.endpoint", endpoint)
        return TokenRequest(
            SERVICES[method],
            urljoin(endpoint, f"/api/mail_oauth/1/{method}_access_token"),
            values | {"db_uuid": parameter("database.uuid")},
            is_relayed=True,
            allow_private=allow_private_hosts(self.env),
        )

    def _token_request(self, method, grant_type, values):
        """A TokenRequest to the token endpoint of a service (RFC 6749 section 3.2).

        :raises MailboxError: the database is not at home
        """
        self.env["member.mail.home"]._check_settings()
        prefix = PREFIXES[method]
        parameter = self.env["ir.config_parameter"].sudo().get_param
        form = {
            "client_id": parameter(f"{prefix}_client_id"),
            "client_secret": parameter(f"{prefix}_client_secret"),
            "redirect_uri": self._callback_url(method),
            "grant_type": grant_type,
        }
        if method == "gmail":
            url = "https://oauth2.googleapis.com/token"
        else:
            url = urljoin(self._get_microsoft_endpoint(), "token")
            scope = "openid email offline_access https://outlook.office.com/User.read"
            form["scope"] = f"{scope} {self._OUTLOOK_SCOPE}"
        private = allow_private_hosts(self.env)
        return TokenRequest(SERVICES[method], url, form | values, allow_private=private)

    # What the mixins' own methods ask, such as for the first tokens after a consent.

    def _fetch_gmail_token(self, grant_type, **values):
        return self._answer_for_mixin("gmail", grant_type, values)

    def _fetch_outlook_token(self, grant_type, **values):
        return self._answer_for_mixin("outlook", grant_type, values)

    def _answer_for_mixin(self, method, grant_type, values):
        """A dict with the keys that the mixins look for.

        :raises MailboxError: sign_in_again, oauth_client or sign_in_unavailable
        """
        found = tokens.fetch(self._token_request(method, grant_type, values))
        return {
            "access_token": found.access,
            "refresh_token": found.refresh or values.get("refresh_token"),
            "id_token": found.id,
            "expires_in": found.lifetime,
        }


def _token_fields(prefix):
    return [
        f"{prefix}_{name}"
        for name in (
            "refresh_sealed", "access_sealed", "refresh_token", "access_token",
            "access_token_expiration",
        )
    ]  # fmt: skip
