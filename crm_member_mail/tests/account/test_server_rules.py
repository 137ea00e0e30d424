from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import MemberMailCase

SECRET, OTHER = "hunter2-of-the-club", "another-one"


@tagged("post_install", "-at_install")
class TestServerRules(MemberMailCase):
    def test_ports(self):
        account = self.make_account(imap_password=SECRET)
        parameters = self.env["ir.config_parameter"]
        self.assertEqual(account._server_settings("imap").allowed_ports, {143, 993})
        self.assertEqual(account._server_settings("smtp").allowed_ports, {25, 465, 587, 2525})
        parameters.set_param("crm_member_mail.allowed_ports", "1993, 24;oops 70000")
        self.assertEqual(
            account._server_settings("imap").allowed_ports, {143, 993, 1993, 24, 70000}
        )
        parameters.set_param("crm_member_mail.allow_private_hosts", "True")
        self.assertIsNone(account._server_settings("imap").allowed_ports)

    def test_only_system_administrators_allow_private_hosts(self):
        parameter = "crm_member_mail.allow_private_hosts"
        get = self.env["ir.config_parameter"].get_param
        admin = new_test_user(self.env, "administrator", "base.group_system,base.group_user")
        for value in (True, False):
            settings = self.env["res.config.settings"].with_user(admin).create({})
            settings.member_mail_allow_private_hosts = value
            settings.execute()
            self.assertEqual(get(parameter), str(value))
        settings = self.env["res.config.settings"].with_user(admin).create({})
        settings.member_mail_allow_private_hosts = True
        admin.group_ids -= self.env.ref("base.group_system")
        admin.group_ids |= self.env.ref("base.group_erp_manager")
        self.assertTrue(admin.has_group("base.group_erp_manager"))
        with self.assertRaises(AccessError):
            settings.set_values()
        self.assertEqual(get(parameter), "False")
