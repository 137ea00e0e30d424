from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.web.tests.test_js import unit_test_error_checker

from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestTours(HttpCase, MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Not on the machine of whoever runs the tests: nothing answers there.
        remote = '<img src="https://images.invalid/x.png">'
        cls.newest = cls.make_message(
            subject="Newest",
            body=f"<p>Hello from the newest</p>{remote}",
            body_text="About the projector",
            attachments=[{"name": "plan.txt", "raw": b"plan", "mimetype": "text/plain"}],
        )
        cls.oldest = cls.make_message(
            subject="Oldest", date=fields.Datetime.now() - timedelta(days=400)
        )

    def test_search(self):
        self.start_tour("/odoo", "member_mail_search_tour", login=self.user.login)
        self.assertFalse(self.newest.trashed)

    def test_account(self):
        self.start_tour("/odoo", "member_mail_account_tour", login="admin")
        account = self.env["member.mail.account"].search([("email", "=", "tour@icloud.com")])
        self.assertEqual(account.provider_id, self.env.ref("crm_member_mail.provider_icloud"))
        self.assertTrue(account.imap_password_set)
        self.assertFalse(account.imap_password)


@tagged("post_install", "-at_install")
class TestJavaScript(HttpCase):
    def test_units(self):
        """The unit tests of `static/tests`, in Chromium."""
        assets = self.registry["ir.asset"]
        find = assets._get_asset_paths

        def without_the_tests_of_others(records, bundle, assets_params):
            """Some hundred files, whose tests would be left out one by one."""
            return [
                entry
                for entry in find(records, bundle, assets_params)
                if not entry[0].endswith(".test.js") or entry[0].startswith("/crm_member_mail/")
            ]

        self.patch(assets, "_get_asset_paths", without_the_tests_of_others)
        errors = []

        def ends_the_run(message):
            errors.append(message)
            return unit_test_error_checker(message)

        try:
            self.browser_js(
                "/web/tests?headless&loglevel=2&preset=desktop&timeout=24000&filter=@crm_member_mail",
                "",
                "",
                login="admin",
                timeout=240,
                success_signal="[HOOT] Test suite succeeded",
                error_checker=ends_the_run,
            )
        except AssertionError as error:
            # Odoo itself only says that some test failed.
            self.fail("\n".join([*errors, str(error)]))
