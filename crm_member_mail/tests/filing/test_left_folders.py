from odoo.tests import new_test_user, tagged

from ...mailbox.types import RemoteFolder
from ...models.account import connection
from .test_lost_folders import LostFolderCase


def remote(path, role="other", **values):
    return RemoteFolder(path, role, **values)


@tagged("post_install", "-at_install")
class TestLeftFolders(LostFolderCase):
    """A mailbox has so many folders at most: more are named, not stored."""

    def setUp(self):
        super().setUp()
        self.account = self.make_read_account(visibility="private", user_id=self.manager.id)
        self.patch(connection, "MAX_FOLDERS", 10)

    def stored(self):
        return self.account.with_context(active_test=False).folder_ids

    def test_no_more_than_allowed(self):
        folders = [remote("INBOX", "inbox"), *(remote(f"A{n:03}") for n in range(100))]
        self.account._update_folders([*folders, remote("Sent", "sent")])
        self.assertEqual(len(self.stored()), 10)
        self.assertLessEqual({"INBOX", "Sent"}, set(self.stored().mapped("path")))
        note = self.account.with_user(self.manager).left_folders_note
        self.assertIn(" 92 ", note)
        self.assertIn("A008", note)
        self.assertLess(len(note), 1000)
        # Those that are there stay, whatever comes before them now.
        before = self.stored()
        self.account._update_folders([*folders, remote("Sent", "sent"), remote("A", "archive")])
        self.assertEqual(self.stored(), before)
        self.account._update_folders(folders[:5])
        self.assertFalse(self.account.left_folders_note)

    def test_folders_that_come_and_go_do_not_pile_up(self):
        """A server that has other Sent folders each time fills no table."""
        for turn in range(10):
            self.account._update_folders(
                [remote("INBOX", "inbox"), *(remote(f"S{turn}-{n}", "sent") for n in range(5))]
            )
            self.stored().opened = True
        self.assertEqual(len(self.stored()), 10)

    def test_names_that_cannot_be_used_are_named(self):
        folders = [remote("INBOX", "inbox"), remote("a\ufffdb", selectable=False, is_unusable=True)]
        self.account._update_folders(folders)
        self.assertEqual(self.stored().mapped("path"), ["INBOX"])
        self.assertIn("a\ufffdb", self.account.with_user(self.manager).left_folders_note)

    def test_names_of_private_folders_are_not_told(self):
        owner = new_test_user(self.env, "left_owner", "sales_team.group_sale_salesman")
        self.account.user_id = owner
        self.account._update_folders(
            [remote("INBOX", "inbox"), remote("Divorce\ufffd", selectable=False, is_unusable=True)]
        )
        self.assertIn("Divorce", self.account.with_user(owner).left_folders_note)
        self.assertFalse(self.account.with_user(self.manager).left_folders_note)
