import json
import time
import traceback
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from odoo import release
from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import neutralize_database
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from ...mailbox.errors import MailboxError
from ...mailbox.net import https
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
