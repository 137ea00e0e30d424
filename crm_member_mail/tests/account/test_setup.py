"""The set-up as far as no server is asked: what follows from an address, and what one may take back."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ...mailbox.errors import MailboxError
from ...mailbox.types import RemoteFolder
from ..common import MemberMailCase

#: Tables of which rows may stay: where the database is at home.
STAYING = {"member_mail_home"}


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

    # -- an address that is there already --------------------------------------------------------------

    def test_an_archived_account_is_found_again(self):
        self.make_account(email="ada@club.example", active=False)
        with self.assertRaisesRegex(UserError, "choose the filter Archived"):
            self.begin("ada@club.example")
        self.make_account(email="ada@club.example")
        with self.assertRaisesRegex(UserError, "Open it under Email Accounts"):
            self.begin("ada@club.example")

    def test_another_address_is_another_account(self):
        self.make_account(email="a.da@club.example")
        self.assertEqual(self.begin("a_da@club.example").email, "a_da@club.example")

    def test_the_mailbox_of_another_company(self):
        """A mailbox whose messages belong to one company can be added in another one, as the account
        says."""
        there = self.env["res.company"].create({"name": "Boatyard"})
        self.manager.company_ids += there
        self.make_account(email="ada@club.example")
        both = self.accounts.with_context(allowed_company_ids=[there.id, self.company.id])
        with self.assertRaises(UserError) as refused:
            both.setup_begin("ada@club.example")
        self.assertIn("in Harbour Club. To file its emails in Boatyard", str(refused.exception))
        alone = self.accounts.with_context(allowed_company_ids=there.ids)
        account = alone.browse(alone.setup_begin("ada@club.example"))
        self.assertEqual(account.company_id, there)

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

    # -- who is told ---------------------------------------------------------------------------------

    def go_wrong(self, account):
        """Have nothing work with an account, for days."""
        account = account.sudo()
        account._note_connection(MailboxError("auth_failed"))
        account.failing_since = "2020-01-01"
        account._note_sending(MailboxError("auth_failed"))
        self.accounts.sudo()._alert_owners()
        self.accounts.sudo()._tell_of_standstill()

    def test_nobody_is_told_of_what_one_sees_while_setting_up(self):
        account = self.begin("ada@club.example")
        problems = self.accounts._monitor()["problems"]
        self.go_wrong(account)
        self.assertEqual(account.state, "error")
        self.assertFalse(account.activity_ids)
        self.assertEqual(self.accounts._monitor()["problems"], problems)
        account.sudo().setting_up = False
        self.go_wrong(account)
        self.assertEqual(
            account.activity_ids.sorted("id").mapped("summary"),
            ["Odoo can no longer read ada@club.example", "Odoo can't send from ada@club.example"],
        )

    # -- giving up -----------------------------------------------------------------------------------

    def test_discard(self):
        account = self.begin("ada@club.example")
        self.assertFalse(account.action_setup_discard())
        self.assertFalse(account.exists())
        again = self.begin("ada@club.example").with_context(member_mail_leaves=True)
        self.assertEqual(again.action_setup_discard()["path"], "email-accounts")

    def rows(self):
        """How many rows each table of the database has: dict."""
        self.env.cr.flush()  # what waits for the end of the transaction, too
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        names = {name for (name,) in self.env.cr.fetchall()} - STAYING
        counts = SQL(" UNION ALL ").join(
            SQL("SELECT %s, count(*) FROM %s", name, SQL.identifier(name)) for name in names
        )
        return dict(self.env.execute_query(counts))

    def test_what_is_discarded_leaves_nothing(self):
        """No activity, no call of a scheduled job, no outgoing server."""
        before = self.rows()
        account = self.begin("ada@gmail.com")
        self.look_up(account)
        account.imap_password = "wrong"
        account.sudo()._update_folders([RemoteFolder("INBOX", "inbox")])
        self.go_wrong(account)
        self.look_up(self.begin("ada@icloud.com", account))
        account.action_setup_discard()
        after = self.rows()
        self.assertEqual({name: n for name, n in after.items() if n != before[name]}, {})

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
