import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..threads import ThreadCase


@tagged("post_install", "-at_install")
class TestArranging(ThreadCase):
    """Conversations that people split and join."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.file(cls.mail(message_id="<1@choir.example>", day=1))
        cls.second = cls.follow("<2@choir.example>", "<1@choir.example>", day=2)
        cls.third = cls.follow("<3@choir.example>", "<2@choir.example>", day=3)
        cls.other = cls.file(cls.mail(message_id="<9@choir.example>", subject="Chairs", day=4))
        cls.thread = cls.first.conversation_id
        cls.messages = cls.first | cls.second | cls.third
        cls.stranger = new_test_user(cls.env, "arranging", "crm_member_mail.group_user")
        cls.private = cls.make_account(
            email="private@club.example", visibility="private", user_id=cls.stranger.id
        )
        cls.hidden_folder = cls.env["member.mail.folder"].create(
            {"account_id": cls.private.id, "path": "INBOX", "role": "inbox", "uidvalidity": 1}
        )

    @classmethod
    def follow(cls, message_id, *references, folder=None, **values):
        values.setdefault("subject", "Re: Spring concert")
        mail = cls.mail(message_id=message_id, references=" ".join(references), **values)
        return cls.file(mail, folder=folder)

    def mine(self, messages):
        return messages.with_user(self.user)

    def test_a_new_conversation_from_here(self):
        done = self.mine(self.second).action_split_conversation()
        new = self.second.conversation_id
        self.assertEqual(self.first.conversation_id, self.thread)
        self.assertEqual((self.second | self.third).conversation_id, new)
        self.assertNotEqual(new, self.thread)
        self.assertEqual(done["conversation_id"], new.id)
        self.assertEqual(done["message_ids"], [self.second.id, self.third.id])
        self.assertEqual(done["from_id"], self.thread.id)
        self.assertEqual(self.thread.last_date, self.first.date)
        self.assertEqual(new.last_date, self.third.date)
        self.assertEqual(new.subject, "Re: Spring concert")

    def test_later_emails_follow_what_people_decided(self):
        self.mine(self.second).action_split_conversation()
        new = self.second.conversation_id
        both = self.follow("<4@choir.example>", "<1@choir.example>", "<2@choir.example>", day=5)
        self.assertEqual(both.conversation_id, new, "it answers the second one")
        self.assertEqual(self.first.conversation_id, self.thread)
        old = self.follow("<5@choir.example>", "<1@choir.example>", day=6)
        self.assertEqual(old.conversation_id, self.thread)
        without = self.file(self.mail(subject="Re: Spring concert", day=7))
        self.assertIn(without.conversation_id, self.thread | new)
        self.assertNotEqual(self.thread, new)
        # Nor does an email come between them that was there before.
        early = self.file(self.mail(day=1, date="Wed, 31 Dec 2025 10:00:00 +0000"))
        self.assertNotIn(early.conversation_id, self.thread | new)

    def test_joining(self):
        done = self.mine(self.other.conversation_id).action_join_conversation(self.thread.id)
        self.assertEqual(self.other.conversation_id, self.thread)
        self.assertFalse(done["from_id"])
        answer = self.follow("<8@choir.example>", "<9@choir.example>", subject="Re: Chairs", day=9)
        self.assertEqual(answer.conversation_id, self.thread)
        back = self.other.browse(done["message_ids"]).with_user(self.user)
        back.action_join_conversation(done["from_id"])
        self.assertNotEqual(self.other.conversation_id, self.thread)
        self.assertEqual(answer.conversation_id, self.thread)

    def test_moving_one_message_and_undoing_it(self):
        done = self.mine(self.third).action_join_conversation(self.other.conversation_id.id)
        self.assertEqual(self.third.conversation_id, self.other.conversation_id)
        self.assertEqual((self.first | self.second).conversation_id, self.thread)
        self.mine(self.third).action_join_conversation(done["from_id"])
        self.assertEqual(self.messages.conversation_id, self.thread)

    def test_outlooks_thread_moves_along(self):
        index = base64.b64encode(bytes(range(40, 62))).decode()
        one = self.file(self.mail(subject="Seats", thread_index=index, day=1))
        self.mine(one).action_join_conversation(self.other.conversation_id.id)
        two = self.file(self.mail(subject="Re: Seats", thread_index=index, day=2))
        self.assertEqual(two.conversation_id, self.other.conversation_id)

    def test_nothing_to_split(self):
        with self.assertRaises(UserError):
            self.mine(self.first).action_split_conversation()
        with self.assertRaises(UserError):
            self.mine(self.other).action_split_conversation()

    def test_what_one_may_not_see_stays_and_is_not_told(self):
        hidden = self.follow(
            "<7@choir.example>", "<1@choir.example>", folder=self.hidden_folder, day=2,
            date="Fri, 2 Jan 2026 12:00:00 +0000",
        )  # fmt: skip
        self.assertEqual(hidden.conversation_id, self.thread)
        self.mine(self.second).action_split_conversation()
        self.assertEqual(hidden.conversation_id, self.thread)
        with self.assertRaises(AccessError):
            self.mine(hidden).action_split_conversation()
        apart = self.file(
            self.mail(message_id="<77@choir.example>", subject="Secret"), folder=self.hidden_folder
        )
        with self.assertRaises(AccessError):
            self.mine(self.other).action_join_conversation(apart.conversation_id.id)
        with self.assertRaises(AccessError):
            self.mine(apart.conversation_id).action_join_conversation(self.thread.id)

    def test_which_conversations_are_offered(self):
        self.file(self.mail(subject="Secret", day=5), folder=self.hidden_folder)
        self.file(self.mail("ben@orchestra.example", subject="Scores", day=5))
        offered = self.mine(self.other).get_other_conversations()
        self.assertEqual(
            offered,
            [
                {
                    "id": self.thread.id,
                    "subject": "Spring concert",
                    "date": "2026-01-03 10:00:00",
                    "count": 3,
                }
            ],
        )
        self.assertEqual(self.mine(self.other).get_other_conversations("spring"), offered)
        self.assertFalse(self.mine(self.other).get_other_conversations("nowhere"))

    def test_the_name_is_that_of_a_message_one_may_see(self):
        hidden = self.file(
            self.mail(message_id="<50@choir.example>", subject="Secret"), folder=self.hidden_folder
        )
        answer = self.follow("<51@choir.example>", "<50@choir.example>", subject="Re: Fees", day=5)
        self.assertEqual(answer.conversation_id, hidden.conversation_id)
        conversation = self.mine(answer.conversation_id)
        self.assertEqual(conversation.display_name, "Re: Fees")
        self.assertFalse(conversation.name_search("Secret"))
        self.assertEqual(conversation.name_search("Fees"), [(conversation.id, "Re: Fees")])
        for name in ("subject", "last_date"):
            with self.assertRaises(AccessError):
                conversation.read([name])
        groups = self.mine(self.messages)._read_group([], ["conversation_id"], ["__count"])
        self.assertIn((conversation, 1), groups)
