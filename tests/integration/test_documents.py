"""The words in documents are found with Odoo's addon that reads them, whenever it is installed."""

from dev.project import DEV, odoo_call

from .. import own

LOG = DEV / "logs/test-documents.log"


def test_words_in_documents():
    with own.database("documents") as name:
        answer = {}
        for step in (1, 2):
            answer |= odoo_call(name, "tests.integration.documents", step, LOG)
    assert answer == {
        "without the addon": [],
        "filed earlier": ["Earlier"],
        "while filing": [False, False, "balloons"],
        "found at once": ["Later"],
        "the job is due": True,
        "after the job": ["Later"],
        "left": 0,
    }
