"""The words in documents are found with Odoo's addon that reads them, whenever it is installed."""

from email.message import EmailMessage

import pytest

from dev.project import DEV, odoo_call

from .. import own
from .office_files import FOUND, hostile

LOG = DEV / "logs/test-documents.log"


def ask(name, step):
    return odoo_call(name, "tests.integration.documents", step, LOG)


@pytest.fixture(scope="module")
def database():
    """A database without Odoo's addon, until the first test has installed it; and what that found."""
    with own.database("documents") as name:
        yield name, ask(name, 1) | ask(name, 2)


def letter(subject, files):
    """An email with files: name, type and bytes of each."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "ada@member.example",
        "us@club.example",
        subject,
    )
    message["Message-ID"] = f"<{subject.lower()}@member.example>"
    message["Date"] = "Thu, 01 Oct 2026 10:00:00 +0200"
    message.set_content("See attached.")
    for name, kind, data, *_word in files:
        maintype, _slash, subtype = kind.partition("/")
        message.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return message.as_bytes()


def test_words_in_documents(database):
    _name, answer = database
    assert answer == {
        "without the addon": [],
        "filed earlier": ["Earlier"],
        "while filing": [False, False, "balloons"],
        "found at once": ["Later"],
        "the job is due": True,
        "after the job": ["Later"],
        "left": 0,
    }


def test_what_a_scan_files_is_found_and_hostile_files_cost_only_themselves(
    database, mailbox, dovecot
):
    """Read with the parsers that Odoo uses. One that never comes to an end is given up."""
    mailbox.append("INBOX", letter("Plans", FOUND))
    mailbox.append("INBOX", letter("Hostile", hostile()))
    server = {"email": mailbox.user, "imap_host": "localhost", "imap_port": dovecot.tls_port}
    answer = ask(database[0], server)
    names = sorted(name for name, *_rest in (*FOUND, *hostile()))
    assert answer["filed"] == names
    assert answer["found"] == {word: ["Plans"] for *_file, word in FOUND}
    # Each is named once in the log, and noted as read: nobody tries it again.
    assert sorted(answer["log"]) == sorted(name for name, *_rest in hostile())
    assert (answer["hidden"], answer["left"], answer["tries"]) == ([], 0, [" "])
