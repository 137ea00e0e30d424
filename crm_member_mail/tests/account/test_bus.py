import json
from dataclasses import replace

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.bus.models.bus import channel_with_db

from ...models.message.bus import NOTIFICATION
from ..filing_case import FilingCase


@tagged("post_install", "-at_install")
class TestBus(FilingCase):
    """Which notifications open pages get, and which users get them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_contact = cls.contact("Club", "club@member.example", is_company=True)
        cls.member.parent_id = cls.company_contact
        cls.end_transaction()

    def told(self):
        """The notifications of this transaction since the last call: list of (channel, payload)."""
        self.end_transaction()
        rows = self.env["bus.bus"].sudo().search([], order="id")
        found = [(tuple(json.loads(row.channel)), json.loads(row.message)) for row in rows]
        rows.unlink()
        return [(channel, m["payload"]) for channel, m in found if m["type"] == NOTIFICATION]

    def channel(self, account):
        return channel_with_db(self.env.cr.dbname, account)

    def test_filing(self):
        self.told()
        lead = self.lead("lea@new.example")
        self.end_transaction()
        self.told()
        messages = self.file(self.parsed("ada@member.example"), self.parsed("lea@new.example"))
        [(channel, payload)] = self.told()
        self.assertEqual(channel, self.channel(self.account))
        self.assertEqual(
            payload,
            {
                "action": "filed",
                "message_ids": messages.ids,
                "partner_ids": (self.member | self.company_contact).ids,
                "lead_ids": lead.ids,
                "news": False,
            },
            "ids only",
        )

    def test_nothing_new_nothing_told(self):
        email = self.parsed("ada@member.example")
        self.file(email)
        self.told()
        place = replace(email.summary, uid=email.summary.uid + 1000)
        self.file(replace(email, summary=place))
        self.assertEqual(self.told(), [])

    def test_delete_and_undo(self):
        [message] = self.receive("ada@member.example")
        second = self.make_account()
        message.account_ids = [Command.link(second.id)]
        self.told()
        message.with_user(self.user).action_trash()
        told = self.told()
        self.assertEqual(
            {channel for channel, _payload in told},
            {self.channel(self.account), self.channel(second)},
        )
        self.assertEqual({payload["action"] for _channel, payload in told}, {"removed"})
        message.with_user(self.user).action_restore()
        self.assertEqual({payload["action"] for _channel, payload in self.told()}, {"restored"})

    def test_many_are_told_in_parts(self):
        [message] = self.receive("ada@member.example")
        many = message.browse([message.id] * 600)
        self.told()
        many._notify("removed")
        self.assertEqual([len(payload["message_ids"]) for _c, payload in self.told()], [500, 100])

    def test_deleted_for_good(self):
        [message] = self.receive("ada@member.example")
        self.told()
        message.with_user(self.user).unlink()
        [(channel, payload)] = self.told()
        self.assertEqual(channel, self.channel(self.account))
        self.assertEqual((payload["action"], payload["message_ids"]), ("removed", message.ids))

    def test_erasing_what_was_deleted_is_no_news(self):
        [message] = self.receive("ada@member.example")
        message.with_user(self.user).action_trash()
        self.told()
        message._erase_trash()
        self.assertFalse(message.exists())
        self.assertEqual(self.told(), [])

    def elsewhere(self):
        """A folder of another mailbox."""
        account = self.make_account()
        folder = self.env["member.mail.folder"].create(
            {"account_id": account.id, "path": "INBOX", "role": "inbox", "uidvalidity": 1}
        )
        return account, folder

    def test_another_mailbox_has_it_too(self):
        email = self.parsed("ada@member.example")
        message = self.file(email)
        account, folder = self.elsewhere()
        self.told()
        self.file(email, folder=folder)
        told = dict(self.told())
        self.assertIn(self.channel(account), told)
        self.assertEqual(told[self.channel(account)]["message_ids"], message.ids)
        self.assertEqual(told[self.channel(account)]["action"], "filed")

    def test_a_scan_changes_nothing_of_what_was_deleted(self):
        email = self.parsed("ada@member.example")
        message = self.file(email)
        account, folder = self.elsewhere()
        message.with_user(self.user).action_trash()
        trashed = message.trashed
        self.told()
        for place in (folder, self.inbox):
            summary = replace(email.summary, uid=email.summary.uid + 5000)
            self.assertFalse(self.file(replace(email, summary=summary), folder=place))
        self.assertEqual(self.told(), [])
        self.assertEqual((message.trashed, message.trashed_by), (trashed, self.user))
        member = self.member.with_user(self.user)
        self.assertFalse(member.member_mail_count)
        self.assertFalse(member.member_mail_last_date)
        self.assertEqual(message.with_user(self.user).action_restore(), message.ids)
        self.assertEqual(member.member_mail_last_date, message.date)
        self.assertLessEqual(account, message.account_ids)

    def test_who_comes_later(self):
        message = self.receive("lea@new.example, ada@member.example")
        message |= self.send("ada@member.example, lea@new.example")
        self.told()
        lea = self.contact("Lea", "lea@new.example")
        [(_channel, payload)] = self.told()
        self.assertEqual(payload["action"], "filed")
        self.assertIn(lea.id, payload["partner_ids"])
        self.assertLessEqual(set(payload["message_ids"]), set(message.ids))

    def test_many_cost_no_more(self):
        def queries(count):
            messages = self.file(*(self.parsed("ada@member.example") for _ in range(count)))
            self.forget()
            before = self.env.cr.sql_log_count
            messages._notify("filed", self.account)
            spent = self.env.cr.sql_log_count - before
            self.forget()
            before = self.env.cr.sql_log_count
            messages.with_user(self.user).action_trash()
            messages.with_user(self.user).action_restore()
            return spent, self.env.cr.sql_log_count - before

        queries(1)
        (told, deleted), (told_many, deleted_many) = queries(1), queries(20)
        self.assertEqual(told_many, told)
        # What others have in their caches by now may save one or the other a query.
        self.assertLessEqual(deleted_many, deleted + 2)

    def test_who_hears_of_which_mailbox(self):
        owner = new_test_user(self.env, "owner", "sales_team.group_sale_salesman")
        outsider = new_test_user(self.env, "outsider", "base.group_user")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        accounts = {
            "shared": self.account,
            "private": self.make_account(visibility="private", user_id=owner.id),
            "elsewhere": self.make_account(company_id=company.id),
        }
        team = self.env["crm.team"].create({"name": "Team", "member_ids": [self.user.id]})
        accounts["team"] = self.make_account(visibility="team", team_id=team.id)

        def hears(user):
            # What a browser asks for is only ever a string.
            asked = [f"member.mail.account_{account.id}" for account in accounts.values()]
            asked += [json.dumps(self.channel(account)) for account in accounts.values()]
            socket = self.env["ir.websocket"].with_user(user)
            with self.mocked_request(user):
                channels = socket._prepare_subscribe_data(asked, 0)["channels"]
            names = {channel_with_db(self.env.cr.dbname, channel) for channel in channels}
            return {name for name, account in accounts.items() if self.channel(account) in names}

        self.assertEqual(hears(self.user), {"shared", "team"})
        self.assertEqual(hears(owner), {"shared", "private"})
        self.assertEqual(hears(self.manager), {"shared"}, "setting up is not reading")
        self.assertEqual(hears(outsider), set())

    def test_who_loses_access_hears_no_more(self):
        """Of a page that was open before, its channels stay: what comes over them is asked anew. So is
        what a search finds."""
        team = self.env["crm.team"].create({"name": "Team", "member_ids": [self.user.id]})
        account = self.account
        account.write({"visibility": "team", "team_id": team.id})
        [message] = self.receive("ada@member.example")
        message.subject = "zebra"
        channels = [self.channel(account), list(self.channel(account))]

        def heard():
            self.env["bus.bus"].sudo().search([]).unlink()
            message._notify("filed")
            self.end_transaction()
            told = self.env["bus.bus"].with_user(self.user)._poll(channels, 0)
            mine = self.env[message._name].with_user(self.user)
            domain = [("search_text", "ilike", "zebra")]
            found = mine.has_access("read") and mine.search(domain)
            self.assertEqual(bool(told), bool(found), "the same for the search")
            return bool(told)

        for lose, regain in (
            (lambda: team.write({"member_ids": [Command.clear()]}),
             lambda: team.write({"member_ids": [Command.set(self.user.ids)]})),
            (lambda: account.write({"visibility": "private", "user_id": self.manager.id}),
             lambda: account.write({"visibility": "shared"})),
            (lambda: self.user.write({"group_ids": [Command.set(
                [self.env.ref("base.group_user").id])]}), None),
        ):  # fmt: skip
            self.assertTrue(heard())
            lose()
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertFalse(heard())
            if regain:
                regain()
                self.env.flush_all()
                self.env.invalidate_all()

    def mocked_request(self, user):
        from odoo.addons.http_routing.tests.common import MockRequest

        return MockRequest(self.env(user=user))
