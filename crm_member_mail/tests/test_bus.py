import json
from dataclasses import replace

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.bus.models.bus import channel_with_db

from ..models.member_mail_message_bus import NOTIFICATION
from .filing import FilingCase


@tagged("post_install", "-at_install")
class TestBus(FilingCase):
    """What open pages are told, and who hears it."""

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
            socket = self.env["ir.websocket"].with_user(user)
            with self.mocked_request(user):
                channels = socket._build_bus_channel_list(list(asked))
            return {name for name, account in accounts.items() if account in channels}

        self.assertEqual(hears(self.user), {"shared", "team"})
        self.assertEqual(hears(owner), {"shared", "private"})
        self.assertEqual(hears(self.manager), {"shared"}, "setting up is not reading")
        self.assertEqual(hears(outsider), set())

    def mocked_request(self, user):
        from odoo.addons.http_routing.tests.common import MockRequest

        return MockRequest(self.env(user=user))
