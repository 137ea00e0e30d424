"""MIME in the midst of a text is opened, and counts as the text that it was."""

import base64
import time

import pytest

from crm_member_mail.mailbox.mime.message import parse

from .parts import HELLO, PDF, files, multipart, part

HTML = part("Type: text/html; charset=utf-8", b"<p>Hello</p>")
FILE = part("Type: application/pdf; name=a.pdf", PDF)
A_FILE = [("a.pdf", "application/pdf", PDF)]
HEADS = (b"Subject: x\r\n\r\n", b"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n")


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\r\n",
        b"MIME-Version: 1.0\r\n",
        b"X-Mailer: PHP/5.2\r\nMIME-Version: 1.0\r\n",
    ],
)
def test_a_blank_line_before_the_header_of_the_parts(head, before):
    parsed = parse(head + before + multipart(HELLO, FILE))
    assert (parsed.text, files(parsed)) == ("Hello", A_FILE)
    code = base64.encodebytes(b"<p>Hello</p>")
    html = part("Type: text/html; charset=utf-8\nTransfer-Encoding: base64", code)
    assert parse(head + before + html).text == "Hello"


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(
    "before", [b"", b"\r\n", b"This is a multi-part message in MIME format.\r\n\r\n"]
)
def test_parts_whose_type_is_missing(head, before):
    body = multipart(HELLO, FILE).partition(b"\r\n\r\n")[2]
    parsed = parse(head + before + body)
    assert (parsed.text, files(parsed)) == ("Hello", A_FILE)
    body = multipart(HELLO, HTML).partition(b"\r\n\r\n")[2]
    parsed = parse(head + before + body)
    assert (parsed.text, parsed.html) == ("Hello", "<p>Hello</p>")


def test_a_blank_line_before_the_header_of_a_part():
    code = b"\r\n" + part("Type: application/pdf; name=a.pdf\nTransfer-Encoding: base64")
    parsed = parse(multipart(HELLO, code.removesuffix(b"x") + base64.encodebytes(PDF)))
    assert (parsed.text, files(parsed)) == ("Hello", A_FILE)


@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_a_boundary_behind_the_last_word(end):
    """As PHP's own scripts write it that forget the line end."""
    head = b"Content-Type: multipart/%b; boundary=PHP-mixed-7\r\n\r\n--PHP-mixed-7\r\n"
    text = part("Type: text/plain; charset=koi8-r", "Привет".encode("koi8-r"))
    closing = end + b"--PHP-mixed-7--\r\n"
    code = base64.b64encode(PDF)
    file = part("Type: application/pdf; name=a.pdf\nTransfer-Encoding: base64", code)
    parsed = parse(head % b"mixed" + text + b"--PHP-mixed-7\r\n" + file + closing)
    assert (parsed.text, files(parsed)) == ("Привет", A_FILE)
    html = part("Type: text/html; charset=koi8-r", "<p>Привет</p>".encode("koi8-r"))
    parsed = parse(head % b"alternative" + text + b"--PHP-mixed-7\r\n" + html + closing)
    assert (parsed.text, parsed.html.strip()) == ("Привет", "<p>Привет</p>")
    parsed = parse(head % b"mixed" + html + b"--PHP-mixed-7\r\n" + file + closing)
    assert (parsed.text, files(parsed)) == ("Привет", A_FILE)


def test_a_name_in_the_description():
    head = "Type: application/octet-stream\nDescription: =?utf-8?Q?Gr=C3=BC=C3=9Fe.pdf?="
    assert files(parse(multipart(HELLO, part(head, PDF)))) == [
        ("Grüße.pdf", "application/pdf", PDF)
    ]
    head = "Type: image/png\nDescription: A photo."
    assert files(parse(multipart(HELLO, part(head, b"x"))))[0][0] == "attachment-1.png"


@pytest.mark.parametrize(
    "text",
    [
        "> --0123456789\nContent-Type: text/html\n\nx",
        "a --0123456789\nContent-Type: text/html\n\nx",
        "a--short\nContent-Type: text/html\n\nx",
        "Content-Type: what is that?",
        "Content-Type: text/plain\nis what I see",
        "MIME-Version: 1.0\n\nis what I see",
        "Look:\n\nContent-Type: text/html\n\n<p>",
        "--b\nHello",
        "--b\nContent-Type: text/plain\n\nHello",
        "-- \nContent-Type: text/plain\n\n--",
    ],
)
def test_words_about_mime_stay_words(text):
    for head in HEADS:
        assert parse(head + text.encode()).text == text


def test_its_digest_stays():
    body = multipart(HELLO, FILE).partition(b"\r\n\r\n")[2]
    for head in HEADS:
        assert parse(head + body).content_digest[:16] == "8fcc507a7d7ba373"
        assert parse(head + multipart(HELLO, FILE)).content_digest[:16] == "70bdf80eee766278"


@pytest.mark.parametrize(
    "piece",
    [
        b"\n",
        b"MIME\n",
        b"--b\nContent-Type:\n",
        b"a--12345678",
        b"\nContent-: a--12345678\n",
        b"Content-Type: a/b\n",
    ],
)
def test_any_text_takes_linear_time(piece):
    start = time.process_time()
    for before in (b"", b"--b\nContent-Type: a/b\n", b"Content-Type: a/b\n"):
        parse(b"\n" + before + piece * (2_000_000 // len(piece)))
    assert time.process_time() - start < 20


def test_layers_are_bounded():
    assert parse(HEADS[0] + b"Content-Type: text/plain\r\n\r\n" * 10_000 + b"Hello").defects
