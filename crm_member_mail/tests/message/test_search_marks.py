"""What the search finds is what is highlighted, by the server and by the browser."""

import doctest
import json
import re
import sys
import unicodedata
from html import unescape

from odoo.tests import HttpCase, tagged

from ...mailbox.html.marks import marked_text
from ...tools import search_marks
from ...tools.search_marks import WordFinder
from ...tools.search_words import folded_words
from ..common import MemberMailCase

#: Texts, what somebody searches for, and what of the text is highlighted; nothing where it is not found.
ROWS = [
    ("Zoë's plans", "zoe PLAN", ["Zoë", "plans"]),
    ("Zoe\u0308 zoo", "zoë", ["Zoe\u0308"]),
    ("Azoe", "zoe", []),
    ("a plan b", "b", ["b"]),
    ("a plan bee", "b", []),
    # Capitals that are more than one letter, and letters that have two small forms.
    ("Größe, GRÖSSE, Gro\u1e9ee", "grösse", ["Größe", "GRÖSSE", "Gro\u1e9ee"]),
    ("Straße", "strasse", ["Straße"]),
    ("STRASSE", "straße", ["STRASSE"]),
    ("ΟΔΥΣΣΕΥΣ Οδυσσεύς", "οδυσσευς", ["ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"]),
    ("Γιώργος", "ΓΙΩΡΓΟΣ", ["Γιώργος"]),
    ("ᾠδή", "ωιδη", ["ᾠδή"]),
    ("İstanbul, ISTANBUL", "istanbul", ["İstanbul", "ISTANBUL"]),
    ("istanbul", "İSTANBUL", ["istanbul"]),
    ("ılık", "ılık", ["ılık"]),
    ("ılık", "ilik", []),
    ("Łukasz Ørsted", "łukasz", ["Łukasz"]),
    ("Ørsted", "orsted", []),
    ("Việt Nam", "viet", ["Việt"]),
    ("ёлка Йод", "елка иод", ["ёлка", "Йод"]),
    # Letters that are written together, wide, small, raised, in circles.
    ("a ﬁne oﬃce", "office fine", ["ﬁne", "oﬃce"]),
    ("ＡＢＣ１２３", "abc123", ["ＡＢＣ１２３"]),
    ("abc", "ＡＢＣ", ["abc"]),
    ("Regatta™ m² №5", "regattatm m2 no5", ["Regatta™", "m²", "№5"]),
    ("5℃ ½", "5 1", ["5", "½"]),
    ("Nr.① ok", "1", ["①"]),
    # What can't be seen, and what separates.
    ("soft\u00adhyphen", "softhyphen", ["soft\u00adhyphen"]),
    ("zero\u200bwidth", "zerowidth", ["zero\u200bwidth"]),
    ("plan_final.pdf", "final", ["final"]),
    ("grace@navy.example", "navy", ["navy"]),
    ("l\u2019été don't", "ete don", ["été", "don"]),
    ("well\u2011known", "known", ["known"]),
    # Arabic, Persian, Hebrew: points, joiners, forms of letters.
    ("محمّد عليّ", "محمد علي", ["محمّد", "عليّ"]),
    ("علی\u200cرضا", "علیرضا", ["علی\u200cرضا"]),
    ("علیرضا", "علی\u200cرضا", ["علیرضا"]),
    ("ﻣﺤﻤﺪ", "محمد", ["ﻣﺤﻤﺪ"]),
    ("محـمد", "محـمد", ["محـمد"]),
    ("محـمد", "محمد", []),
    ("שָׁלוֹם", "שלום", ["שָׁלוֹם"]),
    ("أحمد", "احمد", ["أحمد"]),
    # Scripts with vowels that are signs of their own.
    ("नमस्ते शर्मा", "नमस्ते", ["नमस्ते"]),
    ("ক\u09c7\u09beন", "কোন", ["ক\u09c7\u09beন"]),
    ("สวัสดี", "สวัส", ["สวัสดี"]),
    # Scripts without blanks, and Korean: any piece of a word.
    ("次は東京都で会議", "東京都 会議", ["東京都", "会議"]),
    ("東京都で会議", "京都", ["京都"]),
    ("東京と京都", "東京都", ["東京", "京都"]),
    ("中都", "都", ["都"]),
    ("東京", "京東", []),
    ("Ada会議Bo", "会議 ada bo", ["Ada会議Bo"]),
    ("ｶﾀﾛｸﾞです", "カタログ", ["ｶﾀﾛｸﾞ"]),
    ("ガブリエル", "ｶﾞﾌﾞﾘｴﾙ", ["ガブリエル"]),
    ("か\u3099っこう", "がっこう", ["か\u3099っこう"]),
    ("김민준", "민준", ["민준"]),
    ("\u1112\u1161\u11ab\u1100\u1173\u11af.pdf", "한글", ["\u1112\u1161\u11ab\u1100\u1173\u11af"]),
    ("각하", "가", []),
    ("𠮷野家", "野家", ["野家"]),
    # Phrases: whole words, but the last may go on.
    ("annually annual reports", '"annual report"', ["annual", "reports"]),
    ("x\u0301 y", '"y"', ["y"]),
]
CODE = """
const { pieces, withPlaces } = odoo.loader.modules.get("@crm_member_mail/message_search/marks");
const fold = (text) => withPlaces(text).letters.join("");
const wrong = [];
for (const [text, words, marked] of %(rows)s) {
    const made = pieces(text, words);
    const found = made.filter((piece, number) => number %% 2);
    if (JSON.stringify(found) !== JSON.stringify(marked) || made.join("") !== text) {
        wrong.push([text, words, found]);
    }
}
const classes = new Map();
for (const [letter, folded] of %(letters)s) {
    const own = fold(letter);
    if (own !== fold(folded) || (classes.get(own) ?? folded) !== folded) {
        wrong.push([letter, folded, own]);
    }
    classes.set(own, folded);
}
console.log(wrong.length ? `wrong: ${JSON.stringify(wrong.slice(0, 50))}` : "test successful");
"""


