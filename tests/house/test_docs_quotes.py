"""The pages quote the screens word for word: what they print in italics, and what Odoo says in their
tables, is a text of the addons or of a program that the pages name."""

import re
from functools import cache
from typing import NamedTuple

import pytest

from . import labels

PAGES = [
    labels.ROOT / "README.md",
    *sorted((labels.ROOT / "docs").glob("*.md")),
    *sorted((labels.ROOT / "docs" / "decisions").glob("*.md")),
]
#: Tables whose first column holds nothing but quotes, with semicolons between them; by the heading of
#: that column.
QUOTING = {"the account says", "it says", "Odoo says", "setting", "entry", "Visible to"}
#: Labels that are not ours, by the program that has them.
OTHERS = {
    "Odoo": {
        "Add API Key", "Apps", "CRM", "Configuration", "General Settings", "My Preferences", "Reporting",
        "Run Manually", "Security", "Settings", "Privacy Lookup", "Send email", "System Parameters",
        "Technical", "Those modules cannot be uninstalled",
        "Turn on notifications", "Use a Gmail Server", "Use an Outlook Server",
    },
    "Odoo, which puts the name of the privilege before that of the group": {
        "Contact Messages: Administrator", "Contact Messages: User",
    },
    "OCA's job queue": {
        "Enqueued", "Job Functions", "Job Queue", "Pending", "Queue", "Removal Interval",
        "Retry Pattern",
    },
    "Odoo, in its log": {"Invalid module name", "Unknown command"},
    "Microsoft": {
        "API permissions", "Add a permission", "App registrations", "Application (client) ID",
        "Certificates & secrets", "Delegated permissions", "Directory (tenant) ID",
        "Grant admin consent", "Microsoft Graph", "Mail", "Need admin approval",
        "New client secret", "New registration", "Redirect URI", "Supported account types", "Users",
        "Web",
    },
    "Google": {
        "API controls", "Access and data control", "All Mail", "Audience", "Branding", "Clients",
        "Create client", "Data access", "External", "Google Auth Platform",
        "OAuth consent screen", "Publish app", "Security", "Test users", "Web application",
    },
    "Infomaniak": {"Devices"},
    "WEB.DE": {"Unbekannt"},
    "help pages, which call the protocols so": {"IMAP", "SMTP"},
    "a name that is made up": {"Odoo of Example Ltd"},
}  # fmt: skip
ITALIC = re.compile(r"(?<![\w*.])\*(?![\s*])([^*|]+)(?<!\s)\*(?!\w)")
#: What stands for something else in a text, and examples of it.
VARIABLE = re.compile(r"%\(\w+\)s|%[sd]|\{\{.*?\}\}|[#$]\{.*?\}|\d[\d,]*")


class Quote(NamedTuple):
    """What a page quotes, and where; from a table, it is a sentence from its beginning."""

    text: str
    page: str
    line: int
    from_table: bool = False

    def __str__(self):
        return f"{self.page}:{self.line} {self.text!r}"


def plain(text):
    """A text with … for all that varies, and without the dots at its ends."""
    return " ".join(VARIABLE.sub("…", text).split()).strip("….: ")


@cache
def shown():
    """All that the screens say: set of plain texts."""
    return {plain(text.text) for text in labels.texts()}


def italics(page, source):
    """The labels in italics. What begins with a small letter is a word of ours, or stressed."""
    without_code = re.sub(r"```.*?```|`[^`\n]*`", _blank, source, flags=re.DOTALL)
    text = without_code.replace("**", "")
    for match in ITALIC.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        for label in match[1].split("›"):
            if not label.strip()[0].islower():
                yield Quote(" ".join(label.split()), page, line)


def _blank(match):
    return re.sub(r"[^\n]", "", match[0])


def from_tables(page, source):
    """The quotes in the first column of tables that quote."""
    heading = None
    for line, row in enumerate(source.splitlines(), 1):
        if not row.startswith("|"):
            heading = None
            continue
        cell = row.split("|")[1].replace("*", "").strip()
        if heading is None:
            heading = cell
        elif heading in QUOTING and set(cell) != {"-"}:
            yield from (Quote(text.strip(), page, line, True) for text in cell.split(";"))


def quotes():
    for path in PAGES:
        page, source = str(path.relative_to(labels.ROOT)), path.read_text()
        yield from italics(page, source)
        yield from from_tables(page, source)


def is_said(quote, texts):
    """Whether the screens say what is quoted: one word is all of a text, several are in one."""
    words = plain(quote.text)
    if not re.search(r"\w", words) or words in texts:
        return True  # a sign alone is an icon
    if " " not in words:
        return False
    begins = r"\A" if quote.from_table else r"(?<!\w)"
    pattern = re.compile(rf"{begins}{re.escape(words)}(?!\w)")
    return any(pattern.search(text) for text in texts)


def test_quotes_are_on_the_screens():
    others = set().union(*OTHERS.values())
    wrong = [
        str(quote) for quote in quotes() if not is_said(quote, shown()) and quote.text not in others
    ]
    assert not wrong, "\n".join(wrong)


def test_labels_of_others_are_needed():
    unknown = {quote.text for quote in quotes() if not is_said(quote, shown())}
    assert [text for found in OTHERS.values() for text in found if text not in unknown] == []


# -- the test itself --------------------------------------------------------------------------------


def test_all_tables_are_read():
    headings = {
        re.split(r"\s*\|\s*", line)[1].replace("*", "")
        for path in PAGES
        for line in path.read_text().splitlines()
        if line.startswith("| ")
    }
    assert headings >= QUOTING


def test_italics_are_found():
    source = (
        "Press *Scan\nnow* in `*this*`, **not *Load* bold**, a *term*, a.*, b.*, *CRM › New*.\n"
    )
    found = [(quote.text, quote.line) for quote in italics("x.md", source)]
    assert found == [("Scan now", 1), ("Load", 2), ("CRM", 2), ("New", 2)]


def test_tables_are_found():
    source = (
        "| it says | why |\n| --- | --- |\n| *One*; … two | *x* |\n\n| word | not |\n| a | b |\n"
    )
    assert list(from_tables("x.md", source)) == [
        Quote("One", "x.md", 3, True), Quote("… two", "x.md", 3, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "from_table", "said"),
    [
        ("Load", False, True), ("Loa", False, False), ("Scan", False, False),
        ("Scan now", False, True), ("now or never", False, True), ("or nev", False, False),
        ("2,345 of 9 known", False, True), ("… refuses the email", True, True),
        ("… refuses the …", True, True), ("the email", True, False), ("…", False, True),
    ],
)  # fmt: skip
def test_what_is_said(text, from_table, said):
    texts = {"Load", "Scan now or never", "… of … known", plain("%(host)s refuses the email.")}
    assert is_said(Quote(text, "x.md", 1, from_table), texts) is said
