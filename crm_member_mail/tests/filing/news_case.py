import json
from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user

from ...models.filing.member_mail_news import NEW_MAIL
from ..common import MemberMailCase


class NewsCase(MemberMailCase):
    """Tests of who hears of new emails, in which ways."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folders = {}
        cls.env["mail.push.device"].get_web_push_vapid_public_key()
        cls.account = cls.mailbox(name="Front desk", user_id=cls.manager.id)
        cls.seller = cls.salesperson("seller")

    @classmethod
    def salesperson(cls, login, **values):
        """A user with a browser that takes web pushes."""
        user = new_test_user(cls.env, login, "sales_team.group_sale_salesman", **values)
        cls.device(user)
        return user

    @classmethod
    def device(cls, user):
        cls.env["mail.push.device"].create(
            {
                "partner_id": user.partner_id.id,
                "endpoint": f"https://push.invalid/{user.login}",
                "keys": "{}",
            }
        )

    @classmethod
    def mailbox(cls, **values):
        account = cls.make_account(**values).sudo()
        cls.folders[account] = cls.env["member.mail.folder"].create(
            {"account_id": account.id, "path": "INBOX", "role": "inbox"}
        )
        return account

    def arrive(self, number=1, account=None, **values):
        """Messages that a scan of a mailbox has just filed, announced: (messages, told)."""
        account = account or self.account
        messages = self.env["member.mail.message"]
        for _i in range(number):
            messages |= self.make_message(account=account, **{"is_news": True, **values})
        return messages, self.announce(account, messages)

    def announce(self, account, messages):
        messages._after_arrival(self.folders[account], True)
        with self.telling() as told:
            account._announce()
        return told

    def telling(self):
        return Telling(self.env)

    def ends(self):
        """What makes news of the seller none: pairs of words and a function of the message. The last one
        closes the account to them for good."""
        return (
            ("read", lambda message: message.with_user(self.seller).mark_seen()),
            ("deleted", lambda message: message.with_user(self.manager).action_trash()),
            ("erased", lambda message: message.unlink()),
            ("taken off", lambda message: message.action_take_off(self.member.ids)),
            ("closed", lambda _message: self.account.write({"visibility": "private"})),
        )

    def rows(self, user):
        return self.env["member.mail.news"].search([("user_id", "=", user.id)]).message_id

    def entries(self, user):
        return self.env["member.mail.news"].with_user(user).get_news()

    @classmethod
    def follow(cls, account, *users):
        account.message_subscribe([user.partner_id.id for user in users])

    @classmethod
    def lead_of(cls, user, **values):
        return cls.env["crm.lead"].create({"name": "Lead", "user_id": user.id, **values})

    @classmethod
    def give(cls, user, partner=None):
        """Make a user the salesperson of a contact."""
        (partner or cls.member).user_id = user

    @classmethod
    def put(cls, message, **links):
        message.write({name: [Command.link(one.id)] for name, one in links.items()})


class Telling:
    """What users are told meanwhile, as lists of (partner, payload): what `popped` up in pages, and what
    was `pushed` to browsers."""

    def __init__(self, env):
        self.env, self.popped, self.pushed = env, [], []

    def __enter__(self):
        last = self.env["mail.push"].sudo().search([], order="id desc", limit=1).id
        self.last = last or 0
        popped = self.popped

        def send(bus, target, kind, message, subchannel=None):
            if kind == NEW_MAIL:
                popped.append((target, message))

        self.patch = patch.object(self.env.registry["bus.bus"], "_sendone", send)
        self.patch.start()
        return self

    def __exit__(self, *error):
        self.patch.stop()
        pushes = self.env["mail.push"].sudo().search([("id", ">", self.last)], order="id")
        self.pushed = [
            (push.mail_push_device_id.partner_id, json.loads(push.payload)) for push in pushes
        ]

    def alerts(self, user):
        """How often a user was alerted: (by the page, by a push)."""
        partner = user.partner_id
        return (
            sum(
                target == partner and bool(payload["message_ids"])
                for target, payload in self.popped
            ),
            sum(target == partner for target, _payload in self.pushed),
        )