def letters():
    """All letters of Unicode with what the index has of them; of the ideographs a few."""
    for character in map(chr, range(0x80, sys.maxunicode + 1)):
        kind = unicodedata.category(character)
        folded = folded_words(character)
        if kind not in ("Cn", "Co", "Cs") and (kind != "Lo" or folded != character):
            yield character, folded


@tagged("post_install", "-at_install")
class TestSearchMarks(HttpCase, MemberMailCase):
    def setUp(self):
        super().setUp()
        self.marks = self.env["member.mail.message"].get_search_marks

    def test_examples(self):
        self.assertFalse(doctest.testmod(search_marks).failed)

    def test_what_is_found_is_marked(self):
        account = self.make_account()
        for text, query, marked in ROWS:
            with self.subTest(text=text, query=query):
                message = self.make_message(
                    account=account,
                    subject="-",
                    body_text=text,
                    people=[("from", text.replace(",", ""), "x@y.example", self.member)],
                )
                search = self.env["member.mail.message"].with_user(self.user).search
                found = search([("id", "=", message.id), ("search_text", "ilike", query)])
                self.assertEqual(bool(found), bool(marked), "found")
                if '"' not in query:
                    people = " ".join(f"from:{word}" for word in query.split())
                    found = search([("id", "=", message.id), ("search_text", "ilike", people)])
                    self.assertEqual(bool(found), bool(marked), "found by the sender's name")
                made = marked_text(text, WordFinder(self.marks(query)["words"]))
                self.assertEqual(re.findall("<mark>(.*?)</mark>", unescape(made)), marked)
                self.assertEqual(unescape(re.sub("</?mark>", "", made)), text)

    def test_the_browser_marks_the_same(self):
        rows = [(text, self.marks(query)["words"], marked) for text, query, marked in ROWS]
        self.browser_js(
            "/odoo",
            CODE % {"rows": json.dumps(rows), "letters": json.dumps([*letters()])},
            ready="Boolean(odoo.loader.modules.get('@crm_member_mail/message_search/marks'))",
            login=self.user.login,
        )

    def test_letters_by_letters(self):
        """Where a text is folded letter by letter, it is the same as all at once."""
        for text, *_rest in ROWS:
            for form in ("NFC", "NFD", "NFKD"):
                text = unicodedata.normalize(form, text)
                self.assertEqual(search_marks._with_places(text)[0], folded_words(text))
