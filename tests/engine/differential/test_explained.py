"""Each rule explains its example, and nothing that is only like it."""

import base64

import pytest

from dev.differential.differences import KINDS
from dev.differential.explained import RULES

from ...mail import email_with
from ..mime.test_message import winmail
from ..smime import signed
from .answers import compared, file


def head(*fields, body="Hello"):
    return "\r\n".join([*fields, "", body]).encode("utf-8")


def parts(kind, *inner):
    """A multipart of parts, each its header and body as text."""
    cut = "".join(f"--b\r\n{part}\r\n" for part in inner)
    return f"Content-Type: multipart/{kind}; boundary=b\r\n\r\n{cut}--b--\r\n".encode()


def nested(depth):
    """Multiparts within each other, and a text in the innermost."""
    heads = (f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth))
    return ("".join(heads) + "\nHello").encode()


def within(data):
    """An email with another one in it."""
    text = "Content-Type: text/plain\r\n\r\nSee below"
    return parts("mixed", text, f"Content-Type: message/rfc822\r\n\r\n{data.decode()}")


PDF = b"%PDF-1.4\n" + bytes(range(256))
INSIDE = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b--\r\n"
UUENCODED = "begin 644 a.txt\n#86)C\n`\nend\n"
LONG = "é" * 80 + "x" * 120
BASE64 = "Content-Transfer-Encoding: base64\r\n\r\n"
NO_BASE64 = f"Content-Type: image/png\r\n{BASE64}(picture, here)"
IN_BASE64 = f"Content-Type: application/pdf; name=a.pdf\r\n{BASE64}JVBERi0xLg=="

ARMOURED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nHello\n"
    "-----BEGIN PGP SIGNATURE-----\nComment: Using a key\n\niD8DBQFG\n-----END PGP SIGNATURE-----\n"
)
IN_HTML = "Content-Type: text/html\r\n\r\n<p>Hello"

SIGNED = base64.encodebytes(signed(b"Content-Type: text/plain\r\n\r\nHello")).decode()
ANNOUNCED = "Content-Type: application/pgp-encrypted\r\n\r\n"

