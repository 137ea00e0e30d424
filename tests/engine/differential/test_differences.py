"""What counts as a loss: where ours has less than a foreign parser, and nothing else."""

from datetime import datetime, timezone

from dev.differential.compare import Results, compare
from dev.differential.extracts import File, words, words_of_html

from ...mail import email, email_with
from .answers import ARRIVAL, answer, compared, file, lost

SENT = datetime(2026, 4, 1, 10, tzinfo=timezone.utc)

MAIL = email_with(
    b"%PDF-1", "plan.pdf", "application/pdf", sender="Ana Lima <ana@x.example>", date=SENT,
    subject="The plan", text="See you on Monday.",
)  # fmt: skip


def test_parsers_that_agree():
    results = compared(MAIL)
    assert (results.emails, results.left, results.explained) == (1, [], {})


def test_what_only_we_have_is_no_loss():
    nothing = {"from": [], "to": [], "date": None, "subject": "", "text": "", "files": []}
    assert lost(MAIL, **nothing) == {}


def test_addresses_and_names_are_missing():
    people = [["Bo", "BO@x.example"], ["Ana Maria Lima", "Ana@X.example"]]
    found = lost(MAIL, **{"from": people})
    # The name of somebody who is missing is not said once more.
    assert found == {"sender": ("bo@x.example",), "people": ("maria",)}
    assert lost(MAIL, to=[["", "c@x.example"]]) == {"recipients": ("c@x.example",)}


def test_another_date():
    (pair,) = lost(MAIL, date="2026-04-01T12:00:00.000Z")["date"]
    assert pair == (SENT, SENT.replace(hour=12))
    assert lost(MAIL, date="Wednesday") == {}


def test_words_are_missing():
    assert lost(MAIL, subject="THE  plan B") == {"subject": ("b",)}
    assert lost(MAIL, text="See you on\n\nMonday - or not.") == {"text": ("not", "or")}
    # Ours has no HTML: then the text has to say it.
    assert lost(MAIL, html="<p>See <b>M</b>onday<br>night</p>") == {"html": ("night",)}


def test_text_that_is_made_of_html():
    data = email(html="<p>Hello there.</p>").replace(b"text/plain", b"text/html", 1)
    html = "<p>Hello there, Ana.</p>"
    assert lost(data, text="", html=html) == {"html": ("ana",), "search": ("ana",)}


def test_files_are_missing():
    other = file("", "image/png", b"png")
    assert lost(MAIL, files=[other]) == {"file": (File(**other),)}


def test_files_differ():
    (ours,) = answer(MAIL)["files"]
    larger = file("plan.pdf", "application/pdf", b"%PDF-1.7")
    assert lost(MAIL, files=[larger]) == {"size": ((File(**ours), File(**larger)),)}
    renamed = file("idea.pdf", "application/pdf", b"%PDF-1")
    assert lost(MAIL, files=[renamed]) == {"name": ((File(**ours), File(**renamed)),)}
    # A file without a name was given one; line ends are kept as they came.
    assert lost(MAIL, files=[file("", "application/pdf", b"%PDF-1\n")]) == {}


def test_our_parser_fails(monkeypatch):
    def fail(*_args, **_options):
        raise ValueError("oh")

    monkeypatch.setattr("dev.differential.compare.parse", fail)
    results = Results(arrival=ARRIVAL)
    compare("some.eml", MAIL, {}, results)
    assert [(found.kind, found.items) for found in results.left] == [
        ("crash", ("ValueError('oh')",))
    ]


def test_foreign_parser_fails():
    results = Results(arrival=ARRIVAL)
    compare("some.eml", MAIL, {"other": {"error": "no answer"}}, results)
    assert (results.left, results.failed) == ([], {"other": 1})


def test_words_are_compared_as_they_are_read():
    assert words("Straße STRASSE ﬁne") == {"strasse", "fine"}
    assert words("請求書 No.7") == {"請", "求", "書", "no", "7"}
    # What a parser could not decode is no word that ours should have.
    assert words("Fr\ufffdsche \xef\xbf\xbdber da") == {"da"}
    source = (
        '<title>Not</title><style>p {}</style><p title="a > b">W<b>or</b>d<br>two&nbsp;&amp; three'
    )
    assert words_of_html(source) == {"word", "two", "three"}
