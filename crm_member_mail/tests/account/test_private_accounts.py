from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from ...mailbox.errors import MailboxError
from ..common import SERVERS, MemberMailCase


class PrivateAccountCase(MemberMailCase):
    """A user with a private account, and one whose private account belongs to somebody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "crm_member_mail.group_user,crm_member_mail.group_private_account"
        cls.owner = new_test_user(cls.env, "private_owner", groups)
        cls.other = new_test_user(cls.env, "private_other", groups)
        cls.private = cls.make_account(
            visibility="private", user_id=cls.owner.id, imap_password="s3cret"
        )
        cls.shared = cls.make_account()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})

    def mine(self, user=None, **values):
        values = {"name": "Me", "email": "me@example.com", **SERVERS, **values}
        return self.env["member.mail.account"].with_user(user or self.owner).create(values)

    def refused(self, act, *args):
        """``act(*args)`` is refused and leaves no trace."""
        with self.assertRaises(UserError), self.env.cr.savepoint():
            act(*args)
            self.env.flush_all()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestOwnPrivateAccounts(PrivateAccountCase):
    """What users may do with their own private accounts, and with nothing else."""

    def test_the_setting_gives_it_to_everybody(self):
        user = new_test_user(self.env, "plain", "crm_member_mail.group_user")
        self.refused(lambda: self.mine(user))
        settings = self.env["res.config.settings"].create({"group_member_mail_private": True})
        settings.execute()
        self.assertTrue(user.has_group("crm_member_mail.group_private_account"))
        self.assertTrue(self.mine(user))
        self.env["res.config.settings"].create({"group_member_mail_private": False}).execute()
        self.refused(lambda: self.mine(user))

    def test_the_group_alone_shows_nothing(self):
        lone = new_test_user(self.env, "lone", "crm_member_mail.group_private_account")
        seen = self.env["member.mail.account"].with_user(lone).search([])
        self.assertFalse(seen)

    def test_the_form(self):
        account = self.env["member.mail.account"].with_user(self.owner)
        with Form(account.with_context(default_visibility="private")) as form:
            form.name, form.email, form.imap_password = "Me", "me@gmail.com", "x"
            for name in ("visibility", "user_id", "team_id"):
                with self.assertRaises(AssertionError, msg="it is not for him to set"):
                    setattr(form, name, False)
        self.assertEqual((form.record.visibility, form.record.user_id), ("private", self.owner))
        menus = self.env["ir.ui.menu"].with_user(self.owner)._visible_menu_ids()
        self.assertIn(self.env.ref("crm_member_mail.member_mail_own_account_menu").id, menus)

    def test_private_by_itself(self):
        account = self.mine()
        self.assertEqual((account.visibility, account.user_id), ("private", self.owner))
        as_manager = self.mine(self.manager)
        self.assertEqual(as_manager.visibility, "shared")

    def test_all_that_he_does_with_his_own(self):
        account = self.mine()
        account.write({"name": "Renamed", "imap_password": "x", "notify": True, "history": "90"})
        folder = self.env["member.mail.folder"].create(
            {"account_id": account.id, "path": "INBOX", "role": "inbox"}
        )
        account.write({"folder_ids": [Command.update(folder.id, {"active": False})]})
        self.assertFalse(folder.active)
        account.write({"exclusion_ids": [Command.create({"pattern": "spam.example"})]})
        self.assertEqual(account.exclusion_ids.mapped("pattern"), ["@spam.example"])
        account.exclusion_ids.unlink()
        account.action_check()
        account.action_pause_history()
        account.action_resume_history()
        failure = self.env["member.mail.failure"].create(
            {"folder_id": folder.id, "uidvalidity": 1, "uid": 1}
        )
        failure.with_user(self.owner).action_ignore()
        self.assertEqual(failure.state, "ignored")
        failure.with_user(self.owner).action_retry()
        self.assertEqual(failure.state, "failed")
        trace = self.env["member.mail.trace"].with_user(self.owner)
        trace = trace.create({"account_id": account.id, "query": "ada@member.example"})
        account.write({"imap_host": "localhost", "imap_password": "x"})
        trace.action_search()
        self.assertIn("private network", trace.problems)
        failure.unlink()
        account.action_archive()
        self.assertFalse(account.active)
        account.unlink()

    def test_nothing_wider(self):
        team = self.env["crm.team"].create(
            {"name": "Team", "member_ids": [Command.set(self.owner.ids)]}
        )
        mine = self.private.with_user(self.owner)
        for values in (
            {"visibility": "shared"},
            {"visibility": "team", "team_id": team.id},
            {"user_id": self.other.id},
            {"user_id": False},
            {"company_id": self.elsewhere.id},
        ):
            with self.subTest(values=values):
                self.refused(mine.write, values)
                self.refused(lambda values=values: self.mine(**values))
                self.assertEqual(self.private.visibility, "private")
                self.assertEqual(self.private.user_id, self.owner)

    def test_nobody_else_s(self):
        theirs = self.make_account(visibility="private", user_id=self.other.id)
        owned = self.make_account(user_id=self.owner.id)
        folder, shared_folder, my_folder = self.env["member.mail.folder"].create(
            [
                {"account_id": account.id, "path": "INBOX"}
                for account in (theirs, self.shared, self.private)
            ]
        )
        failures = self.env["member.mail.failure"].create(
            [{"folder_id": f.id, "uidvalidity": 1, "uid": 1} for f in (folder, shared_folder)]
        )
        for account in (theirs, self.shared, owned):
            account = account.with_user(self.owner)
            self.refused(account.write, {"name": "Mine"})
            self.refused(account.write, {"user_id": self.owner.id})
            self.refused(account.unlink)
            self.refused(account.action_test_connection)
            self.refused(account.action_fetch_now)
            self.refused(
                lambda account=account: account.exclusion_ids.create(
                    {"pattern": "x.example", "account_id": account.id}
                )
            )
        trace = self.env["member.mail.trace"].with_user(self.owner)
        trace = trace.create({"account_id": theirs.id, "query": "x@example.com"})
        self.refused(trace.action_search)
        for each in (folder, shared_folder):
            self.refused(each.with_user(self.owner).write, {"active": False})
        mine = self.private.with_user(self.owner)
        self.refused(lambda: mine.write({"folder_ids": [Command.link(shared_folder.id)]}))
        self.refused(lambda: my_folder.with_user(self.owner).write({"account_id": theirs.id}))
        for failure in failures.with_user(self.owner):
            self.refused(failure.action_ignore)
        self.refused(
            lambda: (
                self.env["member.mail.exclusion"]
                .with_user(self.owner)
                .create({"pattern": "x.example"})
            )
        )
        exclusion = self.env["member.mail.exclusion"].with_user(self.owner)
        exclusion = exclusion.create({"pattern": "x.example", "account_id": self.private.id})
        self.refused(lambda: exclusion.write({"account_id": False}))
        self.refused(lambda: exclusion.write({"account_id": self.shared.id}))

    def test_a_customer_s_address_stays_a_customer_s(self):
        """Users who add a mailbox could claim anybody's address as their own."""
        self.mine(email="ada@member.example", aliases="bob@member.example, me@club.example")
        self.shared.email = "office@club.example"
        shared = self.shared._match_rules().own
        self.assertNotIn("ada@member.example", shared)
        self.assertNotIn("bob@member.example", shared)
        self.assertIn("me@club.example", shared, "a colleague's is one of ours")
        account = self.env["member.mail.account"].search([("email", "=", "ada@member.example")])
        self.assertIn("bob@member.example", account._match_rules().own, "in his own mailbox it is")


