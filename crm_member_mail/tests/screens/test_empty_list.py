"""What an empty list of messages says, and to whom."""

from odoo.tests import new_test_user, tagged

from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestEmptyList(MemberMailCase):
    def help(self, user):
        """What the list of all messages says to a user."""
        action = self.env.ref("crm_member_mail.action_message").with_user(user).sudo()
        return action.read(["res_model", "help"])[0]["help"]

    def test_who_sees_no_mailbox_is_told_how_to_get_one(self):
        company = self.env["res.company"].create({"name": "New"})
        manager, user = (
            new_test_user(
                self.env, group, f"crm_member_mail.{group}", company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
            for group in ("group_manager", "group_user")
        )  # fmt: skip
        self.assertIn("Configuration", self.help(manager))
        self.assertNotIn("Configuration", self.help(user))
        self.assertIn("Ask an administrator", self.help(user))
        self.make_account(company_id=company.id)
        for each in (manager, user):
            self.assertIn("says why one is missing", self.help(each))
            self.assertNotRegex(self.help(each), "Configuration|administrator")
