"""Drafts that meet others: a colleague's answer, the same draft in another window; and from where."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged

from ...models.sending.member_mail_draft import DraftChangedError
from .draft_case import DraftCase


@tagged("post_install", "-at_install")
class TestTwoAnswers(DraftCase):
    def setUp(self):
        super().setUp()
        self.question = self.received(
            date=fields.Datetime.now() - timedelta(days=1),
            people=[("from", "Ada", "ada@member.example", self.member)],
        )
        self.colleague = new_test_user(
            self.env, "carla", groups="base.group_user,crm_member_mail.group_user", name="Carla"
        )

    def answer(self, **options):
        return self.open(mode="reply", answered=self.question.id, **options)

    def began_before(self, draft, interval="1 minute"):
        """In a test everything is one transaction, which has one time."""
        draft.flush_recordset()
        self.env.cr.execute(
            "UPDATE member_mail_draft SET create_date = create_date - %s::interval WHERE id = %s",
            [interval, draft.id],
        )
        draft.invalidate_recordset(["create_date"])
        return draft

    def test_of_a_colleague(self):
        mine, theirs = self.began_before(self.answer()), self.answer(user=self.colleague)
        self.assertEqual(mine.get_newer_answers(), [])
        self.send(theirs)
        self.assertEqual([answer["who"] for answer in mine.get_newer_answers()], ["Carla"])
        self.send(mine)
        self.assertEqual(len(mine.get_newer_answers()), 1, "one's own is none")

    def test_within_the_same_second(self):
        moment = datetime(2026, 5, 1, 12, 0, 0, 900_000)
        with patch.object(type(self.env.cr), "now", lambda cr: moment):
            mine, theirs = self.answer(), self.answer(user=self.colleague)
            self.send(theirs)
        self.assertEqual(mine.get_newer_answers(), [], "it left before")
        self.began_before(mine, "0.5 seconds")
        self.assertEqual(len(mine.get_newer_answers()), 1)

    def test_from_another_program(self):
        mine = self.began_before(self.answer())
        values = {"direction": "out", "conversation_id": self.question.conversation_id.id}
        self.received(date=fields.Datetime.now() - timedelta(days=3), **values)
        self.assertEqual(mine.get_newer_answers(), [])
        self.received(date=fields.Datetime.now(), email_from="desk@club.example", **values)
        self.assertEqual(len(mine.get_newer_answers()), 1)

    def test_what_one_may_not_see(self):
        mine = self.began_before(self.answer())
        private = self.make_account(visibility="private", user_id=self.colleague.id)
        self.make_message(
            account=private, direction="out", date=fields.Datetime.now(),
            conversation_id=self.question.conversation_id.id,
        )  # fmt: skip
        self.assertEqual(mine.get_newer_answers(), [])


@tagged("post_install", "-at_install")
class TestTwoWindows(DraftCase):
    def save(self, draft, known, **values):
        return draft.with_context(member_mail_revision=known).web_save(values, {})[0]["revision"]

    def test_neither_overwrites_the_other(self):
        draft = self.open()
        known = draft.revision
        newer = self.save(draft, known, subject="One")
        newer = self.save(draft, newer, subject="Two")
        with self.assertRaisesRegex(DraftChangedError, "changed in another window"):
            self.save(draft, known, subject="Other")
        self.assertEqual(draft.subject, "Two")
        with self.assertRaisesRegex(DraftChangedError, "changed in another window"):
            draft.with_context(member_mail_revision=known).action_send()
        draft.with_context(member_mail_revision=newer).action_send()

    def test_sent_elsewhere(self):
        draft = self.open()
        known = self.save(draft, draft.revision, subject="One")
        self.send(draft)
        with self.assertRaisesRegex(DraftChangedError, "sent in another window"):
            self.save(draft, known, subject="Two")


@tagged("post_install", "-at_install")
class TestFromWhere(DraftCase):
    def setUp(self):
        super().setUp()
        self.other = self.make_account(email="other@club.example")

    def sender(self, records=None):
        return self.open(records).email_from

    def test_last_used(self):
        self.account.user_id = self.user
        self.assertEqual(self.sender(), "desk@club.example")
        self.make_message(account=self.other, date=fields.Datetime.now())
        self.assertEqual(self.sender(), "other@club.example")
        self.received(date=fields.Datetime.now() + timedelta(minutes=1))
        self.assertEqual(self.sender(), "desk@club.example")

    def test_of_the_team(self):
        team = self.env["crm.team"].create({"name": "T", "member_ids": [self.user.id]})
        lead = self.env["crm.lead"].create(
            {
                "name": "L",
                "team_id": team.id,
                "user_id": self.user.id,
                "email_from": "l@else.example",
            }
        )
        self.other.write({"visibility": "team", "team_id": team.id})
        self.assertEqual(self.sender(lead), "other@club.example")

    def test_of_the_company(self):
        company = self.env["res.company"].create({"name": "Second"})
        self.user.company_ids |= company
        bo = self.env["res.partner"].create(
            {"name": "Bo", "email": "bo@else.example", "company_id": company.id}
        )
        self.make_account(email="second@club.example", company_id=company.id)
        user = self.user.with_context(allowed_company_ids=[self.env.company.id, company.id])
        Draft = self.env["member.mail.draft"].with_user(self.user).with_context(**user.env.context)
        draft = Draft.browse(Draft.open_draft("res.partner", bo.ids)["res_id"])
        self.assertEqual(draft.email_from, "second@club.example")

    def test_named_by_their_addresses(self):
        labels = [sender["label"] for sender in self.open().senders]
        self.assertIn("other@club.example", labels)
        self.assertIn("hello@club.example", labels)