@tagged("post_install", "-at_install")
class TestOthersPrivateAccounts(PrivateAccountCase):
    """What administrators may not do with the private accounts of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "private_admin", "base.group_system")
        cls.message = cls.make_message(account=cls.private, subject="Hidden")
        cls.folder = cls.env["member.mail.folder"].create(
            {"account_id": cls.private.id, "path": "Divorce", "role": "inbox"}
        )
        cls.failure = cls.env["member.mail.failure"].create(
            {"folder_id": cls.folder.id, "uidvalidity": 1, "uid": 1, "error": "Hidden"}
        )

    def test_only_what_does_not_open_it(self):
        for user in (self.manager, self.admin):
            account = self.private.with_user(user)
            for values in (
                {"visibility": "shared"},
                {"user_id": user.id},
                {"user_id": False},
                {"team_id": False},
                {"company_id": self.env.company.id},
                {"notify": True, "notify_email": "boss@example.com"},
                {"reply_to": "boss@example.com"},
                {"aliases": "boss@example.com"},
                {"email": "boss@example.com"},
                {"imap_host": "trap.example"},
                {"smtp_host": "trap.example", "smtp_password": "theirs"},
                {"imap_login": "boss"},
                {"imap_password": "theirs"},
                {"auth_method": "outlook"},
                {"deletion_policy": "copied"},
                {"delete_on_server": True},
                {"history": "all"},
                {"signature": "<p>x</p>"},
                {"authserv_ids": "trap.example"},
                {"match_domains": True},
                {"folder_ids": [Command.update(self.folder.id, {"active": False})]},
                {"folder_ids": [Command.create({"path": "Trap"})]},
                {"exclusion_ids": [Command.create({"pattern": "x.example"})]},
                {"member_mail_message_ids": [Command.clear()]},
            ):
                with self.subTest(user=user.login, values=values):
                    self.refused(account.write, values)
            account.action_archive()
            self.assertFalse(self.private.active)
            account.action_unarchive()
            self.assertEqual(account.state, "draft")
            self.assertEqual(account.read(["error_message"])[0]["error_message"], False)

    def test_the_owner_decides(self):
        account = self.private.with_user(self.owner)
        account.write({"notify": True, "imap_host": "new.example", "imap_password": "new"})
        owner = new_test_user(self.env, "boss", "crm_member_mail.group_manager")
        own = self.make_account(visibility="private", user_id=owner.id).with_user(owner)
        own.visibility = "shared"
        self.assertEqual(own.visibility, "shared")

    def test_its_mail_is_not_linked_elsewhere(self):
        link = [Command.link(self.message.id)]
        for user in (self.manager, self.admin):
            shared = self.shared.with_user(user)
            self.refused(shared.write, {"member_mail_message_ids": link})
            self.refused(lambda u=user: self.mine(u, member_mail_message_ids=link))
            self.refused(self.folder.with_user(user).write, {"account_id": shared.id})
            self.refused(shared.write, {"folder_ids": [Command.link(self.folder.id)]})
            self.refused(shared.write, {"failure_ids": [Command.link(self.failure.id)]})
            self.assertEqual(self.message.account_ids, self.private)
            self.assertEqual(self.failure.account_id, self.private)

    def test_names_of_folders_and_exclusions_are_not_told(self):
        exclusion = self.env["member.mail.exclusion"].create(
            {"pattern": "lawyer.example", "account_id": self.private.id}
        )
        for user in (self.manager, self.admin):
            for record in (self.folder, exclusion, self.failure):
                self.assertFalse(record.with_user(user)._filtered_access("read"), record)
            self.refused(
                lambda u=user: (
                    self.env["member.mail.exclusion"]
                    .with_user(u)
                    .create({"pattern": "x.example", "account_id": self.private.id})
                )
            )
            with Form(self.private.with_user(user)) as form:
                self.assertFalse(len(form.all_folder_ids))

    def test_names_of_private_mailboxes_are_not_told(self):
        self.message.account_ids += self.shared
        self.env.invalidate_all()
        for user in (self.manager, self.admin):
            message = self.message.with_user(user)
            self.assertEqual(message.account_ids, self.shared)
            self.assertFalse(message.search([("account_ids", "=", self.private.id)]))
            self.assertFalse(message.search([("account_ids.email", "=", self.private.email)]))
            self.env.invalidate_all()
        self.message.sudo().headers = "Subject: x\r\nDelivered-To: secret@example.com\r\n"
        headers = self.message.with_user(self.manager).get_original_headers()
        self.assertNotIn("secret", headers)
        self.assertFalse(
            self.message._readable_accounts(self.private).with_user(self.manager)
            and self.message.with_user(self.manager)._readable_accounts(self.private)
        )

    def test_exclusions_count_what_one_sees(self):
        self.make_message(account=self.shared)
        exclusion = self.env["member.mail.exclusion"].with_user(self.manager)
        exclusion = exclusion.create({"pattern": "ada@member.example"})
        self.assertEqual(exclusion.filed_count, 1)
        exclusion.action_remove_filed()
        self.assertTrue(self.message.exists())

    def test_searches_are_not_read_by_others(self):
        Trace = self.env["member.mail.trace"].with_user(self.owner)
        trace = Trace.create({"account_id": self.private.id, "query": "lawyer"})
        line = {"trace_id": trace.id, "subject": "Hidden", "verdict": "filed"}
        line = self.env["member.mail.trace.line"].sudo().create(line)
        line_of_owner = line.with_user(self.owner)
        self.env.cr.execute("UPDATE member_mail_trace_line SET create_uid = %s", (self.owner.id,))
        self.assertTrue(line_of_owner.has_access("read"))
        for user in (self.manager, self.admin, self.other):
            self.assertFalse(trace.with_user(user)._filtered_access("read"))
            self.assertFalse(line.with_user(user)._filtered_access("read"))
            # A reference is read with its name, whoever may see what it refers to.
            self.refused(
                lambda u=user: line.with_user(u).create(
                    {"trace_id": trace.id, "verdict": "filed", "message_id": self.message.id}
                )
            )

    def test_drafts_do_not_name_mailboxes(self):
        values = {"account_id": self.private.id, "email_from": self.private.email}
        self.refused(lambda: self.env["member.mail.draft"].with_user(self.user).create(values))

    def test_what_was_set_up_for_another_tells_nobody_else(self):
        account = self.mine(
            self.manager, visibility="private", user_id=self.owner.id, notify=True,
            notify_email="boss@example.com", reply_to="boss@example.com",
        )  # fmt: skip
        self.assertFalse(account.notify or account.notify_email or account.reply_to)
        self.shared.write({"notify": True, "notify_email": "boss@example.com"})
        self.shared.with_user(self.manager).write(
            {"visibility": "private", "user_id": self.owner.id}
        )
        self.assertFalse(self.shared.notify or self.shared.notify_email)

    def test_followers_hear_of_what_they_see(self):
        self.private.sudo().message_subscribe(self.manager.partner_id.ids)
        message = self.make_message(account=self.private, is_news=True)
        self.assertEqual(list(self.private.sudo()._hearers(message.sudo())), [self.owner])

    def test_stored_passwords_go_nowhere_else(self):
        shared = self.make_account(imap_password="s3cret")
        for values in (
            {"imap_host": "trap.example"},
            {"smtp_host": "trap.example"},
            {"smtp_host": "trap.example", "imap_password": False, "smtp_password": False},
            {"imap_encryption": "none"},
        ):
            with self.subTest(values=values), self.env.cr.savepoint() as savepoint:
                shared.with_user(self.manager).write(values)
                with self.assertRaises(MailboxError) as raised:
                    shared._server_settings("smtp" if "smtp_host" in values else "imap")
                self.assertEqual(raised.exception.code, "no_password")
                savepoint.rollback()
                self.env.invalidate_all()
        shared.with_user(self.manager).write(
            {"imap_host": "new.example", "imap_password": "n3w", "smtp_host": "new.example"}
        )
        self.assertEqual(shared._server_settings("smtp").secret, "n3w")
        shared.with_user(self.manager).write({"imap_port": 143, "imap_host": " New.example "})
        shared.with_user(self.manager).name = "Renamed"
