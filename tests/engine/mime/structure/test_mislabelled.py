"""Content in another transfer encoding than its part says, and what its digest is made of."""

import base64
import time

import pytest

from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.structure import mislabelled

from .parts import HELLO, PDF, files, multipart, part

WORDS = "Guten Tag, die Rechnung für Müller ist fällig. Bitte überweisen Sie bis Monatsende."
CODE = base64.encodebytes((WORDS * 3).encode())


def email(encoding, body):
    encoding = f"Content-Transfer-Encoding: {encoding}\r\n" if encoding else ""
    return f"Content-Type: text/plain; charset=utf-8\r\n{encoding}\r\n".encode() + body


@pytest.mark.parametrize("encoding", ["", "7bit", "8bit", "quoted-printable", "nonsense"])
def test_base64_that_nobody_names(encoding):
    for code in (CODE, CODE.replace(b"\n", b"\r\n"), base64.b64encode((WORDS * 3).encode())):
        assert parse(email(encoding, code)).text == WORDS * 3
    pdf = PDF * 30
    head = "Type: application/pdf; name=a.pdf"
    head += f"\nTransfer-Encoding: {encoding}" if encoding else ""
    data = multipart(HELLO, part(head, base64.encodebytes(pdf)))
    assert files(parse(data)) == [("a.pdf", "application/pdf", pdf)]


@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        "A" * 64,
        "0123456789abcdef" * 8,
        base64.b64encode(bytes(range(99))).decode(),
        base64.b64encode(b"key" * 30).decode(),
        f"{CODE.decode()}Here is the code.",
        f"My key:\n{CODE.decode()}",
    ],
)
def test_letters_that_stay(text):
    assert parse(email("7bit", text.encode())).text == text.strip()
    head = "Type: application/x-own; name=a.txt"
    assert files(parse(multipart(HELLO, part(head, text.encode()))))[0][2] == text.encode()


@pytest.mark.parametrize(
    "text",
    ["https://x.example/a", "https://x.example/a?b=c&d=e/f", "www.x.example", "HTTP://X.example/"],
)
def test_an_address_that_is_called_base64(text):
    assert parse(email("base64", text.encode())).text == text


@pytest.mark.parametrize("word", ["Advertisement", "footer", "Confidential", "Public", "Thanks!"])
@pytest.mark.parametrize("length", [80, 81, 82, 83])
def test_one_word_behind_base64(word, length):
    code = base64.encodebytes(b"x " * length)
    assert parse(email("base64", code + b"\r\n" + word.encode())).text.split() == ["x"] * length + [
        word
    ]


@pytest.mark.parametrize(
    ("head", "body", "digest"),
    [
        ("Type: text/plain", CODE, "969cf8fbb7bea988"),
        ("Type: application/pdf", base64.encodebytes(PDF * 30), "bf46a29b998dc44b"),
        ("Type: text/plain\nTransfer-Encoding: base64", b"https://x.example/a", "cffc1c308c5be919"),
        (
            "Type: text/plain\nTransfer-Encoding: base64",
            CODE + b"\nAdvertisement",
            "801ea685d50a337a",
        ),
    ],
)
def test_digests_stay(head, body, digest):
    assert parse(multipart(HELLO, part(head, body))).content_digest[:16] == digest


@pytest.mark.parametrize("data", [b"A" * 8_000_000, b"AAAA\n" * 1_000_000, b"\n" * 8_000_000])
def test_any_content_takes_linear_time(data):
    start = time.process_time()
    for encoding in ("", "base64"):
        mislabelled.text_of(data, encoding)
        mislabelled.file_of(data, encoding)
    assert time.process_time() - start < 10