#: For each rule an email, and what a foreign parser says otherwise.
EXAMPLES = {
    "in_a_file": (
        email_with(b"Action: failed", "report.txt"),
        {"text": "See attached.\nAction: failed"},
    ),
    "encoded_in_the_text": (
        head("Content-Type: text/plain", body=f"Here:\n{UUENCODED}Bye"),
        {"text": f"Here:\n{UUENCODED}Bye"},
    ),
    "base64_in_the_text": (
        head(
            "Content-Type: text/plain",
            "Content-Disposition: inline; filename=a.pdf",
            body=base64.encodebytes(PDF).decode(),
        ),
        {"text": base64.encodebytes(PDF).decode()},
    ),
    "parts_in_the_text": (
        head("Content-Type: text/plain", body=f"\r\n{INSIDE}"),
        {"text": INSIDE},
    ),
    "armour": (
        head(body=ARMOURED),
        {"text": ARMOURED},
    ),
    "says_nothing": (
        parts("alternative", "\r\nYour email client does not show HTML.", IN_HTML),
        {"text": "Your email client does not show HTML.", "html": "<p>Hello"},
    ),
    "no_base64": (
        head("Content-Transfer-Encoding: base64", body="Hello, this is plain text."),
        {"text": "\xe9 jw \xfc"},
    ),
    "another_alternative": (
        parts(
            "alternative",
            "Content-Type: text/html\r\n\r\n<p>The one</p>",
            "Content-Type: text/html\r\n\r\n<p>The other</p>",
        ),
        {"text": "The one\nThe other"},
    ),
    "odd_alternative": (
        parts("alternative", "\r\nHello", "Content-Type: text/enriched\r\n\r\n<bold>Hi!</bold>"),
        {"files": [file("", "text/enriched", b"<bold>Hi!</bold>\n")]},
    ),
    "title": (
        head("Content-Type: text/html", body="<title>Letter</title>Hello"),
        {"text": "Letter Hello"},
    ),
    "too_deep": (
        nested(60),
        {"text": "Hello"},
    ),
    "subject_is_cut": (
        head("Subject: " + "x y " * 300 + "end"),
        {"subject": "x y " * 300 + "end"},
    ),
    "utf7": (
        head("Content-Type: text/plain; charset=utf-7", body="Gr+APwA3w-e"),
        {"text": "Gr+APwA3w-e"},
    ),
    "undecodable": (
        head("Subject: =?utf-8?q?a=FFb_c?="),
        {"subject": "a-\ufffd-b c"},
    ),
    "iso2022": (
        head("Content-Type: text/plain", body="\x1b$B4A;z\x1b(B of Ana"),
        {"text": "\x1b$B4A;z\x1b(B of Ana"},
    ),
    "another_charset": (
        head("Content-Type: text/plain; charset=iso-2022-jp", body="Grüße, Ana"),
        {"text": "GrΞΞe, Ana"},
    ),
    "utf8_by_another_label": (
        head("Content-Type: text/plain; charset=iso-8859-1", body="Grüße"),
        {"text": "GrÃ¼ÃŸe"},
    ),
    "domain_in_pieces": (
        head("From: ana@x.example"),
        {"from": [["", "ana@x"]]},
    ),
    "address_in_a_name": (
        head("From: ana@x.example, bo@x.example"),
        {"from": [["bo@x.example", "ana@x.example"]]},
    ),
    "comment_beside_a_name": (
        head("From: Ana (in Rio) <ana@x.example>"),
        {"from": [["Ana in Rio", "ana@x.example"]]},
    ),
    "two_ways": (
        head('From: "Ana" <ana@x.example>:<bo@x.example>'),
        {"from": [["", "bo@x.example"]]},
    ),
    "absurd_date": (
        head("Date: Thu, 1 Jan 1970 00:00:00 +0000"),
        {"date": "1970-01-01T00:00:00.000Z"},
    ),
    "no_year": (
        head("Date: Thu Jan 01 00:00:10 +0000"),
        {"date": "2001-01-01T00:00:10.000Z"},
    ),
    "in_a_message": (
        within(email_with(b"%PDF-1", "plan.pdf", "application/pdf")),
        {"files": [file("plan.pdf", "application/pdf", b"%PDF-1")]},
    ),
    "shown_as_text": (
        parts("mixed", "\r\nHello", "Content-Type: text/rfc822-headers\r\n\r\nSubject: Plan"),
        {"files": [file("", "text/rfc822-headers", b"Subject: Plan")]},
    ),
    "winmail_is_opened": (
        email_with(winmail(b"Hello"), "winmail.dat", "application/ms-tnef"),
        {"files": [file("winmail.dat", "application/ms-tnef", winmail(b"Hello"))]},
    ),
    "signed_is_opened": (
        head("Content-Type: application/pkcs7-mime\r\n" + BASE64.strip(), body=SIGNED),
        {"files": [file("smime.p7m", "application/pkcs7-mime", b"signed")]},
    ),
    "announcement": (
        parts("encrypted", f"{ANNOUNCED}Version: 1", "Content-Type: a/b; name=a.asc\r\n\r\nsecret"),
        {"files": [file("", "application/pgp-encrypted", b"Version: 1\n")]},
    ),
    "nothing_in_it": (
        parts("mixed", "\r\nHello", 'Content-Type: message/external-body; name="a.txt"\r\n\r\n'),
        {
            "files": [
                file("a.txt", "message/external-body", b""),
                file("", "message/delivery-status", b"\n"),
            ]
        },
    ),
    "left_encoded": (
        parts(
            "mixed",
            "\r\nHello",
            "Content-Type: image/png; name=a.txt\r\nContent-Disposition: attachment\r\n"
            f"Content-Transfer-Encoding: x-uuencode\r\n\r\n{UUENCODED}",
        ),
        {"files": [file("a.txt", "text/plain", UUENCODED.encode())]},
    ),
    "not_base64": (
        parts("mixed", "\r\nHello", NO_BASE64),
        {"files": [file("", "image/png", base64.b64decode("picturehere="))]},
    ),
    "behind_base64": (
        parts("mixed", "\r\nHello", f"{IN_BASE64}\r\n-- \r\nSent by a scanner."),
        {"files": [file("a.pdf", "application/pdf", b"%PDF-1. and more")]},
    ),
    "long_name": (
        email_with(b"x", f"{LONG}.txt"),
        {"files": [file(f"{LONG}.txt", "text/plain", b"x")]},
    ),
    "folders_are_cut": (
        email_with(b"x", r"C:\Temp\who?.txt"),
        {"files": [file(r"C:\Temp\who?.txt", "text/plain", b"x")]},
    ),
    "undecodable_name": (
        email_with(b"x", "Frösche.txt"),
        {"files": [file("Fr\ufffdsche.txt", "text/plain", b"x")]},
    ),
    "raw_name": (
        email_with(b"x", "Frösche.txt"),
        {"files": [file("Frösche.txt".encode().decode("latin-1"), "text/plain", b"x")]},
    ),
}  # fmt: skip


