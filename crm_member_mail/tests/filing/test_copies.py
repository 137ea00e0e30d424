from odoo.tests import new_test_user, tagged

from ..threads import ThreadCase

TEXT = """Dear singers,

the rehearsal moves to the small hall, please bring the blue folders and a pencil.
The programme is at https://choir.example/programme?id=12 as always.

Ada
"""
BANNER = "CAUTION: This email originated from outside of the organization.\n\n"
FOOTER = "\n_______________________________________________\nSingers mailing list\n"
COPY = BANNER + TEXT.replace(
    "https://choir.example/programme?id=12", "https://safelinks.example/?url=x"
)


class CopyCase(ThreadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.make_account(email="second@club.example")
        cls.second_inbox = cls.env["member.mail.folder"].create(
            {"account_id": cls.second.id, "path": "INBOX", "role": "inbox", "uidvalidity": 1}
        )
        cls.tab = cls.env["member.mail.tab"].with_user(cls.user)

    @classmethod
    def original(cls, **values):
        return cls.mail(
            **{"message_id": "<one@choir.example>", "subject": "Rehearsal", "text": TEXT, **values}
        )

    @classmethod
    def changed(cls, **values):
        return cls.original(**{"subject": "[EXT] Rehearsal", "text": COPY, **values})

    def file_two(self, one, other):
        """File an email, and another one in the second mailbox; returns the two messages."""
        return self.file(one) | self.file(other, folder=self.second_inbox)

    def page(self, user=None, **options):
        tab = self.tab.with_user(user) if user else self.tab
        return tab.get_page("res.partner", self.ada.id, **options)

    def thread(self, card, user=None):
        tab = self.tab.with_user(user) if user else self.tab
        return tab.get_thread("res.partner", self.ada.id, card["conversation_id"])


@tagged("post_install", "-at_install")
class TestCopies(CopyCase):
    """What is taken for copies of one email."""

    def check(self, is_copy, one, other):
        first, second = self.file_two(one, other)
        self.assertEqual(second.copy_of_id, first if is_copy else second.browse())
        self.assertFalse(first.copy_of_id)
        return first, second

    def test_what_gateways_and_lists_add(self):
        first, second = self.check(True, self.original(), self.changed())
        self.assertEqual(first.conversation_id, second.conversation_id)
        third = self.file(self.original(subject="[Singers] Rehearsal", text=TEXT + FOOTER))
        self.assertEqual(third.copy_of_id, first, "never a chain")

    def test_in_one_batch(self):
        messages = self.file(self.changed(), self.original(), self.original(text=TEXT + FOOTER))
        self.assertEqual(messages[1:].copy_of_id, messages[0])
        self.assertFalse(messages[0].copy_of_id)
        self.assertEqual(len(messages.conversation_id), 1)

    def test_a_message_id_alone_is_no_evidence(self):
        for values in (
            {"text": "Pay the dues to another account."},
            {"text": TEXT.replace("small hall", "town hall")},
            {"subject": "Dues"},
            {"sender": "ben@orchestra.example"},
            {"day": 2},
            {"to": "ben@orchestra.example"},
        ):
            with self.subTest(**values):
                savepoint = self.env.cr.savepoint(flush=True)
                self.check(False, self.original(), self.changed(**values))
                savepoint.close(rollback=True)
                self.env.invalidate_all(flush=False)

    def test_a_forged_email_is_no_copy(self):
        self.account.authserv_ids = "mx.club.example"
        forged = self.changed(
            authentication_results="mx.club.example; dmarc=fail header.from=choir.example"
        )
        first, second = self.file(self.original()) | self.file(forged)
        self.assertEqual(second.authenticity, "failed")
        self.assertFalse(second.copy_of_id)

    def test_other_files_are_another_email(self):
        self.check(
            False,
            self.original(files={"a.pdf": b"one"}),
            self.changed(files={"a.pdf": b"two"}),
        )

    def test_a_sent_copy_with_another_message_id(self):
        sent = {"sender": "office@club.example", "to": "ada@choir.example", "text": TEXT}
        first = self.file(self.mail(**sent, message_id="<ours@club.example>"))
        stored = self.mail(
            **sent, message_id="<0100-relay@relay.example>", date="Thu, 1 Jan 2026 10:00:30 +0000"
        )
        second = self.file(stored, folder=self.sent)
        self.assertEqual(second.copy_of_id, first)
        self.assertEqual(second.conversation_id, first.conversation_id)
        # What lies in one folder twice was sent twice.
        third = self.mail(**sent, message_id="<0101-relay@relay.example>")
        self.assertFalse(self.file(third, folder=self.sent).copy_of_id == second)

    def test_one_of_many_that_were_sent_at_once(self):
        singers = [f"singer{number}@choir.example" for number in range(25)]
        for singer in singers:
            self.contact(singer, singer)
        sent = {"sender": "office@club.example", "text": TEXT}
        filed = self.file(*(self.mail(**sent, to=singer) for singer in singers))
        stored = [self.mail(**sent, to=singer) for singer in reversed(singers)]
        copies = self.file(*stored, folder=self.sent)
        self.assertEqual(copies.mapped("copy_of_id").ids, filed.ids[::-1])

    def test_finding_copies_costs_the_same_for_many(self):
        def cost(number):
            emails = [self.original(message_id=f"<{n}@x.example>") for n in range(1, number + 1)]
            copies = [self.changed(message_id=f"<{n}@x.example>") for n in range(1, number + 1)]
            savepoint = self.env.cr.savepoint(flush=True)
            self.file(*emails)
            self.forget()
            before = self.env.cr.sql_log_count
            filed = self.file(*copies, folder=self.second_inbox)
            self.assertEqual(len(filed.copy_of_id), number)
            spent = self.env.cr.sql_log_count - before
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)
            return spent

        cost(2)
        self.assertEqual(cost(3), cost(9))

    def test_what_was_sent_twice_is_two_emails(self):
        sent = {"sender": "office@club.example", "to": "ada@choir.example", "text": TEXT}
        first = self.file(self.mail(**sent), folder=self.sent)
        self.assertFalse(self.file(self.mail(**sent), folder=self.sent).copy_of_id)
        other = self.mail(**sent | {"to": "ben@orchestra.example"})
        self.assertFalse(self.file(other).copy_of_id)
        later = self.mail(**sent, day=2)
        self.assertFalse(self.file(later).copy_of_id)
        self.assertFalse(first.copy_of_id)

    def test_the_oldest_copy_takes_the_place_of_the_first(self):
        first, second = self.file_two(self.original(), self.changed())
        third = self.file(self.original(text=TEXT + FOOTER))
        first.unlink()
        self.assertFalse(second.copy_of_id)
        self.assertEqual(third.copy_of_id, second)
        (second | third).unlink()


