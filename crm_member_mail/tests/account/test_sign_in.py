import json
import logging
import time
import traceback
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit

from odoo import release
from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import neutralize_database
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user, tagged

from ...mailbox.errors import MailboxError
from ...mailbox.net import https, tokens
from ...models.account.oauth import PREFIXES
from ...models.account.secrets import SEALED_FIELDS
from ..common import MemberMailCase
from .test_secret_keys import keys, new_key

ACCOUNT = "member.mail.account"

#: All that the mixins bring along: nobody is to read any of it.
HIDDEN = [
    *SEALED_FIELDS[2:],
    *(
        f"{prefix}_{name}"
        for prefix in PREFIXES.values()
        for name in ("refresh_token", "access_token", "access_token_expiration", "uri")
    ),
]


class SignInCase(MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        parameters = cls.env["ir.config_parameter"]
        parameters.set_param("crm_member_mail.sign_in_hosts", "example.com")
        for prefix in PREFIXES.values():
            parameters.set_param(f"{prefix}_client_id", "this-odoo")
            parameters.set_param(f"{prefix}_client_secret", "known to both")
        own = "crm_member_mail.group_user,crm_member_mail.group_private_account"
        cls.owner = new_test_user(cls.env, "mail_owner", own)
        cls.admin = new_test_user(
            cls.env, "mail_admin", "base.group_system,crm_member_mail.group_manager"
        )

    def make_token_account(self, method="gmail", **values):
        """An account that is signed in."""
        account = self.make_account(auth_method=method, **values)
        account._keep_consent(method, f"refresh-{account.id}", f"access-{account.id}", 2**31 - 1)
        self.env.flush_all()
        return account

    def make_private_account(self, **values):
        return self.make_account(
            auth_method="gmail", visibility="private", user_id=self.owner.id, **values
        )


@tagged("post_install", "-at_install")
class TestSignIn(SignInCase):
    """Who may sign in to which account, and what nobody may see of it."""

    def test_who_may_sign_in(self):
        shared, private = self.make_account(auth_method="outlook"), self.make_private_account()
        for account, allowed in ((shared, self.manager | self.admin), (private, self.owner)):
            for user in self.user | self.owner | self.manager | self.admin:
                records = self.env(user=user)[ACCOUNT]
                with self.subTest(account=account, user=user.login):
                    if user in allowed:
                        action = call_kw(records, "action_sign_in", [account.ids], {})
                        self.assertEqual(action["type"], "ir.actions.act_url")
                    else:
                        with self.assertRaises(AccessError):
                            call_kw(records, "action_sign_in", [account.ids], {})
        for name in ("open_google_gmail_uri", "open_microsoft_outlook_uri"):
            for account, users in (
                (private, self.user | self.manager | self.admin),
                (shared, self.user | self.owner),
            ):
                for user in users:
                    with self.assertRaises(AccessError):
                        call_kw(self.env(user=user)[ACCOUNT], name, [account.ids], {})

    def test_nobody_reads_or_writes_tokens(self):
        account = self.make_token_account()
        account.microsoft_outlook_refresh_token = "refresh-too"
        for user in self.user | self.owner | self.manager | self.admin:
            records = self.env(user=user)[ACCOUNT]
            shown = records.browse(account.id)
            fields, [values] = records.fields_get(), shown.read()
            for name in HIDDEN:
                with self.subTest(user=user.login, name=name):
                    self.assertNotIn(name, fields)
                    self.assertNotIn(name, values)
                    for method, *args in (
                        ("read", [name]),
                        ("search_read", [(name, "!=", False)], ["name"]),
                        ("search_read", [], ["name"], 0, 1, name),
                        ("formatted_read_group", [], [name], ["__count"]),
                        ("mapped", name),
                        ("write", {name: "x"}),
                        ("create", {"name": "x", "email": "x@y.example", name: "x"}),
                    ):
                        try:
                            answer = getattr(shown, method)(*args)
                        except (AccessError, ValueError):
                            continue
                        self.fail(f"{method}: {answer}")
            self.assertNotIn(f"access-{account.id}", str(values))
            self.assertTrue(shown.signed_in)
        copied = account.copy({"email": "copy@example.com"})
        self.assertFalse(copied.signed_in or copied.google_gmail_access_token_expiration)

    def test_tokens_are_sealed(self):
        account = self.make_token_account("outlook")
        self.env.cr.execute("SELECT a::text FROM member_mail_account a WHERE id = %s", [account.id])
        [row] = self.env.cr.fetchone()
        self.assertNotIn("refresh-", row)
        self.assertNotIn("access-", row)
        account.invalidate_recordset()
        self.assertEqual(account.microsoft_outlook_refresh_token, f"refresh-{account.id}")
        settings = account._server_settings("smtp")
        self.assertEqual(settings.auth_method, "xoauth2")
        self.assertEqual(
            settings.secret, f"user={account.email}\x01auth=Bearer access-{account.id}\x01\x01"
        )
        self.assertNotIn("access-", repr(settings))

    def test_keys_rotate_with_tokens(self):
        old, new = new_key(), new_key()
        with keys(old):
            account = self.make_token_account("outlook")
            other = self.make_token_account("gmail")
        with keys(new, old):
            self.assertEqual((account | other)._reseal_secrets()["resealed"], 4)
        with keys(new):
            for each in account | other:
                self.assertIn(f"access-{each.id}", each._server_settings("imap").secret)
                self.assertTrue(each.signed_in)
        with keys(new_key()):
            account.invalidate_recordset()
            self.assertEqual(account._scan(), "error")
            self.assertEqual(account.error_code, "token_unreadable")
            self.assertTrue(account.stopped)
            self.assertEqual(account.remedy, "sign_in")
            account._resume_readable()
            self.assertTrue(account.stopped)
        with keys(new):
            account._resume_readable()
            self.assertFalse(account.stopped)

    def test_tokens_go_to_no_other_server(self):
        account = self.make_token_account()
        account.with_user(self.manager).name = "Renamed"
        self.assertTrue(account.signed_in)
        for values in ({"smtp_host": "evil.example"}, {"imap_host": "evil.example"}):
            account = self.make_token_account()
            account.with_user(self.manager).write(values)
            self.assertFalse(account.signed_in)

    def test_tokens_go_to_the_service_only(self):
        """The user who signs in may not be the one who set up the account."""
        parameters = self.env["ir.config_parameter"]
        for method, host, own, allowed in (
            ("gmail", "imap.gmail.com", False, True),
            ("gmail", " IMAP.googlemail.com. ", False, True),
            ("outlook", "outlook.office365.com", False, True),
            ("outlook", "imap.gmail.com", False, False),
            ("gmail", "imap.gmail.com.evil.example", False, False),
            ("gmail", "evilgmail.com", False, False),
            ("gmail", "mail.club.example", False, False),
            ("gmail", "mail.club.example", "other.example; Club.example", True),
            ("gmail", "mail.club.example", "club", False),
        ):
            account = self.make_token_account(method, imap_host=host)
            parameters.set_param("crm_member_mail.sign_in_hosts", own)
            with self.subTest(method=method, host=host, own=own):
                if allowed:
                    self.assertIn("access-", account._server_settings("imap").secret)
                    continue
                with self.assertRaises(MailboxError) as caught:
                    account._server_settings("imap")
                self.assertEqual(caught.exception.code, "oauth_unsupported")

    def test_tokens_stay_on_this_machine_where_it_may_be_connected_to(self):
        parameters = self.env["ir.config_parameter"]
        account = self.make_token_account("gmail", imap_host="localhost")
        for allowed, code in (("False", "oauth_unsupported"), ("True", None)):
            parameters.set_param("crm_member_mail.allow_private_hosts", allowed)
            with self.subTest(allowed=allowed):
                if not code:
                    self.assertIn("access-", account._server_settings("imap").secret)
                    continue
                with self.assertRaises(MailboxError) as caught:
                    account._server_settings("imap")
                self.assertEqual(caught.exception.code, code)

    def test_a_copy_of_the_database_has_no_tokens(self):
        account = self.make_token_account()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertFalse(account.signed_in or account.google_gmail_access_token)

    def test_renewal_by_way_of_odoos_own_registration(self):
        """Odoo Enterprise without a client ID."""
        for prefix in PREFIXES.values():
            self.env["ir.config_parameter"].set_param(f"{prefix}_client_id", False)
        end = int(time.time()) + 3600
        for method, answer in (
            ("gmail", ["access-new", end]),
            ("outlook", ["refresh-new", "access-new", "id", end]),
        ):
            account = self.make_token_account(method)
            prefix = PREFIXES[method]
            account[f"{prefix}_access_token_expiration"] = 0
            used = account[f"{prefix}_refresh_token"]
            with self.assertRaises(MailboxError) as caught:
                account._server_settings("imap")
            self.assertEqual(caught.exception.code, "oauth_client")
            response = https.Answer(200, json.dumps(answer).encode())
            lost = MailboxError("unreachable")
            with (
                patch.object(release, "version_info", (*release.version_info[:-1], "e")),
                patch.object(https, "ask", side_effect=[lost, response]) as asked,
            ):
                with self.assertRaises(MailboxError) as caught:
                    account._server_settings("imap")
                self.assertEqual(caught.exception.code, "sign_in_unavailable")
                self.assertNotIn(used, "".join(traceback.format_exception(caught.exception)))
                self.assertIn("access-new", account._server_settings("imap").secret)
            self.assertEqual(
                parse_qs(urlsplit(asked.call_args[0][0]).query)["refresh_token"], [used]
            )

    def test_a_password_account_does_not_sign_in(self):
        with self.assertRaisesRegex(UserError, "signs in with a password"):
            self.make_account().with_user(self.manager).action_sign_in()

    def test_remedies(self):
        account = self.make_account(auth_method="gmail").with_user(self.manager)
        self.assertEqual(account.remedy, "sign_in")
        self.assertEqual(account.action_remedy()["type"], "ir.actions.act_url")
        account.sudo()._keep_consent("gmail", "refresh", "access", time.time() + 3600)
        self.assertEqual(account.remedy, "test")
        for code in ("sign_in_again", "token_refused", "auth_failed"):
            account.sudo()._note_connection(MailboxError(code))
            self.assertEqual(account.remedy, "sign_in")
        # A provider that no longer accepts passwords: the sign-in method has to be chosen first.
        account.auth_method = "password"
        account.sudo()._note_connection(MailboxError("oauth_required"))
        self.assertEqual(account.remedy, "sign_in")
        self.assertEqual(account.action_remedy()["target"], "new")


@tagged("post_install", "-at_install")
class TestCallback(SignInCase, HttpCase):
    """The addresses that Google and Microsoft send people back to. The sign-in service is mocked:
    tests/account/test_sign_in.py has one that runs."""

    def setUp(self):
        super().setUp()
        self.codes = []

        def fetch(request):
            self.codes.append(request.form["code"])
            return tokens.Tokens("new-access", "new-refresh", "", 3600)

        self.enterContext(patch.object(tokens, "fetch", fetch))

    def consent_state(self, account, user):
        """The state that the consent page gets from a user who signs in."""
        url = account.with_user(user).action_sign_in()["url"]
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
        """Odoo Enterprise: the tokens come with the browser."""
        for method, prefix in PREFIXES.items():
            account = self.make_account(auth_method=method)
            mine = account.with_user(self.manager).sudo()
            token = getattr(mine, f"_get_{method}_csrf_token")()
            query = {
                "model": ACCOUNT, "rec_id": account.id, "csrf_token": token, "access_token": "a",
                "refresh_token": "r", "expiration": int(time.time()) + 3600,
            }  # fmt: skip
            for user, status in ((self.admin, 403), (self.manager, 303)):
                self.authenticate(user.login, user.login)
                path = f"/{prefix}/iap_confirm?{urlencode(query)}"
                with (
                    patch("odoo.addons.google_gmail.controllers.main._logger"),
                    patch("odoo.addons.microsoft_outlook.controllers.main._logger"),
                ):
                    answer = self.url_open(path, allow_redirects=False)
                self.env.invalidate_all()
                self.assertEqual(answer.status_code, status)
                self.assertEqual(account.signed_in, status == 303)

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
