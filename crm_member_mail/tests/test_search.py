from odoo import Command
from odoo.tests import new_test_user, tagged

from ..tools.search_words import MAX_WORDS, parse_query, words
from .filing import FilingCase


@tagged("post_install", "-at_install")
class TestSearch(FilingCase):
    """Finding messages by what is in them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nobody = cls.member.browse()
        cls.offer = cls.make_message(
            account=cls.account,
            subject="Offer for three desks",
            body_text="The projector of Müller & Söhne costs 1.250,00 €.",
            people=[("from", "Ada Lovelace", "ada@member.example", cls.member)],
            attachments=[{"name": "price_list-2026.pdf", "raw": b"%PDF"}],
        )
        cls.other = cls.make_message(
            account=cls.account,
            subject="Lunch",
            body_text="Three of us, a table outside",
            people=[("from", "Bo", "bo@club.example", cls.nobody)],
        )

    def found(self, query, user=None):
        Message = self.env["member.mail.message"].with_user(user or self.user)
        found = Message.search([("search_text", "ilike", query)])
        self.assertEqual(Message.search(Message._search_domain(query)), found)
        return found.sudo()

    def test_everywhere(self):
        for query in (
            "offer", "PROJECTOR", "Lovelace", "ada@member.example", "member.example", "price_list",
            "2026", "pdf", "muller", "müller", "sohne", "1.250", "desks",
        ):  # fmt: skip
            with self.subTest(query):
                self.assertEqual(self.found(query), self.offer)
        self.assertFalse(self.found("elephant"))

    def test_all_words_must_be_there(self):
        self.assertEqual(self.found("three"), self.offer | self.other)
        self.assertEqual(self.found("three lunch"), self.other)
        self.assertFalse(self.found("offer lunch"))

    def test_while_one_types(self):
        for query in ("pr", "proj", "project", "offer proj"):
            with self.subTest(query):
                self.assertEqual(self.found(query), self.offer)

    def test_one_letter_is_a_word(self):
        self.assertEqual(self.found("a"), self.other)

    def test_nothing_to_search_for_finds_everything(self):
        for query in ("", "  ", "&|!", "'"):
            self.assertEqual(self.found(query), self.offer | self.other)

    def test_operators_are_words_only(self):
        for query in ("offer | lunch", "!lunch", "offer <-> desks", "' & '"):
            with self.subTest(query):
                self.found(query)  # no error of PostgreSQL

    def test_phrase(self):
        self.assertEqual(self.found('"three desks"'), self.offer)
        self.assertEqual(self.found('"three of us"'), self.other)
        self.assertFalse(self.found('"desks three"'))
        self.assertEqual(self.found('"three desks" projector'), self.offer)
        self.assertEqual(self.found('"three de'), self.offer, "while one types it")

    def test_negated_and_combined(self):
        Message = self.env["member.mail.message"].with_user(self.user)
        self.assertEqual(Message.search([("search_text", "not ilike", "lunch")]), self.offer)
        domain = ["|", ("search_text", "ilike", "lunch"), ("subject", "=", "Offer for three desks")]
        self.assertEqual(Message.search(domain), self.offer | self.other)

    def test_scripts_without_spaces(self):
        tokyo = self.make_message(account=self.account, body_text="東京都庁の会議室")
        seoul = self.make_message(account=self.account, body_text="서울특별시")
        self.assertEqual(self.found("京都"), tokyo)
        self.assertEqual(self.found("会議室"), tokyo)
        self.assertFalse(self.found("大阪"))
        self.assertEqual(self.found("서울"), seoul)

    def test_what_comes_later_is_found_too(self):
        self.env["ir.attachment"].create(
            {"name": "Vertrag.docx", "raw": b"x", "res_model": self.other._name,
             "res_id": self.other.id}
        )  # fmt: skip
        self.assertEqual(self.found("vertrag"), self.other)
        self.other.attachment_ids.name = "Kontrakt.docx"
        self.assertFalse(self.found("vertrag"))
        self.assertEqual(self.found("kontrakt"), self.other)
        self.other.attachment_ids.unlink()
        self.assertFalse(self.found("kontrakt"))
        self.other.participant_ids.name = "Boris"
        self.assertEqual(self.found("boris"), self.other)
        self.other.subject = "Dinner"
        self.assertEqual(self.found("dinner"), self.other)
        self.assertFalse(self.found("lunch"))

    def test_filed_mail_is_found(self):
        message = self.receive("ada@member.example", subject="Sailing")
        self.assertEqual(self.found("sailing"), message)
        self.assertLessEqual(message, self.found("file.txt"))

    def test_files_on_the_server_are_found(self):
        self.other.remote_attachment_ids = [
            Command.create({"name": "film.mp4", "mimetype": "video/mp4", "section": "2"})
        ]
        self.other._index_words()
        self.assertEqual(self.found("film"), self.other)

    def test_filing_costs_the_same_for_many(self):
        def queries(count):
            emails = [self.parsed("ada@member.example") for _number in range(count)]
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["member.mail.search"]._index(self.file(*emails).ids)
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(1), queries(1))
        messages = self.file(*[self.parsed("ada@member.example") for _number in range(20)])
        with self.assertQueryCount(5):
            self.env["member.mail.search"]._index(messages.ids)

    def test_deleted_mail_leaves_no_words(self):
        ids = self.offer.ids
        self.offer.unlink()
        self.env.cr.execute(
            "SELECT count(*) FROM member_mail_search WHERE message_id = ANY(%s)", [ids]
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_mail_of_others_is_not_found(self):
        stranger = new_test_user(self.env, "stranger", "sales_team.group_sale_salesman")
        private = self.make_account(visibility="private", user_id=stranger.id)
        hidden = self.make_message(account=private, subject="Secret lunch")
        self.assertEqual(self.found("lunch"), self.other)
        self.assertEqual(self.found("secret", stranger), hidden)
        Message = self.env["member.mail.message"].with_user(self.user)
        self.assertEqual(Message.search_count([("search_text", "ilike", "secret")]), 0)

    def test_mail_from_before_the_index_is_added_to_it(self):
        self.env.cr.execute("DELETE FROM member_mail_search")
        self.assertFalse(self.found("offer"))
        self.env["member.mail.search"].init()
        self.assertEqual(self.found("offer"), self.offer)

    def test_endless_text(self):
        self.assertEqual(len(words(" ".join(f"word{n}" for n in range(20_000)))), MAX_WORDS)
        self.assertEqual(len(words("x" * 1_000_000)[0]), 64)
        message = self.make_message(account=self.account, body_text="long" * 300_000)
        self.assertEqual(self.found("longlong"), message)

    def test_quotes_in_words_stay_outside(self):
        self.assertEqual(parse_query("o'neil\\ '; DROP"), ("'o' & 'neil':* & 'drop':*", []))
