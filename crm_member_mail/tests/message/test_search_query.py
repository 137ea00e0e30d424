import doctest
import re
from datetime import date, datetime

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ...models.message.search_query import folded_sql
from ...tools import search_query
from ...tools.search_query import QueryReader, person_patterns
from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestSearchQuery(MemberMailCase):
    """Operators in the search box."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user.tz = "Europe/Berlin"
        cls.desk = cls.make_account()
        cls.zoe = cls.env["res.partner"].create({"name": "Zoë", "email": "zoe@member.example"})
        cls.plan = cls.make_message(
            account=cls.desk,
            subject="Plan",
            date=datetime(2026, 10, 5, 10),
            attachments=[{"name": "plan.pdf", "raw": b"%PDF"}],
            has_attachments=True,
        )
        cls.late = cls.make_message(
            cls.zoe, account=cls.desk, subject="Late", date=datetime(2026, 9, 30, 22, 30)
        )
        cls.answer = cls.make_message(
            account=cls.desk, subject="Re: Plan", direction="out", date=datetime(2026, 11, 2, 10)
        )
        cls.mine = cls.plan + cls.late + cls.answer

    def found(self, query, user=None):
        user = user or self.user
        Message = self.env["member.mail.message"].with_user(user).with_context(lang=user.lang)
        return Message.search([("search_text", "ilike", query)]).sudo() & self.mine

    def assertFinds(self, query, *messages, **options):
        with self.subTest(query=query):
            self.assertEqual(self.found(query, **options), self.mine.browse().union(*messages))

    def test_examples(self):
        self.assertFalse(doctest.testmod(search_query).failed)

    def test_who_and_what(self):
        self.assertFinds("from:ada", self.plan)
        self.assertFinds("from: ada", self.plan)
        self.assertFinds("FROM:zoë", self.late)
        self.assertFinds("from:zoe", self.late)
        self.assertFinds("from:oe")
        self.assertFinds('from:"Ada Member"', self.plan)
        self.assertFinds("from:ada@member.example", self.plan)
        self.assertFinds("to:ada", self.answer)
        self.assertFinds("to:ada from:desk", self.answer)
        self.assertFinds("has:file", self.plan)
        self.assertFinds("has:attachment plan", self.plan)
        self.assertFinds("in:sent", self.answer)
        self.assertFinds("in:inbox", self.plan, self.late)
        self.assertFinds("in:received plan", self.plan)
        self.assertFinds("in:sent in:inbox")

    def test_dates(self):
        # In Berlin it is October when the late one arrives.
        self.assertFinds("in:2026-10", self.plan, self.late)
        self.assertFinds("after:2026-10-05", self.plan, self.answer)
        self.assertFinds("before:2026-10-05", self.late)
        self.assertFinds("before:2026-10-01")
        self.assertFinds("after:10/05/2026 before:11/1/2026", self.plan)
        self.assertFinds("after:1 november 2026", self.answer)
        self.assertFinds("pdf from:ada in:2026-10", self.plan)
        self.assertFinds("in:2026 plan", self.plan, self.answer)

    def test_words_stay_words(self):
        self.assertFinds("Re: plan", self.answer)
        self.assertFinds("http://plan")
        self.assertFinds("before:lunch")
        self.assertFinds('"Re: Plan"', self.answer)
        self.assertFinds("plan from:", self.plan, self.answer)

    @mute_logger("odoo.tools.translate")
    def test_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.user.lang = "de_DE"
        self.assertFinds("von:ada", self.plan)
        self.assertFinds("an:ada", self.answer)
        self.assertFinds("from:ada hat:datei", self.plan)
        self.assertFinds("in:gesendet", self.answer)
        self.assertFinds("nach:1.10.2026 vor:1.11.2026", self.plan, self.late)
        self.assertFinds("in:okt 2026", self.plan, self.late)

    def test_names_in_all_writings(self):
        """The database folds a name as the index folds its words."""
        for name in (
            "Γιώργος Παπαδόπουλος", "김민준", "ながい ひでとし", "ガブリエル", "محمّد عليّ",
            "علی\u200cرضا", "שָׁלוֹם", "नमस्ते शर्मा", "Zoe\u0308 Soft\u00adLine", "Łukasz Straße",
            "İbrahim", "東京 太郎", "ada+tag@x.example",
        ):  # fmt: skip
            [[is_found]] = self.env.execute_query(
                SQL("SELECT %s ~ ALL(%s)", folded_sql(SQL("%s", name)), person_patterns(name))
            )
            self.assertTrue(is_found, name)

    def test_what_only_one_copy_says(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        secret = self.make_message(account=self.desk + private, subject="Secret")
        secret.participant_ids.create(
            {
                "message_id": secret.id,
                "role": "bcc",
                "name": "Bea",
                "email": "bea@member.example",
                "account_id": private.id,
            }
        )
        self.mine += secret
        self.assertFinds("to:bea", secret, user=self.manager)
        self.assertFinds("to:bea")
        self.assertFinds("bea")

    def test_marks(self):
        marks = self.env["member.mail.message"].get_search_marks
        self.assertEqual(
            marks('Zoë "new plan" from:ada in:2026-10'),
            {"words": ["zoe", "new ", "plan"], "people": ["ada"], "hint": ""},
        )

    def hint(self, query):
        Message = self.env["member.mail.message"].with_user(self.user)
        return Message.with_context(lang=self.user.lang).get_search_marks(query)["hint"]

    def test_hints(self):
        for query, typed, possible in (
            ("plan has:cheese", "has:cheese", "has:file"),
            ("in:nowhere plan", "in:nowhere", "in:sent, in:received, in:"),
            ("before:yesterdayish", "before:yesterdayish", "before:20"),
            ("after:31/31/2026", "after:31/31/2026", "after:yesterday"),
            ("from:...", "from:...", "from:ada"),
            ("form:ada", "form:ada", "from:ada"),
            ("FROMM:ada", "FROMM:ada", "from:ada"),
            ("befor:2026", "befor:2026", "before:20"),
            ("aftr:2026", "aftr:2026", "after:yesterday"),
            ("size:5MB", "size:5MB", "from:ada, to:ada, has:file, in:sent"),
            ("subject:offer", "subject:offer", "from:ada"),
            ("is:unread", "is:unread", "from:ada"),
            ("size:", "size:", "from:ada"),
            ("has:cheese in:nowhere", "has:cheese", "has:file"),
        ):
            with self.subTest(query=query):
                self.assertRegex(
                    self.hint(query),
                    rf"^{re.escape(typed)} was not understood, .*\. Possible: {possible}.*\.$",
                )
        self.assertEqual(self.hint("plan from:"), "Nothing follows from: yet. Possible: from:ada.")
        # What is not understood is searched for as words.
        self.mine += self.make_message(account=self.desk, subject="She has cheese: size 5")
        self.assertFinds("has:cheese", self.mine[-1])
        self.assertFinds("size:5", self.mine[-1])
        self.assertFinds("re:plan", self.answer)

    def test_no_hint_for_a_colon_in_words(self):
        for query in (
            "", "plan", "re: offer", "Re:offer", "AW: WG: Angebot", "10:30", "at 9:00:",
            "http://a.example", "https://from.example/in:x", "mailto:ada@member.example",
            "C:\\plan", "note: call", "a:b", "ratio 3:1", "in: the office", "to: the board",
            "has: a plan", "form: filled in", "Contact form:", "Subject: plan", '"has:cheese"',
            '"form:ada" plan', "from:ada in:sent has:file", "from: ada", ":", "::", "std::size",
            "for:sale", "do:it", "tel:+4912345", "in:2026-10 plan", "before:october",
        ):  # fmt: skip
            with self.subTest(query=query):
                self.assertEqual(self.hint(query), "")

    @mute_logger("odoo.tools.translate")
    def test_hints_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.user.lang = "de_DE"
        for query, possible in (
            ("hat:kaese", "hat:datei"),
            ("has:cheese", "hat:datei"),
            ("in:nirgends", "in:gesendet, in:empfangen, in:20"),
            ("vor:gesternabend", "vor:20"),
            ("nahc:gestern", "nach:gestern"),
            ("Betreff:Angebot", "von:ada, an:ada, hat:datei"),
        ):
            with self.subTest(query=query):
                self.assertIn(f": {possible}", self.hint(query))
        for query in (
            "AW: Angebot",
            "Betreff: Angebot",
            "um 10:30",
            "nach:gestern",
            "Anhang: keiner",
        ):
            with self.subTest(query=query):
                self.assertEqual(self.hint(query), "")


@tagged("post_install", "-at_install")
class TestDates(MemberMailCase):
    """Dates as people type them."""

    def test_dates(self):
        today = date(2026, 11, 30)
        english = QueryReader(today=today, month_first=True)
        german = QueryReader("de_DE", {"yesterday": "gestern"}, today)
        french = QueryReader("fr_FR", {}, today)
        spanish = QueryReader("es_ES", {}, today)
        for reader, text, first, last in (
            (english, "2026", "2026-01-01", "2027-01-01"),
            (english, "2026-12", "2026-12-01", "2027-01-01"),
            (english, "2026/2/3", "2026-02-03", "2026-02-04"),
            (english, "October", "2026-10-01", "2026-11-01"),
            (english, "oct 2024", "2024-10-01", "2024-11-01"),
            (english, "dec", "2025-12-01", "2026-01-01"),
            (english, "October 3rd, 2025", "2025-10-03", "2025-10-04"),
            (english, "2/3", "2026-02-03", "2026-02-04"),
            (english, "25/3/26", "2026-03-25", "2026-03-26"),
            (english, "yesterday", "2026-11-29", "2026-11-30"),
            (german, "gestern", "2026-11-29", "2026-11-30"),
            (german, "März", "2026-03-01", "2026-04-01"),
            (german, "maerz", None, None),
            (german, "3. Okt. 2026", "2026-10-03", "2026-10-04"),
            (german, "2.3.", "2026-03-02", "2026-03-03"),
            (german, "10.2025", "2025-10-01", "2025-11-01"),
            (german, "october", "2026-10-01", "2026-11-01"),
            (french, "1er août", "2026-08-01", "2026-08-02"),
            (french, "jui", None, None),
            (spanish, "3 de octubre de 2026", "2026-10-03", "2026-10-04"),
            (spanish, "3 de octubre", "2026-10-03", "2026-10-04"),
            (english, "5 oct 26", "2026-10-05", "2026-10-06"),
            (english, "5-Oct-25", "2025-10-05", "2025-10-06"),
            (english, "29 feb", "2024-02-29", "2024-03-01"),
            (english, "2/29", "2024-02-29", "2024-03-01"),
            (english, "30 feb", None, None),
            (english, "31/31", None, None),
            (english, "2026-13", None, None),
            (english, "0000", None, None),
            (english, "9999-12-31", None, None),
            (english, "lunch", None, None),
            (english, "12", None, None),
            (english, "29 february 2025", None, None),
            (english, "", None, None),
        ):
            with self.subTest(text=text):
                period = reader.period(text)
                self.assertEqual(period and tuple(map(str, period)), first and (first, last))

    def test_spellings(self):
        terms = {"from": "de:", "to": "à:", "before": "avant:", "today": "aujourd'hui"}
        french = QueryReader("fr_FR", terms, date(2026, 11, 30))
        spanish = QueryReader("es_ES", {"after": "después:"}, date(2026, 11, 30))
        english = QueryReader(today=date(2026, 11, 30))
        october = (("from", "ada"),), None, date(2026, 10, 1), "plan"
        for reader, text, expected in (
            # A blank before the colon, as French is written.
            (french, "de : ada avant : octobre plan", october),
            (french, "de\xa0:ada avant\xa0: octobre plan", october),
            (french, "plan avant:aujourd\u2019hui", ((), None, date(2026, 11, 30), "plan")),
            # A long date, all of it.
            (spanish, "después:5 de octubre de 2026 plan", ((), date(2026, 10, 5), None, "plan")),
            # The colon of Chinese and Japanese keyboards, and marks of direction.
            (english, "from：ada before：october plan", october),
            (english, "\u200ffrom:ada\u202c before:\u200eoctober plan", october),
            (english, "plan : in", ((), None, None, "plan : in")),
        ):
            with self.subTest(text=text):
                query = reader.parse(text)
                self.assertEqual((query.people, query.since, query.until, query.text), expected)
