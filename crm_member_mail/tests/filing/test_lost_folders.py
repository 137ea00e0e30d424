from odoo.tests import new_test_user, tagged

from ...mailbox.imap.renamed import Found, Move
from ...mailbox.types import FolderStatus, RemoteFolder
from ...models.scan.account_desk import AccountDesk
from ..account.test_dashboard import DashboardCase


class LostFolderCase(DashboardCase):
    @classmethod
    def make_folder(cls, account, path, **values):
        """A folder that is read, and has been before."""
        return cls.env["member.mail.folder"].create(
            {
                "account_id": account.id, "path": path, "role": "other", "opened": True,
                "uidvalidity": 7, "last_uid": 3, "covered_since": "2020-01-01", **values,
            }
        )  # fmt: skip

    @staticmethod
    def names(account):
        """Dict of path to role of the folders that are read."""
        return {folder.path: folder.role for folder in account.folder_ids}


@tagged("post_install", "-at_install")
class TestLostFolders(LostFolderCase):
    def test_a_problem_with_a_remedy_until_it_is_mended(self):
        account = self.make_read_account()
        lost = self.make_folder(account, "Clients", missing=True)
        self.assertEqual(account.condition, "incomplete")
        self.assertEqual(account.with_user(self.manager).remedy, "folders")
        action = account.with_user(self.manager).action_remedy()
        self.assertEqual((action["res_model"], action["res_id"]), (account._name, account.id))
        self.assertIn("“Clients”", account.folder_problem)
        # As the form does, which shows all folders.
        account.with_context(active_test=False).write(
            {"all_folder_ids": [(1, lost.id, {"active": False})]}
        )
        self.assertEqual(account.condition, "fine")
        self.assertFalse(account.folder_problem)

    def test_other_problems_come_first(self):
        account = self.make_trouble("timeout")
        self.make_folder(account, "Clients", missing=True)
        self.assertEqual(account.condition, "failing")

    def test_one_activity_for_whoever_is_responsible(self):
        account = self.make_read_account(user_id=self.manager.id)
        first = self.make_folder(account, "Clients", missing=True)
        account._note_lost_folders()
        account._note_lost_folders()
        activity = account.folder_activity_id
        self.assertEqual(account.activity_ids, activity)
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("Clients", activity.note)

        second = self.make_folder(account, "<b>Partners</b>", missing=True)
        account._note_lost_folders()
        self.assertEqual(account.folder_activity_id, activity)
        self.assertIn("&lt;b&gt;Partners", activity.note)

        account.user_id = self.env.ref("base.user_admin")
        account._note_lost_folders()
        self.assertFalse(activity.exists())
        self.assertEqual(account.folder_activity_id.user_id, account.user_id)

        first.missing = False
        self.assertTrue(account.folder_activity_id)
        second.unlink()
        self.assertFalse(account.folder_activity_id)

    def test_names_of_private_folders_are_not_told(self):
        owner = new_test_user(self.env, "lost_owner", "sales_team.group_sale_salesman")
        account = self.make_read_account(visibility="private", user_id=owner.id)
        self.make_folder(account, "Divorce", missing=True)
        account._note_lost_folders()
        theirs = account.with_user(self.manager)
        self.assertEqual((theirs.condition, theirs.remedy), ("incomplete", "ask"))
        self.assertTrue(theirs.folder_problem)
        self.assertNotIn("Divorce", theirs.folder_problem)
        self.assertNotIn("Divorce", account.folder_activity_id.note)
        self.assertIn("Divorce", account.with_user(owner).folder_problem)

    def test_a_check_does_not_pretend(self):
        result = {"total": 5, "filed": 2, "stranger": 3}
        checked = {"checked": "2026-01-02", "check_result": result}
        account = self.make_read_account(checked)
        self.assertEqual(account.accounted, "5 of 5 accounted for")
        for path, expected in (
            ("One", "not counting a folder that is missing"),
            ("Two", "not counting 2 folders that are missing"),
        ):
            self.make_folder(account, path, missing=True, **checked)
            self.assertIn(expected, account.accounted)


@tagged("post_install", "-at_install")
class TestFolderRecords(LostFolderCase):
    def list(self, account, *folders):
        """What a server lists: pairs of path and role, besides INBOX."""
        account._update_folders(
            [RemoteFolder("inbox", "inbox"), *(RemoteFolder(*folder) for folder in folders)]
        )

    def all_of(self, account):
        return account.with_context(active_test=False).folder_ids

    def test_every_sent_folder_is_read(self):
        account = self.make_read_account()
        self.list(account, ("Sent", "sent"), ("Sent Items", "sent"), ("Clients", "other"))
        self.assertEqual(
            self.names(account), {"INBOX": "inbox", "Sent": "sent", "Sent Items": "sent"}
        )

    def test_a_sent_folder_that_was_not_known_as_one(self):
        account = self.make_read_account()
        self.list(account, ("Sent Things", "other"))
        self.list(account, ("Sent Things", "sent"))
        self.assertEqual(self.names(account)["Sent Things"], "sent")
        # What somebody decides stays so.
        self.all_of(account).filtered(lambda f: f.path == "Sent Things").write(
            {"active": False, "role": "other"}
        )
        self.list(account, ("Sent Things", "sent"))
        self.assertNotIn("Sent Things", self.names(account))

    def test_what_nobody_has_sent_yet_is_not_read(self):
        account = self.make_read_account()
        folders = self.make_folder(account, "Later") | self.make_folder(account, "Bulky")
        self.list(account, ("Later", "outbox"), ("Bulky", "junk"), ("Outbox", "outbox"))
        # One that somebody wants read goes on being read, whatever it is for.
        self.assertEqual(folders.mapped("active"), [False, True])
        self.assertEqual(folders.mapped("missing"), [False, False])
        self.assertNotIn("Outbox", self.all_of(account).mapped("path"))

    def test_what_was_never_read_is_forgotten(self):
        account = self.make_read_account()
        self.list(account, ("Clients", "other"), ("Sent", "sent"))
        self.list(account)
        self.assertEqual(self.all_of(account).mapped("path"), ["INBOX"])
        self.assertFalse(account.folder_problem)

    def test_a_folder_that_is_back_counts_once_it_is_open(self):
        account = self.make_read_account()
        folder = self.make_folder(account, "Clients", missing=True)
        status = FolderStatus(7, 4, 3)
        desk = AccountDesk(account, lambda: 60)
        agenda = desk.agenda([RemoteFolder("Clients", "other", status=status)])
        self.assertTrue(folder.missing)
        folder_desk = dict(agenda)["Clients"]
        folder_desk.open(status)
        self.assertFalse(folder.missing)

    def test_names_that_change_places(self):
        account = self.make_read_account()
        one, two, gone = (self.make_folder(account, path) for path in ("One", "Two", "Three"))
        unread = self.make_folder(account, "Four", opened=False, active=False)
        desk = AccountDesk(account, lambda: 60)
        moves = {one.id: Move("Two"), two.id: Move("Three"), gone.id: Move(None)}
        desk.renamed(Found(moves, frozenset(), "x", {}))
        self.assertEqual((one.path, two.path, gone.path), ("Two", "Three", "Three"))
        self.assertEqual((one.missing, two.missing, gone.missing), (False, False, True))
        self.assertEqual(one.last_uid, 3)

        moves = {one.id: Move("Four", read_again=True)}
        desk.renamed(Found(moves, frozenset(gone.ids), "x", {}))
        self.assertFalse(unread.exists())
        self.assertEqual((one.path, one.uidvalidity), ("Four", 0))
        self.assertEqual(gone.sought, "x")
