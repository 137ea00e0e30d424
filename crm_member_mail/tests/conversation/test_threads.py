import base64
from itertools import permutations

from odoo.tests import tagged

from ..threads import ThreadCase


@tagged("post_install", "-at_install")
class TestThreads(ThreadCase):
    """Which emails are one conversation, whatever order they are filed in."""

    def check(self, numbers, *make):
        """File emails together, one by one, and one by one in every other order.

        :param numbers: of their conversations, as `threads` has them
        :param make: functions that make the emails
        """
        orders = list(permutations(range(len(make))))[:24]
        for one_by_one, order in [(False, orders[0]), *((True, order) for order in orders)]:
            with self.subTest(one_by_one=one_by_one, order=order):
                savepoint = self.env.cr.savepoint(flush=True)
                emails = [one() for one in make]
                numbered = self.threads(*(emails[n] for n in order), one_by_one=one_by_one)
                got = [numbered[order.index(number)] for number in range(len(make))]
                renumbered = {}
                got = [renumbered.setdefault(number, len(renumbered)) for number in got]
                self.assertEqual(got, numbers)
                savepoint.close(rollback=True)
                self.env.invalidate_all(flush=False)

    def test_placeholders_join_nobody(self):
        for placeholder in ("<null>", "<undefined>", "<0>", "<message-id-not-set@mta.example>"):
            with self.subTest(placeholder):
                self.check(
                    [0, 1],
                    lambda p=placeholder: self.mail(in_reply_to=p, subject="Chairs"),
                    lambda p=placeholder: self.mail(
                        "ben@orchestra.example", in_reply_to=p, subject="Scores"
                    ),
                )

    def test_an_id_joins_only_with_a_party_or_the_subject(self):
        reference = "<constant-4711@crm.example>"
        self.check(
            [0, 1, 0, 0],
            lambda: self.mail(references=reference, subject="Chairs"),
            lambda: self.mail("ben@orchestra.example", references=reference, subject="Scores"),
            lambda: self.mail(references=reference, subject="Tables"),
            lambda: self.mail("eva@choir.example", cc="ada@choir.example", references=reference,
                              subject="Re: Chairs"),
        )  # fmt: skip

    def test_a_device_that_has_one_id_for_all(self):
        self.check(
            [0, 1, 2],
            *(
                lambda day=day: self.mail(
                    message_id="<scanner@printer.example>", subject="Scan", day=day, text=f"{day}"
                )
                for day in (1, 2, 3)
            ),
        )

    def test_one_id_for_different_content_at_one_time(self):
        self.check(
            [0, 1],
            *(
                lambda page=page: self.mail(
                    message_id="<scan@printer.example>", subject="Scan", text="",
                    files={"scan.pdf": page},
                )
                for page in (b"one", b"two")
            ),
        )  # fmt: skip

    def test_what_a_gateway_adds_to_the_subject_makes_no_constant_of_an_id(self):
        values = {"message_id": "<fair@choir.example>", "text": "Come to the fair, all of you!"}
        self.file(self.mail(**values))
        self.file(self.mail(**values | {"subject": "Newcomer! Spring concert"}))
        answer = self.mail(day=2, subject="Seats", in_reply_to="<fair@choir.example>")
        self.assertGreater(len(self.file(answer).conversation_id.message_ids), 1)

    def test_replies_join_in_any_order(self):
        self.check(
            [0, 0, 0],
            lambda: self.mail(message_id="<root@choir.example>", day=1),
            lambda: self.mail(
                "office@club.example", to="ada@choir.example", day=2, subject="Re: Spring concert",
                message_id="<second@club.example>", in_reply_to="<root@choir.example>",
            ),
            lambda: self.mail(day=3, subject="Seats", references="<second@club.example>"),
        )  # fmt: skip

    def test_an_answer_without_references(self):
        self.check(
            [0, 0, 1],
            lambda: self.mail(day=1),
            lambda: self.mail(day=5, subject="AW: [EXT] Spring concert"),
            lambda: self.mail("ben@orchestra.example", day=6, subject="AW: Spring concert"),
        )

    def test_an_answer_to_an_id_that_a_relay_replaced(self):
        self.check(
            [0, 0],
            lambda: self.mail("office@club.example", to="ada@choir.example", day=1,
                              message_id="<ours@club.example>"),
            lambda: self.mail(day=2, subject="Re: Spring concert",
                              in_reply_to="<0100019a-7d3f@relay.example>"),
        )  # fmt: skip

    def test_an_answer_from_another_address_of_the_contact(self):
        self.ada.member_mail_addresses = "ada@home.example"
        self.check(
            [0, 0],
            lambda: self.mail(day=1),
            lambda: self.mail("ada@home.example", day=2, subject="Re: Spring concert"),
        )

    def test_the_same_subject_alone_joins_nothing(self):
        self.check(
            [0, 1, 2],
            lambda: self.mail(day=1, subject="Invoice"),
            lambda: self.mail(day=2, subject="Invoice"),
            lambda: self.mail("ben@orchestra.example", day=3, subject="Re: Invoice"),
        )
        self.check([0, 1], lambda: self.mail(subject=""), lambda: self.mail(subject="Re:", day=2))

    def test_not_after_a_long_time_nor_before(self):
        self.check(
            [0, 1, 2],
            lambda: self.mail(date="10 Jan 2025 10:00:00 +0000"),
            lambda: self.mail(date="1 Aug 2025 10:00:00 +0000", subject="Re: Spring concert"),
            lambda: self.mail(date="1 Sep 2025 10:00:00 +0000"),
        )

    def test_an_answer_belongs_to_the_nearest_email_before_it(self):
        emails = (
            lambda: self.mail(day=1),
            lambda: self.mail(day=10),
            lambda: self.mail(day=11, subject="Re: Spring concert"),
        )
        self.assertEqual(self.threads(*(one() for one in emails)), [0, 1, 1])

    def test_outlooks_thread_index(self):
        first = bytes(range(1, 23))

        def index(more=b""):
            return base64.b64encode(first + more).decode()

        self.check(
            [0, 0, 1],
            lambda: self.mail(thread_index=index(), day=1),
            lambda: self.mail(thread_index=index(b"abcde"), day=2, subject="Seats"),
            lambda: self.mail("ben@orchestra.example", thread_index=index(b"x"), subject="Scores"),
        )

    def test_a_batch_costs_as_many_queries_as_one_email(self):
        def cost(number):
            emails = [
                self.mail(subject=f"Re: Number {n}", references=f"<{number}-{n}@x.example>")
                for n in range(number)
            ]
            self.forget()
            before = self.env.cr.sql_log_count
            self.file(*emails)
            return self.env.cr.sql_log_count - before

        cost(3)
        self.assertEqual(cost(4), cost(12))
