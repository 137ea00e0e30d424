from pathlib import Path
from runpy import run_path

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules import get_module_path
from odoo.tests import Form, tagged

from ...mailbox.errors import MailboxError
from ..common import MemberMailCase

SECRET, OTHER = "hunter2-of-the-club", "another-one"


@tagged("post_install", "-at_install")
class TestSecrets(MemberMailCase):
    """Secrets can be written, and go only to the server that they were entered for."""

    def setUp(self):
        super().setUp()
        self.account = self.make_account(imap_password=SECRET).with_user(self.manager)

    def secret(self, protocol):
        """The password that the server would get; None if there is none."""
        try:
            return self.account._server_settings(protocol).secret
        except MailboxError as error:
            self.assertEqual(error.code, "no_password")
            return None

    def test_another_server_does_not_get_the_stored_password(self):
        evil = "imap.evil.example"
        for values, imap, smtp in (
            ({"imap_host": evil}, None, None),
            ({"imap_host": evil, "imap_password": OTHER}, OTHER, OTHER),
            ({"smtp_host": evil}, SECRET, None),
            ({"smtp_host": evil, "smtp_password": OTHER}, SECRET, OTHER),
            ({"smtp_host": evil, "imap_password": OTHER}, OTHER, OTHER),
            ({"imap_encryption": "none"}, None, None),
            ({"smtp_encryption": "none"}, SECRET, None),
            ({"imap_host": False}, SECRET, SECRET),
            # Another user's.
            ({"imap_login": "another"}, None, None),
            ({"smtp_login": "another"}, SECRET, None),
            ({"email": "another@example.com"}, None, None),
            # What stays the same server.
            ({"imap_host": " IMAP.example.com. "}, SECRET, SECRET),
            ({"imap_port": 1993}, SECRET, SECRET),
            ({"imap_encryption": "starttls"}, SECRET, SECRET),
            ({"smtp_host": "imap.example.com"}, SECRET, SECRET),
            ({"smtp_host": False}, SECRET, None),
            ({"name": "Renamed"}, SECRET, SECRET),
        ):
            with self.subTest(values):
                self.account = self.make_account(imap_password=SECRET).with_user(self.manager)
                self.account.write(values)
                self.account.invalidate_recordset()
                if self.account.imap_host:
                    self.assertEqual(self.secret("imap"), imap)
                if self.account.smtp_host:
                    self.assertEqual(self.secret("smtp"), smtp)

    def test_no_way_around(self):
        account = self.account
        # Both steps at a time, and one after the other.
        account.write({"smtp_password": OTHER})
        account.write({"smtp_host": "evil.example", "smtp_password": False})
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (SECRET, None))
        account.write({"smtp_host": "other.example", "smtp_password": OTHER})
        account.write({"smtp_password": False})
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (SECRET, None))
        account.imap_host = False
        account.imap_host = "evil.example"
        self.assertIsNone(self.secret("imap"))
        # Through a provider.
        account.write({"imap_host": "imap.example.com", "imap_password": SECRET})
        account.provider_id = self.env["member.mail.provider"].create(
            {
                "name": "Evil",
                "code": "evil",
                "imap_host": "evil.example",
                "smtp_host": "evil.example",
            }
        )
        self.assertEqual(account.imap_host, "evil.example")
        self.assertIsNone(self.secret("imap"))
        # Several at once: each is checked on its own.
        others = account.browse()
        for host in ("evil.example", "imap.example.com"):
            others |= self.make_account(imap_host=host, imap_password=SECRET).with_user(
                self.manager
            )
        others.imap_host = "evil.example"
        self.assertEqual(others.mapped("imap_password_set"), [True, False])

    def test_the_form_says_so(self):
        with Form(self.account) as form:
            self.assertFalse(form.imap_password_again or form.smtp_password_again)
            form.imap_host = "imap.else.example"
            self.assertTrue(form.imap_password_again)
            form.imap_password = OTHER
            self.assertFalse(form.imap_password_again)
            form.smtp_host = "smtp.else.example"
            self.assertFalse(form.smtp_password_again)
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (OTHER, OTHER))
        with Form(self.account) as form:
            form.smtp_host = "smtp.third.example"
            self.assertTrue(form.smtp_password_again)
            self.assertFalse(form.imap_password_again)
        self.assertTrue(self.account.smtp_password_again)
        with Form(self.account) as form:
            form.smtp_password = SECRET
            self.assertFalse(form.smtp_password_again)
        self.assertFalse(self.account.smtp_password_again)
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (OTHER, SECRET))

    def test_the_superuser_is_no_exception(self):
        self.account.sudo().write({"imap_host": "new.example", "smtp_host": "new.example"})
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (None, None))

    def test_in_clear_the_port_counts(self):
        """No certificate says whose it is."""
        self.account.write({"imap_encryption": "none", "imap_port": 143, "imap_password": SECRET})
        self.account.write({"imap_port": 2143, "unencrypted_ok": True})
        self.assertIsNone(self.secret("imap"))

    def test_a_lost_password_gives_way_to_no_other(self):
        """Only the outgoing server is another one: its password is forgotten, and the incoming one does
        not take its place."""
        self.account.smtp_password = OTHER
        self.account.smtp_host = "evil.example"
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (SECRET, None))
        self.assertTrue(self.account.smtp_password_again)
        self.account.imap_password = SECRET
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (SECRET, SECRET))
        self.assertFalse(self.account.smtp_password_again)

    def test_what_a_query_changed_is_not_believed(self):
        """Past all that is checked when an account is written."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE member_mail_account SET imap_host = 'evil.example' WHERE id = %s",
            [self.account.id],
        )
        self.account.invalidate_recordset()
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (None, SECRET))

    def test_the_set_up_keeps_what_is_typed(self):
        """It shows one password only, and asks whether it is to be entered again."""
        self.account.sudo().write(
            {"setting_up": True, "setup_by_hand": True, "setup_screen": "signin"}
        )
        view = "crm_member_mail.member_mail_account_view_form_setup"
        with Form(self.account, view=view) as form:
            form.imap_host = "imap.else.example"
            self.assertTrue(form.imap_password_again)
            form.imap_password = OTHER
            self.assertFalse(form.imap_password_again)
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (OTHER, OTHER))

    def test_whoever_types_a_password_sees_where_it_goes(self):
        shown = {
            f"{protocol}_{name}"
            for protocol in ("imap", "smtp")
            for name in ("host", "port", "encryption", "login")
        } | {"unencrypted_ok"}
        views = self.env["ir.ui.view"].search(
            [("model", "=", "member.mail.account"), ("type", "=", "form"), ("mode", "=", "primary")]
        )
        asking = [
            view
            for view in views
            if etree.fromstring(view.arch).xpath("//*[@name='imap_password']")
        ]
        self.assertGreaterEqual(len(asking), 3)
        for view in asking:
            arch = etree.fromstring(self.env["member.mail.account"].get_view(view.id)["arch"])
            with self.subTest(view.name):
                self.assertLessEqual(shown, set(arch.xpath("//field/@name")))

    def test_what_is_installed_already_goes_on(self):
        """The upgrade notes where each secret goes, and that it was so."""
        self.account.write(
            {"smtp_password": OTHER, "smtp_encryption": "none", "smtp_host": "imap.example.com"}
        )
        apart = self.make_account(imap_password=SECRET)
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE member_mail_account ADD COLUMN IF NOT EXISTS smtp_password_wanted bool;"
            " UPDATE member_mail_account SET secret_places = NULL, unencrypted_places = NULL,"
            "        smtp_password_wanted = id = %s",
            [apart.id],
        )
        self.env.invalidate_all()
        self.assertIsNone(self.secret("imap"))
        path = Path(get_module_path("crm_member_mail"), "migrations/19.0.1.1.0")
        run_path(str(path / "post-account_secrets.py"))["migrate"](self.env.cr, None)
        self.env.invalidate_all()
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (SECRET, OTHER))
        self.account = apart
        self.assertEqual((self.secret("imap"), self.secret("smtp")), (SECRET, None))
        self.assertTrue(apart.smtp_password_again)

    def test_the_form_asks_until_it_is_answered(self):
        self.account.imap_login = "another"
        self.assertFalse(self.account.imap_password_set)
        self.assertTrue(self.account.imap_password_again)
        self.account.imap_password = OTHER
        self.assertFalse(self.account.imap_password_again or self.account.smtp_password_again)
        self.account.imap_password = False
        self.assertFalse(self.account.imap_password_again)  # that was wanted

    def test_nothing_goes_in_clear_unless_that_is_confirmed(self):
        def code():
            with self.assertRaises(MailboxError) as raised:
                self.account._server_settings("imap")
            return raised.exception.code

        self.account.write({"imap_encryption": "none", "imap_password": SECRET})
        self.assertTrue(self.account.unencrypted)
        self.assertEqual(code(), "unencrypted")
        self.account.unencrypted_ok = True
        self.assertEqual(self.secret("imap"), SECRET)
        # It was confirmed for that server only.
        self.account.write({"imap_host": "other.example", "imap_password": SECRET})
        self.assertFalse(self.account.unencrypted_ok)
        self.assertEqual(code(), "unencrypted")
        with Form(self.account) as form:
            form.unencrypted_ok = True
            form.imap_host = "third.example"
            self.assertFalse(form.unencrypted_ok)
            form.imap_encryption = "ssl"
            self.assertFalse(form.unencrypted)

    def test_nothing_gives_it_back(self):
        account = self.account
        name = "imap_password"
        model, admin = account.browse(), self.env.ref("base.user_admin")
        spec = {field: {} for field in ("name", "imap_password", "imap_password_set", "imap_host")}
        answers = [
            account.web_save({name: OTHER, "smtp_password": SECRET}, spec),
            account.onchange({name: OTHER, "name": "x"}, [name], spec),
            account.onchange({name: OTHER, "imap_host": "x.example"}, ["imap_host"], spec),
            model.onchange({name: OTHER, "email": "a@b.example"}, [name, "email"], spec),
            model.web_save({"name": "N", "email": "n@n.example", name: OTHER}, spec),
            account.read(), account.web_read(spec), account.copy_data(), account.name_search(OTHER),
            account.with_user(admin).export_data(["name", name, "imap_password_set"]),
            account.fields_get([name]),
            account.message_ids.mapped("body"), account.sudo().message_ids.tracking_value_ids.read(),
            account.sudo().read([name, "imap_secret", "smtp_secret"]),
        ]  # fmt: skip
        for answer in answers:
            self.assertNotIn(OTHER, repr(answer))
            self.assertNotIn(SECRET, repr(answer))
        self.assertEqual(self.secret("imap"), OTHER)

    def test_no_question_finds_it_out(self):
        self.make_message(account=self.account.sudo())
        questions = [
            lambda env: env["member.mail.account"].search([("imap_secret", "like", "v2:g%")]),
            lambda env: env["member.mail.account"].search([("imap_secret", "!=", False)]),
            lambda env: env["member.mail.account"].search([], order="imap_secret"),
            lambda env: env["member.mail.account"].search_count([("imap_secret", ">", "v2:h")]),
            lambda env: env["member.mail.account"].formatted_read_group([], ["imap_secret"]),
            lambda env: env["member.mail.account"].formatted_read_group(
                [], ["state"], ["imap_secret:count_distinct"]
            ),
            lambda env: env["member.mail.account"].formatted_read_group(
                [], ["state"], ["imap_secret:array_agg"]
            ),
            lambda env: env["member.mail.account"].read_progress_bar(
                [], "imap_secret", {"field": "state", "colors": {}}
            ),
            lambda env: env["member.mail.message"].search(
                [("account_ids.imap_secret", "like", "v2:%")]
            ),
            lambda env: env["member.mail.message"].search(
                [("account_ids", "any", [("imap_secret", "like", "v2:%")])]
            ),
            lambda env: env["member.mail.folder"].search(
                [("account_id.imap_secret", "like", "v1")]
            ),
            lambda env: env["member.mail.folder"].search([], order="account_id.imap_secret"),
            lambda env: (
                env["member.mail.message"].search([]).export_data(["account_ids/imap_secret"])
            ),
            lambda env: self.account.with_env(env).read(["imap_secret"]),
            lambda env: self.account.with_env(env).web_read({"imap_secret": {}}),
            lambda env: self.account.with_env(env).mapped("imap_secret"),
            lambda env: self.account.with_env(env).filtered_domain([("imap_secret", "!=", False)]),
            lambda env: self.account.with_env(env).write({"imap_secret": "v2:x"}),
            lambda env: env["member.mail.account"].create(
                {"name": "x", "email": "x@x.example", "imap_secret": "v2:x"}
            ),
            lambda env: self.account.with_env(env).copy({"imap_secret": "v2:x"}),
        ]
        for user in (self.user, self.manager, self.env.ref("base.user_admin")):
            env = self.env(user=user)
            for number, question in enumerate(questions):
                self.env.invalidate_all()
                with self.subTest(f"{user.login} {number}"), self.cr.savepoint():
                    try:
                        answer = question(env)
                    except (AccessError, ValueError, UserError) as error:
                        answer = str(error)
                    else:
                        self.fail(f"answered: {answer}")
                    self.assertNotIn("v2:g", answer)

    def test_the_password_field_is_no_oracle(self):
        model = self.env["member.mail.account"].with_user(self.manager)
        everything = model.search([])
        for operator in ("=", "in", "like", "=like", "!="):
            for value in (SECRET, OTHER):
                operand = [value] if operator == "in" else value
                with self.subTest(f"{operator} {value}"):
                    try:
                        found = model.search([("imap_password", operator, operand)])
                    except (ValueError, UserError):
                        continue
                    self.assertIn(found, (everything, model))

    def test_password_of_a_wrong_type_or_with_control_characters(self):
        for wrong in (4711, 47.11, [SECRET], {"a": SECRET}, b"bytes", True):
            with self.subTest(repr(wrong)), self.assertRaises(ValidationError) as caught:
                self.account.write({"imap_password": wrong})
            self.assertNotIn(SECRET, repr(caught.exception.args))
            self.assertNotIn("47", repr(caught.exception.args))
        for text in (f"{OTHER}\n", f"{OTHER}\r\nA1 LOGOUT", f"\0{OTHER}", f"{OTHER}\ud800"):
            with self.subTest(repr(text)), self.assertRaises(ValidationError) as caught:
                self.account.write({"imap_password": text})
            self.assertNotIn(OTHER, repr(caught.exception.args))
        for text in ("pässwörd", "日本語", "🔑 key", ' "quoted\\" ', "a%s{0}$(x)'--", "é" * 300):
            self.account.imap_password = text
            self.assertEqual(self.secret("imap"), text)

    def test_calls_are_logged_without_what_was_typed(self):
        values = {
            "imap_password": OTHER,
            "name": "Kept",
            "nested": [(1, 2, {"smtp_password": OTHER})],
        }
        from odoo.service.model import call_kw

        with self.assertLogs("odoo.service.model", "DEBUG") as logged:
            call_kw(
                self.env["member.mail.account"],
                "write",
                [self.account.ids, {"imap_password": OTHER, "name": "Kept"}],
                {"context": {}},
            )
            for args, kwargs in (
                ([self.account.ids, values, ["name"], {"imap_password": {}}], {}),
                ([self.account.ids], {"values": values, "specification": {"imap_password": {}}}),
            ):
                try:
                    call_kw(self.env["member.mail.account"], "onchange", args, kwargs)
                except Exception:
                    continue
            fields = ["name", "email", "imap_password"]
            call_kw(
                self.env["member.mail.account"], "load", [fields, [["A", "a@b.example", OTHER]]], {}
            )
        log = "\n".join(logged.output)
        self.assertNotIn(OTHER, log)
        self.assertIn("'name': 'Kept'", log)
        self.assertEqual(self.secret("imap"), OTHER)  # it is masked in the log only


@tagged("post_install", "-at_install")
class TestImported(MemberMailCase):
    """Accounts from a file."""

    def run_import(self, content, **options):
        upload = self.env["base_import.import"].with_user(self.manager).create(
            {
                "res_model": "member.mail.account",
                "file": content.encode(),
                "file_type": "text/csv",
                "file_name": "accounts.csv",
            }
        )  # fmt: skip
        columns = content.splitlines()[0].split(",")
        options = {"quoting": '"', "separator": ",", "has_headers": True, **options}
        dryrun = options.pop("dryrun", False)
        return upload, upload.execute_import(columns, columns, options, dryrun=dryrun)

    def kept(self, upload):
        """What the database has of the uploaded file."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT file FROM base_import_import WHERE id = %s AND file IS NOT NULL", [upload.id]
        )
        return bytes(row[0]).decode() if (row := self.env.cr.fetchone()) else ""

    def test_the_file_does_not_keep_the_passwords(self):
        content = f"name,email,imap_host,imap_password\nDesk,d@x.example,imap.x.example,{SECRET}\n"
        upload, result = self.run_import(content, dryrun=True)
        self.assertFalse(result["messages"])
        self.assertIn(SECRET, self.kept(upload))  # it is needed again
        upload, result = self.run_import(content)
        account = self.env["member.mail.account"].browse(result["ids"])
        self.assertEqual(account._server_settings("imap").secret, SECRET)
        self.assertFalse(self.kept(upload))

    def test_a_file_that_is_not_over_yet(self):
        content = "name,email,imap_password\n" + "".join(
            f"Desk {n},d{n}@x.example,{SECRET}\n" for n in range(3)
        )
        upload, result = self.run_import(content, limit=2)
        self.assertEqual((len(result["ids"]), bool(result["nextrow"])), (2, True))
        self.assertIn(SECRET, self.kept(upload))
        columns = content.splitlines()[0].split(",")
        options = {"quoting": '"', "separator": ",", "has_headers": True, "skip": 2, "limit": 2}
        self.assertEqual(len(upload.execute_import(columns, columns, options)["ids"]), 1)
        self.assertFalse(self.kept(upload))

    def test_other_files_stay(self):
        upload = self.env["base_import.import"].create(
            {"res_model": "res.partner", "file": b"name\nAda\n", "file_type": "text/csv"}
        )
        options = {"quoting": '"', "separator": ",", "has_headers": True}
        self.assertTrue(upload.execute_import(["name"], ["name"], options)["ids"])
        self.assertIn("Ada", self.kept(upload))
