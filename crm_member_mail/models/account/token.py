import contextlib
import time

import requests

from odoo import models, modules, release
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.urls import urljoin

from odoo.addons.google_gmail.models.google_gmail_mixin import GMAIL_TOKEN_VALIDITY_THRESHOLD

from ...mailbox.errors import MailboxError
from ...mailbox.net.xoauth2 import token_error
from ...workers.record_locks import RecordLocks
from ...workers.transactions import Desk, commit
from .oauth import PREFIXES, SERVICES

#: Seconds that the sign-in service may take to answer.
TOKEN_TIMEOUT = 5

#: Seconds that an access token has to remain valid to last a scan; otherwise it is renewed.
ENOUGH = 300

#: Seconds to wait for another process that renews the same token.
PATIENCE = 2.0


class MemberMailAccount(models.Model):
    """Access tokens in use: renewed in advance, by one process at a time, and stored before use."""

    _inherit = "member.mail.account"

    def _token_secret(self, login, refused=None, outages=None):
        """What signs in to this account's servers with an access token that lasts for a while.

        :param str login: name of the user
        :param str refused: what a server refused, so that another token is used
        :param dict outages: MailboxError by sign-in method, of services that are down: they are not
            asked again, and new outages are added
        :return: the SASL string (:mod:`..mailbox.xoauth2`)
        :raises MailboxError:
        """
        self.ensure_one()
        outages = {} if outages is None else outages
        prefix = PREFIXES[self.auth_method]
        if not self[f"{prefix}_refresh_sealed"]:
            raise MailboxError("not_signed_in", host=SERVICES[self.auth_method])
        self._unsealed(f"{prefix}_refresh_sealed", "token_unreadable")
        secret = self._stored_secret(login)
        if secret and secret != refused:
            return secret
        try:
            if error := outages.get(self.auth_method):
                raise error
            with self._alone_with_tokens() as account:
                return account._renewed_secret(login, refused)
        except MailboxError as error:
            if error.code == "sign_in_unavailable":
                outages[self.auth_method] = error
            # It was to be renewed in advance: it will still do this time.
            secret = self._stored_secret(login, GMAIL_TOKEN_VALIDITY_THRESHOLD)
            if error.kind == "transient" and secret and secret != refused:
                return secret
            raise
        finally:
            self.invalidate_recordset(_token_fields(prefix))

    def _stored_secret(self, login, seconds=ENOUGH):
        """What signs in with the stored access token; None unless it is valid for so many seconds."""
        prefix = PREFIXES[self.auth_method]
        end = self[f"{prefix}_access_token_expiration"]
        if not self[f"{prefix}_access_token"] or end - seconds < time.time():
            return None
        return self._sasl_string(login)

    def _sasl_string(self, login):
        if self.auth_method == "gmail":
            return self._generate_oauth2_string(login, self.google_gmail_refresh_token)
        return self._generate_outlook_oauth2_string(login)

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
        prefix = PREFIXES[self.auth_method]
        used = self[f"{prefix}_refresh_token"]
        tokens = self._fetch_tokens()
        commit(self.env)

        def keep():
            self.invalidate_recordset(_token_fields(prefix))
            # Somebody may have signed in meanwhile, perhaps to another mailbox: that sign-in counts.
            if self[f"{prefix}_refresh_token"] == used:
                self.write(tokens)

        Desk(self.env, None)._transact(keep)
        return self._sasl_string(login)

    def _fetch_tokens(self):
        """New tokens for the refresh token: values to write.

        :raises MailboxError:
        """
        prefix = PREFIXES[self.auth_method]
        refresh_token, access_token, _id_token, end = self._fetch_all_tokens(
            self.auth_method, self[f"{prefix}_refresh_token"]
        )
        return {
            f"{prefix}_refresh_token": refresh_token,
            f"{prefix}_access_token": access_token,
            f"{prefix}_access_token_expiration": int(end),
        }

    def _fetch_all_tokens(self, method, refresh_token):
        """New tokens for a refresh token.

        :return: refresh token, access token, ID token or '', when the access token ends
        :raises MailboxError:
        """
        service = SERVICES[method]
        if not self._is_registered(method) and release.version_info[-1] != "e":
            # The mixins would ask Odoo's service, which does not know this token.
            raise MailboxError("oauth_client", "none is set", service)
        try:
            if method == "outlook":
                return self._fetch_outlook_access_token(refresh_token)
            access_token, end = self._fetch_gmail_access_token(refresh_token)
        except (requests.RequestException, KeyError, ValueError) as error:
            # The address of Odoo's service holds the token: it must not get into a log.
            raise MailboxError("sign_in_unavailable", type(error).__name__, service) from None
        except UserError as error:
            raise MailboxError("sign_in_unavailable", str(error), service) from None
        return refresh_token, access_token, "", end

    # -- asking Google and Microsoft as the mixins do, but telling apart what can go wrong -------------

    def _fetch_gmail_token(self, grant_type, **values):
        return self._ask_for_token(
            "gmail", "https://oauth2.googleapis.com/token", {"grant_type": grant_type, **values}
        )

    def _fetch_outlook_token(self, grant_type, **values):
        scope = "openid email offline_access https://outlook.office.com/User.read"
        return self._ask_for_token(
            "outlook",
            urljoin(self._get_microsoft_endpoint(), "token"),
            {"grant_type": grant_type, "scope": f"{scope} {self._OUTLOOK_SCOPE}", **values},
        )

    def _ask_for_token(self, method, url, values):
        """Ask the token endpoint of a sign-in service (RFC 6749 section 3.2).

        :return: its answer, a dict with the keys that the mixins look for
        :raises MailboxError: sign_in_again, oauth_client or sign_in_unavailable
        """
        prefix, service = PREFIXES[method], SERVICES[method]
        parameter = self.env["ir.config_parameter"].sudo().get_param
        form = {
            "client_id": parameter(f"{prefix}_client_id"),
            "client_secret": parameter(f"{prefix}_client_secret"),
            "redirect_uri": self._callback_url(method),
            **values,
        }
        answer = None
        try:
            response = requests.post(url, data=form, timeout=TOKEN_TIMEOUT)
            with contextlib.suppress(ValueError):
                answer = response.json()
        except requests.RequestException as error:
            raise MailboxError("sign_in_unavailable", type(error).__name__, service) from None
        if not response.ok:
            raise token_error(service, response.status_code, answer)
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise MailboxError("sign_in_unavailable", "no access token", service)
        # Without a new refresh token the old one stays valid (RFC 6749 section 6); a lifetime is only
        # recommended (section 5.1).
        defaults = {"refresh_token": form.get("refresh_token"), "id_token": "", "expires_in": 3600}
        return {**defaults, **answer}


def _token_fields(prefix):
    return [
        f"{prefix}_{name}"
        for name in (
            "refresh_sealed", "access_sealed", "refresh_token", "access_token",
            "access_token_expiration",
        )
    ]  # fmt: skip
