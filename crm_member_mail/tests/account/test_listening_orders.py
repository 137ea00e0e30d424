import itertools
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ...workers.listening import statements
from ...workers.listening.clerk import read_answer
from ...workers.listening.shards import SHARDS
from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestListeningOrders(MemberMailCase):
    """What a listener is told of mailboxes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {"imap_host": "imap.example.com", "imap_port": 993, "imap_password": "secret"}
        cls.accounts = cls.env["member.mail.account"].create(
            [
                {"name": name, "email": f"{name}@listening.example", **values}
                for name in ("one", "two", "three")
            ]
        )
        cls.accounts.write({"state": "connected"})

    def test_both_rules_name_the_same_accounts(self):
        account = self.accounts[0]
        states = [
            ("draft", False),
            ("connected", False),
            ("error", "refused"),
            ("error", "throttled"),
        ]
        self.assertIn("throttled", statements.THROTTLING)
        found = set()
        for active, (state, code), stopped, setting_up in itertools.product(
            (True, False), states, (True, False), (True, False)
        ):
            account.write(
                {
                    "active": active, "state": state, "error_code": code, "stopped": stopped,
                    "setting_up": setting_up,
                }
            )  # fmt: skip
            self.env.flush_all()
            self.env.cr.execute(
                statements.READABLE,
                {
                    "shards": SHARDS,
                    "ours": list(range(SHARDS)),
                    "throttling": statements.THROTTLING,
                },
            )
            read = account.id in {id_ for (id_,) in self.env.cr.fetchall()}
            self.assertEqual(
                bool(account._listenable()), read, (active, state, code, stopped, setting_up)
            )
            if read:
                found.add((active, state, code, stopped, setting_up))
        self.assertEqual(
            found,
            {(True, "connected", False, False, False), (True, "error", "refused", False, False)},
        )

    def test_the_orders_are_understood(self):
        self.accounts[0].folder_ids = [
            (
                0,
                0,
                {"path": "Sent", "role": "sent", "opened": True, "uidvalidity": 3, "last_uid": 4},
            ),
            (0, 0, {"path": "INBOX", "role": "inbox"}),
        ]
        found = read_answer(self.accounts._listening_orders({}))
        self.assertEqual(set(found.orders), set(self.accounts.ids))
        order = found.orders[self.accounts[0].id]
        self.assertEqual(list(order.folders), ["INBOX", "Sent"])
        self.assertEqual(order.folders["Sent"].uidnext, 5)
        self.assertTrue(order.apart)
        self.assertEqual(order.settings.secret, "secret")
        self.assertFalse(found.orders[self.accounts[1].id].apart)

    def test_providers_that_allow_few_connections_get_one(self):
        for account, code in zip(self.accounts, ("yahoo", "aol"), strict=False):
            account.provider_id = self.env.ref(f"crm_member_mail.provider_{code}")
        for account in self.accounts:
            account.folder_ids = [
                (0, 0, {"path": path, "role": path.lower()}) for path in ("INBOX", "Sent")
            ]
        # The old password was for another server.
        self.accounts.write({"imap_password": "secret"})
        self.accounts.write({"state": "connected"})
        found = read_answer(self.accounts._listening_orders({})).orders
        self.assertEqual(
            [found[account.id].apart for account in self.accounts], [False, False, True]
        )

    def test_each_account_has_its_own_trouble(self):
        """A mailbox without a password, and one with which something of ours goes wrong."""
        one, two, three = self.accounts
        one.imap_secret = False
        one.state = "connected"
        settings = type(one)._listening_settings

        def failing(account, refused):
            if account == two:
                raise ZeroDivisionError
            return settings(account, refused)

        with (
            patch.object(type(one), "_listening_settings", failing),
            mute_logger("odoo.addons.crm_member_mail.models.scan.account_listening"),
        ):
            found = read_answer(self.accounts._listening_orders({}))
        self.assertEqual(set(found.orders), {three.id})
        codes = {id_: error.code for id_, error in found.errors.items()}
        self.assertEqual(codes, {one.id: "no_password", two.id: "unexpected"})

    def test_the_queries_for_folders_do_not_grow(self):
        self.accounts._listening_orders({})
        counts = []
        for accounts in (self.accounts[:1], self.accounts):
            self.forget()
            before = self.cr.sql_log_count
            for account in accounts._listenable():
                account._listened_folders()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
