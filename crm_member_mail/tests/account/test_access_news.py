import json

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...models.account.visibility import visible_accounts
from ..access_matrix import READERS, SEES, USERS, MatrixCase
from ..filing.news_case import Telling

PUSH = "https://push.invalid/"


@tagged("post_install", "-at_install")
class TestAccessNews(MatrixCase):
    """Nobody is told of an email that they may not see, in whichever way: by a row of theirs, by what
    pops up in a page, by a web push, by the notification area or by a number. Everybody follows every
    mailbox, and is responsible for the contact or for a lead of theirs, whatever they may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["member.mail.news"].search([]).unlink()
        cls.env["member.mail.seen"].search([]).unlink()
        cls.env["member.mail.notice"].search([]).unlink()
        cls.env["mail.push.device"].get_web_push_vapid_public_key()
        cls.messages = cls.records["member.mail.message"]
        cls.accounts = cls.records["member.mail.account"]
        for message in cls.messages.values():
            message.is_news = True
        partners = cls.env["res.partner"].union(*(user.partner_id for user in cls.users.values()))
        cls.env["mail.push.device"].create(
            [
                {"partner_id": one.id, "endpoint": f"{PUSH}{one.id}", "keys": "{}"}
                for one in partners
            ]
        )
        for account in cls.accounts.values():
            account.sudo().message_subscribe(partners.ids)
        cls.env.flush_all()

    def announce(self, place, message=None):
        """A scan finds a message in a mailbox: what users are told."""
        account = self.accounts[place].sudo()
        message = self.messages[place] if message is None else message
        self.env["member.mail.notice"].sudo().create(
            {"message_id": message.id, "account_id": account.id}
        )
        with Telling(self.env) as told:
            account._announce()
        return told

    def ways(self, name, told, message):
        """In which ways a user is told of a message: set of words."""
        user = self.users[name]
        partner = user.partner_id
        news = self.env["member.mail.news"].with_user(user).get_news()
        store = {}
        user.with_user(user)._init_messaging(Noted(store))
        ways = {
            "row": self.env["member.mail.news"].search_count(
                [("user_id", "=", user.id), ("message_id", "=", message.id)]
            ),
            "page": any(target == partner for target, _payload in told.popped),
            "pop-up": self.env["member.mail.news"].with_user(user).get_alert(message.ids)["count"],
            "push": any(target == partner for target, _payload in told.pushed),
            "entry": any(message.id in entry["message_ids"] for entry in news["entries"]),
            "counter": news["count"],
            "counter at first": store["memberMailNews"]["count"],
        }
        text = json.dumps([news, *(p for t, p in told.popped + told.pushed if t == partner)])
        self.assertFalse([mark for mark in self.hidden_marks(name) if mark in text])
        return {way for way, is_told in ways.items() if is_told}

    ALL = {"row", "page", "pop-up", "push", "entry", "counter", "counter at first"}

    def check(self, place, expected, message=None):
        message = self.messages[place] if message is None else message
        savepoint = self.env.cr.savepoint()
        told = self.announce(place, message)
        for name in USERS:
            with self.subTest(user=name, place=place):
                wanted = self.ALL if name in expected else set()
                self.assertEqual(self.ways(name, told, message), wanted)
            self.env.invalidate_all()
        savepoint.close(rollback=True)
        self.env.invalidate_all(flush=False)

    def who_sees(self, place):
        return {name for name in READERS if place in self.keys(name, SEES)}

    def test_followers(self):
        for place in self.accounts:
            self.check(place, self.who_sees(place))

    def test_salespersons(self):
        for account in self.accounts.values():
            followers = account.sudo().message_partner_ids
            account.sudo().message_unsubscribe(followers.ids)
        for name in USERS:
            user = self.users[name]
            self.member.user_id = user
            lead = self.env["crm.lead"].create(
                {"name": "Lead", "partner_id": self.member.id, "user_id": user.id}
            )
            for place in ("shared", "elsewhere", "team", "other_team", "private", "mine own"):
                expected = {name} & self.who_sees(place)
                with self.subTest(responsible=name):
                    self.check(place, expected)
                    self.member.user_id = False
                    self.check(place, expected)
                    self.member.user_id = user
            lead.unlink()

    def test_a_hidden_copy(self):
        """The private mailbox got it in Bcc, and it is filed under Bea because of that: her salesperson
        sees the email through the shared mailbox, but does not find it under her."""
        user = self.users["user"]
        for account in self.accounts.values():
            account.sudo().message_unsubscribe(account.sudo().message_partner_ids.ids)
        bea = self.env["res.partner"].create(
            {"name": "Bea", "email": "bea@member.example", "user_id": user.id}
        )
        message = self.messages["shared"]
        private = self.accounts["mine own"]
        message.write(
            {
                "account_ids": [Command.link(private.id)],
                "partner_ids": [Command.link(bea.id)],
                "copy_filing_ids": [
                    Command.create({"account_id": private.id, "partner_id": bea.id})
                ],
            }
        )
        self.check("shared", set())
        self.check("mine own", set(), message)
        bea.user_id = self.users["own"]
        self.check("mine own", {"own"}, message)

    def test_who_may_no_longer_see_it(self):
        told = self.announce("shared")
        message = self.messages["shared"]
        self.assertEqual(self.ways("user", told, message), self.ALL)
        self.accounts["shared"].sudo().write({"visibility": "private"})
        left = self.ways("user", Telling(self.env), message)
        self.assertEqual(left, {"row"}, "which nobody reads")

    def test_nobody_reads_what_waits_to_be_pushed(self):
        self.announce("mine own")
        push = self.env["mail.push"].search([("member_mail_message_id", "!=", False)])
        self.assertTrue(push)
        other = self.env["mail.push"].create(
            {"mail_push_device_id": push[:1].mail_push_device_id.id, "payload": "{}"}
        )
        for name, user in self.users.items():
            with self.subTest(user=name):
                mine = self.env["mail.push"].with_user(user)
                if not mine.has_access("read"):
                    continue
                self.assertEqual(mine.search([]), other)
                with self.assertRaises(AccessError):
                    push.with_user(user).read(["payload"])

    def test_both_sides_of_the_rule_agree(self):
        """`viewers` says from an account's side what `visible_accounts` says from a user's."""
        teams = self.env["crm.team"].search([])
        users = self.env["res.users"].union(*(self.users[name] for name in READERS))
        for change in (
            lambda: None,
            lambda: self.users["user"].write(
                {"company_ids": [Command.link(self.accounts["elsewhere"].company_id.id)]}
            ),
            lambda: teams.write({"active": False}),
            lambda: teams.write({"member_ids": [Command.clear()]}),
            lambda: self.accounts["private"].sudo().write({"active": False}),
        ):
            change()
            self.env.flush_all()
            self.env.invalidate_all()
            for place, account in self.accounts.items():
                found = users.filtered(lambda user, account=account: self.sees(user, account))
                with self.subTest(place=place):
                    self.assertEqual(account.sudo()._viewers(users), found)

    def sees(self, user, account):
        mine = self.env["member.mail.account"].with_user(user)
        mine = mine.with_context(allowed_company_ids=user.company_ids.ids, active_test=False)
        domain = visible_accounts(mine.env)
        return account.id in mine.sudo().search(domain).ids


class Noted:
    """Stands in for the Store of a page."""

    def __init__(self, values):
        self.values = values

    def add_global_values(self, **values):
        self.values.update(values)
