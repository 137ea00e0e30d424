from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit

from odoo.tests import HttpCase, new_test_user, tagged

from ...mailbox.discovery import detect
from ...mailbox.discovery.proposals import Proposal, Server
from ...mailbox.errors import MailboxError
from ...mailbox.net import tokens
from ...mailbox.types import RemoteFolder
from ...models.account.oauth import PREFIXES
from ..common import MemberMailCase
from ..tokens import id_token


@tagged("post_install", "-at_install")
class TestSetupTours(HttpCase, MemberMailCase):
    """The set-up wizard in the browser. Its servers are mocked; real ones are in
    tests/account/test_setup.py."""

    def setUp(self):
        super().setUp()
        account = self.env.registry["member.mail.account"]
        folders = [RemoteFolder("INBOX", "inbox"), RemoteFolder("Sent", "sent")]

        def test_connection(account):
            settings = account._server_settings("imap")
            is_right = settings.auth_method == "xoauth2" or settings.secret == "right"
            error = None if is_right else MailboxError("auth_failed")
            account.sudo().imap_test = str(error) if error else "Works."
            account.sudo()._note_connection(error)
            if not error:
                account.sudo()._update_folders(folders)
            return error, None

        def scan(account, _seconds):
            account.write({"state": "connected", "first_scan": "2026-01-01"})
            return "done"

        counts = {"30": 12, "90": 34, "365": 5678, "all": 9012}
        for name, played in (
            ("_test_connection", test_connection),
            ("_scan", scan),
            ("setup_estimate", lambda _account: counts),
        ):
            self.enterContext(patch.object(account, name, played))
        for name in (
            "find_exchangers", "find_autoconfig", "find_in_database", "find_services",
            "find_by_guess",
        ):  # fmt: skip
            self.enterContext(patch.object(detect, name, lambda *_args: None))
        self.enterContext(patch.object(detect, "find_exchangers", lambda *_args: ()))

    def account(self, email):
        return self.env["member.mail.account"].search([("email", "=", email)])

    def test_known_provider_and_a_wrong_password(self):
        self.start_tour("/odoo/email-accounts", "member_mail_setup_tour", login="admin")
        account = self.account("tour@icloud.com")
        self.assertEqual(account.provider_id, self.env.ref("crm_member_mail.provider_icloud"))
        self.assertFalse(account.setting_up)
        self.assertEqual(account.history, "90")
        self.assertTrue(account.imap_password_set)

    def test_a_private_mailbox_of_ones_own(self):
        groups = "sales_team.group_sale_salesman,crm_member_mail.group_private_account"
        owner = new_test_user(self.env, "owner", groups)
        self.start_tour("/odoo/my-email-accounts", "member_mail_setup_own_tour", login="owner")
        account = self.account("tour@icloud.com")
        self.assertEqual((account.visibility, account.user_id), ("private", owner))
        self.assertFalse(account.setting_up)

    def test_an_administrators_own_mailbox_is_private(self):
        self.env.ref("base.user_admin").group_ids += self.env.ref(
            "crm_member_mail.group_private_account"
        )
        self.start_tour("/odoo/my-email-accounts", "member_mail_setup_begin_tour", login="admin")
        self.assertEqual(self.account("tour@icloud.com").visibility, "private")

    def test_custom_domain(self):
        server = Server("imap.custom.example", 993, "ssl", "tour@custom.example")
        found = Proposal("services", server, None)
        with patch.object(detect, "find_services", lambda *_args: found):
            self.start_tour("/odoo/email-setup", "member_mail_setup_domain_tour", login="admin")
        account = self.account("tour@custom.example")
        self.assertEqual(account.imap_host, "imap.custom.example")
        self.assertEqual(account.imap_port, 143)
        self.assertEqual(account.setup_source, "services")

    def test_nothing_is_found(self):
        self.start_tour("/odoo/email-setup", "member_mail_setup_manual_tour", login="admin")
        account = self.account("tour@nowhere.example")
        self.assertEqual(account.imap_host, "mail.nowhere.example")
        self.assertEqual(account.setup_screen, "reading")

    def test_no_dead_end(self):
        accounts = self.env["member.mail.account"].with_user(self.env.ref("base.user_admin"))
        accounts.setup_begin("left@club.example")
        with patch.object(detect, "find_exchangers", side_effect=AssertionError):
            self.start_tour("/odoo/email-accounts", "member_mail_setup_typed_tour", login="admin")
        self.assertFalse(accounts.search([("setting_up", "=", True)]))

    def test_how_many_clicks_and_keys(self):
        for size in ("1366x768", "390x844"):
            with self.subTest(size):
                self.browser_size = size
                self.start_tour(
                    "/odoo/email-accounts", "member_mail_setup_counted_tour", login="admin"
                )
                for email in ("tour@me.com", "tour@mac.com"):
                    account = self.account(email)
                    self.assertFalse(account.setting_up)
                    account.unlink()

    def play_sign_in(self, *answers):
        """Mock the pages of Google and Microsoft, which send the user back at once.

        :param answers: what they answer each time one is sent there
        """
        account, answers = self.env.registry["member.mail.account"], iter(answers)
        told = {}
        for prefix in PREFIXES.values():
            for name in ("client_id", "client_secret"):
                self.env["ir.config_parameter"].set_param(f"{prefix}_{name}", "x")
        for name, prefix in (("_compute_gmail_uri", "google_gmail"),
                             ("_compute_outlook_uri", "microsoft_outlook")):  # fmt: skip
            compute = getattr(account, name)

            def played(records, compute=compute, prefix=prefix):
                compute(records)
                for record in records:
                    asked = parse_qs(urlsplit(record[f"{prefix}_uri"]).query)
                    told["id_token"] = id_token(email=asked["login_hint"][0])
                    query = urlencode({"state": asked["state"][0], **next(answers)})
                    record[f"{prefix}_uri"] = f"/{prefix}/confirm?{query}"

            self.enterContext(patch.object(account, name, played))

        def fetch(_request):
            return tokens.Tokens("a", "r", told["id_token"], 3600)

        self.enterContext(patch.object(tokens, "fetch", fetch))

    def test_sign_in_with_google(self):
        self.play_sign_in({"error": "access_denied"}, {"code": "1"})
        self.start_tour("/odoo/email-setup", "member_mail_setup_google_tour", login="admin")
        account = self.account("tour@gmail.com")
        self.assertEqual(account.auth_method, "gmail")
        self.assertTrue(account.signed_in)
        self.assertEqual(account.state, "connected")

    def test_sign_in_with_microsoft(self):
        self.play_sign_in({"code": "1"})
        self.browser_size = "390x844"
        self.start_tour("/odoo/email-setup", "member_mail_setup_microsoft_tour", login="admin")
        account = self.account("tour@outlook.com")
        self.assertEqual(account.auth_method, "outlook")
        self.assertTrue(account.signed_in)

    def test_sign_in_again_on_the_account(self):
        self.play_sign_in({"code": "1"})
        account = self.env["member.mail.account"].create(
            {"name": "Club", "email": "tour@hotmail.com"}
        )
        account._keep_consent("outlook", "r", "a", 0)
        account._note_connection(MailboxError("sign_in_again", "", "Microsoft"))
        self.start_tour(
            f"/odoo/email-accounts/{account.id}", "member_mail_sign_in_again_tour", login="admin"
        )
        self.assertFalse(account.stopped or account.error_message)
