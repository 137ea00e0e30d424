"""The pages for developers name what there is: files, records, pages of each other."""

import os
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
DECISIONS = DOCS / "decisions"
PAGES = [
    ROOT / "README.md", ROOT / "CHANGELOG.md",
    *sorted(DOCS.glob("*.md")), *sorted(DECISIONS.glob("*.md")),
]  # fmt: skip
RECORDS = sorted(DECISIONS.glob("[0-9]*.md"))
#: A page for each capability of the addon.
CAPABILITIES = (
    "reading.md", "matching-and-filing.md", "the-tab.md", "sending.md", "set-up-and-secrets.md",
    "privacy.md",
)  # fmt: skip

#: What of the repository is a file's name; and what is no path, or a file that is made later.
FILE = re.compile(r"[\w./*-]+\.(?:py|js|mjs|xml|scss|sql|csv|sh|md|toml|po|pot)")
NOT_OURS = re.compile(r"/|crm_vip/|\.dev/|.*\bADDON\b|.*\bNAME\b|\.po$")


@pytest.fixture(scope="module")
def files():
    """All files, as paths from the root with a / before them."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in (".git", ".dev", "node_modules")]
        found += [f"/{(Path(folder) / name).relative_to(ROOT)}" for name in names]
    return found


def code(page):
    """What is in backticks on a page, its blocks of code left out."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    return re.findall(r"`([^`\n]+)`", prose)


def is_there(path, files):
    """Whether a path, which may begin in the middle and have wildcards, names a file or a folder."""
    return any(fnmatch(file, f"*/{path}*" if path.endswith("/") else f"*/{path}") for file in files)


def words_of_the_code():
    """Every name that occurs in the addon's Python, those with dots whole and in parts."""
    words = set()
    for path in (ROOT / "crm_member_mail").rglob("*.py"):
        found = set(re.findall(r"\w+(?:\.\w+)*", path.read_text()))
        words |= found | {part for name in found for part in name.split(".")}
    return words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page, files):
    names = [name for name in code(page) if FILE.fullmatch(name) and not NOT_OURS.match(name)]
    folders = [name for name in code(page) if re.fullmatch(r"\w+/[\w./-]+/", name)]
    missing = [name for name in [*names, *folders] if not is_there(name, files)]
    assert missing == []


def test_names_of_the_code_are_there():
    words = words_of_the_code()
    for page in (DOCS / "architecture.md", *(DOCS / name for name in CAPABILITIES), *RECORDS):
        names = {name for name in code(page) if re.fullmatch(r"_\w+|member\.mail\.\w[\w.]*", name)}
        # A field of a model is named after it.
        names = {
            part for name in names for part in ([name] if name in words else name.rsplit(".", 1))
        }
        assert names - words == set(), page.name


def test_architecture_is_one_page_that_leads_to_all_others():
    text = (DOCS / "architecture.md").read_text()
    assert len(text.split()) <= 1200
    linked = set(re.findall(r"\]\(([^)#\s]+)", text))
    assert linked >= {*CAPABILITIES, "decisions/README.md", "glossary.md", "development.md"}


def test_i_want_to_change():
    text = (DOCS / "architecture.md").read_text()
    section = text.partition("## I want to change")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 15
    for row in rows:
        named = re.findall(r"`([^`]+)`", row)
        assert len(named) == 1, row
        assert (ROOT / "crm_member_mail" / named[0]).is_file(), row


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_decision_has_its_three_parts_and_is_in_the_index(record):
    text = record.read_text()
    assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Decision", "Consequences"]
    assert re.match(rf"# {int(record.name[:4])}\. .+\n\nDate: 20\d\d-\d\d-\d\d\n", text)
    title = re.match(r"# (.+)", text)[1]
    assert f"* [{title}]({record.name})\n" in (DECISIONS / "README.md").read_text()


def test_decisions_are_numbered_once():
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))