@tagged("post_install", "-at_install")
class TestCopiesShown(CopyCase):
    """Copies of one email are one row."""

    def test_one_row_with_both_to_read(self):
        first, second = self.file_two(self.original(), self.changed())
        page = self.page()
        [card] = page["cards"]
        self.assertEqual((card["id"], card["count"]), (first.id, 1))
        self.assertEqual((page["total"], page["messages"]), (1, 1))
        [row] = self.thread(card)
        self.assertEqual(row["id"], first.id)
        self.assertEqual([copy["id"] for copy in row["copies"]], [first.id, second.id])
        self.assertEqual(
            [copy["accounts"] for copy in row["copies"]],
            [[self.account.email], [self.second.email]],
        )
        shown = self.tab.get_messages(second.ids)[0]
        self.assertEqual([copy["id"] for copy in shown["copies"]], [first.id, second.id])
        self.assertEqual(self.ada.with_user(self.user).member_mail_count, 1)

    def test_flat(self):
        first, _second = self.file_two(self.original(), self.changed())
        other = self.file(self.mail(day=3))
        page = self.page(flat=True)
        self.assertEqual([card["key"] for card in page["cards"]], [f"m{other.id}", f"m{first.id}"])
        self.assertEqual((page["total"], page["messages"]), (2, 2))
        self.assertEqual(page["cards"][0]["copies"], [])

    def test_who_sees_one_copy_sees_a_plain_row(self):
        stranger = new_test_user(self.env, "copies_stranger", "crm_member_mail.group_user")
        first, second = self.file_two(self.original(), self.changed())
        for account, seen in ((self.account, second), (self.second, first)):
            account.write({"visibility": "private", "user_id": stranger.id})
            [card] = self.page()["cards"]
            self.assertEqual((card["id"], card["count"], card["copies"]), (seen.id, 1, []))
            [row] = self.thread(card)
            self.assertEqual((row["id"], row["copies"]), (seen.id, []))
            account.visibility = "shared"

    def test_a_deleted_copy_leaves_a_plain_row(self):
        first, second = self.file_two(self.original(), self.changed())
        first.action_trash()
        [card] = self.page()["cards"]
        self.assertEqual((card["id"], card["copies"]), (second.id, []))

    def test_what_is_read_is_read_in_all_copies(self):
        first, second = self.file_two(self.original(), self.changed())
        (first | second).is_news = True
        self.env.invalidate_all()
        page = self.page()
        self.assertEqual((page["unread"], page["cards"][0]["unread"]), (1, 1))
        self.assertEqual(self.page(flat=True)["cards"][0]["unread"], 1)
        first.with_user(self.user).mark_seen()
        page = self.page()
        self.assertEqual((page["unread"], page["cards"][0]["unread"]), (0, 0))
        third = self.file(self.original(text=TEXT + FOOTER))
        third.is_news = True
        self.env.invalidate_all()
        self.assertEqual(third.copy_of_id, first)
        self.assertFalse(third.with_user(self.user).is_unread)
        second.with_user(self.user).mark_unseen()
        self.assertEqual(self.page()["unread"], 1)

    def test_a_search_finds_what_only_one_copy_says(self):
        _first, second = self.file_two(self.original(), self.changed())
        [card] = self.page(query="caution originated")["cards"]
        self.assertEqual(card["found"], [second.id])
        self.assertEqual(card["count"], 1)

    def test_figures_count_an_email_once(self):
        first, second = self.file_two(self.original(), self.changed())
        self.assertTrue(first.is_unanswered)
        self.assertFalse(second.is_unanswered)
        stranger = new_test_user(self.env, "copies_owner", "crm_member_mail.group_user")
        self.account.write({"visibility": "private", "user_id": stranger.id})
        self.assertTrue(second.is_unanswered, "some see only this one")

    def test_what_people_decide_is_about_all_copies(self):
        first, second = self.file_two(self.original(), self.changed())
        self.assertEqual((first | second).partner_ids, self.ada)
        ben = self.env["res.partner"].create({"name": "Ben"})
        first.with_user(self.user).action_file_under(partner_ids=ben.ids)
        second.with_user(self.user).action_take_off(partner_ids=self.ada.ids)
        third = self.file(self.original(subject="[Singers] Rehearsal", text=TEXT + FOOTER))
        for message in (first, second, third):
            self.assertEqual(message.partner_ids, ben)
        self.assertFalse(self.page()["cards"])
