from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import file_open

from ...tools import secret_box
from ..common import SERVERS, MemberMailCase


@tagged("post_install", "-at_install")
class TestAccount(MemberMailCase):
    def test_what_nobody_tried_is_tried_at_once(self):
        """However it was made or changed, not in a quarter of an hour."""

        def asked():
            job = self.env.ref("crm_member_mail.ir_cron_fetch_wanted")
            triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)])
            found = bool(triggers)
            triggers.unlink()
            return found

        asked()
        account = self.make_account(**SERVERS)
        self.assertTrue(asked())
        account.write({"state": "connected", "next_sync": fields.Datetime.now()})
        account.name = "Another name"
        self.assertFalse(asked())
        account.imap_host = "imap2.example.com"
        self.assertFalse(account.next_sync)
        self.assertTrue(asked())
        # What is being set up has buttons for that.
        self.make_account(setting_up=True, **SERVERS).imap_host = "imap2.example.com"
        self.assertFalse(asked())

    def test_address_fills_in_both_servers(self):
        with Form(self.env["member.mail.account"]) as form:
            form.name = "The Club"
            form.email = "Office@Yahoo.co.uk"
            self.assertEqual(form.provider_id, self.env.ref("crm_member_mail.provider_yahoo"))
            self.assertEqual(form.imap_host, "imap.mail.yahoo.com")
            self.assertEqual((form.imap_port, form.imap_encryption), (993, "ssl"))
            self.assertEqual(form.smtp_host, "smtp.mail.yahoo.com")
            self.assertEqual((form.smtp_port, form.smtp_encryption), (465, "ssl"))
            self.assertEqual(form.imap_login, "Office@Yahoo.co.uk")

    def test_domain_of_nobody_leaves_what_was_typed(self):
        account = self.make_account(email="office@club.example", imap_host="mail.club.example")
        account.email = "desk@club.example"
        self.assertFalse(account.provider_id)
        self.assertEqual(account.imap_host, "mail.club.example")
        self.assertEqual(account.imap_login, "desk@club.example")

    def test_folders_that_are_not_read_can_be_switched_on(self):
        """The browser's request for a form: a context in a view brings no archived records."""
        account = self.make_account(email="office@club.example", imap_host="mail.club.example")
        account.folder_ids = [
            Command.create({"path": "INBOX", "role": "inbox"}),
            Command.create({"path": "Archive", "role": "archive", "active": False}),
        ]
        self.env.invalidate_all()
        shape = {"all_folder_ids": {"fields": {"path": {}, "active": {}}}}
        [values] = account.web_read(shape)
        shown = {each["path"]: each["id"] for each in values["all_folder_ids"]}
        self.assertEqual(shown.keys(), {"INBOX", "Archive"})
        account.web_save(
            {"all_folder_ids": [Command.update(shown["Archive"], {"active": True})]}, shape
        )
        self.env.invalidate_all()
        self.assertEqual(set(account.folder_ids.mapped("path")), {"INBOX", "Archive"})

    def test_what_is_given_goes_before_the_preset(self):
        account = self.env["member.mail.account"].create(
            {
                "name": "The Club",
                "email": "club@gmail.com",
                "imap_host": "proxy.example",
                "imap_port": 1993,
            }
        )
        self.assertEqual((account.imap_host, account.imap_port), ("proxy.example", 1993))
        self.assertEqual(account.smtp_host, "smtp.gmail.com")

    def test_every_preset_of_the_table(self):
        expected = {
            "gmail": ("imap.gmail.com", 993, "ssl", "smtp.gmail.com", 465, "ssl"),
            "aol": ("imap.aol.com", 993, "ssl", "smtp.aol.com", 465, "ssl"),
            "icloud": ("imap.mail.me.com", 993, "ssl", "smtp.mail.me.com", 587, "starttls"),
            "yahoo": ("imap.mail.yahoo.com", 993, "ssl", "smtp.mail.yahoo.com", 465, "ssl"),
            "msn": ("imap-mail.outlook.com", 993, "ssl", "smtp-mail.outlook.com", 587, "starttls"),
            "outlook": (
                "imap-mail.outlook.com",
                993,
                "ssl",
                "smtp-mail.outlook.com",
                587,
                "starttls",
            ),
            "office365": (
                "outlook.office365.com",
                993,
                "ssl",
                "smtp.office365.com",
                587,
                "starttls",
            ),
            "zoho": ("imap.zoho.com", 993, "ssl", "smtp.zoho.com", 465, "ssl"),
            "zoho_pro": ("imappro.zoho.com", 993, "ssl", "smtppro.zoho.com", 465, "ssl"),
            "zoho_eu": ("imappro.zoho.eu", 993, "ssl", "smtppro.zoho.eu", 465, "ssl"),
            "fastmail": ("imap.fastmail.com", 993, "ssl", "smtp.fastmail.com", 465, "ssl"),
            "gmx": ("imap.gmx.net", 993, "ssl", "mail.gmx.net", 465, "ssl"),
            "gmx_com": ("imap.gmx.com", 993, "ssl", "mail.gmx.com", 465, "ssl"),
            "webde": ("imap.web.de", 993, "ssl", "smtp.web.de", 465, "ssl"),
            "ionos": ("imap.ionos.de", 993, "ssl", "smtp.ionos.de", 465, "ssl"),
            "ionos_us": ("imap.ionos.com", 993, "ssl", "smtp.ionos.com", 465, "ssl"),
            "ovh": ("ssl0.ovh.net", 993, "ssl", "ssl0.ovh.net", 465, "ssl"),
            "infomaniak": ("mail.infomaniak.com", 993, "ssl", "mail.infomaniak.com", 465, "ssl"),
            "yandex": ("imap.yandex.com", 993, "ssl", "smtp.yandex.com", 465, "ssl"),
            "proton_bridge": ("127.0.0.1", 1143, "none", "127.0.0.1", 1025, "none"),
        }
        for code, settings in expected.items():
            provider = self.env.ref(f"crm_member_mail.provider_{code}")
            self.assertEqual(
                settings,
                (
                    provider.imap_host, provider.imap_port, provider.imap_encryption,
                    provider.smtp_host, provider.smtp_port, provider.smtp_encryption,
                ),
                code,
            )  # fmt: skip
            self.assertTrue(provider.help, code)
        find = self.env["member.mail.provider"]._find_by_email
        for email, code in {
            "a@verizon.net": "aol",
            "a@googlemail.com": "gmail",
            "a@mac.com": "icloud",
            "a@MSN.com": "msn",
            "a@hotmail.fr": "outlook",
            "a@live.co.uk": "outlook",
            "a@rocketmail.com": "yahoo",
        }.items():
            self.assertEqual(find(email).code, code, email)

    def test_password_can_not_be_read_back(self):
        # As a user does it, without the superuser's rights.
        account = self.make_account().with_user(self.manager)
        account.write({"imap_password": "s3cret", "smtp_password": "0ther"})
        seen = account.with_user(self.env.ref("base.user_admin"))
        for reader in (account.sudo(), seen):
            self.assertFalse(reader.imap_password)
            self.assertFalse(reader.smtp_password)
            self.assertTrue(reader.imap_password_set)
            self.assertNotIn("s3cret", repr(reader.read()))
            self.assertNotIn("s3cret", repr(reader.export_data(["name", "imap_password"])))
        self.assertNotIn("imap_secret", seen.read()[0])
        for attempt in (
            lambda: seen.read(["imap_secret"]),
            lambda: seen.export_data(["imap_secret"]),
            lambda: seen.search([("imap_secret", "!=", False)]),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.assertNotIn("s3cret", account.sudo().imap_secret)
        self.assertFalse(account.copy().imap_password_set)
        with Form(account) as form:
            self.assertFalse(form.imap_password)
            form.name = "Renamed"
        with Form(account.browse()) as form:
            form.name = "Another"
            form.email = "another@gmail.com"
            form.imap_password = "th1rd"
        self.assertEqual(form.record._server_settings("imap").secret, "th1rd")
        self.assertEqual(account._server_settings("imap").secret, "s3cret")
        self.assertEqual(account._server_settings("smtp").secret, "0ther")
        self.assertNotIn("s3cret", repr(account._server_settings("imap")))

    def test_outgoing_server_takes_the_incoming_password_when_it_has_none(self):
        account = self.make_account(imap_password="s3cret", smtp_host="smtp.club.example")
        self.assertEqual(account._server_settings("smtp").secret, "s3cret")

    def test_password_of_another_key_says_what_to_do(self):
        account = self.make_account(imap_password="s3cret")
        self.patch(secret_box, "_key_of_file", lambda: "A" * 43 + "=")
        self.assertEqual(account._scan(), "error")
        self.assertIn("password", account.error_message)
        self.assertTrue(account.stopped)

    def test_bad_input_is_named(self):
        with self.assertRaisesRegex(ValidationError, "not an email address"):
            self.make_account(email="office at club")
        with self.assertRaisesRegex(ValidationError, "between 1 and 65535"):
            self.make_account(imap_port=70000)

    def test_account_with_messages_is_not_deleted(self):
        account = self.make_account()
        self.make_message(account=account)
        with self.assertRaisesRegex(UserError, "Archive the account"):
            account.unlink()
        self.make_account(name="Empty").unlink()

    def test_microsoft_needs_its_own_sign_in_and_says_so(self):
        account = self.make_account(email="club@outlook.com", imap_password="s3cret")
        self.assertEqual(account.auth_method, "outlook")
        self.assertEqual(account._scan(), "error")
        self.assertTrue(account.stopped)
        self.assertIn("Microsoft", account.error_message)

    def test_changed_settings_give_a_stopped_account_another_chance(self):
        account = self.make_account()
        account._note_connection(None)
        account.name = "Renamed"
        self.assertEqual(account.state, "connected")
        account.sudo().write({"state": "error", "stopped": True, "error_code": "auth_failed"})
        account.imap_password = "another"
        self.assertFalse(account.stopped or account.error_message)
        self.assertIn(account, self.env["member.mail.account"].search(account._due_domain()))

    def test_only_managers_configure(self):
        user = new_test_user(self.env, "u", groups="crm_member_mail.group_user")
        manager = new_test_user(self.env, "m", groups="crm_member_mail.group_manager")
        account = self.make_account()
        for method in ("action_test_connection", "action_fetch_now"):
            with self.assertRaises(AccessError):
                getattr(account.with_user(user), method)()
        with self.assertRaises(AccessError):
            account.with_user(user).name = "Mine"
        account.with_user(manager).name = "Ours"

    def test_upgrade_does_not_undo_edits_of_providers(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "crm_member_mail"), ("model", "=", "member.mail.provider")]
        )
        self.assertEqual(len(data), 20)
        self.assertEqual(set(data.mapped("noupdate")), {True})

    def test_job_runs_every_15_minutes(self):
        job = self.env.ref("crm_member_mail.ir_cron_fetch")
        self.assertEqual(
            (job.interval_number, job.interval_type, job.active), (15, "minutes", True)
        )
        self.assertEqual(job.model_id.model, "member.mail.account")

    def test_contacts_are_looked_up_by_an_index(self):
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'res_partner'"
            " AND indexdef LIKE '%(email_normalized)%'"
        )
        self.assertTrue(self.env.cr.fetchall())

    def test_a_neutralized_copy_uses_no_account(self):
        account = self.make_account()
        path = "crm_member_mail/data/neutralize.sql"
        with file_open(path) as script:
            self.env.cr.execute(script.read())
        account.invalidate_recordset()
        self.assertFalse(account.active)
