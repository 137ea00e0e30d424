from contextlib import contextmanager
from itertools import count
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL

from ..models.screens.account_idle import JOBS

SERVERS = {
    "imap_host": "imap.example.com",
    "imap_port": 993,
    "imap_encryption": "ssl",
    "smtp_host": "smtp.example.com",
    "smtp_port": 465,
    "smtp_encryption": "ssl",
}


class MemberMailCase(TransactionCase):
    """What the tests of records share: one user of each group, and functions that create records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, "mail_user", "base.group_partner_manager,sales_team.group_sale_salesman"
        )
        cls.manager = new_test_user(cls.env, "mail_manager", "crm_member_mail.group_manager")
        cls.member = cls.env["res.partner"].create(
            {"name": "Ada Member", "email": "ada@member.example"}
        )
        cls._numbers = count(1)
        # No job runs while tests do; none of them is overdue.
        jobs = [cls.env.ref(f"crm_member_mail.{name}").id for name in JOBS]
        cls.env["ir.cron"].browse(jobs).lastcall = fields.Datetime.now()

    @contextmanager
    def noting_access(self):
        """Yields a list of the calls to `_note_access` of messages: (action, ids)."""
        noted = []

        def note(messages, action):
            if messages:
                noted.append((action, messages.ids))

        with patch.object(self.env.registry["member.mail.message"], "_note_access", note):
            yield noted

    def forget(self):
        """Write what is pending, and begin with an empty cache, before queries are counted.

        Environments remember the user's time zone and the like until Python frees them, at a time that
        no test knows: `invalidate_all` alone lets the number of queries differ by one now and then.
        """
        self.env.flush_all()
        self.env.transaction.reset()

    def insert_rows(self, like, number, **columns):
        """Insert rows of a table as if they had been there before the addon.

        :param like: a record whose values fill what else must be filled, by whichever addon
        :param int number: how many
        :param str columns: expressions in SQL, where ``n`` counts from 1
        :return: the records
        """
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL",
            [like._table],
        )
        values = {name: f'"like"."{name}"' for (name,) in self.env.cr.fetchall()} | columns
        rows = self.env.execute_query(
            SQL(
                'INSERT INTO %s (%s) SELECT %s FROM generate_series(1, %s) AS n, %s AS "like"'
                ' WHERE "like".id = %s RETURNING id',
                SQL.identifier(like._table),
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(map(SQL, values.values())),
                number,
                SQL.identifier(like._table),
                like.id,
            )
        )
        return like.browse(id for (id,) in rows)

    @classmethod
    def make_account(cls, **values):
        """An account that needs no server; ``values`` override the defaults."""
        number = next(cls._numbers)
        defaults = {"name": "Front desk", "email": f"desk{number}@example.com", **SERVERS}
        return cls.env["member.mail.account"].create(defaults | values)

    @classmethod
    def make_message(cls, partner=None, account=None, attachments=(), people=None, **values):
        """A filed message, as the filer would leave it.

        :param partner: the contact (or contacts) that it is filed under; ``cls.member`` by default
        :param account: the mailbox (or mailboxes) that hold it; a new one by default
        :param attachments: of dicts with the values of an ``ir.attachment``
        :param people: of tuples (role, name, email, partner)
        """
        number = next(cls._numbers)
        partner = cls.member if partner is None else partner
        account = account or cls.make_account()
        outgoing = values.get("direction") == "out"
        company = account[:1].company_id
        subject = values.get("subject", f"Message {number}")
        if people is None:
            ours = ("Front desk", account[:1].email, partner.browse())
            theirs = (partner[:1].name, partner[:1].email, partner[:1])
            sender, receiver = (ours, theirs) if outgoing else (theirs, ours)
            people = [("from", *sender), ("to", *receiver)]
        conversation = cls.env["member.mail.conversation"].create(
            {"subject": subject, "company_id": company.id}
        )
        message = cls.env["member.mail.message"].create(
            {
                "subject": subject,
                "date": fields.Datetime.now(),
                "direction": "in",
                "state": "sent" if outgoing else "received",
                "rfc_message_id": f"{number}@test.example",
                "email_from": people[0][2],
                "correspondent": partner[:1].name,
                "body": "<p>Hello there</p>",
                "body_text": "Hello there",
                "preview": "Hello there",
                "company_id": company.id,
                "conversation_id": conversation.id,
                "account_ids": [Command.set(account.ids)],
                "partner_ids": [Command.set(partner.ids)],
                "has_attachments": bool(attachments),
                "participant_ids": [
                    Command.create(
                        {"role": role, "name": name, "email": email, "partner_id": contact.id}
                    )
                    for role, name, email, contact in people
                ],
                "header_digest": f"header {number}",
                "content_digest": f"content {number}",
                **values,
            }
        )
        cls.env["ir.attachment"].create(
            [
                {"res_model": message._name, "res_id": message.id, **attachment}
                for attachment in attachments
            ]
        )
        return message
