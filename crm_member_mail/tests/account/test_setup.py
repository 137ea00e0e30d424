"""The set-up as far as no server is asked: what follows from an address, and what one may take back."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestSetup(MemberMailCase):
    def setUp(self):
        super().setUp()
        self.accounts = self.env["member.mail.account"].with_user(self.manager)
        self.company = self.manager.company_id
        self.company.name = "Harbour Club"

    def begin(self, email, account=None):
        return self.accounts.browse(self.accounts.setup_begin(email, account and account.id))

    def look_up(self, account):
        return account.setup_look_up("provider")

    def register(self, service):
        for name in ("client_id", "client_secret"):
            self.env["ir.config_parameter"].set_param(f"{service}_{name}", "x")

    # -- the address ---------------------------------------------------------------------------------

    def test_what_lacks_an_ending_is_refused(self):
        for email in ("a@b", "a@b.c", "Ada <ada@club>", "ada@club."):
            with self.subTest(email), self.assertRaisesRegex(UserError, "complete email address"):
                self.begin(email)
        self.assertFalse(self.accounts.search([("setting_up", "=", True)]))

    def test_what_was_probably_meant(self):
        for typed, meant in (
            ("ada@gmial.com", "ada@gmail.com"),
            ("Ada <Ada@GMAIL.con>", "ada@gmail.com"),
            ("ada@gmail", "ada@gmail.com"),
            ("ada@icloud.com", False),
            ("ada@club.example", False),
            ("nobody", False),
            ("", False),
        ):
            with self.subTest(typed):
                self.assertEqual(self.accounts.setup_meant(typed), meant)
        provider = self.env.ref("crm_member_mail.provider_gmail")
        provider.active = False
        meant = self.accounts.setup_meant("ada@gmail.con")
        self.assertNotEqual(meant, "ada@gmail.com", "the providers that there are count")

    def test_everything_begins_anew_with_another_address(self):
        account = self.begin("ada@outlook.com")
        self.look_up(account)
        self.assertEqual((account.auth_method, account.smtp_port), ("outlook", 587))
        account.action_setup_by_hand()
        account.write({"imap_port": 143, "imap_encryption": "starttls", "imap_password": "x"})
        account.sudo().sign_in_problem = "You did not finish signing in."
        self.assertEqual(self.begin("ada@club.example", account), account)
        self.assertRecordValues(
            account,
            [
                {
                    "provider_id": False, "auth_method": "password", "setup_by_hand": False,
                    "imap_host": False, "imap_port": 993, "imap_encryption": "ssl",
                    "smtp_host": False, "smtp_port": 465, "smtp_encryption": "ssl",
                    "imap_login": "ada@club.example", "smtp_login": "ada@club.example",
                    "imap_password_set": False, "imap_password_again": False,
                    "setup_found": False, "setup_source": False, "sign_in_problem": False,
                }
            ],
        )  # fmt: skip

    def test_the_same_address_keeps_what_was_typed(self):
        account = self.begin("ada@club.example")
        account.setup_without_looking()
        account.imap_host = "mail.club.example"
        self.begin("Ada@club.example", account)
        self.assertEqual(account.imap_host, "mail.club.example")

    # -- how to sign in ------------------------------------------------------------------------------

    def test_a_sign_in_that_the_provider_prefers(self):
        account = self.begin("ada@gmail.com")
        self.look_up(account)
        self.assertEqual(account.auth_method, "password", "nobody could sign in with Google")
        self.register("google_gmail")
        self.look_up(account)
        self.assertEqual(account.auth_method, "gmail")
        self.env.ref("crm_member_mail.provider_gmail").allow_gmail = False
        self.look_up(account)
        self.assertEqual(account.auth_method, "password")

    # -- what recipients see -------------------------------------------------------------------------

    def test_each_mailbox_has_a_name_of_its_own(self):
        new_test_user(self.env, "tom", email="tom@club.example", name="Tom Tar")
        for email, name in (
            ("info@club.example", "Harbour Club"),
            ("hello@club.example", "Harbour Club Hello"),
            ("sales@club.example", "Harbour Club Sales"),
            ("ada.lovelace@club.example", "Ada Lovelace"),
            ("tom@club.example", "Tom Tar"),
            ("j.d@club.example", "Harbour Club J D"),
            ("harbour.club@gmail.com", "Harbour Club"),
            ("harbourclub@gmail.com", "Harbour Club"),
        ):
            self.assertEqual(self.begin(email).name, name)
        own = self.accounts.with_context(default_visibility="private")
        self.assertEqual(own.browse(own.setup_begin("me@club.example")).name, self.manager.name)

    def test_the_name_goes_with_the_address_until_somebody_chose_it(self):
        account = self.begin("sales@club.example")
        self.begin("help@club.example", account)
        self.assertEqual(account.name, "Harbour Club Help")
        account.name = "The crew"
        self.begin("office@club.example", account)
        self.assertEqual(account.name, "The crew")

    # -- giving up -----------------------------------------------------------------------------------

    def test_discard(self):
        account = self.begin("ada@club.example")
        self.assertFalse(account.action_setup_discard())
        self.assertFalse(account.exists())
        again = self.begin("ada@club.example").with_context(member_mail_leaves=True)
        self.assertEqual(again.action_setup_discard()["path"], "email-accounts")

    def test_ones_own(self):
        groups = "sales_team.group_sale_salesman,crm_member_mail.group_private_account"
        owner = new_test_user(self.env, "owner", groups)
        account = self.begin("ada@club.example").with_user(owner)
        with self.assertRaises(AccessError):
            account.action_setup_discard()
        mine = account.browse(account.browse().setup_begin("mine@club.example"))
        mine = mine.with_context(member_mail_leaves=True)
        self.assertEqual(mine.action_setup_discard()["path"], "my-email-accounts")

    def test_what_is_set_up_is_not_discarded(self):
        account = self.make_account().with_user(self.manager)
        with self.assertRaisesRegex(UserError, "already set up"):
            account.action_setup_discard()
