from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestAccess(MemberMailCase):
    """Users see a message if they may see one of the accounts that hold it, and only then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = new_test_user(cls.env, "mail_owner", "crm_member_mail.group_user")
        cls.mate = new_test_user(cls.env, "mail_mate", "crm_member_mail.group_user")
        cls.outsider = new_test_user(cls.env, "mail_outsider", "base.group_user")
        cls.team = cls.env["crm.team"].create(
            {"name": "Team", "member_ids": [Command.set(cls.mate.ids)]}
        )
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        owned = {"user_id": cls.owner.id}
        cls.accounts = {
            "shared": cls.make_account(visibility="shared", **owned),
            "team": cls.make_account(visibility="team", team_id=cls.team.id, **owned),
            "private": cls.make_account(visibility="private", **owned),
            "elsewhere": cls.make_account(company_id=cls.other_company.id, **owned),
        }
        cls.messages = {
            name: cls.make_message(
                account=account, attachments=[{"name": "a.txt", "raw": b"secret"}]
            )
            for name, account in cls.accounts.items()
        }
        cls.sees = {
            cls.owner: {"shared", "team", "private"},
            cls.mate: {"shared", "team"},
            cls.user: {"shared"},
            cls.manager: {"shared"},
        }

    def test_groups(self):
        self.assertTrue(self.user.has_group("crm_member_mail.group_user"), "by being in sales")
        self.assertFalse(self.user.has_group("crm_member_mail.group_manager"))
        admin = new_test_user(self.env, "mail_admin", "base.group_system")
        self.assertTrue(admin.has_group("crm_member_mail.group_manager"))

    def test_who_reads_which_message(self):
        every = self.env["member.mail.message"].union(*self.messages.values())
        for user, names in self.sees.items():
            visible = every.browse().union(*(self.messages[name] for name in names))
            Message = every.with_user(user).browse()
            domain = [("id", "in", every.ids)]
            with self.subTest(user=user.login):
                self.assertEqual(Message.search(domain), visible)
                self.assertEqual(Message.search_count(domain), len(visible))
                self.assertEqual(
                    sum(n for [n] in Message._read_group(domain, [], ["__count"])), len(visible)
                )
                found = Message.name_search("Message", domain, limit=None)
                self.assertEqual({row[0] for row in found}, set(visible.ids))
                for name, message in self.messages.items():
                    for record in (
                        message,
                        message.participant_ids,
                        message.conversation_id,
                        message.attachment_ids,
                    ):
                        self.assertEqual(
                            bool(record.with_user(user)._filtered_access("read")),
                            name in names,
                            f"{record} of the {name} mailbox",
                        )

    def test_one_visible_mailbox_is_enough(self):
        both = self.accounts["shared"] + self.accounts["private"]
        message = self.make_message(account=both).with_user(self.user)
        self.assertTrue(message.has_access("read"))
        self.env.invalidate_all()
        [values] = message.web_read({"account_ids": {"fields": {"display_name": {}}}})
        self.assertEqual(
            values["account_ids"],
            [
                {
                    "id": self.accounts["shared"].id,
                    "display_name": self.accounts["shared"].display_name,
                }
            ],
            "the other is not told of",
        )

    def test_archived_mailboxes_keep_their_mail(self):
        self.accounts["shared"].active = False
        message = self.messages["shared"].with_user(self.user)
        self.assertTrue(message.has_access("read"))
        self.assertTrue(message.search([("id", "=", message.id)]))

    def test_former_team_members(self):
        self.team.crm_team_member_ids.active = False
        message = self.messages["team"].with_user(self.mate)
        self.assertFalse(message.has_access("read"))
        self.assertFalse(message.search([("id", "=", message.id)]))

    def test_other_companies(self):
        user = new_test_user(
            self.env,
            "mail_both",
            "crm_member_mail.group_user",
            company_ids=[Command.set((self.env.company + self.other_company).ids)],
        )
        message = self.messages["elsewhere"].with_user(user)
        there = message.with_context(allowed_company_ids=self.other_company.ids)
        here = message.with_context(allowed_company_ids=self.env.company.ids)
        self.assertTrue(there.search([("id", "=", message.id)]))
        self.assertFalse(here.search([("id", "=", message.id)]))

    def test_nobody_writes_mail(self):
        for user in (self.owner, self.manager):
            message = self.messages["shared"].with_user(user)
            with self.assertRaises(AccessError):
                message.subject = "Forged"
            with self.assertRaises(AccessError):
                message.copy()

    def test_who_deletes(self):
        with self.assertRaises(AccessError):
            self.messages["private"].with_user(self.manager).unlink()
        with self.assertRaises(AccessError):
            self.messages["team"].with_user(self.user).action_trash()
        attachments = self.messages["shared"].attachment_ids
        self.messages["shared"].with_user(self.user).unlink()
        self.assertFalse(self.messages["shared"].exists())
        self.assertFalse(attachments.exists())

    def test_administrators_set_up_accounts(self):
        accounts = self.env["member.mail.account"].union(*self.accounts.values())
        mine = accounts.with_user(self.manager).search([("id", "in", accounts.ids)])
        self.assertEqual(mine, accounts - self.accounts["elsewhere"], "within their companies")
        self.accounts["private"].with_user(self.manager).name = "Renamed"
        seen = accounts.with_user(self.user).search([("id", "in", accounts.ids)])
        self.assertEqual(seen, self.accounts["shared"])
        with self.assertRaises(AccessError):
            seen.name = "Mine now"
        with self.assertRaises(AccessError):
            seen.folder_ids.create({"account_id": seen.id, "path": "INBOX"})

    def test_where_mail_lies_follows_the_mailbox(self):
        folders = self.env["member.mail.folder"].create(
            [{"account_id": a.id, "path": "INBOX"} for a in self.accounts.values()]
        )
        message = self.messages["shared"]
        message.account_ids = self.env["member.mail.account"].union(*self.accounts.values())
        self.env["member.mail.location"].create(
            [
                {"message_id": message.id, "folder_id": folder.id, "uidvalidity": 1, "uid": 1}
                for folder in folders
            ]
        )
        self.env["member.mail.failure"].create(
            [{"folder_id": folder.id, "uidvalidity": 1, "uid": 2} for folder in folders]
        )
        for model in ("member.mail.location", "member.mail.failure"):
            for user in (self.user, self.manager):
                found = self.env[model].with_user(user).search([("folder_id", "in", folders.ids)])
                self.assertEqual(found.folder_id.account_id, self.accounts["shared"])

    def test_outside_the_groups_there_is_nothing(self):
        for model in (
            "member.mail.message",
            "member.mail.participant",
            "member.mail.conversation",
            "member.mail.location",
            "member.mail.failure",
            "member.mail.tombstone",
            "member.mail.account",
            "member.mail.folder",
            "member.mail.provider",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.outsider).search([])
        partner = self.member.with_user(self.outsider)
        self.assertNotIn("member_mail_count", partner.fields_get())
        self.assertNotIn("member_mail_message_ids", partner.get_view(view_type="form")["arch"])