RUSSIAN = "Добрый день, посылаю отчёт за прошлый месяц. Счёт во вложении, оплатите его до пятницы."

#: Further examples of rules that have several ways.
MORE = [
    (
        "left_encoded",
        email_with(b"%PDF-1", "a.pdf", "application/pdf"),
        {"files": [file("a.pdf", "application/pdf", b"JVBERi0x\n")]},
    ),
    (
        "another_charset",
        b"Content-Type: text/plain\r\n\r\n" + RUSSIAN.encode("koi8-r"),
        {"text": RUSSIAN.encode("koi8-r").decode("cp1252", "replace")},
    ),
    (
        "undecodable_name",
        email_with(b"x", "Frösche.txt"),
        {"files": [file("Frsche.txt", "text/plain", b"x")]},
    ),
    (
        "raw_name",
        email_with(b"x", "Отчёт.txt", text=RUSSIAN).replace(b"utf-8", b"windows-1251", 1),
        {"files": [file("Отчёт.txt".encode("cp1251").decode("latin-1"), "text/plain", b"x")]},
    ),
]


@pytest.mark.parametrize(
    ("name", "data", "changes"), [*((name, *EXAMPLES[name]) for name in EXAMPLES), *MORE]
)
def test_a_rule_explains_its_example(name, data, changes):
    results = compared(data, **changes)
    assert results.left == []
    assert list(results.explained) == [name]


def test_every_rule_says_why():
    assert [rule.name for rule in RULES] == list(EXAMPLES)
    assert all(rule.why.endswith(".") and set(rule.kinds) <= set(KINDS) for rule in RULES)


def test_the_rest_of_a_difference_is_left():
    """A rule explains words, not an email."""
    results = compared(*EXAMPLES["in_a_file"][:1], text="See attached. Action: failed. Sorry!")
    assert [found.items for found in results.left] == [("sorry",)]
    assert [found.items for found in results.explained["in_a_file"]] == [("action", "failed")]


NAMED = "Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nHello"

#: What a rule must not explain, however near it is.
LOSSES = {
    "a text that is no uuencoded file": (
        head("Content-Type: text/plain", body=f"{UUENCODED}Bye"),
        {"text": f"{UUENCODED}Bye now"},
    ),
    "neither of two alternatives": (
        parts("alternative", "\r\n", "\r\n"),
        {"text": "The one\nThe other"},
    ),
    "ASCII words of a text in UTF-8": (
        head("Content-Type: text/plain; charset=iso-8859-1", body="Grüße"),
        {"text": "GrÃ¼ÃŸe aus Rio"},
    ),
    "a domain that only begins alike": (
        head("From: ana@x.example"),
        {"from": [["", "ana@x.exam"]]},
    ),
    "base64 that goes on": (
        parts("mixed", "\r\nHello", IN_BASE64),
        {"files": [file("a.pdf", "application/pdf", b"%PDF-1. and more")]},
    ),
    "a file that has a name, and nothing in it": (
        parts("mixed", "\r\nHello"),
        {"files": [file("a.txt", "text/plain", b"")]},
    ),
    "what stands beside ISO-2022-JP": (
        head("Content-Type: text/plain", body="\x1b$B4A;z\x1b(B of Ana"),
        {"text": "\x1b$B4A;z\x1b(B of Ana Lima"},
    ),
    "one of two recipients": (
        head("To: ana@x.example bo@x.example carl"),
        {"to": [["", "carl@x.example"]]},
    ),
    "a comment that is the only name": (
        head("From: ana@x.example"),
        {"from": [["Ana Lima", "ana@x.example"]]},
    ),
    "the day of a date that has its year": (
        head("Date: Thu, 1 Jan 2026 10:00:00 +0000"),
        {"date": "2026-01-02T10:00:00.000Z"},
    ),
    "a text without a name that is not shown": (
        parts("mixed", "\r\nHello"),
        {"files": [file("", "text/plain", b"Hello there")]},
    ),
    "a name that is another one": (
        email_with(b"x", "plan.txt"),
        {"files": [file("a plan of old.txt", "text/plain", b"x")]},
    ),
}


@pytest.mark.parametrize("what", LOSSES)
def test_a_loss_is_not_explained(what):
    data, changes = LOSSES[what]
    assert compared(data, **changes).left
