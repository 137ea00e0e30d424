import json
import logging
import time
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit

from odoo import release
from odoo.tests import HttpCase, tagged

from ...mailbox.errors import MailboxError
from ...mailbox.net import https, tokens
from ...models.account import identity, oauth
from ...models.account.oauth import PREFIXES, SIGN_IN_SECONDS
from ..tokens import id_token
from .test_sign_in import ACCOUNT, SignInCase


@tagged("post_install", "-at_install")
class TestCallback(SignInCase, HttpCase):
    """The addresses that Google and Microsoft send people back to. The sign-in service is mocked:
    tests/account/test_sign_in.py has one that runs."""

    def setUp(self):
        super().setUp()
        self.codes, self.claims = [], None

        def fetch(request):
            self.codes.append(request.form["code"])
            return tokens.Tokens("new-access", "new-refresh", id_token(**self.claims), 3600)

        self.enterContext(patch.object(tokens, "fetch", fetch))

    def consent_state(self, account, user):
        """The state that the consent page gets from a user who signs in."""
        url = account.with_user(user).action_sign_in()["url"]
        self.claims = {"email": account.email}
        return parse_qs(urlsplit(url).query)["state"][0]

    def call_back(self, user, method="gmail", **query):
        self.authenticate(user.login, user.login)
        path = f"/{PREFIXES[method]}/confirm?{urlencode(query)}"
        answer = self.url_open(path, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def test_back_to_the_account(self):
        for method in PREFIXES:
            account = self.make_account(auth_method=method)
            state = self.consent_state(account, self.manager)
            answer = self.call_back(self.manager, method, code="1", state=state)
            self.assertURLEqual(answer.headers["Location"], f"/odoo/email-accounts/{account.id}")
            self.assertTrue(account.signed_in)
        private = self.make_private_account()
        state = self.consent_state(private, self.owner)
        answer = self.call_back(self.owner, code="1", state=state)
        self.assertURLEqual(answer.headers["Location"], f"/odoo/my-email-accounts/{private.id}")
        self.assertTrue(private.signed_in)

    def test_the_consent_of_another_user(self):
        """A user sends the link of their own account to a colleague, to get into that mailbox."""
        account, other = self.make_account(auth_method="gmail"), self.make_private_account()
        for record, author, victim in (
            (account, self.manager, self.admin),
            (other, self.owner, self.user),
            (other, self.owner, self.admin),
        ):
            state = self.consent_state(record, author)
            with self.assertLogs("odoo.addons.google_gmail", "ERROR"):
                answer = self.call_back(victim, code="1", state=state)
            self.assertEqual(answer.status_code, 403)
            self.assertFalse(record.signed_in)
        self.assertFalse(self.codes)

    def test_who_may_not_set_up_the_account_any_more(self):
        account = self.make_account(auth_method="gmail")
        state = self.consent_state(account, self.manager)
        account.write({"visibility": "private", "user_id": self.owner.id})
        answer = self.call_back(self.manager, code="1", state=state)
        self.assertEqual(answer.status_code, 403)
        self.manager.group_ids = self.env.ref("base.group_user")
        account.visibility = "shared"
        answer = self.call_back(self.manager, code="1", state=state)
        self.assertEqual(answer.status_code, 403)
        self.assertFalse(account.signed_in or self.codes)

    def test_by_way_of_odoos_own_registration(self):
        """Odoo Enterprise: the tokens come with the browser. What counts is what the service gives for
        them when it is asked."""
        for name in PREFIXES.values():
            self.env["ir.config_parameter"].set_param(f"{name}_client_id", False)
        end = int(time.time()) + 3600
        for method, prefix in PREFIXES.items():
            for who, user, status, kept in (
                ("same", self.admin, 403, False),
                ("another@example.com", self.manager, 303, False),
                ("same", self.manager, 303, True),
            ):
                account = self.make_account(auth_method=method)
                who = account.email if who == "same" else who
                mine = account.with_user(self.manager).sudo()
                mine._begin_sign_in()
                query = {
                    "model": ACCOUNT, "rec_id": account.id, "access_token": "a",
                    "csrf_token": getattr(mine, f"_get_{method}_csrf_token")(),
                    "refresh_token": "r", "expiration": end,
                }  # fmt: skip
                given = ("", "") if method == "gmail" else ("r2", id_token(email=who))
                found = tokens.Tokens("a2", *given, 3600)
                said = json.dumps({"email": who, "verified_email": True}).encode()
                self.authenticate(user.login, user.login)
                with (
                    self.subTest(method=method, who=who, user=user.login),
                    patch("odoo.addons.google_gmail.controllers.main._logger"),
                    patch("odoo.addons.microsoft_outlook.controllers.main._logger"),
                    patch.object(release, "version_info", (*release.version_info[:-1], "e")),
                    patch.object(tokens, "fetch", return_value=found),
                    patch.object(https, "ask", return_value=https.Answer(200, said)),
                ):  # fmt: skip
                    path = f"/{prefix}/iap_confirm?{urlencode(query)}"
                    answer = self.url_open(path, allow_redirects=False)
                    self.env.invalidate_all()
                    self.assertEqual(answer.status_code, status)
                    self.assertEqual(account.signed_in, kept)
                    if kept:
                        self.assertEqual(account[f"{prefix}_access_token"], "a2")

    def test_an_archived_account_stays_archived(self):
        account = self.make_account(auth_method="gmail", active=False)
        state = self.consent_state(account, self.manager)
        self.call_back(self.manager, code="1", state=state)
        self.assertTrue(account.signed_in)
        self.assertFalse(account.active)

    def test_what_comes_back_is_not_logged(self):
        """Requests are logged with everything in their URLs."""
        # Odoo gives the name of this level to another one as well.
        with self.assertLogs("werkzeug", logging.INFO) as logged:
            self.call_back(self.manager, code="very-secret", state="{}", access_token="as-secret")
        log = "\n".join(logged.output)
        self.assertIn("/google_gmail/confirm?*** HTTP", log)
        self.assertNotIn("secret", log)

    def test_others_servers_go_on_as_before(self):
        """Odoo's own outgoing servers share the URLs."""
        server = self.env["ir.mail_server"].create(
            {"name": "Gmail", "smtp_authentication": "gmail", "smtp_encryption": "starttls",
             "smtp_host": "smtp.gmail.com", "smtp_user": "club@gmail.com",
             "from_filter": "club@gmail.com"}
        )  # fmt: skip
        state = json.dumps(
            {"model": server._name, "id": server.id, "csrf_token": server._get_gmail_csrf_token()}
        )
        answer = {"access_token": "a", "refresh_token": "r", "expires_in": 3600}
        mixin = self.env.registry["ir.mail_server"]
        with patch.object(mixin, "_fetch_gmail_token", lambda *_args, **_values: answer):
            self.call_back(self.admin, code="1", state=state)
        self.assertEqual(server.google_gmail_refresh_token, "r")

    def test_nonsense(self):
        for state in ("", "no json", "[]", "{}", json.dumps({"model": ACCOUNT})):
            with self.assertLogs("odoo.addons.google_gmail", "ERROR"):
                answer = self.call_back(self.manager, code="1", state=state)
            self.assertEqual(answer.status_code, 403)

    # -- once, and in time -------------------------------------------------------------------------

    def test_a_sign_in_is_good_once(self):
        account = self.make_account(auth_method="gmail")
        state = self.consent_state(account, self.manager)
        self.call_back(self.manager, code="1", state=state)
        self.assertTrue(account.signed_in)
        answer = self.call_back(self.manager, code="2", state=state)
        self.assertURLEqual(answer.headers["Location"], f"/odoo/email-accounts/{account.id}")
        self.assertIn("Sign in again", account.sign_in_problem)
        self.assertEqual(self.codes, ["1"])
        # Nor is one that was declined.
        state = self.consent_state(account, self.manager)
        self.call_back(self.manager, error="access_denied", state=state)
        self.call_back(self.manager, code="3", state=state)
        self.assertEqual(self.codes, ["1"])

    def test_a_sign_in_ends(self):
        account = self.make_account(auth_method="outlook")
        state = self.consent_state(account, self.manager)
        later = time.time() + SIGN_IN_SECONDS + 1
        with patch.object(oauth, "time", SimpleNamespace(time=lambda: later)):
            self.call_back(self.manager, "outlook", code="1", state=state)
        self.assertIn("Sign in again", account.sign_in_problem)
        self.assertFalse(self.codes or account.signed_in)

    def test_only_the_last_one_that_was_begun(self):
        account = self.make_account(auth_method="gmail")
        first = self.consent_state(account, self.manager)
        second = self.consent_state(account, self.manager)
        self.assertNotEqual(first, second)
        self.call_back(self.manager, code="1", state=first)
        self.assertFalse(self.codes)
        self.call_back(self.manager, code="2", state=second)
        self.assertEqual(self.codes, ["2"])

    def test_another_accounts_sign_in(self):
        account, other = (self.make_account(auth_method="gmail") for _number in range(2))
        state = json.loads(self.consent_state(account, self.manager)) | {"id": other.id}
        self.consent_state(other, self.manager)
        with self.assertLogs("odoo.addons.google_gmail", "ERROR"):
            answer = self.call_back(self.manager, code="1", state=json.dumps(state))
        self.assertEqual(answer.status_code, 403)
        self.assertFalse(self.codes)

    # -- whose mailbox -----------------------------------------------------------------------------

    def test_who_signs_in_as_somebody_else_changes_nothing(self):
        for method, prefix in PREFIXES.items():
            account = self.make_token_account(method, imap_host="imap.example.com")
            before = account[f"{prefix}_refresh_token"]
            state = self.consent_state(account, self.manager)
            self.claims = {"email": "b@example.com", "preferred_username": "b@example.com"}
            refused = MailboxError("token_refused")
            with patch.object(identity.ImapSession, "open", side_effect=refused):
                self.call_back(self.manager, method, code="1", state=state)
            with self.subTest(method=method):
                self.assertEqual(account[f"{prefix}_refresh_token"], before)
                self.assertIn("You signed in as b@example.com", account.sign_in_problem)
                self.assertIn(account.email, account.sign_in_problem)

    def test_who_has_access_to_a_shared_mailbox_signs_in_for_it(self):
        account = self.make_account(auth_method="outlook", imap_host="imap.example.com")
        state = self.consent_state(account, self.manager)
        self.claims = {"preferred_username": "ana@example.com"}
        with patch.object(identity.ImapSession, "open") as opened:
            self.call_back(self.manager, "outlook", code="1", state=state)
        [settings] = opened.call_args.args
        self.assertEqual(settings.login, account.email)
        self.assertIn("new-access", settings.secret)
        self.assertTrue(account.signed_in)
        self.assertEqual(account.signed_in_as, "ana@example.com")
        # A stranger's server is not asked.
        account.imap_host = "imap.else.example"
        state = self.consent_state(account, self.manager)
        self.claims = {"preferred_username": "ana@example.com"}
        with patch.object(identity.ImapSession, "open") as opened:
            self.call_back(self.manager, "outlook", code="1", state=state)
        opened.assert_not_called()
        self.assertFalse(account.signed_in or account.signed_in_as)

    def test_other_spellings_of_the_same_mailbox(self):
        for address, login, email in (
            ("f.lora@gmail.com", "", "flora@googlemail.com"),
            ("Desk@Club.example", "", "desk@club.example"),
            ("desk@club.example", "ana@club.example", "ANA@club.example"),
        ):
            account = self.make_account(
                auth_method="gmail", email=address, imap_login=login or address
            )
            state = self.consent_state(account, self.manager)
            self.claims = {"email": email, "email_verified": True}
            self.call_back(self.manager, code="1", state=state)
            self.assertTrue(account.signed_in, account.sign_in_problem)

    def test_whoever_does_not_say_their_address(self):
        account = self.make_account(auth_method="gmail")
        for claims in ({}, {"email": account.email, "email_verified": False}):
            state = self.consent_state(account, self.manager)
            self.claims = claims
            with patch.object(https, "ask", side_effect=MailboxError("timeout")):
                self.call_back(self.manager, code="1", state=state)
            self.assertTrue(account.sign_in_problem)
            self.assertFalse(account.signed_in)

    def test_tokens_go_when_the_address_or_the_login_changes(self):
        for values in (
            {"email": "b@example.com"},
            {"email": "b@example.com", "imap_login": "a", "smtp_login": "a"},
            {"imap_login": "b@example.com"},
            {"smtp_login": "b@example.com"},
        ):
            for user in (self.manager, self.env.user):
                account = self.make_token_account("outlook", imap_login="a", smtp_login="a")
                account.with_user(user).write(values)
                with self.subTest(values, user=user.login):
                    self.assertFalse(account.signed_in or account.microsoft_outlook_access_token)
