"""What stands on screens keeps to `docs/glossary.md`: one word for each thing."""

import re
from collections import defaultdict
from typing import NamedTuple

import pytest

from . import labels

GLOSSARY = labels.ROOT / "docs" / "glossary.md"

#: Where a word that is ruled out is the right one all the same: a pattern, and why.
ALLOWED = {
    r"\b[Mm]embers? of a sales team|\bmembers of its team|\bteam whose members": "Odoo's own word",
    r"@member\.example|Ada Member": "a name, in examples",
    r"\bcustomer account": "what the provider calls it",
    r"\b(2-[Ss]tep|[Tt]wo-step) [Vv]erification": "what the provider calls it",
    r"Authenticated SMTP|Authentication-Results": "what Microsoft, and a standard, call it",
    r"E-[Mm]ail ›": "a menu of the provider's",
    r"\b[Aa]ttach (them|files)": "files are attached to an email",
    r"\b(is|are) (already )?being sent\b": "a sentence, not the name of a status",
    r"\bserver reports\b|\breported\b": "a verb, about neither figures nor bounces",
}
#: Fields that say something else on one of the models that share their name, and why.
OTHERWISE = {
    ("member.mail.account", "name"): "what recipients see",
    ("member.mail.account", "user_id"): "who is told when something is wrong",
    ("member.mail.account", "message_count"): "what is filed, not what an erasure is about",
    ("member.mail.draft", "user_id"): "who writes it",
    ("member.mail.erasure", "name"): "a person",
    ("member.mail.erasure", "user_id"): "who erased the emails",
    ("member.mail.erasure", "message_count"): "what was erased, not what will be",
    ("member.mail.erasure", "attachment_count"): "what was erased, not what will be",
    ("member.mail.trace.line", "date"): "when it arrived, not when it was written",
    ("member.mail.trace.line", "folder_id"): "as Odoo knows it; path is the server's name for it",
}
AUTHENTICITY = {"verified": "Verified", "unverified": "Not checked", "failed": "Forged?"}


class Rule(NamedTuple):
    """A word that is ruled out, what for, and whether that holds in labels only."""

    word: str
    term: str
    in_labels: bool

    @property
    def pattern(self):
        """A regular expression that finds the word, also with an ending."""
        first, blank, rest = self.word.partition(" ")
        stem = re.escape(first.removesuffix("e"))
        return re.compile(
            rf"(?<![\w-]){stem}(e?[sd]?|ed|ing){blank}{re.escape(rest)}(?![\w-])", re.I
        )

    def broken(self, texts):
        """What breaks the rule among pairs of a Text and what is left of it to look at."""
        pattern = self.pattern
        return [
            f"{text}: say {self.term!r}, not {self.word!r}"
            for text, rest in texts
            if pattern.search(rest) and not (self.in_labels and text.kind != "label")
        ]


def rules(glossary):
    """The rules in the table of the glossary's words on screens.

    A word that is itself a term of the table is ruled out for another thing, which no test can tell.
    """
    section = glossary.partition("## On screens")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("| **")
    ]
    terms = {
        part.removeprefix("to ")
        for row in rows
        for bold in re.findall(r"\*\*(.+?)\*\*", row[0])
        for part in bold.split(", ")
    }
    return [
        Rule(word, row[0].replace("*", ""), "as a label" in remark)
        for row in rows
        for part in row[2].split(",")
        for word, _, remark in [part.strip().removeprefix("to ").partition(" (")]
        if word and word not in terms
    ]


@pytest.fixture(scope="module")
def seen():
    """All texts, without what is allowed in them: list of pairs of a Text and the rest of it."""
    allowed = re.compile("|".join(ALLOWED))
    return [(text, allowed.sub("…", text.text)) for text in labels.texts()]


def test_no_word_is_ruled_out(seen):
    broken = [line for rule in rules(GLOSSARY.read_text()) for line in rule.broken(seen)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("allowed", ALLOWED)
def test_what_is_allowed_is_needed(allowed):
    assert any(re.search(allowed, text.text) for text in labels.texts())


def test_one_label_for_one_field():
    different = [
        f"{name}: " + ", ".join(map(str, found.values()))
        for name, found in labels.labels_of_fields().items()
        if len({t.text for model, t in found.items() if (model, name) not in OTHERWISE}) > 1
    ]
    assert not different, "\n".join(different)


def test_fields_that_say_something_else_exist():
    found = labels.labels_of_fields()
    assert [pair for pair in OTHERWISE if pair[0] not in found[pair[1]]] == []


def test_no_two_fields_of_a_model_have_the_same_label():
    """Odoo warns of them, and nobody can tell them apart in a list of fields."""
    places = defaultdict(set)
    for field, found in labels.labels_of_fields().items():
        for model, text in found.items():
            places[model, text.text].add(field)
    assert [(*where, sorted(names)) for where, names in places.items() if len(names) > 1] == []


def test_labels_of_several_words_are_written():
    """The label that Odoo makes of a name is no English: Check Uid, Is Due."""
    derived = [
        str(text)
        for field, found in labels.labels_of_fields().items()
        for text in found.values()
        if " " in text.text and text.text == labels.derived(field)
    ]
    assert not derived, "\n".join(derived)


def test_authenticity():
    """Wherever something is shown for a verdict on the sender, it says the verdict's own word."""
    choices = labels.selection("authenticity")
    assert choices
    assert [choice for choice in choices if choice != AUTHENTICITY] == []
    silent = [
        f"{place}: {AUTHENTICITY[verdict]!r} is missing in {shown!r}"
        for place, verdict, shown in labels.shown_for("authenticity")
        if AUTHENTICITY[verdict].lower() not in shown.lower()
    ]
    assert not silent, "\n".join(silent)


# -- the test itself --------------------------------------------------------------------------------

TABLE = """
## On screens

| word | what it is | not |
| --- | --- | --- |
| **scan** | reading what is new | fetch, synchronize |
| **test** | trying the connection | check |
| **check** | comparing everything | audit |
| **excluded** | an address | never filed (as a label) |
| **to file** | to put under a contact | to classify |
| **conversation** | messages | |

## In code

| **fence** | taking out | wall |
"""


def test_the_table_is_understood():
    assert rules(TABLE) == [
        Rule("fetch", "scan", False),
        Rule("synchronize", "scan", False),
        Rule("audit", "check", False),
        Rule("never filed", "excluded", True),
        Rule("classify", "to file", False),
    ]
    assert len(rules(GLOSSARY.read_text())) > 20


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("fetch", "Fetched: 3", True), ("fetch", "Last fetch", True), ("fetch", "Fetching…", True),
        ("synchronize", "Synchronizing", True), ("log in", "Logs in", True),
        ("log in", "log in to", True), ("partner", "Partners", True),
        ("attach", "Attachments", False), ("setup", "Set-up", False), ("mails", "5 mails", True),
        ("mails", "Mail server", False), ("member", "member_mail", False),
    ],
)  # fmt: skip
def test_words_are_found(word, text, found):
    sentence = labels.Text(text, "x.py", 1, "sentence")
    assert bool(Rule(word, "", False).broken([(sentence, text)])) is found
    assert not Rule(word, "", True).broken([(sentence, text)])


def test_everything_is_read(seen):
    kinds = {(text.kind, text.path.rpartition(".")[2]) for text, _rest in seen}
    assert kinds == {(k, s) for k in ("label", "sentence") for s in ("py", "xml", "js")}
    assert labels.derived("lead_ids") == "Lead"
    assert labels.derived("is_inline") == "Is Inline"
