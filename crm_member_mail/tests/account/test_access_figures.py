import contextlib
from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..access_matrix import FIGURES, NO_FIGURES, READERS, SEES, MatrixCase

#: When the messages came; the mailboxes are long enough ago to be expired.
START = datetime(2020, 1, 1)


@tagged("post_install", "-at_install")
class TestAccessFigures(MatrixCase):
    """What is told about many messages at once never tells of one that the reader may not see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        messages = cls.records["member.mail.message"]
        cls.conversation = messages["shared"].conversation_id
        cls.lead = cls.env["crm.lead"].create({"name": "Of all", "user_id": False})
        # Whichever mailbox comes last: each reader has another one there.
        names = ["private", "shared", "other_team", *messages]
        for number, name in enumerate(dict.fromkeys(names)):
            messages[name].write(
                {
                    "date": START + timedelta(days=number),
                    "direction": "out" if number % 2 else "in",
                    "is_news": True,
                    "conversation_id": cls.conversation.id,
                    "lead_ids": [Command.link(cls.lead.id)],
                }
            )
        accounts = cls.records["member.mail.account"]
        for account in accounts.values():
            account.retention_months = 1
        cls.env["member.mail.conversation"]._renew(cls.conversation.ids)
        cls.env["member.mail.last.date"]._refresh(cls.member.ids)
        cls.env["member.mail.message"]._update_answers(cls.conversation.ids)
        cls.env.flush_all()
        cls.env.invalidate_all()

    def test_figures_are_those_of_what_is_seen(self):
        for name in READERS:
            user = self.users[name]
            keys = self.keys(name, SEES)
            every = self.records["member.mail.message"]
            seen = every["shared"].union(*(every[key] for key in keys & every.keys()))
            seen = seen.filtered(lambda m, user=user: m.company_id in user.company_ids)
            seen = seen.sorted("date")
            for (model, field), expected in FIGURES.items():
                for record in self.about(model, user):
                    if not record._has_field_access(record._fields[field], "read"):
                        continue
                    if not record.has_access("read"):
                        continue
                    wanted = expected(record.sudo(), seen)
                    for other in (self.stranger, user, self.env.user, user):
                        # Whoever has read it before, in the same request.
                        with contextlib.suppress(AccessError):
                            value = record.with_user(other).with_context(active_test=False)[field]
                    if hasattr(value, "ids"):
                        value, wanted = sorted(value.ids), sorted(wanted.ids)
                    with self.subTest(user=name, figure=f"{model}.{field}", record=record.id):
                        self.assertEqual(value, wanted)

    def about(self, model, user):
        records = {
            "res.partner": self.member,
            "crm.lead": self.lead,
            "member.mail.conversation": self.conversation,
        }
        if model in records:
            return records[model].with_user(user)
        accounts = self.env[model].union(*self.records[model].values())
        return accounts.with_user(user)._filtered_access("read")

    def test_answers_don_t_tell_of_replies_that_are_not_seen(self):
        """How long a reply took, and whether there was one: as without it, unless all see it."""
        messages = self.records["member.mail.message"]
        asked = messages["shared"]
        asked.write({"direction": "in", "date": START + timedelta(days=100)})
        alone = self.env["member.mail.conversation"].create({"company_id": asked.company_id.id})
        asked.conversation_id = alone
        for name, message in messages.items():
            if name == "shared" or message.company_id != asked.company_id:
                continue
            message.write(
                {
                    "direction": "out",
                    "state": "sent",
                    "date": START + timedelta(days=101),
                    "conversation_id": alone.id,
                }
            )
        asked._update_answers(alone.ids)
        for name in READERS:
            of_user = asked.with_user(self.users[name])
            self.assertEqual((of_user.first_reply_hours, of_user.is_unanswered), (0, True))

    def test_no_figure_is_missing(self):
        found = {
            (model, name)
            for model in ("res.partner", "crm.lead")
            for name, field in self.env[model]._fields.items()
            if name.startswith("member_mail_") and set(field._modules) <= {"crm_member_mail"}
        }
        numbers = {
            ("member.mail.account", name)
            for name in self.env["member.mail.account"]._fields
            if name in ("message_count", "retention_count")
        }
        conversation = self.env["member.mail.conversation"].with_user(self.users["user"])
        told = {
            (conversation._name, name)
            for name in conversation.fields_get(attributes=["type"])
            if name
            not in ("id", "company_id", "create_date", "create_uid", "write_date", "write_uid")
        }
        missing = (found | numbers | told) - FIGURES.keys() - NO_FIGURES
        self.assertEqual(
            missing, set(), "say in FIGURES (access_matrix.py) what it is for a reader"
        )
