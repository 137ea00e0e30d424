import base64
import json
import time

from odoo import models

from ...mailbox.errors import MailboxError
from ...mailbox.imap.session import ImapSession
from ...mailbox.mime.addresses import canonical
from ...mailbox.mime.people.address_typed import plain
from ...mailbox.net import https
from ...mailbox.net.tokens import SECONDS
from ...mailbox.words import _lt
from ...workers.transactions import commit
from .connection import TEST_DEADLINE, TEST_TIMEOUT
from .server_rules import takes_tokens

#: Where Google says whose an access token is.
USERINFO = "https://www.googleapis.com/oauth2/v2/userinfo"

#: The claims of Microsoft's ID tokens that may hold the address.
CLAIMS = ("email", "preferred_username", "upn")


class MemberMailAccount(models.Model):
    """Whose consent it is: a sign-in counts only for the mailbox that somebody signed in to. Until that
    is known, what was stored before stays."""

    _inherit = "member.mail.account"

    def _redeem_consent(self, method, code):
        """Exchange a consent for tokens, and store them if they are of this mailbox.

        :param str method: gmail or outlook
        :param str code: the authorization code (RFC 6749 section 4.1.2)
        :raises MailboxError: it can't be exchanged, or somebody else signed in
        """
        fetch = self._fetch_gmail_token if method == "gmail" else self._fetch_outlook_token
        answer = fetch("authorization_code", code=code)
        end = int(time.time()) + int(answer["expires_in"])
        tokens = answer["refresh_token"], answer["access_token"], end
        self._take_consent(method, *tokens, answer["id_token"])

    def _redeem_grant(self, method, refresh_token):
        """Take up a consent that came by way of Odoo's own registration. Anybody may have put together
        what a browser brings, so the service is asked anew.

        :raises MailboxError: as `_redeem_consent`
        """
        refresh_token, access_token, id_token, end = self._fetch_all_tokens(method, refresh_token)
        self._take_consent(method, refresh_token, access_token, end, id_token)

    def _take_consent(self, method, refresh_token, access_token, expiration, id_token):
        addresses = self._addresses_of(method, id_token, access_token)
        if not self._is_own_address(addresses):
            self._check_delegate(method, access_token, addresses)
        who = addresses[0] if addresses else False
        self._keep_consent(method, refresh_token, access_token, expiration, who)

    def _is_own_address(self, addresses):
        """Whether one of these is this mailbox, by its address or its login."""
        own = {plain(canonical(text)) for text in (self.email, self._login_at("imap"))} - {""}
        return not own.isdisjoint(map(plain, addresses))

    def _addresses_of(self, method, id_token, access_token):
        """The canonical addresses of who signed in, the best first.

        :param str id_token: the service's own words (OpenID Connect Core 1.0 section 2). It came
            straight from there, which does instead of a check of its signature (section 3.1.3.7)
        :raises MailboxError: Google does not say
        """
        claims = _claims(id_token)
        if method == "outlook":
            found = [claims.get(name) for name in CLAIMS]
        else:
            if not claims.get("email"):
                claims = self._ask_google(access_token)
            is_verified = claims.get("email_verified", claims.get("verified_email", True))
            found = [claims.get("email")] if is_verified else []
        addresses = [canonical(text) for text in found if isinstance(text, str)]
        return list(dict.fromkeys(filter(None, addresses)))

    def _ask_google(self, access_token):
        """Whose an access token is: a dict.

        :raises MailboxError: Google does not say
        """
        headers = {"Authorization": f"Bearer {access_token}"}
        try:
            answer = https.ask(USERINFO, time.monotonic() + SECONDS, headers=headers)
            found = json.loads(answer.data) if answer.status == 200 else None
        except (MailboxError, ValueError, RecursionError) as error:
            words = getattr(error, "code", type(error).__name__)
            raise MailboxError("sign_in_unavailable", words, "Google") from None
        if not isinstance(found, dict):
            raise MailboxError("sign_in_unavailable", "no address", "Google")
        return found

    def _check_delegate(self, method, access_token, addresses):
        """Make sure that somebody else than the account's own address may use this mailbox. Nobody can
        sign in as a shared mailbox of Microsoft 365; who has access to it does, so the server is asked.

        :raises MailboxError: they may not, or the server can't be asked
        """
        who = addresses[0] if addresses else _lt("somebody else")
        refused = MailboxError("signed_in_as_another", who, self.email)
        if method != "outlook" or not takes_tokens(self.env, method, self.imap_host):
            raise refused
        self._check_encrypted("imap")
        login = self._login_at("imap")
        secret = f"user={login}\x01auth=Bearer {access_token}\x01\x01"
        settings = self._settings_with("imap", login, secret, "xoauth2", TEST_TIMEOUT)
        commit(self.env)  # no transaction stays open while we wait for the network
        try:
            with ImapSession.open(settings, deadline_seconds=TEST_DEADLINE):
                pass
        except MailboxError as error:
            raise (refused if error.kind == "auth" else error) from None


def _claims(id_token):
    """What an ID token claims (RFC 7519 section 3): a dict, empty when it can't be read."""
    try:
        part = id_token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (AttributeError, IndexError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
